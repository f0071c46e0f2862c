//! The statuses that may stand in a label: few, whatever a check or another application says.

use crate::Status;

/// The label of a status that nobody declared, which counts as DOWN: each spelling of its own would
/// be a time series for ever.
pub(super) const OTHER: &str = "OTHER";

/// The built-in statuses and those that were declared.
pub(super) struct StatusSet(Vec<(String, Status)>);

impl StatusSet {
    pub(super) fn new(statuses: &[Status]) -> Self {
        Self(
            statuses
                .iter()
                .map(|status| (status.lenient(), status.clone()))
                .collect(),
        )
    }

    /// Returns every label, with whether it is that of the status: exactly one of them is.
    pub(super) fn labels<'a>(
        &'a self,
        status: &'a Status,
    ) -> impl Iterator<Item = (&'a str, bool)> {
        let exact = self.0.iter().position(|(_, known)| known == status);
        let index = exact.or_else(|| {
            let lenient = status.lenient();
            self.0.iter().position(|(known, _)| *known == lenient)
        });
        let known = self.0.iter().enumerate();
        let known = known.map(move |(at, (_, known))| (known.code(), Some(at) == index));
        known.chain([(OTHER, index.is_none())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_label_is_set_whatever_the_status() {
        let set = StatusSet::new(&[Status::UP, Status::OUT_OF_SERVICE, "FATAL".into()]);
        let cases = [
            ("UP", "UP"),
            ("out-of-service", "OUT_OF_SERVICE"),
            ("Fatal", "FATAL"),
            ("WEIRD", OTHER),
            ("", OTHER),
        ];
        for (status, expected) in cases {
            let status = Status::new(status);
            let labels: Vec<_> = set.labels(&status).collect();
            let set_ones: Vec<_> = labels.iter().filter(|(_, is_set)| *is_set).collect();
            assert_eq!(set_ones, [&(expected, true)], "{status}");
            assert_eq!(labels.len(), 4, "{status}");
        }
    }
}
