//! Several hosts of one service, of which one has to answer.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

use super::{Made, NotMade};
use crate::{SettingError, platform::Host};

/// Makes a check for each host, and one of all of them: UP when any is, with each as a component.
pub(super) fn any_of<'a, C: Check>(
    hosts: impl IntoIterator<Item = &'a Host>,
    make: impl Fn(&Host) -> Result<C, SettingError>,
) -> Made {
    let members = hosts.into_iter().map(|host| {
        let check: Arc<dyn Check> = Arc::new(make(host)?);
        Ok((host.to_string(), check))
    });
    let mut members = members.collect::<Result<Vec<_>, NotMade>>()?;
    match members.len() {
        1 => Ok(members.remove(0).1),
        _ => Ok(Arc::new(AnyOf(members))),
    }
}

/// Checks with the names of their hosts.
struct AnyOf(Vec<(String, Arc<dyn Check>)>);

#[async_trait]
impl Check for AnyOf {
    async fn check(&self) -> CheckResult {
        let asked = together(self.0.iter().map(|(_, check)| check.check())).await;
        let names = self.0.iter().map(|(name, _)| name.clone());
        let healths = asked
            .into_iter()
            .map(|asked| asked.unwrap_or_else(|error| Health::down().error(error)));
        Ok(judge(names.zip(healths).collect()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

fn judge(members: Vec<(String, Health)>) -> Health {
    let is_up = |health: &Health| *health.status() == Status::UP;
    let not_up = members.iter().filter(|(_, health)| !is_up(health));
    let not_up: Vec<String> = not_up.map(|(name, _)| name.clone()).collect();
    let health = if not_up.len() < members.len() {
        Health::up()
    } else {
        let first = members.first().map(|(_, health)| health.status().clone());
        let is_same = |status: &Status| members.iter().all(|(_, health)| health.status() == status);
        let status = first.filter(is_same).unwrap_or(Status::DOWN);
        let error = format!("none of {} hosts is UP", members.len());
        Health::new(status).detail("error", error)
    };
    let health = match not_up.is_empty() {
        true => health,
        false => health.detail("hostsNotUp", not_up),
    };
    members.into_iter().fold(health, |health, (name, member)| {
        health.component(name, member)
    })
}

/// Awaits all at the same time, on this task: another one would not know the deadline.
async fn together<F: Future + Unpin>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<(F, Option<F::Output>)> = futures.map(|f| (f, None)).collect();
    let mut poll_all = |context: &mut Context<'_>| {
        let mut is_pending = false;
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            match std::pin::Pin::new(future).poll(context) {
                Poll::Ready(value) => *output = Some(value),
                Poll::Pending => is_pending = true,
            }
        }
        if is_pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    };
    poll_fn(&mut poll_all).await;
    running
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_is_enough() {
        let up = Health::up;
        let down = Health::down;
        let cases = [
            ("all", vec![up(), up()], Status::UP),
            ("one", vec![down(), up()], Status::UP),
            ("none", vec![down(), down()], Status::DOWN),
            (
                "the same",
                vec![Health::out_of_service(), Health::out_of_service()],
                Status::OUT_OF_SERVICE,
            ),
            (
                "different",
                vec![Health::out_of_service(), Health::unknown()],
                Status::DOWN,
            ),
        ];
        for (name, members, expected) in cases {
            let not_up = members.iter().filter(|m| *m.status() != Status::UP).count();
            let members = members.into_iter().enumerate();
            let members: Vec<_> = members.map(|(n, m)| (format!("h{n}:1"), m)).collect();
            let health = judge(members);
            assert_eq!(*health.status(), expected, "{name}");
            assert_eq!(health.components().len(), 2, "{name}");
            let told = health
                .details()
                .get("hostsNotUp")
                .and_then(|t| t.as_array());
            assert_eq!(told.map_or(0, Vec::len), not_up, "{name}");
        }
    }
}
