//! Two packages to compare: an axum hello-world, and the same with health-axum.
//!
//! They are written under the target folder as workspaces of their own and take the versions of
//! this repository's lock file, so that both see the same crates and need no network for them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::workspace::Workspace;

/// What both packages depend on.
const DEPENDENCIES: &str = r#"axum = "0.8"
tokio = { version = "1", features = ["rt-multi-thread", "macros", "net"] }"#;

const PLAIN: &str = include_str!("../templates/plain.rs");
const WITH_HEALTH: &str = include_str!("../templates/with_health.rs");

/// The folders of the two packages; both packages are called `hello`.
pub(crate) struct HelloWorlds {
    pub(crate) plain: PathBuf,
    pub(crate) with_health: PathBuf,
}

impl HelloWorlds {
    /// Writes both packages, over what an earlier call left.
    pub(crate) fn write(workspace: &Workspace) -> Result<Self, Error> {
        let lock = workspace.root.join("Cargo.lock");
        let lock = fs::read_to_string(&lock).map_err(Error::file(lock))?;
        let folder = workspace.target.join("xtask/hello-world");
        let hello_worlds = Self {
            plain: folder.join("plain"),
            with_health: folder.join("with-health"),
        };
        write_package(&hello_worlds.plain, &lock, DEPENDENCIES, PLAIN)?;
        let health_core = path_dependency(workspace, "health-core")?;
        let health_axum = path_dependency(workspace, "health-axum")?;
        let dependencies = [DEPENDENCIES, &health_core, &health_axum].join("\n");
        write_package(&hello_worlds.with_health, &lock, &dependencies, WITH_HEALTH)?;
        Ok(hello_worlds)
    }
}

fn path_dependency(workspace: &Workspace, name: &str) -> Result<String, Error> {
    Ok(format!(
        "{name} = {{ path = '{}' }}",
        workspace.folder(name)?.display()
    ))
}

fn write_package(folder: &Path, lock: &str, dependencies: &str, main: &str) -> Result<(), Error> {
    let manifest = format!(
        "[package]\nname = \"hello\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n\n[workspace]\n"
    );
    let source = folder.join("src");
    fs::create_dir_all(&source).map_err(Error::file(&source))?;
    for (path, text) in [
        (folder.join("Cargo.toml"), manifest.as_str()),
        (folder.join("Cargo.lock"), lock),
        (source.join("main.rs"), main),
    ] {
        fs::write(&path, text).map_err(Error::file(path))?;
    }
    Ok(())
}
