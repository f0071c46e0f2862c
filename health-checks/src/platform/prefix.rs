//! The prefix of the application's own variables.

use super::variables::Variables;

/// Prefixes that the platform's frameworks give, the likeliest for a Rust service first.
pub const KNOWN_PREFIXES: [&str; 3] = ["APP_", "FLASK_", "DJANGO_"];

/// Variables that the platform gives to each application.
const MARKS: [&str; 6] = [
    "BASE_URL",
    "SECRET_KEY",
    "PEER_FQDNS",
    "PORT",
    "METRICS_PORT",
    "METRICS_PATH",
];

/// Returns the known prefix under which most of the platform's own variables stand; if there are
/// none, the first one that any variable has.
pub(super) fn detect(variables: &Variables) -> Option<&'static str> {
    let marks = |prefix: &str| {
        let is_there = |mark: &&str| variables.has(&format!("{prefix}{mark}"));
        MARKS.into_iter().filter(is_there).count()
    };
    let mut best = None;
    let mut most = 0;
    for prefix in KNOWN_PREFIXES {
        if marks(prefix) > most {
            (best, most) = (Some(prefix), marks(prefix));
        }
    }
    let is_any = |prefix: &&str| variables.names().any(|name| name.starts_with(*prefix));
    best.or_else(|| KNOWN_PREFIXES.into_iter().find(is_any))
}

/// Brings a prefix into its form: `shop`, `SHOP` and `SHOP_` are all `SHOP_`.
pub(super) fn normal(prefix: &str) -> String {
    let prefix = prefix
        .trim_end_matches('_')
        .to_uppercase()
        .replace('-', "_");
    if prefix.is_empty() {
        prefix
    } else {
        prefix + "_"
    }
}
