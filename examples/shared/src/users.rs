//! The service `users`: who the customers are.

use std::{collections::BTreeMap, sync::Arc};

use health_core::{BuildError, Management, info::BuildInfo};
use serde_json::{Value, json};

use crate::settings::Settings;

/// The service without its web framework; cheap to clone.
#[derive(Clone)]
pub struct Users {
    management: Management,
    directory: Arc<BTreeMap<u32, &'static str>>,
}

impl Users {
    pub(crate) fn new(settings: &Settings, build: BuildInfo) -> Result<Self, BuildError> {
        let directory = Arc::new(BTreeMap::from([(1, "Ada"), (2, "Grace")]));
        let checked = Arc::clone(&directory);
        let management = settings
            .management("users", build)
            .check("directory", move || {
                let checked = Arc::clone(&checked);
                async move { !checked.is_empty() }
            })
            .probe_paths()
            .build()?;
        Ok(Self {
            management,
            directory,
        })
    }

    /// Returns what answers the management endpoints.
    pub fn management(&self) -> &Management {
        &self.management
    }

    /// Answers `GET /users/{id}`; nothing is returned for a user who is not known.
    pub fn user(&self, id: u32) -> Option<Value> {
        let name = self.directory.get(&id)?;
        Some(json!({ "id": id, "name": name }))
    }
}
