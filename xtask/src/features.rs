//! `cargo xtask features`: every library with no feature, each feature alone, and all together.

use crate::error::Error;
use crate::lint::clippy;
use crate::workspace::{Member, Workspace};

/// Compiles every library under each selection of its features.
///
/// By clippy with warnings as errors and not by `cargo check`: an import or a function that only
/// some feature needs is a warning without it, and this is the one place where that shows.
pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::load()?;
    for library in workspace.libraries()? {
        for selection in selections(library) {
            let mut arguments = vec!["--package", &library.name];
            arguments.extend(selection);
            clippy(&arguments)?;
        }
    }
    Ok(())
}

/// The feature arguments to compile `member` under; a member without features has one selection.
///
/// Features that start with `_` are shared by others and no use alone.
fn selections(member: &Member) -> Vec<Vec<&str>> {
    let mut selections = vec![vec!["--no-default-features"]];
    selections.extend(
        member
            .features
            .iter()
            .filter(|feature| !feature.starts_with('_'))
            .map(|feature| vec!["--no-default-features", "--features", feature]),
    );
    if !member.features.is_empty() {
        selections.push(vec!["--all-features"]);
    }
    selections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_stands_alone_once() {
        let member = Member {
            features: vec!["_tls".into(), "http".into(), "redis".into()],
            ..Member::default()
        };
        let joined: Vec<String> = selections(&member)
            .iter()
            .map(|selection| selection.join(" "))
            .collect();
        assert_eq!(
            joined,
            [
                "--no-default-features",
                "--no-default-features --features http",
                "--no-default-features --features redis",
                "--all-features",
            ]
        );
    }

    #[test]
    fn a_crate_without_features_is_compiled_once() {
        assert_eq!(selections(&Member::default()), [["--no-default-features"]]);
    }
}
