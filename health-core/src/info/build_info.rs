//! Spring's info contributor `build`.

use super::object::Object;

/// What the application was built from, shown as `build` of the info answer.
///
/// [`build_info!`](crate::build_info) fills it while the application is compiled. What is not set
/// is left out; when nothing is set there is no `build`.
///
/// ```
/// use health_core::info::{BuildInfo, Info};
///
/// let build = BuildInfo::default()
///     .group("com.example")
///     .artifact("orders")
///     .version("1.2.3")
///     .property("pipeline", "4711");
/// let info = Info::builder("orders").build_info(build).build();
/// assert!(String::from_utf8(info.body()).unwrap().ends_with(
///     r#""build":{"artifact":"orders","group":"com.example","version":"1.2.3","pipeline":"4711"}}"#
/// ));
/// ```
///
/// Source: Spring Boot `BuildInfoContributor`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it is shown only when given to an info builder"]
pub struct BuildInfo {
    artifact: Option<String>,
    group: Option<String>,
    name: Option<String>,
    version: Option<String>,
    time: Option<String>,
    properties: Vec<(String, String)>,
}

impl BuildInfo {
    /// Sets what the build makes: with cargo the package's name.
    pub fn artifact(mut self, artifact: impl Into<String>) -> Self {
        self.artifact = Some(artifact.into());
        self
    }

    /// Sets whom the artifact belongs to, such as a reversed domain name. Cargo knows no groups.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Sets the name for readers.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the version.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets when the build was, as RFC 3339 text, which is passed on as it is.
    pub fn time(mut self, time: impl Into<String>) -> Self {
        self.time = Some(time.into());
        self
    }

    /// Adds a member of one's own; one that is called like another replaces it.
    pub fn property(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((key.into(), value.into()));
        self
    }

    /// Reads compile-time variables for [`build_info!`](crate::build_info).
    #[doc(hidden)]
    pub fn from_vars(vars: &[(&str, Option<&str>)]) -> Self {
        Self {
            artifact: compile_time(vars, "CARGO_PKG_NAME"),
            group: None,
            name: compile_time(vars, "CARGO_PKG_NAME"),
            version: compile_time(vars, "CARGO_PKG_VERSION"),
            time: compile_time(vars, "VERGEN_BUILD_TIMESTAMP")
                .or_else(|| compile_time(vars, "VERGEN_BUILD_DATE")),
            properties: Vec::new(),
        }
    }

    /// Gives the members in the order of the fields.
    pub(super) fn object(&self) -> Object {
        let mut build = Object::default();
        build.set_some("artifact", self.artifact.as_deref());
        build.set_some("group", self.group.as_deref());
        build.set_some("name", self.name.as_deref());
        build.set_some("version", self.version.as_deref());
        build.set_some("time", self.time.as_deref());
        for (key, value) in &self.properties {
            build.set(key, value.as_str());
        }
        build
    }
}

/// Finds a variable. Empty ones and the placeholder that `vergen` emits for what it could not find
/// out count as absent.
pub(super) fn compile_time(vars: &[(&str, Option<&str>)], name: &str) -> Option<String> {
    let (_, value) = vars.iter().find(|(known, _)| *known == name)?;
    let value = value.as_ref()?.trim();
    (!value.is_empty() && value != "VERGEN_IDEMPOTENT_OUTPUT").then(|| value.to_owned())
}

/// Describes the build of the crate that calls it, as a [`info::BuildInfo`](crate::info::BuildInfo).
///
/// The package's name and version come from cargo, the time from `VERGEN_BUILD_TIMESTAMP`, else
/// `VERGEN_BUILD_DATE`, when the build script emits them: see [the module](crate::info).
///
/// ```
/// let build = health_core::build_info!().group("com.example");
/// # let _ = build;
/// ```
#[macro_export]
macro_rules! build_info {
    () => {
        $crate::info::BuildInfo::from_vars(&[
            ("CARGO_PKG_NAME", ::core::option_env!("CARGO_PKG_NAME")),
            (
                "CARGO_PKG_VERSION",
                ::core::option_env!("CARGO_PKG_VERSION"),
            ),
            (
                "VERGEN_BUILD_TIMESTAMP",
                ::core::option_env!("VERGEN_BUILD_TIMESTAMP"),
            ),
            (
                "VERGEN_BUILD_DATE",
                ::core::option_env!("VERGEN_BUILD_DATE"),
            ),
        ])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_variables_and_skips_what_is_absent() {
        for (name, vars, expected) in [
            ("none", &[][..], "{}"),
            (
                "cargo alone",
                &[
                    ("CARGO_PKG_NAME", Some("orders")),
                    ("CARGO_PKG_VERSION", Some("1.2.3")),
                    ("VERGEN_BUILD_TIMESTAMP", None),
                ],
                r#"{"artifact":"orders","name":"orders","version":"1.2.3"}"#,
            ),
            (
                "a timestamp",
                &[
                    ("VERGEN_BUILD_DATE", Some("2026-11-21")),
                    ("VERGEN_BUILD_TIMESTAMP", Some("2026-11-21T01:26:00Z")),
                ],
                r#"{"time":"2026-11-21T01:26:00Z"}"#,
            ),
            (
                "a date",
                &[
                    ("VERGEN_BUILD_DATE", Some("2026-11-21")),
                    ("VERGEN_BUILD_TIMESTAMP", Some("VERGEN_IDEMPOTENT_OUTPUT")),
                ],
                r#"{"time":"2026-11-21"}"#,
            ),
            ("empty", &[("CARGO_PKG_NAME", Some(" "))], "{}"),
        ] {
            let build = BuildInfo::from_vars(vars);
            assert_eq!(build.object().to_string(), expected, "{name}");
        }
    }

    #[test]
    fn orders_members_and_lets_a_property_replace_one() {
        let build = BuildInfo::default()
            .property("z", "1")
            .property("a", "2")
            .time("t")
            .version("v")
            .name("n")
            .group("g")
            .artifact("a")
            .property("z", "3")
            .property("name", "other");
        assert_eq!(
            build.object().to_string(),
            r#"{"artifact":"a","group":"g","name":"other","version":"v","time":"t","z":"3","a":"2"}"#
        );
    }

    #[test]
    fn describes_the_crate_that_calls_the_macro() {
        let built = build_info!();
        assert_eq!(built.artifact.as_deref(), Some(env!("CARGO_PKG_NAME")));
        assert_eq!(built.version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
    }
}
