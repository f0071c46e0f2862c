//! What is registered at the moment, and the plan that follows from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Plan,
    states::{LIVENESS_STATE, READINESS_STATE, STARTUP_STATE},
};
use crate::{
    Component, Group, Show,
    aggregate::Aggregation,
    component::ShownOn,
    endpoints::prepared,
    engine::Settings,
    group::{
        AdditionalPath, LIVENESS, Mapping, PROBE_PATHS, READINESS, STARTUP, Selection, covers,
    },
    http_mapping::SharedMapper,
    plan::{self, GroupPlan, Node},
    visibility::Visibility,
};

/// Holds the components and groups, and the rules for all of them.
pub(crate) struct Registry {
    pub(super) nodes: BTreeMap<String, (Node, ShownOn)>,
    pub(super) groups: Vec<Group>,
    pub(super) rules: Rules,
    /// What holds for the groups of the probes.
    pub(super) probe_rules: Rules,
    pub(super) defaults: Settings,
    pub(super) disabled: BTreeSet<String>,
    pub(super) has_probe_paths: bool,
    pub(super) base_path: String,
}

/// What holds for all endpoints, and for groups that do not say otherwise.
pub(super) struct Rules {
    pub(super) visibility: Visibility,
    pub(super) aggregation: Aggregation,
    pub(super) mapping: Mapping,
}

impl Registry {
    /// Adds a component, or takes it in the place of the one with its name.
    pub(super) fn put(&mut self, component: Component) {
        let (name, shown) = (component.name.clone(), component.shown);
        let groups: Vec<&str> = self.group_names().collect();
        let node = plan::node(component, "", &self.defaults, &groups);
        self.put_node(name, node, shown);
    }

    /// Does the same with what was made of the component.
    pub(super) fn put_node(&mut self, name: String, node: Node, shown: ShownOn) {
        node.each_entry(&mut |entry| {
            if self.disabled.iter().any(|name| covers(name, entry.path())) {
                entry.disable();
            }
        });
        self.nodes.insert(name, (node, shown));
    }

    /// Removes a component and stops what it has under way.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.nodes.remove(name).is_some()
    }

    pub(super) fn group_names(&self) -> impl Iterator<Item = &str> {
        let defined = self.groups.iter().map(|group| group.name.as_str());
        defined.chain([LIVENESS, READINESS, STARTUP])
    }

    pub(super) fn plan(&self) -> Plan {
        let not_on_health = self.names(|shown| !shown.health);
        let primary = GroupPlan {
            members: plan::members(&self.nodes, &Selection::new(None, &not_on_health), None),
            visibility: self.rules.visibility.clone(),
            aggregator: self.rules.aggregation.clone().shared(),
            mapper: shared_mapper(&self.rules.mapping),
        };
        let groups = self.groups_and_probes().into_iter();
        let groups = groups.map(|group| (group.name.clone(), self.group_plan(group)));
        let groups: BTreeMap<String, GroupPlan> = groups.collect();
        let mut entries = BTreeMap::new();
        for group in groups.values().chain([&primary]) {
            let mut members = Vec::new();
            plan::collect_entries(&group.members, &mut members);
            entries.extend(
                members
                    .into_iter()
                    .map(|entry| (Arc::as_ptr(&entry) as usize, entry)),
            );
        }
        let prepared = prepared::of_groups(&self.base_path, groups.iter());
        Plan {
            primary,
            groups,
            prepared,
            entries: entries.into_values().collect(),
        }
    }

    /// Returns the additional paths of groups, by the names of the groups. They never change.
    pub(super) fn additional_paths(&self) -> BTreeMap<String, AdditionalPath> {
        let groups = self.groups_and_probes().into_iter();
        let additional = groups.filter_map(|group| {
            let path = AdditionalPath::parse(&group.additional_path?).ok()?;
            Some((group.name, path))
        });
        additional.collect()
    }

    fn names(&self, wanted: impl Fn(ShownOn) -> bool) -> Vec<String> {
        let wanted = self.nodes.iter().filter(|(_, (_, shown))| wanted(*shown));
        wanted.map(|(name, _)| name.clone()).collect()
    }

    /// Adds the groups of the probes and gives them their default members, unless others were
    /// included.
    fn groups_and_probes(&self) -> Vec<Group> {
        let mut groups = self.groups.clone();
        let on_readiness = self.names(|shown| shown.readiness);
        let probes = [
            (LIVENESS, vec![LIVENESS_STATE.to_owned()]),
            (
                READINESS,
                [vec![READINESS_STATE.to_owned()], on_readiness].concat(),
            ),
            (STARTUP, vec![STARTUP_STATE.to_owned()]),
        ];
        for ((name, members), (_, path)) in probes.into_iter().zip(PROBE_PATHS) {
            let defined = groups.iter().position(|group| group.name == name);
            let mut group =
                defined.map_or_else(|| Group::new(name), |index| groups.swap_remove(index));
            group.include.get_or_insert(members);
            group.components.get_or_insert(Show::Never);
            group.details.get_or_insert(Show::Never);
            if self.has_probe_paths {
                group.additional_path.get_or_insert_with(|| path.to_owned());
            }
            groups.push(group);
        }
        groups
    }

    fn group_plan(&self, group: Group) -> GroupPlan {
        let selection = Selection::new(group.include.as_deref(), &group.exclude);
        let is_probe = [LIVENESS, READINESS, STARTUP].contains(&group.name.as_str());
        let rules = if is_probe {
            &self.probe_rules
        } else {
            &self.rules
        };
        let mapping = match (group.mapping, &rules.mapping) {
            (None, outer) => outer.clone(),
            (Some(Mapping::Table(mut table)), Mapping::Table(outer)) => {
                table.fall_back_to(outer);
                Mapping::Table(table)
            }
            (Some(mapping), _) => mapping,
        };
        let Visibility {
            components,
            details,
            roles,
        } = rules.visibility.clone();
        GroupPlan {
            members: plan::members(&self.nodes, &selection, Some(&group.name)),
            visibility: Visibility {
                components: group.components.unwrap_or(components),
                details: group.details.unwrap_or(details),
                roles: if group.roles.is_empty() {
                    roles
                } else {
                    group.roles
                },
            },
            aggregator: match group.aggregation {
                Some(aggregation) => aggregation.shared(),
                None => rules.aggregation.clone().shared(),
            },
            mapper: shared_mapper(&mapping),
        }
    }
}

fn shared_mapper(mapping: &Mapping) -> SharedMapper {
    match mapping {
        Mapping::Table(table) => SharedMapper(Arc::new(table.clone())),
        Mapping::Mapper(mapper) => mapper.clone(),
    }
}
