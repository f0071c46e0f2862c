//! Tells the crate which commit it is built from, under the names that the `vergen` crates use.
//!
//! Without git, or outside of a checkout, there is nothing to tell and `/z/info` says nothing of it.

use std::{path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The log of HEAD changes with every commit and checkout; cargo takes a missing file as changed.
    if let Some(log) = git("rev-parse --git-path logs/HEAD").filter(|log| Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    for (name, arguments) in [
        ("VERGEN_GIT_SHA", "rev-parse --verify HEAD"),
        ("VERGEN_GIT_BRANCH", "rev-parse --abbrev-ref --verify HEAD"),
        ("VERGEN_GIT_COMMIT_TIMESTAMP", "log -1 --format=%cI"),
    ] {
        if let Some(value) = git(arguments) {
            println!("cargo::rustc-env={name}={value}");
        }
    }
}

/// Runs git and returns the line that it prints, if it succeeds.
fn git(arguments: &str) -> Option<String> {
    let output = Command::new("git")
        .args(arguments.split(' '))
        .output()
        .ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
