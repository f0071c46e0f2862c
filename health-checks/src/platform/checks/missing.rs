//! Why an application cannot start.

use std::{collections::BTreeSet, error::Error, fmt};

use crate::platform::Kind;

/// Says which required integrations are missing, and of which the check is not built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingIntegrations {
    missing: Vec<Kind>,
    not_built: BTreeSet<(Kind, &'static str)>,
}

impl MissingIntegrations {
    /// Returns nothing if nothing is missing.
    pub(super) fn new(
        missing: Vec<Kind>,
        not_built: BTreeSet<(Kind, &'static str)>,
    ) -> Option<Self> {
        let is_any = !missing.is_empty() || !not_built.is_empty();
        is_any.then_some(Self { missing, not_built })
    }

    /// Returns the kinds that the environment does not name.
    pub fn missing(&self) -> &[Kind] {
        &self.missing
    }

    /// Returns the kinds that are integrated and that this build cannot check.
    pub fn not_built(&self) -> impl Iterator<Item = Kind> {
        self.not_built.iter().map(|(kind, _)| *kind)
    }
}

impl fmt::Display for MissingIntegrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.missing.is_empty() {
            let names: Vec<_> = self.missing.iter().map(|kind| kind.as_str()).collect();
            write!(f, "missing integrations: {}", names.join(", "))?;
        }
        for (index, (kind, feature)) in self.not_built.iter().enumerate() {
            if index > 0 || !self.missing.is_empty() {
                f.write_str("; ")?;
            }
            write!(
                f,
                "{kind} is required, and health-checks is built without the feature `{feature}`"
            )?;
        }
        Ok(())
    }
}

impl Error for MissingIntegrations {}
