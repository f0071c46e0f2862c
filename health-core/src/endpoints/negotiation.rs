//! Content negotiation: which media type an answer has, and with that which shape.

use super::{
    Request,
    accept::{MediaType, Range},
};
use crate::wire::ApiVersion;

/// The content type of plain text.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) content_type: &'static str,
    pub(super) shape: Shape,
}

/// The shapes of the answers of `/health`; the other endpoints have one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Spring's.
    Actuator(ApiVersion),
    /// That of `application/health+json`.
    HealthJson,
    /// One line per component.
    PlainText,
}

/// A media type that can be sent.
struct Produced {
    media_type: MediaType,
    content_type: &'static str,
    /// Sent only where a range names it: a wildcard is asked by those who expect Spring's.
    is_by_name_only: bool,
}

const fn spring(sub: &'static str, content_type: &'static str) -> Produced {
    Produced {
        media_type: ("application", sub),
        content_type,
        is_by_name_only: false,
    }
}

/// The media types in the order in which they are preferred.
const PRODUCED: [Produced; 5] = [
    spring(
        "vnd.spring-boot.actuator.v3+json",
        "application/vnd.spring-boot.actuator.v3+json",
    ),
    spring(
        "vnd.spring-boot.actuator.v2+json",
        "application/vnd.spring-boot.actuator.v2+json",
    ),
    spring("json", "application/json"),
    Produced {
        media_type: ("application", "health+json"),
        content_type: "application/health+json",
        is_by_name_only: true,
    },
    Produced {
        media_type: ("text", "plain"),
        content_type: TEXT,
        is_by_name_only: true,
    },
];

const V3: usize = 0;
const V2: usize = 1;
const HEALTH_JSON: usize = 3;
const PLAIN_TEXT: usize = 4;

/// The media types of Spring's actuator.
const ACTUATOR: &[Produced] = PRODUCED.split_at(HEALTH_JSON).0;
/// Those and `application/health+json`.
const HEALTH: &[Produced] = PRODUCED.split_at(PLAIN_TEXT).0;

impl Format {
    /// Chooses for an endpoint that has one shape only; nothing is a 406.
    pub(super) fn of(request: &Request<'_>) -> Option<Self> {
        Self::of_produced(request, ACTUATOR)
    }

    /// Chooses for `/health`; nothing is a 406.
    pub(super) fn of_health(request: &Request<'_>, has_plain_text: bool) -> Option<Self> {
        Self::of_produced(request, if has_plain_text { &PRODUCED } else { HEALTH })
    }

    /// Returns the content types of the answers of `/health`.
    pub(super) fn health_content_types(has_plain_text: bool) -> impl Iterator<Item = Self> + use<> {
        let produced = if has_plain_text {
            PLAIN_TEXT
        } else {
            HEALTH_JSON
        };
        (0..=produced).map(|index| {
            Self::new(
                index,
                if index == V2 {
                    ApiVersion::V2
                } else {
                    ApiVersion::V3
                },
            )
        })
    }

    /// Returns the content types of the endpoints that have one shape only.
    pub(super) fn content_types() -> impl Iterator<Item = &'static str> {
        ACTUATOR.iter().map(|produced| produced.content_type)
    }

    fn of_produced(request: &Request<'_>, produced: &[Produced]) -> Option<Self> {
        let accept = request.header("accept").unwrap_or_default();
        Self::choose(&String::from_utf8_lossy(&accept), produced)
    }

    /// The range with the highest quality wins, then the most specific one, then the first; the
    /// highest version that is named anywhere decides the shape of Spring's bodies.
    /// Source: Spring Boot `ProducibleOperationArgumentResolver`, RFC 9110 12.5.1.
    fn choose(accept: &str, produced: &[Produced]) -> Option<Self> {
        if accept.trim().is_empty() {
            return Some(Self::new(V3, ApiVersion::V3));
        }
        let ranges = Range::parse_all(accept);
        let refused = |media_type| {
            let best = ranges.iter().filter(|range| range.includes(media_type));
            best.max_by_key(|range| range.specificity())
                .is_none_or(|range| range.quality() == 0)
        };
        // Once for each type and not for each range: a header may hold very many.
        let welcome: Vec<bool> = produced
            .iter()
            .map(|produced| !refused(produced.media_type))
            .collect();
        let asked_by = |range: &Range<'_>, produced: &Produced| match produced.is_by_name_only {
            true => range.names(produced.media_type),
            false => range.includes(produced.media_type),
        };
        let mut best: Option<(&Range<'_>, usize)> = None;
        for range in &ranges {
            let mut candidates = produced.iter().zip(&welcome);
            let index = candidates
                .position(|(produced, is_welcome)| *is_welcome && asked_by(range, produced));
            let Some(index) = index else { continue };
            if best.is_none_or(|(known, _)| range.rank() > known.rank()) {
                best = Some((range, index));
            }
        }
        let (_, index) = best?;
        let names = |index: usize| {
            ranges
                .iter()
                .any(|range| range.names(PRODUCED[index].media_type))
        };
        let version = if names(V2) && !names(V3) {
            ApiVersion::V2
        } else {
            ApiVersion::V3
        };
        Some(Self::new(index, version))
    }

    fn new(index: usize, version: ApiVersion) -> Self {
        let shape = match index {
            HEALTH_JSON => Shape::HealthJson,
            PLAIN_TEXT => Shape::PlainText,
            _ => Shape::Actuator(version),
        };
        Self {
            content_type: PRODUCED[index].content_type,
            shape,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_decides_type_and_shape() {
        const V3: &str = PRODUCED[0].content_type;
        const V2: &str = PRODUCED[1].content_type;
        const JSON: &str = PRODUCED[2].content_type;
        const HEALTH_JSON: &str = PRODUCED[3].content_type;
        use ApiVersion::{V2 as Old, V3 as New};
        let spring_boot_admin =
            format!("{V3}, {V2}, application/vnd.spring-boot.actuator.v1+json, {JSON}");
        let cases = [
            ("absent", "", Some((V3, New))),
            ("anything", "*/*", Some((V3, New))),
            ("any application type", "application/*", Some((V3, New))),
            ("json", "application/json", Some((JSON, New))),
            ("upper case", "Application/JSON", Some((JSON, New))),
            (
                "with parameter",
                "application/json;charset=utf-8",
                Some((JSON, New)),
            ),
            ("version 2", V2, Some((V2, Old))),
            ("version 3", V3, Some((V3, New))),
            ("both, first wins", &format!("{V2}, {V3}"), Some((V2, New))),
            (
                "json and version 2",
                &format!("application/json, {V2};q=0.5"),
                Some((JSON, Old)),
            ),
            ("Spring Boot Admin", &spring_boot_admin, Some((V3, New))),
            (
                "browser",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Some((V3, New)),
            ),
            (
                "quality",
                "application/json;q=0.1, */*;q=0.9",
                Some((V3, New)),
            ),
            (
                "specific before general",
                "*/*, application/json",
                Some((JSON, New)),
            ),
            ("suffix", "application/*+json", Some((V3, New))),
            ("refused", "application/json;q=0", None),
            (
                "all but version 3",
                &format!("{V3};q=0, */*"),
                Some((V2, New)),
            ),
            ("plain text", "text/plain", None),
            ("unreadable", "garbage", None),
            (
                "unreadable among others",
                "garbage, application/json",
                Some((JSON, New)),
            ),
        ];
        for (name, accept, expected) in cases {
            let expected = expected.map(|(content_type, version)| Format {
                content_type,
                shape: Shape::Actuator(version),
            });
            assert_eq!(Format::choose(accept, &PRODUCED[..3]), expected, "{name}");
            if !accept.contains("text/plain") {
                assert_eq!(
                    Format::choose(accept, &PRODUCED),
                    expected,
                    "{name}, with all types"
                );
            }
        }
        let by_name = [
            ("named", "application/health+json", HEALTH_JSON),
            (
                "named among wildcards",
                "*/*, application/health+json",
                HEALTH_JSON,
            ),
            ("upper case", "APPLICATION/Health+JSON;q=0.1", HEALTH_JSON),
            (
                "named, but json first",
                "application/json, application/health+json",
                JSON,
            ),
            ("a suffix does not name it", "application/*+json", V3),
            (
                "less liked than others",
                "application/health+json;q=0.5, */*",
                V3,
            ),
            ("refused", "application/health+json;q=0, */*", V3),
            ("plain text", "text/plain", TEXT),
            (
                "plain text with parameters",
                "text/plain; charset=utf-8, */*;q=0.1",
                TEXT,
            ),
            (
                "any text is not named",
                "text/*, application/json;q=0.1",
                JSON,
            ),
        ];
        for (name, accept, expected) in by_name {
            let format = Format::choose(accept, &PRODUCED).map(|format| format.content_type);
            assert_eq!(format, Some(expected), "{name}");
        }
        assert_eq!(Format::choose("text/*", &PRODUCED), None);
        assert_eq!(Format::choose("text/plain", HEALTH), None);
        assert_eq!(Format::choose("application/health+json", ACTUATOR), None);
    }
}
