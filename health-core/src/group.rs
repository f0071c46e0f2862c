//! Groups: named selections of components with rules of their own.

use std::{fmt, sync::Arc};

use crate::{
    HttpMapper, HttpMapping, SeverityOrder, Show, Status, StatusAggregator, aggregate::Aggregation,
    http_mapping::SharedMapper,
};

/// The group of the liveness probe.
pub const LIVENESS: &str = "liveness";
/// The group of the readiness probe.
pub const READINESS: &str = "readiness";
/// The group of the startup probe.
pub const STARTUP: &str = "startup";

/// The paths of the probes' groups on the application's own root, where they are asked for.
pub(crate) const PROBE_PATHS: [(&str, &str); 3] = [
    (LIVENESS, "server:/livez"),
    (READINESS, "server:/readyz"),
    (STARTUP, "server:/startupz"),
];

/// Defines a group, or changes a predefined one.
///
/// What is not set falls back to the setting for all endpoints. Naming a group `liveness`,
/// `readiness` or `startup` changes that group: its default members stay unless `include` is
/// called, unlike in Spring, where any property replaces them by every component; and it keeps the
/// HTTP codes of the built-in statuses, as in Spring.
#[derive(Clone, Debug)]
#[must_use = "a group does nothing until it is given to the builder"]
pub struct Group {
    pub(crate) name: String,
    pub(crate) include: Option<Vec<String>>,
    pub(crate) exclude: Vec<String>,
    pub(crate) components: Option<Show>,
    pub(crate) details: Option<Show>,
    pub(crate) roles: Vec<String>,
    pub(crate) aggregation: Option<Aggregation>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) additional_path: Option<String>,
}

/// A table, which falls back to the one above it, or a mapper, which does not.
#[derive(Clone)]
pub(crate) enum Mapping {
    Table(HttpMapping),
    Mapper(SharedMapper),
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mapping")
    }
}

impl Group {
    /// Makes a group of all components.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            include: None,
            exclude: Vec::new(),
            components: None,
            details: None,
            roles: Vec::new(),
            aggregation: None,
            mapping: None,
            additional_path: None,
        }
    }

    /// Selects the members: names of components, `*` for all, `a/b` for one component of a
    /// composite. A name covers all that is below it.
    pub fn include<N: Into<String>>(mut self, members: impl IntoIterator<Item = N>) -> Self {
        let members = members
            .into_iter()
            .map(|name| name.into().trim().to_owned());
        self.include.get_or_insert_default().extend(members);
        self
    }

    /// Leaves components out; wins over `include`.
    pub fn exclude<N: Into<String>>(mut self, members: impl IntoIterator<Item = N>) -> Self {
        self.exclude.extend(
            members
                .into_iter()
                .map(|name| name.into().trim().to_owned()),
        );
        self
    }

    /// Says who sees the components.
    pub fn show_components(mut self, show: Show) -> Self {
        self.components = Some(show);
        self
    }

    /// Says who sees the details.
    pub fn show_details(mut self, show: Show) -> Self {
        self.details = Some(show);
        self
    }

    /// Sets the roles of which one is needed for [`Show::WhenAuthorized`].
    pub fn roles<N: Into<String>>(mut self, roles: impl IntoIterator<Item = N>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the order of severity, the most severe first.
    pub fn status_order<S: Into<Status>>(mut self, order: impl IntoIterator<Item = S>) -> Self {
        self.aggregation = Some(Aggregation::Order(SeverityOrder::new(order)));
        self
    }

    /// Sets how the status of the group is made of those of its members.
    pub fn aggregator(mut self, aggregator: impl StatusAggregator) -> Self {
        self.aggregation = Some(Aggregation::own(aggregator));
        self
    }

    /// Sets HTTP codes; a status that the table does not name keeps its code.
    pub fn http_mapping(mut self, table: HttpMapping) -> Self {
        self.mapping = Some(Mapping::Table(table));
        self
    }

    /// Sets how a status becomes an HTTP code, for every status.
    pub fn http_mapper(mut self, mapper: impl HttpMapper) -> Self {
        self.mapping = Some(Mapping::Mapper(SharedMapper(Arc::new(mapper))));
        self
    }

    /// Answers for the group at one more path as well: `server:/healthz` on the application's own
    /// root, `management:/healthz` on that of a separate management server.
    pub fn additional_path(mut self, path: impl Into<String>) -> Self {
        self.additional_path = Some(path.into());
        self
    }
}

/// Says on which server a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Server {
    /// That of the application.
    Application,
    /// The separate one for management only.
    Management,
}

/// A path of one segment on the root of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AdditionalPath {
    pub(crate) server: Server,
    pub(crate) segment: String,
}

impl AdditionalPath {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (server, path) = text
            .split_once(':')
            .ok_or("must start with `server:` or `management:`")?;
        let server = match server {
            "server" => Server::Application,
            "management" => Server::Management,
            _ => return Err("must start with `server:` or `management:`".to_owned()),
        };
        let segment = path.strip_prefix('/').unwrap_or(path);
        if segment.is_empty() || segment.contains(['/', ':']) {
            return Err("must have exactly one path segment, as in `server:/healthz`".to_owned());
        }
        if !is_plain(segment) {
            return Err("may hold letters, digits, `-`, `.`, `_` and `~` only".to_owned());
        }
        Ok(Self {
            server,
            segment: segment.to_owned(),
        })
    }
}

/// Tells whether a path segment means itself in a URL and in the route syntax of any framework.
pub(crate) fn is_plain(segment: &str) -> bool {
    segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        && segment.bytes().any(|byte| byte != b'.')
}

/// Decides which components belong to a group.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Selection {
    /// Selects; no `include` is all.
    pub(crate) fn new(include: Option<&[String]>, exclude: &[String]) -> Self {
        Self {
            include: include.unwrap_or_default().to_vec(),
            exclude: exclude.to_vec(),
        }
    }

    /// Tells whether the component at a path is a member.
    pub(crate) fn has(&self, path: &str) -> bool {
        let is_included =
            self.include.is_empty() || self.include.iter().any(|name| covers(name, path));
        is_included && !self.exclude.iter().any(|name| covers(name, path))
    }

    /// Tells whether something below the component at a path may be a member.
    pub(crate) fn reaches_below(&self, path: &str) -> bool {
        self.include.iter().any(|name| is_below(name, path))
            && !self.exclude.iter().any(|name| covers(name, path))
    }

    /// Tells whether what is below the component at a path may be chosen from.
    pub(crate) fn splits(&self, path: &str) -> bool {
        !self.has(path) || self.exclude.iter().any(|name| is_below(name, path))
    }
}

/// Tells whether a name in a setting means the component at a path, or one above it.
pub(crate) fn covers(name: &str, path: &str) -> bool {
    name == "*" || path == name || is_below(path, name)
}

fn is_below(path: &str, ancestor: &str) -> bool {
    path.strip_prefix(ancestor)
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_selected_by_path() {
        let cases: [(&str, &[&str], &[&str], &str, bool); 10] = [
            ("nothing said", &[], &[], "db", true),
            ("star", &["*"], &[], "a/b", true),
            ("by name", &["db"], &[], "db", true),
            ("not named", &["db"], &[], "db2", false),
            ("covers what is below", &["a"], &[], "a/b/c", true),
            ("one child", &["a/b"], &[], "a/b", true),
            ("its sibling", &["a/b"], &[], "a/c", false),
            ("exclude wins", &["*"], &["a"], "a/b", false),
            ("exclude one child", &["a"], &["a/b"], "a/c", true),
            ("exclude all", &["db"], &["*"], "db", false),
        ];
        for (name, include, exclude, path, member) in cases {
            let group = Group::new("g")
                .include(include.iter().copied())
                .exclude(exclude.iter().copied());
            let selection = Selection::new(group.include.as_deref(), &group.exclude);
            assert_eq!(selection.has(path), member, "{name}");
        }
    }

    #[test]
    fn additional_paths_are_one_segment_on_a_named_server() {
        let good = [
            ("server:/healthz", Server::Application, "healthz"),
            ("management:live", Server::Management, "live"),
        ];
        for (text, server, segment) in good {
            let segment = segment.to_owned();
            assert_eq!(
                AdditionalPath::parse(text),
                Ok(AdditionalPath { server, segment }),
                "{text}"
            );
        }
        let bad = [
            "healthz",
            "/healthz",
            "server:",
            "server:/",
            "server:/a/b",
            "other:/a",
            "server:/a:b",
            "server:/{x}",
            "server:/..",
        ];
        for text in bad {
            assert!(AdditionalPath::parse(text).is_err(), "{text}");
        }
    }
}
