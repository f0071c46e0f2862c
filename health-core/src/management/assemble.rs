//! Makes the endpoints of settings that were found right.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, RwLock},
};

use http::StatusCode;

use super::{
    Builder, Inner, Management, Paths,
    registry::{Registry, Rules},
    states, statuses,
};
use crate::{
    Availability, DEFAULT_STATUS_ORDER, HttpMapper, HttpMapping, SeverityOrder, Status,
    aggregate::{Aggregation, Severity},
    engine::{Bounds, Engine, Entry, Source},
    group::Mapping,
    heartbeat::{Heartbeat, Outside},
    http_metrics::HttpMetrics,
    no_log::NoLog,
    version::Version,
    visibility::Visibility,
};

/// The environment variable that names checks to disable, separated by commas: the last resort of
/// an operator.
pub const DISABLED_CHECKS_VARIABLE: &str = "HEALTH_DISABLED_CHECKS";

pub(super) fn management(mut builder: Builder) -> Management {
    declare_degraded(&mut builder);
    let groups = builder
        .groups
        .iter_mut()
        .filter_map(|group| group.aggregation.as_mut());
    for aggregation in groups.chain([&mut builder.aggregation]) {
        if let Aggregation::Order(order) = aggregation {
            declare(order, &builder.custom_statuses);
        }
    }
    let statuses = statuses::known(&builder);
    let visibility = Visibility {
        components: builder.show_components,
        details: builder.show_details,
        roles: builder.roles,
    };
    let probe_rules = Rules {
        visibility: visibility.clone(),
        aggregation: aggregation_of_probes(&builder.aggregation, &builder.custom_statuses),
        mapping: with_custom_statuses(
            mapping_of_probes(&builder.mapping),
            &builder.custom_statuses,
        ),
    };
    let availability = Availability::new(builder.has_startup_gate);
    let heartbeat = Heartbeat::new(builder.runtime_watch);
    let version = builder.version.unwrap_or_else(Version::from_environment);
    let info = match version.fixed() {
        Some(text) => builder.info.version(text),
        None => builder.info,
    };
    let engine = Engine::new(
        &builder.name,
        &Bounds {
            max_hops: builder.max_hops,
            answer_deadline: builder.answer_deadline,
            concurrency: builder.concurrency,
            details_limit_bytes: builder.details_limit_bytes,
            transitions_kept: builder.transitions_kept,
        },
    );
    let mut registry = Registry {
        nodes: states::nodes(
            &availability,
            &heartbeat,
            !builder.options.has_stable_bodies,
            engine.schedule(),
        ),
        groups: builder.groups,
        rules: Rules {
            visibility,
            aggregation: builder.aggregation,
            mapping: with_custom_statuses(builder.mapping, &builder.custom_statuses),
        },
        probe_rules,
        disabled: disabled(
            builder.disabled,
            std::env::var(DISABLED_CHECKS_VARIABLE).ok(),
        ),
        defaults: builder.settings.clone(),
        has_probe_paths: builder.has_probe_paths,
        base_path: builder.base_path.trim_end_matches('/').to_owned(),
    };
    for component in builder.components {
        registry.put(component);
    }
    let plan = registry.plan();
    let healthz = builder.healthz.into_iter().map(|(name, check)| {
        let entry = Entry::new(name.clone(), Source::Check(check), builder.settings.clone());
        (name, entry)
    });
    let additional = registry.additional_paths();
    let management = Management(Arc::new(Inner {
        registry: Mutex::new(registry),
        plan: RwLock::new(Arc::new(plan)),
        availability,
        heartbeat,
        outside: Outside::default(),
        version,
        info: info.build(),
        paths: Paths {
            base: builder.base_path.trim_end_matches('/').to_owned(),
            healthz: builder.healthz_path.trim_end_matches('/').to_owned(),
            additional,
            has_discovery: builder.has_discovery,
            metrics: builder
                .metrics_path
                .map(|path| path.trim_end_matches('/').to_owned()),
        },
        probes: builder.probes,
        drain_grace: builder.drain_grace,
        options: builder.options,
        statuses,
        no_log: NoLog::new(builder.log_summary_interval),
        http_metrics: HttpMetrics::default(),
        healthz: healthz.collect(),
        engine,
    }));
    management.refresh_plan_entries();
    for finding in management.lint() {
        tracing::warn!("{finding}");
    }
    management
}

fn disabled(mut names: BTreeSet<String>, variable: Option<String>) -> BTreeSet<String> {
    let listed = variable.unwrap_or_default();
    let listed = listed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.extend(listed.map(str::to_owned));
    for component in &names {
        tracing::warn!(component, "the check is disabled");
    }
    names
}

/// Places the declared statuses in an order of severity, except those that it names itself.
///
/// Returns the declared ones whose neighbour the order does not have.
pub(super) fn declare<'a>(
    order: &mut SeverityOrder,
    declared: &'a [(Status, Severity, StatusCode)],
) -> Vec<&'a Status> {
    let unnamed = declared
        .iter()
        .filter(|(status, ..)| !order.contains(status));
    let unnamed: Vec<_> = unnamed.collect();
    unnamed
        .into_iter()
        .filter(|(status, severity, _)| !order.insert(status.clone(), severity))
        .map(|(status, ..)| status)
        .collect()
}

/// Declares [`Status::DEGRADED`], unless the application gives it another place: checks and
/// components that degrade before they fail need no word of it then.
fn declare_degraded(builder: &mut Builder) {
    let mut declared = builder.custom_statuses.iter();
    if declared.all(|(status, ..)| *status != Status::DEGRADED) {
        builder.custom_statuses.push((
            Status::DEGRADED,
            Severity::Above(Status::UP),
            StatusCode::OK,
        ));
    }
}

fn codes_of(declared: &[(Status, Severity, StatusCode)]) -> HttpMapping {
    declared
        .iter()
        .fold(HttpMapping::new(), |table, (status, _, code)| {
            table.with(status, *code)
        })
}

/// The probes keep an order of severity, which ranks the application's own statuses, and no other
/// aggregator: one that passes a failure over is meant for `/health`, not for the kubelet.
/// Source: Spring Boot `AvailabilityProbesHealthEndpointGroup`, which keeps the default order.
fn aggregation_of_probes(
    aggregation: &Aggregation,
    declared: &[(Status, Severity, StatusCode)],
) -> Aggregation {
    match aggregation {
        Aggregation::Order(order) => Aggregation::Order(order.clone()),
        Aggregation::Own(_) => {
            let mut order = SeverityOrder::default();
            declare(&mut order, declared);
            Aggregation::Order(order)
        }
    }
}

/// The probes keep the codes of the built-in statuses, and take those of the application's own.
/// Source: Spring Boot `AvailabilityProbesHealthEndpointGroup`.
fn mapping_of_probes(mapping: &Mapping) -> Mapping {
    let mut table = DEFAULT_STATUS_ORDER
        .iter()
        .fold(HttpMapping::new(), |table, status| {
            table.with(status, HttpMapping::new().http_code(status))
        });
    if let Mapping::Table(own) = mapping {
        table.fall_back_to(own);
    }
    Mapping::Table(table)
}

fn with_custom_statuses(mapping: Mapping, declared: &[(Status, Severity, StatusCode)]) -> Mapping {
    let Mapping::Table(mut table) = mapping else {
        return mapping;
    };
    table.fall_back_to(&codes_of(declared));
    Mapping::Table(table)
}
