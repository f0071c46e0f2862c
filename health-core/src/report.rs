//! The answer to one question: outcomes in the shape of the tree, with the status of the whole.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Health, Status,
    aggregate::SharedAggregator,
    engine::Outcome,
    group::Selection,
    plan::{GroupPlan, Member},
};

/// One node of an answer.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) status: Status,
    /// What the status counts as in that of the whole.
    counts_as: Status,
    pub(crate) description: Option<String>,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Leaf(Arc<Outcome>),
    Composite(BTreeMap<String, Report>),
}

type Outcomes<'a> = std::slice::Iter<'a, Arc<Outcome>>;

impl Report {
    /// Reports on all members of a group; `outcomes` in the order of `plan::collect_entries`.
    pub(crate) fn of_group(group: &GroupPlan, outcomes: &[Arc<Outcome>]) -> Self {
        let children = children_of(&group.members, &group.aggregator, &mut outcomes.iter());
        Self::composite(children, &group.aggregator)
    }

    /// Reports on one member.
    pub(crate) fn of_member(
        member: &Member,
        aggregator: &SharedAggregator,
        outcomes: &[Arc<Outcome>],
    ) -> Self {
        Self::new(member, aggregator, &mut outcomes.iter())
    }

    fn new(member: &Member, aggregator: &SharedAggregator, outcomes: &mut Outcomes<'_>) -> Self {
        match member {
            Member::Composite(members) => {
                Self::composite(children_of(members, aggregator, outcomes), aggregator)
            }
            Member::Leaf { entry, chosen } => {
                let outcome = outcomes
                    .next()
                    .map_or_else(|| Outcome::failed("gave no result"), Arc::clone);
                let is_split = chosen.is_some();
                let chosen = chosen.as_ref().and_then(|chosen| {
                    Self::of_chosen(&outcome, &outcome.health, entry.path(), chosen, aggregator)
                });
                match (chosen, is_split) {
                    (Some(chosen), _) => chosen,
                    (None, true) => Self::without_components(&outcome),
                    (None, false) => Self::leaf(outcome),
                }
            }
        }
    }

    fn leaf(outcome: Arc<Outcome>) -> Self {
        Self {
            status: outcome.health.status.clone(),
            counts_as: outcome.counts_as.clone(),
            description: outcome.health.description.clone(),
            content: Content::Leaf(outcome),
        }
    }

    /// What a group left out must not come back where nothing that it chose is reported.
    fn without_components(outcome: &Outcome) -> Self {
        let mut outcome = outcome.clone();
        outcome.health.components.clear();
        Self::leaf(Arc::new(outcome))
    }

    /// Keeps the components that a group chose among those that a check reported; nothing, where
    /// none of them is there, so that the check's own status stands for them.
    fn of_chosen(
        outcome: &Outcome,
        health: &Health,
        path: &str,
        chosen: &Selection,
        aggregator: &SharedAggregator,
    ) -> Option<Self> {
        let children: BTreeMap<String, Self> = health
            .components
            .iter()
            .filter_map(|(name, child)| {
                let path = format!("{path}/{name}");
                let whole = || Self::leaf(outcome.of_part(child));
                let part = || Self::of_chosen(outcome, child, &path, chosen, aggregator);
                let report = match (chosen.has(&path), chosen.splits(&path)) {
                    (true, false) => Some(whole()),
                    (true, true) => {
                        let rest = || Self::without_components(&outcome.of_part(child));
                        Some(part().unwrap_or_else(rest))
                    }
                    (false, _) if chosen.reaches_below(&path) => part(),
                    (false, _) => None,
                };
                Some((name.clone(), report?))
            })
            .collect();
        (!children.is_empty()).then(|| Self::composite(children, aggregator))
    }

    /// A parent shows the description of its first child that has the status of the whole.
    /// Source: Spring Boot `HealthEndpointSupport`.
    fn composite(children: BTreeMap<String, Self>, aggregator: &SharedAggregator) -> Self {
        let statuses: Vec<&Status> = children.values().map(|child| &child.counts_as).collect();
        let status = aggregator.aggregate(&statuses);
        let description = children
            .values()
            .find(|child| child.counts_as == status)
            .and_then(|child| child.description.clone());
        Self {
            counts_as: status.clone(),
            status,
            description,
            content: Content::Composite(children),
        }
    }

    /// Walks down the components that a check reported itself.
    pub(crate) fn descend(self, segments: &[impl AsRef<str>]) -> Option<Self> {
        let [first, rest @ ..] = segments else {
            return Some(self);
        };
        match self.content {
            Content::Composite(mut children) => children.remove(first.as_ref())?.descend(rest),
            Content::Leaf(outcome) => {
                let child = outcome.health.components.get(first.as_ref())?;
                Self::leaf(outcome.of_part(child)).descend(rest)
            }
        }
    }
}

fn children_of(
    members: &BTreeMap<String, Member>,
    aggregator: &SharedAggregator,
    outcomes: &mut Outcomes<'_>,
) -> BTreeMap<String, Report> {
    members
        .iter()
        .map(|(name, member)| (name.clone(), Report::new(member, aggregator, outcomes)))
        .collect()
}
