//! What `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say.
//!
//! Both are set by whoever runs the process, and tracing libraries obey them; what they say
//! therefore comes before what was detected or compiled in.
//!
//! Source: OpenTelemetry specification, "Specifying resource information via an environment
//! variable".

use super::source::Source;

/// Attributes given by the environment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OtelEnv {
    attributes: Vec<(String, String)>,
}

impl OtelEnv {
    /// Reads both variables. A malformed list counts as absent as a whole, with a warning that
    /// does not repeat it.
    pub(super) fn read(source: &Source) -> Self {
        let mut attributes = Vec::new();
        if let Some(name) = source.var("OTEL_SERVICE_NAME") {
            attributes.push(("service.name".to_owned(), name));
        }
        if let Some(list) = source.var("OTEL_RESOURCE_ATTRIBUTES") {
            match parse(&list) {
                Some(parsed) => attributes.extend(parsed),
                None => tracing::warn!(
                    "OTEL_RESOURCE_ATTRIBUTES is ignored: it is not a list of key=value pairs, \
                     separated by commas and percent-encoded"
                ),
            }
        }
        Self { attributes }
    }

    /// Gives the value of an attribute; the first one counts.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.attributes
            .iter()
            .find(|(known, value)| known == key && !value.is_empty())
            .map(|(_, value)| value.clone())
    }
}

/// Splits a list; `None` when any pair is malformed.
fn parse(list: &str) -> Option<Vec<(String, String)>> {
    list.split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let key = key.trim();
            (!key.is_empty()).then_some(())?;
            Some((key.to_owned(), percent_decode(value.trim())?))
        })
        .collect()
}

/// Decodes `%20` and the like; `None` when an escape is cut short or the result is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        decoded.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::testing::{Tree, warnings};

    #[test]
    fn reads_lists() {
        for (name, list, key, expected) in [
            ("one pair", "a=b", "a", Some("b")),
            ("spaces around", " a = b , c = d ", "c", Some("d")),
            (
                "percent-encoded",
                "a=b%2Cc%3Dd%20%C3%A4",
                "a",
                Some("b,c=d ä"),
            ),
            ("an equals sign inside", "a=b=c", "a", Some("b=c")),
            ("a trailing comma", "a=b,", "a", Some("b")),
            ("an empty value", "a=", "a", None),
            ("another key", "a=b", "b", None),
            ("the first counts", "a=1,a=2", "a", Some("1")),
        ] {
            let source = Tree::new().source_with(&[("OTEL_RESOURCE_ATTRIBUTES", list)]);
            assert_eq!(
                OtelEnv::read(&source).get(key).as_deref(),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn ignores_a_malformed_list_as_a_whole_and_does_not_print_it() {
        for list in [
            "a=b,hunter2",
            "a=b,=hunter2",
            "a=b,c=%",
            "a=b,c=%f",
            "a=b,c=%ff",
        ] {
            let source = Tree::new().source_with(&[("OTEL_RESOURCE_ATTRIBUTES", list)]);
            let (env, warned) = warnings(|| OtelEnv::read(&source));
            assert_eq!(env, OtelEnv::default(), "{list}");
            assert_eq!(warned.len(), 1, "{list}");
            assert!(warned[0].contains("OTEL_RESOURCE_ATTRIBUTES"), "{list}");
            assert!(!warned[0].contains("hunter2"), "{list}");
        }
    }

    #[test]
    fn prefers_the_service_name_of_its_own_variable() {
        let both = [
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=from-list"),
            ("OTEL_SERVICE_NAME", "from-variable"),
        ];
        for (env, expected) in [(&both[..], "from-variable"), (&both[..1], "from-list")] {
            let source = Tree::new().source_with(env);
            let name = OtelEnv::read(&source).get("service.name");
            assert_eq!(name.as_deref(), Some(expected));
        }
    }
}
