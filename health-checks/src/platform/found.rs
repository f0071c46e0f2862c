//! All that one reading finds.

use std::collections::BTreeSet;

use health_core::Secret;

use super::{
    Ignored, Integration, Problem, Proxies, Service, WebUrl, connect_strings, host, leftover,
    oauth, openfga,
    options::{self, OptionValue, Options},
    ports::{self, Ports},
    proxy,
    reading::Reading,
    s3, saml, smtp, tracing,
    variables::Variables,
};

/// Everything that the variables say.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) integrations: Vec<Integration>,
    pub(super) proxies: Proxies,
    pub(super) ports: Ports,
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
        self.ports = ports::read(reading, prefix);
        self.base_url = reading.web_url(&format!("{prefix}BASE_URL")).ok().flatten();
        self.secret_key = reading.secret(&format!("{prefix}SECRET_KEY"));
        self.peers = peers(reading, &format!("{prefix}PEER_FQDNS"));
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
    let mut taken = BTreeSet::new();
    for integration in &mut found {
        integration.name_check(&mut taken);
    }
    found
}

/// Reads names of hosts with commas between.
fn peers(reading: &mut Reading<'_>, variable: &str) -> Vec<String> {
    let text = reading.text(variable).unwrap_or_default();
    let peers = text.split(',').map(str::trim);
    let peers: Vec<_> = peers.filter(|peer| !peer.is_empty()).collect();
    if !peers.iter().all(|peer| host::is_name(peer)) {
        reading.problem(variable, "it is not a list of names of hosts");
        return Vec::new();
    }
    peers.into_iter().map(str::to_owned).collect()
}
