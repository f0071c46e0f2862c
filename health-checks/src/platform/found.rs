//! All that one reading finds.

use std::collections::BTreeSet;

use health_core::Secret;

use super::{
    Ignored, Integration, Problem, Proxies, Service, WebUrl, connect_strings,
    leftover::{self, is_service_link},
    oauth, openfga,
    options::{self, OptionValue, Options},
    proxy,
    reading::{Reading, Unreadable},
    s3, saml, smtp, tracing,
    variables::Variables,
};

/// Everything that the variables say.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) integrations: Vec<Integration>,
    pub(super) proxies: Proxies,
    pub(super) port: Option<u16>,
    pub(super) metrics_port: Option<u16>,
    pub(super) metrics_path: Option<String>,
    pub(super) base_url: Option<WebUrl>,
    pub(super) peers: Vec<String>,
    pub(super) secret_key: Option<Secret<String>>,
    pub(super) options: Options,
    pub(super) problems: Vec<Problem>,
    pub(super) ignored: Vec<Ignored>,
}

impl Found {
    /// Reads all; the prefix is empty or ends in an underscore.
    pub(super) fn read(
        variables: &Variables,
        prefix: &str,
        secret_options: &BTreeSet<String>,
    ) -> Self {
        let mut reading = Reading::new(variables);
        let mut found = Self {
            integrations: integrations(&mut reading, prefix),
            proxies: proxy::read(&mut reading),
            ..Self::default()
        };
        found.read_own(&mut reading, prefix);
        leftover::read(&mut reading, prefix);
        if !prefix.is_empty() {
            found.read_options(&reading, prefix, secret_options);
        }
        found.problems = reading.problems;
        found.problems.sort();
        found.problems.dedup();
        found.ignored = reading.ignored;
        found.ignored.sort();
        found
    }

    fn read_own(&mut self, reading: &mut Reading<'_>, prefix: &str) {
        let own_port = format!("{prefix}PORT");
        let has_own_port = port_variable(reading, &own_port);
        self.port = match has_own_port {
            true => reading.port(&own_port).ok().flatten(),
            false => bare_port(reading, prefix),
        };
        // In the second line of the platform's library `PORT` is bare, and what else says where
        // metrics are is an option without effect: scrapers follow the bare variables.
        let bare_first = !has_own_port && reading.variables.has("PORT");
        let line = if bare_first {
            ["", prefix]
        } else {
            [prefix, ""]
        };
        let (port, path) = ("METRICS_PORT", "METRICS_PATH");
        self.metrics_port =
            one_of(reading, line, port).and_then(|name| reading.port(&name).ok().flatten());
        self.metrics_path = one_of(reading, line, path).and_then(|name| reading.string(&name));
        self.base_url = reading.web_url(&format!("{prefix}BASE_URL")).ok().flatten();
        self.secret_key = reading.secret(&format!("{prefix}SECRET_KEY"));
        let peers = reading
            .text(&format!("{prefix}PEER_FQDNS"))
            .unwrap_or_default();
        let peers = peers
            .split(',')
            .map(str::trim)
            .filter(|peer| !peer.is_empty());
        self.peers = peers.map(str::to_owned).collect();
    }

    fn read_options(&mut self, reading: &Reading<'_>, prefix: &str, secret: &BTreeSet<String>) {
        for (variable, text) in reading.variables.iter() {
            let Some(name) = variable
                .strip_prefix(prefix)
                .filter(|name| !name.is_empty())
            else {
                continue;
            };
            if reading.is_used(variable) {
                continue;
            }
            let name = options::normal(name);
            let is_secret = secret.iter().any(|option| {
                name.strip_prefix(option.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            });
            let value = OptionValue::new(variable, text, is_secret);
            self.options.insert(name, value);
        }
    }
}

fn integrations(reading: &mut Reading<'_>, prefix: &str) -> Vec<Integration> {
    let mut found = Vec::new();
    connect_strings::read(reading, prefix, &mut found);
    let single = [
        s3::read(reading).map(|(variable, s3)| (variable, Service::S3(s3))),
        saml::read(reading).map(|(variable, saml)| (variable, Service::Saml(saml))),
        smtp::read(reading).map(|(variable, smtp)| (variable, Service::Smtp(smtp))),
        openfga::read(reading).map(|(variable, fga)| (variable, Service::OpenFga(fga))),
        tracing::read(reading).map(|(variable, otel)| (variable, Service::Tracing(otel))),
    ];
    let single = single.into_iter().flatten();
    found.extend(single.map(|(variable, service)| Integration::new(None, variable, service)));
    oauth::read(reading, prefix, &mut found);
    found.sort_by(|a, b| (a.kind(), a.name()).cmp(&(b.kind(), b.name())));
    found
}

/// Tells whether this variable is the application's port, and not a link that Kubernetes made for a
/// service called `app`.
fn port_variable(reading: &Reading<'_>, name: &str) -> bool {
    let text = reading.variables.get(name);
    text.is_some_and(|text| !is_service_link(&format!("_{name}"), text))
}

fn bare_port(reading: &mut Reading<'_>, prefix: &str) -> Option<u16> {
    if prefix.is_empty() {
        return None;
    }
    let port: Result<_, Unreadable> = reading.port("PORT");
    port.ok().flatten()
}

/// Returns the first of the two variables that is there; the other one is reported as ignored if it
/// says something else.
fn one_of(reading: &mut Reading<'_>, prefixes: [&str; 2], name: &str) -> Option<String> {
    let names = prefixes.map(|prefix| format!("{prefix}{name}"));
    let [first, second] = [0, 1].map(|at| reading.variables.get(&names[at]));
    names.iter().for_each(|name| reading.mark_used(name));
    let [first_name, second_name] = names;
    match (first, second) {
        (Some(first), Some(second)) => {
            if first != second {
                let reason = format!("{first_name} says something else, and counts");
                reading.ignored.push(Ignored::new(second_name, reason));
            }
            Some(first_name)
        }
        (Some(_), None) => Some(first_name),
        (None, Some(_)) => Some(second_name),
        (None, None) => None,
    }
}
