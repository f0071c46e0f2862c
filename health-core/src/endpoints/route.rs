//! Which endpoint a path means.

use bytes::Bytes;
use http::Response;
use percent_encoding::percent_decode_str;

use super::{
    Reply, Request, discovery, health, healthz, negotiation::Format, openapi, prometheus, response,
    transitions, version,
};
use crate::{Management, Server};

/// The paths of the endpoints below the base path, without what is below them in turn.
pub(crate) const OWN_PATHS: [&str; 6] = [
    "/health",
    "/info",
    "/version",
    "/prometheus",
    "/openapi.json",
    "/transitions",
];

/// An endpoint, and what the path says beyond it.
pub(crate) enum Target {
    Discovery,
    /// The decoded segments below `/health`.
    Health(Vec<String>),
    Info,
    Version,
    Prometheus,
    OpenApi,
    Transitions,
    /// The decoded name of a check below `/healthz`.
    Healthz(String),
}

impl Management {
    /// Finds the endpoint at a whole path.
    pub(crate) fn target(&self, path: &str, server: Server) -> Option<Target> {
        path.strip_prefix(self.base_path())
            .and_then(|below| self.target_below_base(below))
            .or_else(|| self.metrics_target(path))
            .or_else(|| self.additional_target(path, server))
            .or_else(|| self.healthz_target(path))
    }

    /// Finds the endpoint at a path below the base path.
    pub(super) fn target_below_base(&self, path: &str) -> Option<Target> {
        let options = self.0.options;
        match path {
            "" => self.0.paths.has_discovery.then_some(Target::Discovery),
            "/info" => Some(Target::Info),
            "/version" => Some(Target::Version),
            "/prometheus" => options.has_prometheus.then_some(Target::Prometheus),
            "/openapi.json" => options.has_openapi.then_some(Target::OpenApi),
            "/transitions" => Some(Target::Transitions),
            "/health" => Some(Target::Health(Vec::new())),
            _ => decode_segments(path.strip_prefix("/health/")?).map(Target::Health),
        }
    }

    /// Tells whether there is an endpoint at a path below the base path.
    pub(crate) fn has_endpoint(&self, path: &str) -> bool {
        self.target_below_base(path).is_some()
    }

    fn additional_target(&self, path: &str, server: Server) -> Option<Target> {
        let group = self.group_at(path.strip_prefix('/')?, server)?;
        Some(Target::Health(vec![group.to_owned()]))
    }

    /// Finds a group by its additional path.
    pub(super) fn group_at(&self, segment: &str, server: Server) -> Option<&str> {
        let mut additional = self.0.paths.additional.iter();
        let (group, _) =
            additional.find(|(_, path)| path.server == server && path.segment == segment)?;
        Some(group)
    }

    fn metrics_target(&self, path: &str) -> Option<Target> {
        (self.0.paths.metrics.as_deref() == Some(path)).then_some(Target::Prometheus)
    }

    fn healthz_target(&self, path: &str) -> Option<Target> {
        if self.0.healthz.is_empty() {
            return None;
        }
        let name = path
            .strip_prefix(self.0.paths.healthz.as_str())?
            .strip_prefix('/')?;
        let name = percent_decode_str(name).decode_utf8().ok()?;
        Some(Target::Healthz(name.into_owned()))
    }
}

impl Target {
    pub(super) fn of(management: &Management, request: &Request<'_>) -> Option<Self> {
        if request.is_below_base {
            management.target_below_base(request.path)
        } else {
            management.target(request.path, request.server)
        }
    }

    /// Answers in this way where there is such an endpoint, without running any check.
    pub(super) fn only_if_there(
        self,
        management: &Management,
        request: &Request<'_>,
        answer: Response<Bytes>,
    ) -> Reply {
        match self {
            Self::Discovery | Self::Info | Self::Version | Self::Prometheus | Self::OpenApi => {
                answer
            }
            Self::Transitions if transitions::is_shown(management, request) => answer,
            Self::Transitions => response::not_found(),
            Self::Health(segments) => match health::is_there(management, request, segments) {
                true => answer,
                false => response::not_found(),
            },
            Self::Healthz(name) if management.0.healthz.contains_key(&name) => answer,
            Self::Healthz(name) => healthz::not_set_up(&name),
        }
        .into()
    }

    pub(super) fn answer(self, management: &Management, request: &Request<'_>) -> Reply {
        match self {
            Self::Version => version::answer(management, request),
            Self::Healthz(name) => healthz::answer(management, request, &name),
            Self::Prometheus => prometheus::answer(management, request),
            Self::OpenApi => openapi::answer(management, request),
            Self::Transitions if !transitions::is_shown(management, request) => {
                response::not_found().into()
            }
            Self::Transitions => in_format(Format::of(request), |format| {
                transitions::answer(management, format)
            }),
            Self::Discovery => in_format(Format::of(request), |format| {
                discovery::answer(management, request, format)
            }),
            Self::Info => in_format(Format::of(request), |format| {
                response::with_body(
                    http::StatusCode::OK,
                    format.content_type,
                    management.0.info.body(),
                )
                .into()
            }),
            Self::Health(segments) => {
                let format = Format::of_health(request, management.0.options.has_plain_text);
                in_format(format, |format| {
                    health::answer(management, request, segments, format)
                })
            }
        }
    }
}

fn in_format(format: Option<Format>, answer: impl FnOnce(Format) -> Reply) -> Reply {
    format.map_or_else(|| response::not_acceptable().into(), answer)
}

/// Decodes the segments of a path and ignores empty ones, so that doubled and trailing slashes do
/// not matter. Nothing is returned for what is no UTF-8.
fn decode_segments(path: &str) -> Option<Vec<String>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned()))
        .collect()
}
