//! Answers that are written once and sent again while nothing changes: those of groups which rest
//! on no check, such as liveness, for askers who take any format.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Reply, Request, reply, request::Method};
use crate::{
    Health, Management, Server, Show, Status,
    engine::{Entry, Source},
    plan::{GroupPlan, Member},
    trail::TRAIL_HEADER,
};

/// The prepared answers of a plan, by whole path.
pub(crate) type Prepared = HashMap<String, PreparedAnswer>;

/// The answer of one group and what it was made of.
pub(crate) struct PreparedAnswer {
    states: Vec<Arc<Entry>>,
    written: Mutex<Option<Written>>,
}

struct Written {
    of: Vec<Said>,
    answer: Arc<reply::Prepared>,
}

/// What of a state is part of an answer that hides details.
type Said = (Status, Option<String>);

/// Finds the groups whose answers depend on nothing but declared states.
pub(crate) fn of_groups<'a>(
    base_path: &str,
    groups: impl Iterator<Item = (&'a String, &'a GroupPlan)>,
) -> Prepared {
    groups
        .filter_map(|(name, group)| {
            let answer = PreparedAnswer {
                states: states_of(group)?,
                written: Mutex::default(),
            };
            Some((format!("{base_path}/health/{name}"), answer))
        })
        .collect()
}

fn states_of(group: &GroupPlan) -> Option<Vec<Arc<Entry>>> {
    let hides_all =
        group.visibility.components == Show::Never && group.visibility.details == Show::Never;
    if !hides_all || group.members.is_empty() {
        return None;
    }
    let states = group.members.values().map(|member| match member {
        Member::Leaf { entry, .. } if matches!(entry.source(), Source::State(_)) => {
            Some(Arc::clone(entry))
        }
        _ => None,
    });
    states.collect()
}

impl PreparedAnswer {
    fn get(&self) -> Option<Arc<reply::Prepared>> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let written = written.as_ref()?;
        let is_same = self.states.iter().zip(&written.of).all(|(entry, said)| {
            entry
                .declared()
                .is_some_and(|health| health.status == said.0 && health.description == said.1)
        });
        is_same.then(|| Arc::clone(&written.answer))
    }

    fn said(&self) -> Vec<Said> {
        let healths = self.states.iter().filter_map(|entry| entry.declared());
        healths
            .map(
                |Health {
                     status,
                     description,
                     ..
                 }| (status, description),
            )
            .collect()
    }

    /// Takes over an answer, unless something has changed while it was written.
    fn take(&self, before: Vec<Said>, answer: Arc<reply::Prepared>) {
        if before == self.said() {
            let written = Written { of: before, answer };
            *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
        }
    }
}

impl Management {
    /// Answers with what is prepared, or by `write`, whose answer is then the prepared one.
    pub(super) fn prepared(&self, request: &Request<'_>, write: impl FnOnce() -> Reply) -> Reply {
        let plan = self.plan();
        let Some(prepared) = plan
            .prepared
            .get(request.path)
            .filter(|_| self.suits(request))
        else {
            return write();
        };
        if let Some(answer) = prepared.get() {
            return answer.into();
        }
        let before = prepared.said();
        let (reply, answer) = write().prepare();
        if let Some(answer) = answer {
            prepared.take(before, answer);
        }
        reply
    }

    fn suits(&self, request: &Request<'_>) -> bool {
        let accepts_any = |accept: &[u8]| accept.is_empty() || accept == b"*/*";
        Method::of(request.method) == Some(Method::Get)
            && request.server == Server::Application
            && !request.is_below_base
            && !self.0.options.has_stable_bodies
            && request.all("accept", accepts_any)
            && request.all(TRAIL_HEADER, |_| false)
    }
}
