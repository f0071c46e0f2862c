//! The HTTP client: one for the whole process, or the application's own.

use std::sync::{Mutex, PoisonError};

use reqwest::{
    Client, Url,
    redirect::{Action, Attempt, Policy},
};
use tokio::runtime::{self, Handle};

use super::{
    failure::{Kind, root_cause},
    progress::{WatchConnecting, note_redirect, refuses_redirects},
    tls,
};

/// How many redirects the shared client follows for one check. It follows them on the same host
/// only, so that no header reaches another one, and never from `https` to `http`.
pub const MAX_REDIRECTS: usize = 5;

const USER_AGENT: &str = concat!("health-checks/", env!("CARGO_PKG_VERSION"));

/// For how many runtimes a client is kept; beyond that the oldest is let go.
const MAX_RUNTIMES: usize = 64;

/// The shared client, once per tokio runtime.
///
/// A pooled connection is driven by a task of the runtime on which it was opened. Taken from
/// another runtime it would hang as long as its own one is busy, blocked or between two
/// `block_on`, as with the workers of actix-web and with tests. So runtimes share settings and
/// certificates but no connections. What a runtime leaves behind here is an idle client: its
/// connections were closed with it, and another runtime with its id finds them closed.
static SHARED: Mutex<Vec<(runtime::Id, Client)>> = Mutex::new(Vec::new());

/// Says with which client a check asks.
#[derive(Clone, Default)]
pub(crate) enum HttpClient {
    /// That of the process.
    #[default]
    Shared,
    /// The application's own.
    Own(Client),
}

impl HttpClient {
    pub(crate) fn get(&self) -> Result<Client, Kind> {
        match self {
            Self::Shared => shared(),
            Self::Own(client) => Ok(client.clone()),
        }
    }
}

fn shared() -> Result<Client, Kind> {
    let runtime = Handle::try_current().map_err(|error| Kind::Client(error.to_string()))?;
    let mut clients = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, client)) = clients.iter().find(|(id, _)| *id == runtime.id()) {
        return Ok(client.clone());
    }
    let client = build()?;
    if clients.len() == MAX_RUNTIMES {
        clients.remove(0);
    }
    clients.push((runtime.id(), client.clone()));
    Ok(client)
}

/// Sets everything on which the features count that the application enables in its own reqwest, so
/// that these change nothing here.
fn build() -> Result<Client, Kind> {
    let tls = tls::config().map_err(|error| Kind::Client(error.to_string()))?;
    Client::builder()
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(tls)
        .redirect(Policy::custom(follow))
        .referer(false)
        .no_proxy()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http1_only()
        .connector_layer(WatchConnecting)
        .build()
        .map_err(|error| Kind::Client(root_cause(&error)))
}

fn follow(attempt: Attempt<'_>) -> Action {
    if refuses_redirects() {
        return attempt.stop();
    }
    let previous = attempt.previous();
    let refused = match previous.last() {
        _ if previous.len() > MAX_REDIRECTS => Some(format!("more than {MAX_REDIRECTS} in a row")),
        Some(from) => refusal(from, attempt.url()),
        None => None,
    };
    match refused {
        Some(reason) => attempt.error(reason),
        None => {
            note_redirect(attempt.url());
            attempt.follow()
        }
    }
}

fn refusal(from: &Url, to: &Url) -> Option<String> {
    if from.scheme() == "https" && to.scheme() != "https" {
        return Some("it leads from https to http".to_owned());
    }
    if from.host() != to.host() {
        let host = to.host_str().unwrap_or_default();
        return Some(format!(
            "it leads to another host, {host}: check that one by its own URL"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host_and_never_lose_tls() {
        let cases = [
            ("path", "http://h/a", "http://h/b", None),
            ("port", "http://h:1/", "http://h:2/", None),
            ("to TLS", "http://h/", "https://h/", None),
            (
                "from TLS",
                "https://h/",
                "http://h/",
                Some("from https to http"),
            ),
            (
                "host",
                "https://h/",
                "https://evil/",
                Some("another host, evil"),
            ),
            (
                "address",
                "http://h/",
                "http://169.254.169.254/",
                Some("169.254.169.254"),
            ),
        ];
        for (name, from, to, reason) in cases {
            let [from, to] = [from, to].map(|url| Url::parse(url).unwrap());
            let refused = refusal(&from, &to);
            match reason {
                None => assert_eq!(refused, None, "{name}"),
                Some(reason) => assert!(refused.unwrap().contains(reason), "{name}"),
            }
        }
    }
}
