//! Tells the crate which compiler builds it, for `process.runtime.*` of the info endpoint.
//!
//! A compiler that does not answer is no reason to fail a build: the attributes are then left out.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
    if let Some(version) = compiler_version() {
        println!("cargo::rustc-env=HEALTH_CORE_RUSTC_VERSION={version}");
    }
}

/// Asks the compiler for its one-line version, such as `rustc 1.95.0 (59807616e 2026-04-14)`.
fn compiler_version() -> Option<String> {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && line.starts_with("rustc ")).then(|| line.to_owned())
}
