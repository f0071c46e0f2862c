//! `/prometheus`: the same answers as those of `/health`, as metrics.
//!
//! The code is 200 whatever the status, since a scraper takes anything else for a broken target.
//! Components have series for those who see them, in the whole or in a group; the whole and the
//! groups for everybody.

mod exposition;
mod families;
mod http;
mod status_set;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ::http::StatusCode;

pub(super) use self::exposition::Exposition;
use self::{families::Scrape, status_set::StatusSet};
use super::{Reply, Request, response};
use crate::{
    Identity, Management, Status, UNKNOWN_VERSION,
    engine::{Entry, Outcome, Pending, Source},
    http_mapping::SharedMapper,
    management::Plan,
    plan::{self, GroupPlan},
    report::Report,
};

pub(super) fn answer(management: &Management, request: &Request<'_>) -> Reply {
    let exposition = Exposition::of(request);
    let engine = &management.0.engine;
    let question = request.question();
    let plan = management.plan();
    let pending = engine.start(&plan.entries, &question);
    let deadline = engine.answer_deadline(&plan.entries, &question);
    let components = components_shown(&plan, request.identity);
    let statuses = StatusSet::new(&management.0.statuses);
    let name = management.name().to_owned();
    let version = management
        .0
        .version
        .fixed()
        .unwrap_or(UNKNOWN_VERSION)
        .to_owned();
    let left_out = management.no_log().left_out();
    let runtime_lag = management.runtime_lag();
    let http = management.http_metrics().clone();
    let finish = move |outcomes: &[Arc<Outcome>]| {
        let outcomes = Outcomes::new(&plan, outcomes);
        let scrape = Scrape {
            name: &name,
            version: &version,
            left_out,
            http: &http,
            runtime_lag,
            whole: outcomes.whole(&plan.primary),
            groups: groups(&plan, &outcomes),
            components: components
                .iter()
                .map(|component| component.read(&outcomes))
                .collect(),
            statuses: &statuses,
        };
        let body = scrape.write(exposition);
        response::with_body(StatusCode::OK, exposition.content_type(), body)
    };
    match Pending::all_ready(pending) {
        Ok(outcomes) => finish(&outcomes).into(),
        Err(pending) => {
            Reply::later(async move { finish(&Pending::outcomes(pending, deadline).await) })
        }
    }
}

/// The outcomes of one scrape, by entry.
struct Outcomes(HashMap<usize, Arc<Outcome>>);

fn key(entry: &Arc<Entry>) -> usize {
    Arc::as_ptr(entry) as usize
}

impl Outcomes {
    fn new(plan: &Plan, outcomes: &[Arc<Outcome>]) -> Self {
        let keys = plan.entries.iter().map(key);
        Self(keys.zip(outcomes.iter().cloned()).collect())
    }

    fn of(&self, entry: &Arc<Entry>) -> Arc<Outcome> {
        self.0
            .get(&key(entry))
            .map_or_else(|| Outcome::failed("gave no result"), Arc::clone)
    }

    fn whole(&self, group: &GroupPlan) -> Reading {
        let mut entries = Vec::new();
        plan::collect_entries(&group.members, &mut entries);
        let outcomes: Vec<Arc<Outcome>> = entries.iter().map(|entry| self.of(entry)).collect();
        Reading::new(Report::of_group(group, &outcomes).status, &group.mapper)
    }
}

/// A status, and whether a probe takes it for a success.
struct Reading {
    status: Status,
    is_up: bool,
}

impl Reading {
    fn new(status: Status, mapper: &SharedMapper) -> Self {
        Self {
            is_up: mapper.http_code(&status).is_success(),
            status,
        }
    }
}

fn groups<'a>(plan: &'a Plan, outcomes: &Outcomes) -> Vec<(&'a str, Reading)> {
    let groups = plan
        .groups
        .iter()
        .filter(|(_, group)| !group.members.is_empty());
    groups
        .map(|(name, group)| (name.as_str(), outcomes.whole(group)))
        .collect()
}

/// A check or state, as the first place that shows it maps its status.
struct Component {
    entry: Arc<Entry>,
    mapper: SharedMapper,
}

impl Component {
    fn read(&self, outcomes: &Outcomes) -> (&Entry, Reading) {
        let status = outcomes.of(&self.entry).health.status.clone();
        (self.entry.as_ref(), Reading::new(status, &self.mapper))
    }
}

/// Returns the components that the asker sees in the whole or in a group, one per path.
fn components_shown(plan: &Plan, identity: Option<&Identity>) -> Vec<Component> {
    let mut shown: BTreeMap<String, Component> = BTreeMap::new();
    let places = [&plan.primary].into_iter().chain(plan.groups.values());
    for place in places.filter(|place| place.visibility.for_identity(identity).components) {
        let mut entries = Vec::new();
        plan::collect_entries(&place.members, &mut entries);
        for entry in entries {
            let path = entry.path().to_owned();
            shown.entry(path).or_insert_with(|| Component {
                entry,
                mapper: place.mapper.clone(),
            });
        }
    }
    shown.into_values().collect()
}

/// Tells whether an entry is run, so that there is something to count.
fn is_run(entry: &Entry) -> bool {
    matches!(entry.source(), Source::Check(_))
}
