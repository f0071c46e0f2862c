//! Which records a name should have.

use std::collections::BTreeSet;

use super::{answer::Found, exchange::Question};
use crate::net::shown;

#[derive(Clone, Debug, Default)]
pub(super) enum Expected {
    /// Any record.
    #[default]
    Something,
    /// These and no others.
    All(BTreeSet<String>),
    /// One of these.
    Any(BTreeSet<String>),
    Nothing,
}

impl Expected {
    /// Says what is wrong with what was found.
    pub(super) fn problem(&self, found: &Found, question: &Question) -> Option<String> {
        let (name, record) = (question.shown_name(), question.record);
        let count = found.answers.len();
        match self {
            Self::Nothing if count == 0 => None,
            Self::Nothing => Some(format!(
                "the name `{name}` has {record} records and should have none"
            )),
            _ if !found.name_exists => Some(format!("the name `{name}` does not exist (NXDOMAIN)")),
            _ if count == 0 => Some(format!("the name `{name}` has no {record} records")),
            Self::Something => None,
            Self::Any(expected) if expected.is_disjoint(&found.answers) => Some(format!(
                "none of the expected records is there: {}",
                list(expected)
            )),
            Self::Any(_) => None,
            Self::All(expected) => {
                let missing = named("missing", expected.difference(&found.answers));
                let more = named("not expected", found.answers.difference(expected));
                let problems: Vec<String> = missing.into_iter().chain(more).collect();
                (!problems.is_empty()).then(|| problems.join("; "))
            }
        }
    }
}

fn named<'a>(what: &str, records: impl Iterator<Item = &'a String>) -> Option<String> {
    let records = list(records);
    (!records.is_empty()).then(|| format!("{what}: {records}"))
}

fn list<'a>(records: impl IntoIterator<Item = &'a String>) -> String {
    let records: Vec<&str> = records.into_iter().map(String::as_str).collect();
    shown(records.join(", ").as_bytes())
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::Name;

    use super::*;
    use crate::dns::DnsRecord;

    #[test]
    fn what_was_found_is_compared() {
        let set = |records: &[&str]| -> BTreeSet<String> {
            records.iter().map(|record| (*record).to_owned()).collect()
        };
        let found = |records: &[&str]| Found {
            answers: set(records),
            ttl_seconds: None,
            name_exists: true,
        };
        let gone = Found {
            name_exists: false,
            ..found(&[])
        };
        let all = Expected::All(set(&["1", "2"]));
        let any = Expected::Any(set(&["1", "2"]));
        let cases = [
            ("something", Expected::Something, found(&["3"]), None),
            (
                "something, no record",
                Expected::Something,
                found(&[]),
                Some("the name `h` has no A records"),
            ),
            (
                "something, no name",
                Expected::Something,
                gone.clone(),
                Some("the name `h` does not exist (NXDOMAIN)"),
            ),
            ("all", all.clone(), found(&["2", "1"]), None),
            (
                "all, other",
                all.clone(),
                found(&["2", "3"]),
                Some("missing: 1; not expected: 3"),
            ),
            (
                "all, one more",
                all,
                found(&["1", "2", "3"]),
                Some("not expected: 3"),
            ),
            ("any", any.clone(), found(&["2", "3"]), None),
            (
                "any, none",
                any,
                found(&["3"]),
                Some("none of the expected records is there: 1, 2"),
            ),
            ("nothing", Expected::Nothing, gone, None),
            ("nothing, no record", Expected::Nothing, found(&[]), None),
            (
                "nothing, some",
                Expected::Nothing,
                found(&["1"]),
                Some("the name `h` has A records and should have none"),
            ),
        ];
        let question = Question {
            name: Name::from_utf8("h.").unwrap(),
            record: DnsRecord::A,
        };
        for (name, expected, found, problem) in cases {
            assert_eq!(
                expected.problem(&found, &question).as_deref(),
                problem,
                "{name}"
            );
        }
    }
}
