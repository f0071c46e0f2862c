//! The info answer as a whole.

use std::{
    fmt::{self, Debug, Formatter},
    time::SystemTime,
};

use serde_json::{Map, Value};

use super::{
    build_info::BuildInfo, contributor::Contributor, git_info::GitInfo, instance_id::InstanceId,
    object::Object, platform, process::Process, resource::Resource, source::Source,
};

/// What the info endpoint answers.
///
/// Its top-level members are, in this order, `app`, `trace.attributes`, then those of `build`, `git`, `os` and
/// `process` that are enabled, then the application's own in the order of their registration.
/// All but `process` and the application's own are found out and written once, by
/// [`InfoBuilder::build`].
///
/// ```
/// use health_core::info::Info;
///
/// let info = Info::builder("orders").version("1.2.3").build();
/// let body: serde_json::Value = serde_json::from_slice(&info.body()).unwrap();
/// assert_eq!(body["app"]["name"], "orders");
/// assert_eq!(body["trace.attributes"]["service.version"], "1.2.3");
/// ```
pub struct Info {
    /// Members that do not change.
    fixed: Object,
    process: Option<Process>,
    contributors: Vec<Contributor>,
    resource: Resource,
    source: Source,
}

/// Sets up an [`Info`].
#[must_use = "a builder does nothing until it builds"]
pub struct InfoBuilder {
    name: String,
    version: Option<String>,
    instance_id: InstanceId,
    build_info: BuildInfo,
    git_info: GitInfo,
    os: bool,
    process: bool,
    contributors: Vec<Contributor>,
}

impl Info {
    /// Starts with the application's name, and nothing enabled but `app` and `trace.attributes`.
    pub fn builder(name: impl Into<String>) -> InfoBuilder {
        InfoBuilder {
            name: name.into(),
            version: None,
            instance_id: InstanceId::Off,
            build_info: BuildInfo::default(),
            git_info: GitInfo::default(),
            os: false,
            process: false,
            contributors: Vec::new(),
        }
    }

    /// Gives the attributes under `trace.attributes`, for a tracing library to use.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Writes the answer, a JSON object.
    ///
    /// Runs the application's contributors, one after the other, on this thread; they should
    /// not block. One that panics is left out.
    pub fn body(&self) -> Vec<u8> {
        let mut info = self.fixed.clone();
        if let Some(process) = &self.process {
            let process = process.object(&self.source, SystemTime::now());
            info.set_object("process", &process);
        }
        for contributor in &self.contributors {
            contributor.contribute_to(&mut info);
        }
        info.to_string().into_bytes()
    }
}

impl Debug for Info {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_struct("Info")
            .field("fixed", &self.fixed)
            .field("contributors", &self.contributors.len())
            .finish_non_exhaustive()
    }
}

impl InfoBuilder {
    /// Sets the application's version. None by default.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Gives the resource a `service.instance.id`. [`InstanceId::Off`] by default.
    pub fn instance_id(mut self, instance_id: InstanceId) -> Self {
        self.instance_id = instance_id;
        self
    }

    /// Enables `build`. Off by default.
    pub fn build_info(mut self, build: BuildInfo) -> Self {
        self.build_info = build;
        self
    }

    /// Enables `git`. Off by default.
    pub fn git_info(mut self, git: GitInfo) -> Self {
        self.git_info = git;
        self
    }

    /// Enables `os`: the operating system's name and version, and the architecture. Off by default.
    ///
    /// Source: Spring Boot `OsInfoContributor`.
    pub fn os_info(mut self) -> Self {
        self.os = true;
        self
    }

    /// Enables `process`: its owner, times, working directory, processors and memory in bytes.
    /// Off by default.
    ///
    /// Source: Spring Boot `ProcessInfoContributor`, without what only a Java virtual machine has.
    pub fn process_info(mut self) -> Self {
        self.process = true;
        self
    }

    /// Adds a top-level member whose value is asked for each answer.
    ///
    /// It replaces a built-in member of the same name. Null leaves it out.
    pub fn contributor<V: Into<Value>>(
        mut self,
        key: impl Into<String>,
        value: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        let contributor = Contributor::of_value(key.into(), value);
        self.contributors.push(contributor);
        self
    }

    /// Adds any number of top-level members, asked for each answer and sorted by name.
    ///
    /// Each is as one of [`contributor`](Self::contributor). The name says in the log which one
    /// panicked; it is not shown.
    pub fn merged_contributor(
        mut self,
        name: impl Into<String>,
        members: impl Fn() -> Map<String, Value> + Send + Sync + 'static,
    ) -> Self {
        let contributor = Contributor::of_map(name.into(), members);
        self.contributors.push(contributor);
        self
    }

    /// Finds out what does not change.
    ///
    /// Reads a few small files, and with [`InstanceId::in_folder`] may write one. Cannot fail.
    pub fn build(self) -> Info {
        self.build_from(Source::of_this_process())
    }

    pub(super) fn build_from(self, source: Source) -> Info {
        let version = self.version.as_deref();
        let resource = Resource::detect(&source, &self.name, version, &self.instance_id);

        let mut app = Object::default();
        app.set("name", self.name);
        app.set_some("version", self.version);
        let mut fixed = Object::default();
        fixed.set_object("app", &app);
        fixed.set_object("trace.attributes", &resource.object());
        fixed.set_object("build", &self.build_info.object());
        fixed.set_object("git", &self.git_info.object());
        if self.os {
            fixed.set_object("os", &platform::os_info(&source));
        }
        Info {
            fixed,
            process: self.process.then(|| Process::detect(&source)),
            contributors: self.contributors,
            resource,
            source,
        }
    }
}

impl Debug for InfoBuilder {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_struct("InfoBuilder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
