//! A connection of the check's own, opened when it is needed and kept while it works.

use std::{
    error::Error,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, connection::State};

use super::{
    address::{Addresses, Credentials},
    failure::{Failure, cut},
};
use crate::Tls;

/// How long the driver tries one server; the end of the check's own time comes first as a rule.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens connections and holds the one that works between two runs.
pub(super) struct Own {
    pub(super) addresses: Addresses,
    pub(super) tls: Tls,
    kept: Mutex<Option<Open>>,
}

/// A connection, and what its server said beside the answers.
pub(super) struct Open {
    pub(super) client: Client,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    is_lame_duck: AtomicBool,
    error: Mutex<Option<String>>,
}

impl Own {
    pub(super) fn new(addresses: Addresses) -> Self {
        let tls = Tls::new();
        tls.load();
        Self {
            addresses,
            tls,
            kept: Mutex::default(),
        }
    }

    /// Takes the connection that was kept, for this run alone: one that is cut short keeps none.
    pub(super) fn take(&self) -> Option<Open> {
        let open = self
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        open.filter(|open| open.client.connection_state() == State::Connected)
    }

    pub(super) fn keep(&self, open: Open) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.replace(open);
        drop(kept);
        drop(before);
    }

    /// Opens a connection. When it is lost, the driver tries each server once and then ends its
    /// task, so that nothing goes on when the check is gone.
    pub(super) async fn open(&self) -> Result<Open, Failure> {
        let said = Arc::new(Said::default());
        let hears = Arc::clone(&said);
        let options = ConnectOptions::new()
            .connection_timeout(CONNECT_TIMEOUT)
            .ignore_discovered_servers()
            .max_reconnects(self.addresses.servers.len())
            .reconnect_delay_callback(|_| Duration::ZERO)
            .tls_client_config(self.tls.client_config())
            .name("health check")
            .event_callback(move |event| {
                hears.hear(event);
                std::future::ready(())
            });
        let options = match &self.addresses.credentials {
            None => options,
            Some(Credentials::Token(token)) => options.token(token.expose().clone()),
            Some(Credentials::User(user, password)) => {
                options.user_and_password(user.clone(), password.expose().clone())
            }
        };
        let connected = options.connect(&self.addresses.servers[..]).await;
        let client = connected.map_err(|error| self.explain(error.kind(), &error))?;
        Ok(Open { client, said })
    }

    fn explain(&self, kind: ConnectErrorKind, error: &(dyn Error + 'static)) -> Failure {
        let place = self.addresses.place();
        let cause = cut(root(error));
        Failure::new(match kind {
            ConnectErrorKind::Dns => format!("the name of {place} was not resolved: {cause}"),
            ConnectErrorKind::Authentication => "the credentials cannot be used to sign".to_owned(),
            ConnectErrorKind::AuthorizationViolation => {
                "authentication failed: wrong or missing credentials".to_owned()
            }
            ConnectErrorKind::TimedOut => {
                format!(
                    "no connection to {place} within {} ms",
                    CONNECT_TIMEOUT.as_millis()
                )
            }
            _ if is_tls(error) => format!("TLS with {place} failed: {cause}"),
            ConnectErrorKind::Tls => format!("TLS with {place} failed: {cause}"),
            _ if is_refused(error) => format!("{place} refused the connection"),
            _ => format!("no connection to {place}: {cause}"),
        })
    }
}

impl Open {
    /// Tells whether the server has said that it will stop.
    pub(super) fn is_lame_duck(&self) -> bool {
        self.said.is_lame_duck.load(Ordering::Relaxed)
    }

    /// Returns what the server complained of, such as a permission that is missing.
    pub(super) fn complaint(&self) -> Option<String> {
        let error = self.said.error.lock();
        error.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Said {
    fn hear(&self, event: Event) {
        match event {
            Event::LameDuckMode => self.is_lame_duck.store(true, Ordering::Relaxed),
            Event::Connected => self.is_lame_duck.store(false, Ordering::Relaxed),
            Event::ServerError(error) => {
                let mut said = self.error.lock().unwrap_or_else(PoisonError::into_inner);
                *said = Some(cut(error));
            }
            _ => {}
        }
    }
}

fn root(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        || error.source().is_some_and(is_refused)
}

/// An I/O error holds that of rustls and does not name it as its source.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    let inner = io.and_then(io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<rustls::Error>()) || error.source().is_some_and(is_tls)
}
