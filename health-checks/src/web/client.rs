//! The HTTP clients: one for the whole process, one for each check with settings of its own, or
//! the application's own.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use reqwest::{Client, Url};
use tokio::runtime::{self, Handle};

use super::{
    Proxies,
    connector::{SystemResolver, WatchConnecting, watch_handshakes},
    failure::{Kind, root_cause},
    redirects::policy,
};
use crate::Tls;

const USER_AGENT: &str = concat!("health-checks/", env!("CARGO_PKG_VERSION"));

/// The only protocol that is spoken: what a check asks is one request at a time.
const ALPN: &[u8] = b"http/1.1";

/// How many connections are kept for each host, inclusive. A check needs one; one that asks again
/// before its connection is back opens another, and some hosts are asked by several checks at once.
const MAX_KEPT_CONNECTIONS: usize = 4;

/// For how many runtimes a client is kept; beyond that the oldest is let go.
const MAX_RUNTIMES: usize = 64;

static SHARED: LazyLock<Arc<Kept>> = LazyLock::new(Arc::default);

/// Says with which client a check asks.
#[derive(Clone)]
pub(crate) enum HttpClient {
    /// One of ours.
    Kept(Arc<Kept>),
    /// The application's own.
    Own(Client),
}

/// That of the process.
impl Default for HttpClient {
    fn default() -> Self {
        Self::Kept(Arc::clone(&SHARED))
    }
}

/// Clients with the same settings, one for each tokio runtime.
///
/// A pooled connection is driven by a task of the runtime on which it was opened. Taken from
/// another runtime it would hang as long as its own one is busy, blocked or between two
/// `block_on`, as with the workers of actix-web and with tests. So runtimes share settings and
/// certificates but no connections. What a runtime leaves behind here is an idle client: its
/// connections were closed with it, and another runtime with its id finds them closed.
#[derive(Default)]
pub(crate) struct Kept {
    settings: Settings,
    clients: Mutex<Vec<(runtime::Id, Client)>>,
}

#[derive(Clone, Default)]
struct Settings {
    tls: Tls,
    proxies: Option<Proxies>,
}

impl HttpClient {
    /// Asks with these settings of TLS. They take the place of the application's own client.
    pub(crate) fn set_tls(&mut self, tls: Tls) {
        tls.load();
        self.set(|settings| settings.tls = tls);
    }

    /// Asks through these proxies. They take the place of the application's own client.
    pub(crate) fn set_proxies(&mut self, proxies: Proxies) {
        self.set(|settings| settings.proxies = Some(proxies));
    }

    fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings().cloned().unwrap_or_default();
        change(&mut settings);
        if settings.tls.is_default() && settings.proxies.is_none() {
            *self = Self::default();
            return;
        }
        *self = Self::Kept(Arc::new(Kept {
            settings,
            clients: Mutex::default(),
        }));
    }

    pub(super) fn get(&self) -> Result<Client, Kind> {
        match self {
            Self::Kept(kept) => kept.get(),
            Self::Own(client) => Ok(client.clone()),
        }
    }

    /// Returns the proxy through which a URL is asked, where that is known.
    pub(super) fn proxy(&self, url: &Url) -> Option<&Url> {
        self.settings()?.proxies.as_ref()?.of(url)
    }

    /// Tells whether it trusts any certificate authority, as far as is known.
    pub(super) fn has_roots(&self) -> bool {
        self.settings()
            .is_none_or(|settings| settings.tls.has_roots())
    }

    fn settings(&self) -> Option<&Settings> {
        match self {
            Self::Kept(kept) => Some(&kept.settings),
            Self::Own(_) => None,
        }
    }
}

impl Kept {
    fn get(&self) -> Result<Client, Kind> {
        let runtime = Handle::try_current().map_err(|error| Kind::Client(error.to_string()))?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(id, _)| *id == runtime.id()) {
            return Ok(client.clone());
        }
        let client = self.settings.build()?;
        if clients.len() == MAX_RUNTIMES {
            clients.remove(0);
        }
        clients.push((runtime.id(), client.clone()));
        Ok(client)
    }
}

impl Settings {
    /// Sets everything on which the features count that the application enables in its own
    /// reqwest, so that these change nothing here.
    fn build(&self) -> Result<Client, Kind> {
        let mut tls = self.tls.client_config();
        tls.alpn_protocols = vec![ALPN.to_vec()];
        watch_handshakes(&mut tls);
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(tls)
            .redirect(policy())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only()
            .pool_max_idle_per_host(MAX_KEPT_CONNECTIONS)
            .dns_resolver(SystemResolver)
            .connector_layer(WatchConnecting);
        if let Some(proxies) = &self.proxies {
            builder = builder.proxy(proxies.to_client());
        }
        builder
            .build()
            .map_err(|error| Kind::Client(root_cause(&error)))
    }
}
