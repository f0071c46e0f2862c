//! What is asked for which question: the tree of components, pruned once for each group.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    aggregate::SharedAggregator,
    component::{Component, Kind, ShownOn},
    engine::{Entry, Settings, Source},
    group::Selection,
    http_mapping::SharedMapper,
    visibility::Visibility,
};

/// A registered component, under its place in the tree.
pub(crate) enum Node {
    Leaf {
        entry: Arc<Entry>,
        /// The entries that answer in groups for which the check has another one.
        variants: BTreeMap<String, Arc<Entry>>,
    },
    Composite(BTreeMap<String, Node>),
}

/// The members of one group, and the rules by which it answers.
pub(crate) struct GroupPlan {
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) visibility: Visibility,
    pub(crate) aggregator: SharedAggregator,
    pub(crate) mapper: SharedMapper,
}

/// A component as one group sees it.
pub(crate) enum Member {
    Leaf {
        entry: Arc<Entry>,
        /// Chooses among the components that the check itself reports, where the group does.
        chosen: Option<Selection>,
    },
    Composite(BTreeMap<String, Member>),
}

/// Makes the node of what was registered.
pub(crate) fn node(
    component: Component,
    above: &str,
    defaults: &Settings,
    groups: &[&str],
) -> Node {
    let path = format!("{above}{}", component.name);
    let settings = component.tuning.over(defaults);
    match component.kind {
        Kind::Leaf(check) => {
            let variants = groups.iter().filter_map(|group| {
                let variant = Source::Check(check.for_group(group)?);
                Some((
                    (*group).to_owned(),
                    Entry::of_group(Some(group), path.clone(), variant, settings.clone()),
                ))
            });
            let variants = variants.collect();
            Node::Leaf {
                entry: Entry::new(path, Source::Check(check), settings),
                variants,
            }
        }
        Kind::Composite(children) => {
            let above = format!("{path}/");
            let children = children
                .into_iter()
                .map(|child| (child.name.clone(), node(child, &above, &settings, groups)));
            Node::Composite(children.collect())
        }
    }
}

impl Node {
    pub(crate) fn of(entry: Arc<Entry>) -> Self {
        Self::Leaf {
            entry,
            variants: BTreeMap::new(),
        }
    }

    pub(crate) fn each_entry(&self, f: &mut impl FnMut(&Arc<Entry>)) {
        match self {
            Self::Leaf { entry, variants } => variants.values().chain([entry]).for_each(f),
            Self::Composite(children) => children.values().for_each(|child| child.each_entry(f)),
        }
    }

    /// Keeps what a group selects; a composite without members vanishes.
    fn member(&self, selection: &Selection, group: Option<&str>) -> Option<Member> {
        match self {
            Self::Leaf { entry, variants } => {
                let path = entry.path();
                if !selection.has(path) && !selection.reaches_below(path) {
                    return None;
                }
                let variant = group.and_then(|group| variants.get(group));
                Some(Member::Leaf {
                    entry: Arc::clone(variant.unwrap_or(entry)),
                    chosen: selection.splits(path).then(|| selection.clone()),
                })
            }
            Self::Composite(children) => {
                let children = children.iter().filter_map(|(name, child)| {
                    Some((name.clone(), child.member(selection, group)?))
                });
                let children: BTreeMap<String, Member> = children.collect();
                (!children.is_empty()).then_some(Member::Composite(children))
            }
        }
    }
}

/// Returns the members of a group.
pub(crate) fn members(
    nodes: &BTreeMap<String, (Node, ShownOn)>,
    selection: &Selection,
    group: Option<&str>,
) -> BTreeMap<String, Member> {
    let members = nodes
        .iter()
        .filter_map(|(name, (node, _))| Some((name.clone(), node.member(selection, group)?)));
    members.collect()
}

impl Member {
    /// Adds the entries below this member, in the order in which outcomes are handed out again.
    pub(crate) fn collect_entries(&self, entries: &mut Vec<Arc<Entry>>) {
        match self {
            Self::Leaf { entry, .. } => entries.push(Arc::clone(entry)),
            Self::Composite(children) => collect_entries(children, entries),
        }
    }
}

pub(crate) fn collect_entries(members: &BTreeMap<String, Member>, entries: &mut Vec<Arc<Entry>>) {
    for member in members.values() {
        member.collect_entries(entries);
    }
}
