//! `cargo xtask dependency-budget`: how many crates a user of the libraries pays for.

use std::collections::BTreeSet;

use crate::cargo::Cargo;
use crate::error::Error;
use crate::hello_world::HelloWorlds;
use crate::workspace::Workspace;

/// The most crates in the tree of health-core with default features, inclusive, itself counted.
///
/// A crate more is paid for by everybody in compile time: raise this only with the reason in the
/// commit.
const HEALTH_CORE_AT_MOST: usize = 24;

/// The most crates that health-axum with default features may add to an axum hello-world,
/// inclusive; health-axum and health-core are among them.
const HEALTH_AXUM_ADDS_AT_MOST: usize = 10;

pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::load()?;
    let core = crates(Cargo::new(tree(&["--package", "health-core"])).folder(&workspace.root))?;
    println!(
        "health-core: {} crates (at most {HEALTH_CORE_AT_MOST})",
        core.len()
    );

    let hello_worlds = HelloWorlds::write(&workspace)?;
    let plain = crates(Cargo::new(tree(&[])).folder(&hello_worlds.plain))?;
    let with_health = crates(Cargo::new(tree(&[])).folder(&hello_worlds.with_health))?;
    let added: BTreeSet<_> = with_health.difference(&plain).cloned().collect();
    println!(
        "axum hello-world: {} crates, health-axum adds {} (at most {HEALTH_AXUM_ADDS_AT_MOST}): {}",
        plain.len(),
        added.len(),
        list(&added),
    );

    let problems: Vec<String> = [
        over_budget("the tree of health-core", &core, HEALTH_CORE_AT_MOST),
        over_budget("what health-axum adds", &added, HEALTH_AXUM_ADDS_AT_MOST),
    ]
    .into_iter()
    .flatten()
    .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::Problems {
        found_by: "dependency-budget",
        problems,
    })
}

/// The arguments of a flat `cargo tree` of what is compiled into a user's program.
fn tree<'a>(selection: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "tree", "--quiet", "--edges", "normal", "--prefix", "none", "--format", "{p}",
    ];
    arguments.extend(selection);
    arguments
}

/// Calls `cargo tree` and returns the crates in it.
///
/// # Errors
/// When the call fails, or names no crate: that would be within every budget.
fn crates(tree: Cargo) -> Result<BTreeSet<String>, Error> {
    let crates = parse(&tree.read()?);
    if crates.is_empty() {
        let problems = vec!["`cargo tree` names no crate".to_owned()];
        return Err(Error::Problems {
            found_by: "dependency-budget",
            problems,
        });
    }
    Ok(crates)
}

/// Reads `name vVERSION` from each line, without the path or mark that may follow in brackets.
///
/// Two versions of one crate are two crates: both are compiled.
pub(crate) fn parse(tree: &str) -> BTreeSet<String> {
    let lines = tree
        .lines()
        .map(|line| line.split(" (").next().unwrap_or_default().trim());
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn over_budget(what: &str, crates: &BTreeSet<String>, at_most: usize) -> Option<String> {
    (crates.len() > at_most).then(|| {
        format!(
            "{what} is {} crates, {at_most} are the limit; drop a dependency or put it behind a \
             feature: {}",
            crates.len(),
            list(crates),
        )
    })
}

fn list(crates: &BTreeSet<String>) -> String {
    crates
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "hello v0.0.0 (/w/plain)\naxum v0.8.9\nsyn v2.0.1\nhttp v1.5.0\n";
    const WITH_HEALTH: &str = "hello v0.0.0 (/w/with-health)\naxum v0.8.9 (*)\nhttp v1.5.0\n\
        health-axum v0.1.0 (/w/health-axum)\n\nhttp v1.5.0 (*)\nsyn v2.0.1\nsyn v3.0.0\n\
        async-trait v0.1.92 (proc-macro)\n";

    #[test]
    fn what_is_added_is_named_once_per_version() {
        let plain = parse(PLAIN);
        let with_health = parse(WITH_HEALTH);
        let added: Vec<_> = with_health.difference(&plain).collect();
        assert_eq!(plain.len(), 4);
        assert_eq!(
            added,
            ["async-trait v0.1.92", "health-axum v0.1.0", "syn v3.0.0"]
        );
    }

    #[test]
    fn the_limit_is_inclusive_and_excess_lists_the_crates() {
        let crates = parse(PLAIN);
        assert_eq!(over_budget("it", &crates, 4), None);
        let problem = over_budget("it", &crates, 3).unwrap();
        assert!(
            problem.contains("it is 4 crates, 3 are the limit"),
            "{problem}"
        );
        assert!(problem.ends_with("axum v0.8.9, hello v0.0.0, http v1.5.0, syn v2.0.1"));
    }
}
