//! A replica set as a whole: who leads it, and whether those are there who should be.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use health_core::{Health, Status};
use mongodb::bson::{Bson, Document};

use super::{
    failure::Failure,
    member::{Member, odd},
};

/// More members than MongoDB allows (50) are no answer of one.
const MAX_MEMBERS: usize = 64;

/// The port of a member that is named without one.
pub(super) const DEFAULT_PORT: u16 = 27_017;

/// What is expected of a replica set.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// The members by host and port; nobody in particular when it is empty.
    pub(super) members: BTreeSet<String>,
    pub(super) max_lag: Option<Duration>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    name: Option<String>,
    primary: Option<String>,
    members: BTreeMap<String, Health>,
    unexpected: Vec<String>,
    down: Vec<String>,
    problem: Option<String>,
}

impl Expected {
    /// Reads the answer to `replSetGetStatus`.
    pub(super) fn judge(&self, status: &Document) -> Result<Found, Failure> {
        let members = read(status)?;
        let primaries: Vec<&Member> = members
            .iter()
            .filter(|member| member.is_primary())
            .collect();
        let primary = match primaries[..] {
            [primary] => Some(primary),
            _ => None,
        };
        let mut healths = BTreeMap::new();
        let mut unexpected = Vec::new();
        for member in &members {
            let name = full_name(&member.name);
            let is_expected = self.members.is_empty() || self.members.contains(&name);
            if !is_expected {
                unexpected.push(name.clone());
            }
            let health = member.judge(primary, self.max_lag);
            let mark = (!is_expected).then_some(true);
            if healths
                .insert(name, health.detail("unexpected", mark))
                .is_some()
            {
                return Err(odd("a member twice"));
            }
        }
        for name in &self.members {
            let missing =
                || Health::down().error(Failure::new("it is not a member of the replica set"));
            healths.entry(name.clone()).or_insert_with(missing);
        }
        let is_down = |(_, health): &(&String, &Health)| *health.status() != Status::UP;
        let down = healths.iter().filter(is_down);
        let down: Vec<_> = down.map(|(name, _)| name.clone()).collect();
        Ok(Found {
            name: status.get_str("set").ok().map(super::failure::cut),
            primary: primary.map(|primary| full_name(&primary.name)),
            problem: self.problem(primaries.len(), &down),
            members: healths,
            unexpected,
            down,
        })
    }

    fn problem(&self, primaries: usize, down: &[String]) -> Option<String> {
        match primaries {
            0 => return Some("the replica set has no primary".to_owned()),
            1 => {}
            _ => return Some(format!("{primaries} members say that they are the primary")),
        }
        let expected = down.iter().filter(|name| self.members.contains(*name));
        let expected: Vec<_> = expected.map(String::as_str).collect();
        (!expected.is_empty())
            .then(|| format!("expected members are not UP: {}", expected.join(", ")))
    }
}

impl Found {
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Adds what is known of the set, and a component for each member.
    pub(super) fn add_to(self, health: Health) -> Health {
        let list = |names: Vec<String>| (!names.is_empty()).then_some(names);
        let health = health
            .detail("setName", self.name)
            .detail("primary", self.primary)
            .detail("members", self.members.len())
            .detail("membersNotUp", list(self.down))
            .detail("unexpectedMembers", list(self.unexpected));
        let members = self.members.into_iter();
        members.fold(health, |health, (name, member)| {
            health.component(name, member)
        })
    }
}

fn read(status: &Document) -> Result<Vec<Member>, Failure> {
    let members = match status.get("members") {
        Some(Bson::Array(members)) if !members.is_empty() => members,
        _ => return Err(odd("no members")),
    };
    if members.len() > MAX_MEMBERS {
        return Err(odd("more members than a replica set can have"));
    }
    let read = members.iter().map(|member| match member {
        Bson::Document(member) => Member::read(member),
        _ => Err(odd("a member that is no document")),
    });
    read.collect()
}

/// Returns host and port in the way in which names are compared.
pub(super) fn full_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let is_bare_ipv6 = name.matches(':').count() > 1 && !name.starts_with('[');
    match name.rsplit_once(':') {
        _ if is_bare_ipv6 => format!("[{name}]:{DEFAULT_PORT}"),
        Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => name,
        _ => format!("{name}:{DEFAULT_PORT}"),
    }
}
