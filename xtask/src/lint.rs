//! `cargo xtask lint`: format and clippy.

use crate::cargo::Cargo;
use crate::error::Error;
use crate::workspace::Workspace;

/// Checks the format, then clippy with all features, then each library with its default features.
///
/// The last is not implied by the second: in a build of the whole workspace each crate gets the
/// union of the features that anybody asked for, which hides what is missing without them.
pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::load()?;
    Cargo::new(["fmt", "--all", "--check"])
        .remedy("`cargo fmt --all` formats the files")
        .run()?;
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    for library in workspace.libraries()? {
        clippy(&["--package", &library.name, "--all-targets"])?;
    }
    Ok(())
}

/// Runs clippy over what `selection` names, with warnings as errors.
pub(crate) fn clippy(selection: &[&str]) -> Result<(), Error> {
    let arguments = ["clippy"]
        .iter()
        .chain(selection)
        .chain(&["--", "-D", "warnings"]);
    Cargo::new(arguments).run()
}
