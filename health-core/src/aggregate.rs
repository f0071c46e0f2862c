//! Many statuses become one.

use std::{fmt, sync::Arc};

use crate::Status;

/// The order of severity when none is set, the most severe first.
///
/// Source: Spring Boot `SimpleStatusAggregator`.
pub const DEFAULT_STATUS_ORDER: [Status; 4] = [
    Status::DOWN,
    Status::OUT_OF_SERVICE,
    Status::UP,
    Status::UNKNOWN,
];

/// Makes one status of those of the components of a composite or group.
///
/// A closure is an aggregator too. It is given at least one status; a panic counts as DOWN.
pub trait StatusAggregator: Send + Sync + 'static {
    /// Returns the status of the whole.
    fn aggregate(&self, statuses: &[&Status]) -> Status;
}

impl<F> StatusAggregator for F
where
    F: Fn(&[&Status]) -> Status + Send + Sync + 'static,
{
    fn aggregate(&self, statuses: &[&Status]) -> Status {
        self(statuses)
    }
}

/// Takes the most severe status, by an order of severity.
///
/// Codes are compared by their letters and digits, whatever their case. A status that stands
/// nowhere in the order counts as DOWN, unlike in Spring, where it is ignored: what nobody ranked
/// must not pass as UP. DOWN itself, where the order does not name it, is the most severe.
#[derive(Clone, Debug)]
pub struct SeverityOrder(Vec<(String, Status)>);

impl SeverityOrder {
    /// Makes an aggregator of an order, the most severe first.
    pub fn new(order: impl IntoIterator<Item = impl Into<Status>>) -> Self {
        let mut ranked: Vec<(String, Status)> = Vec::new();
        for status in order {
            let status = status.into();
            let lenient = status.lenient();
            if !ranked.iter().any(|(known, _)| *known == lenient) {
                ranked.push((lenient, status));
            }
        }
        let down = Status::DOWN.lenient();
        if !ranked.iter().any(|(known, _)| *known == down) {
            ranked.insert(0, (down, Status::DOWN));
        }
        Self(ranked)
    }

    fn rank(&self, status: &Status) -> Option<usize> {
        let exact = self.0.iter().position(|(_, known)| known == status);
        exact.or_else(|| {
            let lenient = status.lenient();
            self.0.iter().position(|(known, _)| *known == lenient)
        })
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.0.iter().map(|(_, status)| status)
    }

    pub(crate) fn contains(&self, status: &Status) -> bool {
        self.rank(status).is_some()
    }

    /// Inserts a status next to one that the order has.
    pub(crate) fn insert(&mut self, status: Status, severity: &Severity) -> bool {
        let Some(position) = self.rank(severity.neighbour()) else {
            return false;
        };
        let position = match severity {
            Severity::Above(_) => position,
            Severity::Below(_) => position + 1,
        };
        self.0.insert(position, (status.lenient(), status));
        true
    }
}

impl Default for SeverityOrder {
    fn default() -> Self {
        Self::new(DEFAULT_STATUS_ORDER)
    }
}

impl StatusAggregator for SeverityOrder {
    fn aggregate(&self, statuses: &[&Status]) -> Status {
        let down = Status::DOWN;
        statuses
            .iter()
            .map(|status| match self.rank(status) {
                Some(rank) => (rank, *status),
                None => (self.rank(&down).unwrap_or(0), &down),
            })
            .min_by_key(|(rank, _)| *rank)
            .map_or(Status::UNKNOWN, |(_, status)| status.clone())
    }
}

/// Places a custom status in the order of severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Just above, that is worse than, this status.
    Above(Status),
    /// Just below, that is better than, this status.
    Below(Status),
}

impl Severity {
    pub(crate) fn neighbour(&self) -> &Status {
        let (Self::Above(status) | Self::Below(status)) = self;
        status
    }
}

/// An order of severity, into which declared statuses are placed, or an aggregator of the
/// application's own.
#[derive(Clone, Debug)]
pub(crate) enum Aggregation {
    Order(SeverityOrder),
    Own(SharedAggregator),
}

impl Aggregation {
    pub(crate) fn own(aggregator: impl StatusAggregator) -> Self {
        Self::Own(SharedAggregator(Arc::new(aggregator)))
    }

    pub(crate) fn shared(self) -> SharedAggregator {
        match self {
            Self::Order(order) => SharedAggregator(Arc::new(order)),
            Self::Own(aggregator) => aggregator,
        }
    }
}

/// An aggregator that cannot panic and is cheap to share.
#[derive(Clone)]
pub(crate) struct SharedAggregator(pub(crate) Arc<dyn StatusAggregator>);

impl SharedAggregator {
    pub(crate) fn aggregate(&self, statuses: &[&Status]) -> Status {
        if statuses.is_empty() {
            return Status::UNKNOWN;
        }
        let aggregate = std::panic::AssertUnwindSafe(|| self.0.aggregate(statuses));
        std::panic::catch_unwind(aggregate).unwrap_or(Status::DOWN)
    }
}

impl fmt::Debug for SharedAggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedAggregator")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_severe_wins_and_the_unranked_counts_as_down() {
        let up = Status::UP;
        let down = Status::DOWN;
        let out = Status::OUT_OF_SERVICE;
        let unknown = Status::UNKNOWN;
        let fatal = Status::new("FATAL");
        let cases: [(&str, &[&str], &[&Status], Status); 7] = [
            ("default", &[], &[&up, &down, &out], Status::DOWN),
            ("unknown is mildest", &[], &[&unknown, &up], Status::UP),
            ("only unknown", &[], &[&unknown], Status::UNKNOWN),
            ("unranked", &[], &[&up, &fatal], Status::DOWN),
            (
                "ranked",
                &["fatal", "down", "up"],
                &[&down, &fatal],
                fatal.clone(),
            ),
            (
                "lenient, output as it came",
                &["out-of-service", "up"],
                &[&out, &up],
                Status::OUT_OF_SERVICE,
            ),
            (
                "down not named",
                &["up", "unknown"],
                &[&up, &down],
                Status::DOWN,
            ),
        ];
        for (name, order, statuses, expected) in cases {
            let order = match order {
                [] => SeverityOrder::default(),
                order => SeverityOrder::new(order.iter().copied()),
            };
            assert_eq!(order.aggregate(statuses), expected, "{name}");
        }
    }

    #[test]
    fn a_custom_status_takes_its_place() {
        let mut order = SeverityOrder::default();
        let degraded = Status::new("DEGRADED");
        assert!(order.insert(degraded.clone(), &Severity::Below(Status::OUT_OF_SERVICE)));
        assert!(!order.insert("X".into(), &Severity::Above("NONE".into())));
        assert_eq!(order.aggregate(&[&Status::UP, &degraded]), degraded);
        assert_eq!(order.aggregate(&[&Status::DOWN, &degraded]), Status::DOWN);
    }

    #[test]
    fn a_panicking_aggregator_counts_as_down() {
        let aggregator = SharedAggregator(Arc::new(|_: &[&Status]| panic!("no")));
        assert_eq!(aggregator.aggregate(&[&Status::UP]), Status::DOWN);
    }
}
