//! Integrations that are there and cannot be read.

use std::collections::BTreeMap;

use health_core::{Check, CheckError, CheckResult, Scope, async_trait};

use crate::platform::{Environment, Kind, check_names, connect_strings};

/// How the variables of kinds without a connect string begin.
const FAMILIES: [(&str, Kind); 5] = [
    ("S3_", Kind::S3),
    ("SAML_", Kind::Saml),
    ("SMTP_", Kind::Smtp),
    ("FGA_", Kind::OpenFga),
    ("OTEL_EXPORTER_OTLP_", Kind::Tracing),
];

/// Is DOWN for a reason that lasts until the variable changes.
pub(super) struct Unreadable(pub(super) String);

#[async_trait]
impl Check for Unreadable {
    async fn check(&self) -> CheckResult {
        Err(CheckError::new(self.0.clone()))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

/// Returns kind, name and reason of each integration for which there is a problem and nothing that
/// could be read. A problem of an integration that could be read is told by `/info` alone.
pub(super) fn of(environment: &Environment) -> Vec<(Kind, String, String)> {
    let is_read = |kind: Kind, name: Option<&str>| {
        let mut integrations = environment.integrations().iter();
        integrations.any(|known| known.kind() == kind && known.name() == name)
    };
    let mut reasons: BTreeMap<(Kind, Option<String>), Vec<String>> = BTreeMap::new();
    for problem in environment.problems() {
        let variable = problem.variable();
        let own = environment.app_prefix();
        if !own.is_empty() && variable.starts_with(own) {
            continue;
        }
        if let Some((kind, name)) = kind_and_name(variable)
            && !is_read(kind, name.as_deref())
        {
            let reasons = reasons.entry((kind, name)).or_default();
            reasons.push(problem.to_string());
        }
    }
    let unreadable = reasons.into_iter().map(|((kind, name), reasons)| {
        let name = check_names::of(kind, name.as_deref());
        (kind, name, reasons.join("; "))
    });
    unreadable.collect()
}

fn kind_and_name(variable: &str) -> Option<(Kind, Option<String>)> {
    let stem = variable
        .strip_suffix("_CONNECT_STRING")
        .or_else(|| variable.strip_suffix("_CONNECT_STRINGS"));
    if let Some(found) = stem.and_then(connect_strings::kind_and_name) {
        return Some(found);
    }
    let mut families = FAMILIES.iter();
    let (_, kind) = families.find(|(start, _)| variable.starts_with(start))?;
    Some((*kind, None))
}
