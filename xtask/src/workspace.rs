//! The workspace as `cargo metadata` describes it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cargo::Cargo;
use crate::error::Error;

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds; scratch files of xtask go in a folder of their own there.
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
}

/// One package of the workspace, with inherited values filled in by cargo.
#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// Whether it may go to a registry, that is, has no `publish = false`.
    pub(crate) published: bool,
    /// The root file of its library, if it has one.
    pub(crate) library: Option<PathBuf>,
    /// The names of its features, without `default`.
    pub(crate) features: Vec<String>,
    pub(crate) license: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) repository: Option<String>,
    /// Relative to the folder of the manifest; cargo fills in `README.md` where that exists.
    pub(crate) readme: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) categories: Vec<String>,
}

impl Workspace {
    /// Asks cargo about the workspace that the current folder is in.
    pub(crate) fn load() -> Result<Self, Error> {
        Self::parse(&Cargo::new(["metadata", "--no-deps", "--format-version", "1"]).read()?)
    }

    pub(crate) fn parse(metadata: &str) -> Result<Self, Error> {
        let metadata: Value = serde_json::from_str(metadata).map_err(Error::Metadata)?;
        let packages = metadata["packages"].as_array();
        let packages = packages.ok_or_else(|| Error::MetadataLacks("`packages`".into()))?;
        Ok(Self {
            root: required(&metadata, "workspace_root")?.into(),
            target: required(&metadata, "target_directory")?.into(),
            members: packages
                .iter()
                .map(Member::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The published members with a library: what users of this project depend on.
    ///
    /// # Errors
    /// When there is none, so that no gate over the libraries passes by looking at nothing.
    pub(crate) fn libraries(&self) -> Result<Vec<&Member>, Error> {
        let libraries: Vec<_> = self
            .members
            .iter()
            .filter(|member| member.is_library())
            .collect();
        if libraries.is_empty() {
            return Err(Error::NoMember("published member with a library".into()));
        }
        Ok(libraries)
    }

    /// The folder of the member called `name`.
    pub(crate) fn folder(&self, name: &str) -> Result<&Path, Error> {
        let member = self.members.iter().find(|member| member.name == name);
        member
            .map(Member::folder)
            .ok_or_else(|| Error::NoMember(format!("member `{name}`")))
    }
}

impl Member {
    fn parse(package: &Value) -> Result<Self, Error> {
        let features = package["features"].as_object().into_iter().flatten();
        Ok(Self {
            name: required(package, "name")?,
            manifest: required(package, "manifest_path")?.into(),
            published: package["publish"]
                .as_array()
                .is_none_or(|names| !names.is_empty()),
            library: library(package),
            features: features
                .map(|(name, _)| name.clone())
                .filter(|name| name != "default")
                .collect(),
            license: optional(package, "license"),
            description: optional(package, "description"),
            repository: optional(package, "repository"),
            readme: optional(package, "readme"),
            rust_version: optional(package, "rust_version"),
            keywords: list(package, "keywords"),
            categories: list(package, "categories"),
        })
    }

    pub(crate) fn is_library(&self) -> bool {
        self.published && self.library.is_some()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

/// The root file of the library target.
fn library(package: &Value) -> Option<PathBuf> {
    let mut targets = package["targets"].as_array()?.iter();
    let target = targets.find(|target| list(target, "kind").iter().any(|kind| kind == "lib"))?;
    optional(target, "src_path").map(PathBuf::from)
}

fn required(object: &Value, key: &str) -> Result<String, Error> {
    optional(object, key).ok_or_else(|| Error::MetadataLacks(format!("`{key}`")))
}

fn optional(object: &Value, key: &str) -> Option<String> {
    object[key].as_str().map(str::to_owned)
}

fn list(object: &Value, key: &str) -> Vec<String> {
    let values = object[key].as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo answers of a workspace with a library, a program and an unpublished library,
    /// reduced to the keys in use.
    const METADATA: &str = r#"{
        "packages": [
            {
                "name": "library",
                "manifest_path": "/w/library/Cargo.toml",
                "publish": null,
                "features": {"default": ["http"], "http": ["dep:reqwest"], "redis": []},
                "targets": [
                    {"kind": ["test"], "src_path": "/w/library/tests/all.rs"},
                    {"kind": ["lib"], "src_path": "/w/library/src/lib.rs"}
                ],
                "license": "MIT OR Apache-2.0",
                "keywords": ["health", "axum"]
            },
            {
                "name": "program",
                "manifest_path": "/w/program/Cargo.toml",
                "publish": null,
                "targets": [{"kind": ["bin"], "src_path": "/w/program/src/main.rs"}],
                "license": null
            },
            {
                "name": "example",
                "manifest_path": "/w/example/Cargo.toml",
                "publish": [],
                "targets": [{"kind": ["lib"], "src_path": "/w/example/src/lib.rs"}]
            }
        ],
        "workspace_root": "/w",
        "target_directory": "/w/target"
    }"#;

    #[test]
    fn members_are_read_with_what_they_have() {
        let workspace = Workspace::parse(METADATA).unwrap();
        let library = &workspace.members[0];
        assert_eq!(
            library.library.as_deref(),
            Some(Path::new("/w/library/src/lib.rs"))
        );
        assert_eq!(library.features, ["http", "redis"]);
        assert_eq!(library.keywords, ["health", "axum"]);
        assert_eq!(library.license.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(library.description, None);
        assert_eq!(workspace.members[1].license, None);
        assert_eq!(
            workspace.folder("program").unwrap(),
            Path::new("/w/program")
        );
    }

    #[test]
    fn libraries_are_what_users_depend_on() {
        let workspace = Workspace::parse(METADATA).unwrap();
        let libraries = workspace.libraries().unwrap();
        let names: Vec<_> = libraries
            .iter()
            .map(|member| member.name.as_str())
            .collect();
        assert_eq!(names, ["library"]);
    }

    #[test]
    fn nothing_to_look_at_is_an_error() {
        let empty = r#"{"packages": [], "workspace_root": "/w", "target_directory": "/w/target"}"#;
        assert!(Workspace::parse(empty).unwrap().libraries().is_err());
        for broken in ["", "{}", r#"{"packages": [{}], "workspace_root": "/w"}"#] {
            assert!(Workspace::parse(broken).is_err(), "{broken:?}");
        }
    }
}
