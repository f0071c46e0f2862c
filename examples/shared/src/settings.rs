//! What the management endpoints of both services have in common.

use std::time::Duration;

use health_core::{Builder, Management, Show, git_info, info::BuildInfo};

/// What both services have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) base_path: String,
    pub(crate) drain_grace: Duration,
}

impl Settings {
    /// Begins the management endpoints of a service.
    pub(crate) fn management(&self, service: &str, build: BuildInfo) -> Builder {
        Management::builder(service)
            .version(env!("CARGO_PKG_VERSION"))
            .info(|info| info.build_info(build).git_info(git_info!()))
            .base_path(&self.base_path)
            .drain_grace(self.drain_grace)
            // Everybody may see details: this is a demonstration, and it listens on the loopback
            // address unless told otherwise. By default nobody sees them.
            .show_details(Show::Always)
    }
}
