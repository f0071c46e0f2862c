//! What the info endpoint says: who this process is, where it runs and what it was built from.
//!
//! [`Info`] is the whole answer. It names the application (`app`), gives the process's
//! OpenTelemetry resource attributes ([`Resource`], under `trace.attributes`) and, each only when
//! enabled, Spring's contributors `build` ([`BuildInfo`]), `git` ([`GitInfo`]), `os` and `process`,
//! and last the application's own. Nothing here fails or panics: what cannot be found out is left
//! out.
//!
//! # Facts of the build
//!
//! [`build_info!`](crate::build_info) and [`git_info!`](crate::git_info) read, while *your* crate
//! is compiled, what cargo says of the package and the names that the `vergen` crates emit.
//! Either add `vergen` to the build script, or let the script emit the same names itself:
//!
//! ```no_run
//! // build.rs
//! use std::process::Command;
//!
//! fn main() {
//!     println!("cargo::rerun-if-changed=.git/logs/HEAD");
//!     for (name, git) in [
//!         ("VERGEN_GIT_SHA", "rev-parse HEAD"),
//!         ("VERGEN_GIT_BRANCH", "rev-parse --abbrev-ref HEAD"),
//!         ("VERGEN_GIT_COMMIT_TIMESTAMP", "log -1 --format=%cI"),
//!     ] {
//!         if let Ok(output) = Command::new("git").args(git.split(' ')).output() {
//!             let value = String::from_utf8_lossy(&output.stdout);
//!             println!("cargo::rustc-env={name}={}", value.trim());
//!         }
//!     }
//! }
//! ```
//!
//! ```
//! use health_core::info::Info;
//!
//! let info = Info::builder("orders")
//!     .version(env!("CARGO_PKG_VERSION"))
//!     .build_info(health_core::build_info!())
//!     .git_info(health_core::git_info!())
//!     .contributor("queue", || serde_json::json!({ "workers": 4 }))
//!     .build();
//! let body = String::from_utf8(info.body()).unwrap();
//! assert!(body.starts_with(r#"{"app":{"name":"orders","version":"#));
//! ```

mod build_info;
mod command_line;
mod container;
mod contributor;
mod document;
mod git_info;
mod instance_id;
mod kubernetes;
mod mountinfo;
#[cfg(feature = "sysinfo")]
mod native;
mod object;
mod otel_env;
mod platform;
mod process;
mod resource;
mod source;
#[cfg(test)]
mod testing;
mod time;

pub use build_info::BuildInfo;
pub use document::{Info, InfoBuilder};
pub use git_info::{GitInfo, GitMode};
pub use instance_id::InstanceId;
pub use resource::Resource;
pub use time::rfc3339;
