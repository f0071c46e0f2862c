//! `/health` and all that is below it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};

use super::{
    Reply, Request,
    etag::Known,
    health_json::{self, About},
    negotiation::{Format, Shape},
    plain_text, response, timings,
};
use crate::{
    Management,
    engine::{Entry, Outcome, Pending},
    group::Server,
    management::{PING, Plan},
    plan::{self, GroupPlan, Member},
    report::Report,
    trail::{MAX_VIA_NAMES, VIA_HEADER, format_names},
    visibility::Shown,
    wire,
};

/// What a path below `/health` means: a group or the whole, and the way down from there.
struct Place {
    plan: Arc<Plan>,
    /// The name of the group, or nothing for all components.
    group: Option<String>,
    shown: Shown,
    below: Vec<String>,
}

impl Place {
    /// Finds the group; nothing is found where the way leads below something that is not shown,
    /// except for `ping`, which load balancers ask and which tells nothing.
    fn find(
        management: &Management,
        request: &Request<'_>,
        mut segments: Vec<String>,
    ) -> Option<Self> {
        let plan = management.plan();
        let group = segments
            .first()
            .and_then(|first| group_named(management, &plan, first, request.server));
        let below = if group.is_some() {
            segments.split_off(1)
        } else {
            segments
        };
        let shown = plan
            .group(group.as_deref())
            .visibility
            .for_identity(request.identity);
        let is_ping = group.is_none() && below == [PING];
        let is_visible = below.is_empty() || shown.components || is_ping;
        is_visible.then_some(Self {
            plan,
            group,
            shown,
            below,
        })
    }

    fn rules(&self) -> &GroupPlan {
        self.plan.group(self.group.as_deref())
    }

    /// Walks down the registered components; what is left of the way leads into those that the
    /// check reports itself.
    fn walk(&self) -> Option<Way<'_>> {
        let members = &self.rules().members;
        let Some((first, rest)) = self.below.split_first() else {
            let is_empty_group = members.is_empty() && self.group.is_some();
            return (!is_empty_group).then_some(Way::Whole(members));
        };
        let mut member = members.get(first)?;
        for (walked, segment) in rest.iter().enumerate() {
            match member {
                Member::Composite(children) => member = children.get(segment)?,
                Member::Leaf { .. } => return Some(Way::To(member, &rest[walked..])),
            }
        }
        Some(Way::To(member, &[]))
    }

    /// Writes the answer; nothing, where no check reported what the path means.
    fn render(&self, outcomes: &[Arc<Outcome>], writing: &Writing) -> Option<Response<Bytes>> {
        let rules = self.rules();
        let mut report = self.walk()?.report(rules, outcomes)?;
        let body = match writing.format.shape {
            Shape::Actuator(version) => {
                if writing.shows_timings && self.shown.details {
                    timings::add(&mut report);
                }
                let is_root = self.group.is_none() && self.below.is_empty();
                let groups = self.plan.groups.keys().filter(|_| is_root);
                wire::health_body(&report, self.shown, version, groups.map(String::as_str))
            }
            Shape::HealthJson => {
                let style = health_json::Style {
                    about: &writing.about,
                    shown: self.shown,
                    mapper: &rules.mapper,
                    shows_times: writing.known.is_none(),
                    shows_timings: writing.shows_timings,
                };
                health_json::body(&report, &style)
            }
            Shape::PlainText => plain_text::body(&report, self.shown).into_bytes(),
        };
        let code = rules.mapper.http_code(&report.status);
        let answer = response::with_body(code, writing.format.content_type, body);
        Some(match &writing.known {
            Some(known) => known.apply(answer),
            None => answer,
        })
    }
}

/// All that writing the answer needs of the request and the settings, once the checks have ended.
struct Writing {
    format: Format,
    shows_timings: bool,
    /// What the poller has already, where bodies are stable.
    known: Option<Known>,
    about: About,
}

impl Writing {
    fn of(management: &Management, request: &Request<'_>, format: Format) -> Self {
        let options = management.0.options;
        Self {
            format,
            shows_timings: options.shows_timings,
            known: options.has_stable_bodies.then(|| Known::of(request)),
            about: About::of(management),
        }
    }
}

enum Way<'a> {
    Whole(&'a BTreeMap<String, Member>),
    To(&'a Member, &'a [String]),
}

impl Way<'_> {
    fn entries(&self) -> Vec<Arc<Entry>> {
        let mut entries = Vec::new();
        match self {
            Self::Whole(members) => plan::collect_entries(members, &mut entries),
            Self::To(member, _) => member.collect_entries(&mut entries),
        }
        entries
    }

    fn report(&self, rules: &GroupPlan, outcomes: &[Arc<Outcome>]) -> Option<Report> {
        match self {
            Self::Whole(_) => Some(Report::of_group(rules, outcomes)),
            Self::To(member, below) => {
                Report::of_member(member, &rules.aggregator, outcomes).descend(below)
            }
        }
    }
}

impl Plan {
    fn group(&self, name: Option<&str>) -> &GroupPlan {
        name.and_then(|name| self.groups.get(name))
            .unwrap_or(&self.primary)
    }
}

/// Finds a group by its name, or by its additional path on the server that was asked.
/// Source: Spring Boot `HealthEndpointSupport`.
fn group_named(management: &Management, plan: &Plan, name: &str, server: Server) -> Option<String> {
    let group = match plan.groups.contains_key(name) {
        true => Some(name),
        false => management.group_at(name, server),
    };
    group.map(str::to_owned)
}

/// Tells without running a check whether there is something at a path; of what a check reports
/// itself its last result tells.
pub(super) fn is_there(
    management: &Management,
    request: &Request<'_>,
    segments: Vec<String>,
) -> bool {
    let place = Place::find(management, request, segments);
    match place.as_ref().and_then(Place::walk) {
        Some(Way::To(Member::Leaf { entry, .. }, below)) if !below.is_empty() => {
            let latest = entry.latest();
            let health = latest.as_ref().map(|latest| &latest.health);
            let found = below
                .iter()
                .fold(health, |health, name| health?.components.get(name));
            found.is_some()
        }
        way => way.is_some(),
    }
}

pub(super) fn answer(
    management: &Management,
    request: &Request<'_>,
    segments: Vec<String>,
    format: Format,
) -> Reply {
    let Some(place) = Place::find(management, request, segments) else {
        return response::not_found().into();
    };
    let Some(entries) = place.walk().map(|way| way.entries()) else {
        return response::not_found().into();
    };
    let question = request.question();
    let engine = &management.0.engine;
    let pending = engine.start(&entries, &question);
    let via = (!question.trail.is_empty()).then(|| management.name().to_owned());
    let writing = Writing::of(management, request, format);
    let finish = move |outcomes: &[Arc<Outcome>]| {
        let response = place
            .render(outcomes, &writing)
            .unwrap_or_else(response::not_found);
        match via {
            Some(own_name) => with_via(response, &own_name, outcomes),
            None => response,
        }
    };
    match Pending::all_ready(pending) {
        Ok(outcomes) => finish(&outcomes).into(),
        Err(pending) => {
            let deadline = engine.answer_deadline(&entries, &question);
            Reply::later(async move { finish(&Pending::outcomes(pending, deadline).await) })
        }
    }
}

/// Names the applications on whose answers this one rests.
fn with_via(
    mut response: Response<Bytes>,
    own_name: &str,
    outcomes: &[Arc<Outcome>],
) -> Response<Bytes> {
    let others = outcomes
        .iter()
        .flat_map(|outcome| &outcome.health.via)
        .map(String::as_str);
    let others: BTreeSet<&str> = others.collect();
    let mut names: BTreeSet<&str> = others.into_iter().take(MAX_VIA_NAMES).collect();
    names.insert(own_name);
    if let Ok(names) = HeaderValue::from_str(&format_names(names.into_iter())) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(VIA_HEADER), names);
    }
    response
}
