//! Which statuses have a meaning here.

use super::Builder;
use crate::{DEFAULT_STATUS_ORDER, Status, aggregate::Aggregation};

/// Returns the built-in statuses and those that were ranked or declared, one per meaning.
pub(super) fn known(builder: &Builder) -> Vec<Status> {
    let groups = builder
        .groups
        .iter()
        .filter_map(|group| group.aggregation.as_ref());
    let ranked = groups
        .chain([&builder.aggregation])
        .flat_map(|aggregation| match aggregation {
            Aggregation::Order(order) => order.statuses().collect(),
            Aggregation::Own(_) => Vec::new(),
        });
    let declared = builder.custom_statuses.iter().map(|(status, ..)| status);
    let mut known = Vec::from(DEFAULT_STATUS_ORDER);
    for status in [&Status::DEGRADED]
        .into_iter()
        .chain(ranked)
        .chain(declared)
    {
        if !known
            .iter()
            .any(|known| known.lenient() == status.lenient())
        {
            known.push(status.clone());
        }
    }
    known
}
