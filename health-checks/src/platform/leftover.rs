//! Variables that look like the platform's and have no effect.

use super::{Ignored, Problem, reading::Reading};

/// How variables of integrations begin.
const FAMILIES: [&str; 12] = [
    "POSTGRESQL_",
    "MYSQL_",
    "MONGODB_",
    "REDIS_",
    "VALKEY_",
    "RABBITMQ_",
    "S3_",
    "SAML_",
    "SMTP_",
    "FGA_",
    "openfga.",
    "spring.",
];

/// Says why each variable of these families that nothing read has no effect.
pub(super) fn read(reading: &mut Reading<'_>, prefix: &str) {
    let variables = reading.variables;
    for (name, value) in variables.iter() {
        let is_option = !prefix.is_empty() && name.starts_with(prefix);
        let is_of_family = FAMILIES.iter().any(|family| name.starts_with(family));
        if reading.is_used(name) || !(is_option || is_of_family) {
            continue;
        }
        if is_service_link(name, value) {
            reading.mark_used(name);
            let reason = "Kubernetes made it for a service of that name";
            reading.ignored.push(Ignored::new(name, reason));
        } else if is_of_family {
            reading.ignored.push(Ignored::new(name, reason(name)));
        }
    }
    let not_text = variables.not_text();
    let ours = not_text.filter(|name| {
        FAMILIES.iter().any(|family| name.starts_with(family))
            || !prefix.is_empty() && name.starts_with(prefix)
    });
    let problems = ours.map(|name| Problem::new(name, "its value is not UTF-8"));
    reading.problems.extend(problems);
}

/// Tells whether Kubernetes made a variable for a service that happens to have such a name.
/// Source: Kubernetes, Discovering services.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|s| value.starts_with(s));
    let protocol = ["_TCP", "_UDP", "_SCTP"]
        .iter()
        .any(|p| name.contains(&format!("{p}_")) || name.ends_with(p));
    name.ends_with("_PORT") && is_address
        || name.contains("_PORT_") && protocol
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
}

fn reason(name: &str) -> &'static str {
    let begins = |families: &[&str]| families.iter().any(|family| name.starts_with(family));
    if begins(&["openfga.", "spring."]) {
        "properties of Spring Boot are not read"
    } else if begins(&["S3_", "SAML_", "SMTP_", "FGA_"]) {
        "integrations of this kind have no variable of this name"
    } else {
        "it belongs to no connect string; only those are read"
    }
}
