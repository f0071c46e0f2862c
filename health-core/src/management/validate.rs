//! Finds everything that is wrong with the settings.

use std::{collections::BTreeSet, time::Duration};

use http::StatusCode;

use super::{Builder, assemble::declare, states::OWN_NAMES};
use crate::{
    Component, Status,
    aggregate::Aggregation,
    build_error::Problems,
    component::Kind,
    endpoints::OWN_PATHS,
    engine::Settings,
    group::{AdditionalPath, Group, LIVENESS, Mapping, PROBE_PATHS, READINESS, STARTUP, is_plain},
};

/// The longest name of a component, group or application, in characters.
pub const MAX_NAME_CHARACTERS: usize = 128;

/// The longest deadline, interval or delay: a year, so that no sum of times is beyond the clock.
pub const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) fn problems(builder: &Builder) -> Problems {
    let mut problems = Problems::default();
    name(&mut problems, "application", &builder.name);
    path(&mut problems, "base path", &builder.base_path);
    path(&mut problems, "healthz path", &builder.healthz_path);
    paths_apart(&mut problems, builder);
    metrics_path(&mut problems, builder);
    if builder.concurrency == 0 {
        problems.add("the concurrency must be at least 1");
    }
    if builder.options.has_stable_bodies && builder.options.shows_timings {
        problems.add("timings cannot be shown where bodies are stable: they change with each run");
    }
    settings(&mut problems, "the defaults", &builder.settings);
    if let Some(deadline) = builder.answer_deadline {
        longer_than_zero(&mut problems, "the answer", "deadline", deadline);
    }
    let mut known = Known::default();
    components(&mut problems, &builder.components, "", &mut known);
    let mut named = BTreeSet::new();
    for (check, _) in &builder.healthz {
        name(&mut problems, "healthz check", check);
        if !named.insert(check) {
            problems.add(format!("healthz check `{check}`: the name is used twice"));
        }
    }
    order(&mut problems, "the order of severity", &builder.aggregation);
    groups(&mut problems, builder, &known);
    custom_statuses(&mut problems, builder);
    http_codes(&mut problems, "the HTTP mapping", Some(&builder.mapping));
    problems
}

/// Finds what is wrong with a component that is put beside others later.
pub(super) fn component(component: &Component, groups: &[&str]) -> Problems {
    let mut problems = Problems::default();
    components(
        &mut problems,
        std::slice::from_ref(component),
        "",
        &mut Known::default(),
    );
    if groups.contains(&component.name.as_str()) {
        problems.add(format!(
            "component `{}`: a group has the same name",
            component.name
        ));
    }
    problems
}

pub(super) fn is_own(name: &str) -> bool {
    OWN_NAMES.contains(&name)
}

/// The components by path, and those of them that are checks, which may report components of
/// their own.
struct Known {
    paths: BTreeSet<String>,
    leaves: BTreeSet<String>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            paths: OWN_NAMES.map(str::to_owned).into(),
            leaves: BTreeSet::new(),
        }
    }
}

impl Known {
    fn may_be(&self, member: &str) -> bool {
        let mut above = member.match_indices('/').map(|(end, _)| &member[..end]);
        member == "*"
            || self.paths.contains(member)
            || above.any(|above| self.leaves.contains(above))
    }
}

fn name(problems: &mut Problems, what: &str, name: &str) {
    if name.is_empty() {
        problems.add(format!("{what}: the name is empty"));
    } else if name.chars().count() > MAX_NAME_CHARACTERS {
        problems.add(format!(
            "{what} `{name}`: the name is longer than {MAX_NAME_CHARACTERS} characters"
        ));
    } else if name.contains('/') {
        problems.add(format!(
            "{what} `{name}`: the name holds a `/`, which separates names in paths"
        ));
    } else if name.chars().any(char::is_control) || [".", ".."].contains(&name) {
        problems.add(format!(
            "{what} `{}`: the name cannot stand in a path",
            name.escape_debug()
        ));
    } else if name == "*" || name.trim() != name {
        problems.add(format!("{what} `{name}`: the name cannot be written in a group, where `*` is all and blanks around a name do not count"));
    }
}

fn path(problems: &mut Problems, what: &str, path: &str) {
    let trimmed = path.trim_end_matches('/');
    let Some(segments) = trimmed.strip_prefix('/') else {
        if !trimmed.is_empty() {
            problems.add(format!("{what} `{path}`: must be empty or start with `/`"));
        }
        return;
    };
    if !segments.split('/').all(is_plain) {
        problems.add(format!(
            "{what} `{path}`: each segment must hold letters, digits, `-`, `.`, `_` or `~` only, and one of them at least"
        ));
    }
}

fn paths_apart(problems: &mut Problems, builder: &Builder) {
    if builder.healthz.is_empty() {
        return;
    }
    let [base, healthz] =
        [&builder.base_path, &builder.healthz_path].map(|path| path.trim_end_matches('/'));
    let is_within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if healthz.is_empty()
        || (base.is_empty() && OWN_PATHS.iter().any(|taken| is_within(healthz, taken)))
        || (!base.is_empty() && (is_within(healthz, base) || is_within(base, healthz)))
    {
        problems.add(format!(
            "healthz path `{healthz}`: must be set apart from the endpoints below the base path `{base}`"
        ));
    }
}

fn metrics_path(problems: &mut Problems, builder: &Builder) {
    let Some(text) = &builder.metrics_path else {
        return;
    };
    path(problems, "metrics path", text);
    let trimmed = text.trim_end_matches('/');
    let base = builder.base_path.trim_end_matches('/');
    let is_below_base = !base.is_empty()
        && trimmed
            .strip_prefix(base)
            .is_some_and(|rest| rest.starts_with('/'));
    if !builder.options.has_prometheus {
        problems.add(format!(
            "metrics path `{text}`: the metrics are switched off"
        ));
    } else if trimmed.is_empty() || is_below_base || is_taken(builder, trimmed) {
        problems.add(format!(
            "metrics path `{text}`: must be set apart from the endpoints below the base path `{base}`"
        ));
    }
}

fn components(problems: &mut Problems, components_: &[Component], above: &str, known: &mut Known) {
    for component in components_ {
        let place = match above.strip_suffix('/') {
            Some(above) => format!("component below `{above}`"),
            None => "component".to_owned(),
        };
        name(problems, &place, &component.name);
        let path = format!("{above}{}", component.name);
        if !known.paths.insert(path.clone()) {
            problems.add(format!(
                "component `{path}`: the name is used twice, or is one of our own"
            ));
        }
        let tuned = component.tuning.over(&Settings::default());
        settings(problems, &format!("component `{path}`"), &tuned);
        match &component.kind {
            Kind::Leaf(_) => {
                known.leaves.insert(path);
            }
            Kind::Composite(children) => {
                if children.is_empty() {
                    problems.add(format!(
                        "component `{path}`: the composite has no components"
                    ));
                }
                components(problems, children, &format!("{path}/"), known);
            }
        }
    }
}

fn settings(problems: &mut Problems, place: &str, settings: &Settings) {
    longer_than_zero(problems, place, "deadline", settings.deadline);
    for (threshold, name) in [
        (settings.failure_threshold, "failure"),
        (settings.success_threshold, "success"),
    ] {
        if threshold == 0 {
            problems.add(format!("{place}: the {name} threshold must be at least 1"));
        }
    }
    let Some(refresh) = &settings.refresh else {
        return;
    };
    for interval in [Some(refresh.interval), refresh.interval_while_down]
        .into_iter()
        .flatten()
    {
        longer_than_zero(problems, place, "interval", interval);
    }
    if refresh.initial_delay > MAX_DURATION {
        problems.add(format!(
            "{place}: the initial delay must be at most {MAX_DURATION:?}"
        ));
    }
    if refresh.jitter_percent > 100 {
        problems.add(format!("{place}: the jitter must be at most 100 percent"));
    }
    if settings
        .stale_after()
        .is_some_and(|age| age < refresh.longest_interval())
    {
        problems.add(format!("{place}: results would be stale before the next run: `stale_after` must be longer than the interval"));
    }
}

fn longer_than_zero(problems: &mut Problems, place: &str, name: &str, time: Duration) {
    if time.is_zero() || time > MAX_DURATION {
        problems.add(format!(
            "{place}: the {name} must be longer than zero and at most {MAX_DURATION:?}"
        ));
    }
}

fn groups(problems: &mut Problems, builder: &Builder, known: &Known) {
    let mut names = BTreeSet::new();
    let mut additional = BTreeSet::new();
    for (name, text) in PROBE_PATHS.into_iter().filter(|_| builder.has_probe_paths) {
        let has_own = |group: &Group| group.name == name && group.additional_path.is_some();
        if !builder.groups.iter().any(has_own) {
            additional_path(problems, builder, name, text, &mut additional);
        }
    }
    for probe in [LIVENESS, READINESS, STARTUP] {
        let is_defined = builder.groups.iter().any(|group| group.name == probe);
        if !is_defined && known.paths.contains(probe) {
            problems.add(format!("group `{probe}`: a component has the same name"));
        }
    }
    for group in &builder.groups {
        let group_name = &group.name;
        name(problems, "group", group_name);
        if !names.insert(group_name) {
            problems.add(format!("group `{group_name}`: defined twice"));
        }
        if known.paths.contains(group_name) {
            problems.add(format!(
                "group `{group_name}`: a component has the same name"
            ));
        }
        members(problems, group, known);
        if let Some(aggregation) = &group.aggregation {
            order(problems, &format!("group `{group_name}`"), aggregation);
        }
        http_codes(
            problems,
            &format!("group `{group_name}`"),
            group.mapping.as_ref(),
        );
        if let Some(text) = &group.additional_path {
            additional_path(problems, builder, group_name, text, &mut additional);
        }
    }
}

fn additional_path(
    problems: &mut Problems,
    builder: &Builder,
    group: &str,
    text: &str,
    taken: &mut BTreeSet<String>,
) {
    let place = format!("group `{group}`: additional path `{text}`");
    let path = match AdditionalPath::parse(text) {
        Ok(path) => path,
        Err(reason) => return problems.add(format!("{place}: {reason}")),
    };
    let full = format!("/{}", path.segment);
    if is_taken(builder, &full) {
        problems.add(format!("{place}: the path is in use"));
    }
    if !taken.insert(format!("{:?}{full}", path.server)) {
        problems.add(format!("{place}: another group has it"));
    }
}

fn is_taken(builder: &Builder, path: &str) -> bool {
    let base = builder.base_path.trim_end_matches('/');
    path == base || (base.is_empty() && OWN_PATHS.contains(&path))
}

fn members(problems: &mut Problems, group: &Group, known: &Known) {
    let included = group.include.iter().flatten();
    for member in included.chain(&group.exclude) {
        if !known.may_be(member) {
            problems.add(format!(
                "group `{}`: there is no component `{member}`",
                group.name
            ));
        }
    }
    if group.include.as_ref().is_some_and(Vec::is_empty) {
        problems.add(format!("group `{}`: includes nothing", group.name));
    }
}

/// What an order does not name counts as DOWN.
fn order(problems: &mut Problems, place: &str, aggregation: &Aggregation) {
    if let Aggregation::Order(order) = aggregation
        && !order.contains(&Status::UP)
    {
        problems.add(format!(
            "{place}: UP is missing, so that nothing would ever be UP"
        ));
    }
}

fn custom_statuses(problems: &mut Problems, builder: &Builder) {
    let mut declared = BTreeSet::new();
    for (status, _, code) in &builder.custom_statuses {
        if !declared.insert(status.lenient()) {
            problems.add(format!("custom status `{status}`: declared twice"));
        }
        if !status.is_custom() || status.lenient().is_empty() {
            problems.add(format!(
                "custom status `{status}`: the code is built in or has no letter"
            ));
        }
        http_code(problems, &format!("custom status `{status}`"), *code);
    }
    let Aggregation::Order(mut order) = builder.aggregation.clone() else {
        return;
    };
    for status in declare(&mut order, &builder.custom_statuses) {
        problems.add(format!(
            "custom status `{status}`: the status next to which it stands is not in the order of severity"
        ));
    }
}

fn http_codes(problems: &mut Problems, place: &str, mapping: Option<&Mapping>) {
    if let Some(Mapping::Table(table)) = mapping {
        for code in table.codes() {
            http_code(problems, place, code);
        }
    }
}

/// An answer has a body, and clients give up on codes that they do not know.
fn http_code(problems: &mut Problems, place: &str, code: StatusCode) {
    let has_no_body = [
        StatusCode::NO_CONTENT,
        StatusCode::RESET_CONTENT,
        StatusCode::NOT_MODIFIED,
    ];
    if code.canonical_reason().is_none() || code.is_informational() || has_no_body.contains(&code) {
        problems.add(format!(
            "{place}: {} is no registered HTTP code for an answer with a body",
            code.as_u16()
        ));
    }
}
