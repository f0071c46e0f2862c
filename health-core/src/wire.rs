//! The JSON of an answer, in Spring's shapes and the key order of Spring Boot 3.5.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{
    Details, Health,
    report::{Content, Report},
    visibility::Shown,
};

/// The version of the format: version 2 calls the components of a composite `details`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ApiVersion {
    V2,
    V3,
}

/// Writes one answer; `groups` is empty except at the root.
pub(crate) fn health_body<'a>(
    report: &Report,
    shown: Shown,
    version: ApiVersion,
    groups: impl Iterator<Item = &'a str>,
) -> Vec<u8> {
    let root = Root {
        node: Node {
            report,
            style: Style { shown, version },
        },
        groups: groups.collect(),
    };
    to_json(&root)
}

/// Writes any of the wire types, all of which have string keys and no failing parts.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Writes a document with the members of its objects by name, whatever order serde_json keeps: any
/// crate of the application may change that by the feature `preserve_order`.
pub(crate) fn to_sorted_json(document: &Value) -> Vec<u8> {
    to_json(&Sorted(document))
}

struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let members: BTreeMap<&String, Sorted<'_>> = members
                    .iter()
                    .map(|(name, value)| (name, Sorted(value)))
                    .collect();
                serializer.collect_map(members)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Sorted)),
            plain => plain.serialize(serializer),
        }
    }
}

#[derive(Clone, Copy)]
struct Style {
    shown: Shown,
    version: ApiVersion,
}

impl Style {
    fn components_key(self) -> &'static str {
        match self.version {
            ApiVersion::V2 => "details",
            ApiVersion::V3 => "components",
        }
    }
}

struct Root<'a> {
    node: Node<'a>,
    groups: Vec<&'a str>,
}

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.node.write(&mut map)?;
        if !self.groups.is_empty() {
            map.serialize_entry("groups", &self.groups)?;
        }
        map.end()
    }
}

struct Node<'a> {
    report: &'a Report,
    style: Style,
}

impl Node<'_> {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self { report, style } = self;
        write_status(map, report.status.code(), report.description.as_deref())?;
        match &report.content {
            Content::Leaf(outcome) => write_content(map, &outcome.health, *style),
            Content::Composite(children) if style.shown.components && !children.is_empty() => {
                let children = Entries(|| {
                    children.iter().map(|(name, report)| {
                        (
                            name,
                            Node {
                                report,
                                style: *style,
                            },
                        )
                    })
                });
                map.serialize_entry(style.components_key(), &children)
            }
            Content::Composite(_) => Ok(()),
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

/// A component that a check reported itself.
struct Reported<'a> {
    health: &'a Health,
    style: Style,
}

impl Serialize for Reported<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Self { health, style } = self;
        write_status(
            &mut map,
            health.status.code(),
            health.description.as_deref(),
        )?;
        write_content(&mut map, health, *style)?;
        map.end()
    }
}

fn write_status<M: SerializeMap>(
    map: &mut M,
    code: &str,
    description: Option<&str>,
) -> Result<(), M::Error> {
    map.serialize_entry("status", code)?;
    if let Some(description) = description {
        map.serialize_entry("description", description)?;
    }
    Ok(())
}

/// Writes what a health consists of. In version 2, where components and details share a key, the
/// details stand behind the components.
fn write_content<M: SerializeMap>(
    map: &mut M,
    health: &Health,
    style: Style,
) -> Result<(), M::Error> {
    let has_components = style.shown.components && !health.components.is_empty();
    let has_details = style.shown.details && !health.details.is_empty();
    let components = Entries(|| {
        let components = health.components.iter();
        components.map(|(name, health)| (name, Reported { health, style }))
    });
    if has_components && has_details && style.version == ApiVersion::V2 {
        return map.serialize_entry(
            style.components_key(),
            &Merged {
                components: &components,
                health,
            },
        );
    }
    if has_components {
        map.serialize_entry(style.components_key(), &components)?;
    }
    if has_details {
        map.serialize_entry("details", &health.details)?;
    }
    Ok(())
}

/// A map that is written from an iterator made anew for each writing.
pub(crate) struct Entries<F>(pub(crate) F);

impl<F, I, K, V> Serialize for Entries<F>
where
    F: Fn() -> I,
    I: Iterator<Item = (K, V)>,
    K: Serialize,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

struct Merged<'a, C> {
    components: &'a Entries<C>,
    health: &'a Health,
}

impl<'a, C, I, V> Serialize for Merged<'a, C>
where
    C: Fn() -> I,
    I: Iterator<Item = (&'a String, V)>,
    V: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, component) in (self.components.0)() {
            map.serialize_entry(name, &component)?;
        }
        for (name, value) in self.health.details.iter() {
            if !self.health.components.contains_key(name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
