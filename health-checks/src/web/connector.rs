//! Tells the exchange under way what its connector does.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::{
    ClientConfig, NamedGroup,
    client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue},
    pki_types::ServerName,
};
use tower_layer::Layer;
use tower_service::Service;

use super::{progress::current, timings::Stage};

/// Notes for which exchange a connector connects, and for how long.
#[derive(Clone)]
pub(super) struct WatchConnecting;

impl<S> Layer<S> for WatchConnecting {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched(connector)
    }
}

#[derive(Clone)]
pub(super) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connecting = self.0.call(target);
        // The rest may run on another task, for a later exchange.
        let Some(progress) = current() else {
            return Box::pin(connecting);
        };
        progress.enter(Stage::Connecting);
        Box::pin(async move {
            let connected = progress.watch(connecting).await;
            if connected.is_ok() {
                progress.enter(Stage::Waiting);
            }
            connected
        })
    }
}

/// The resolver of the system, whose time is noted.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            note(Stage::Resolving);
            // The port is that of the URL, whatever is said here.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            note(Stage::Connecting);
            let found: Vec<SocketAddr> = found.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Makes a client note when its handshakes begin.
///
/// It also makes it keep no sessions: a session that is taken up again shows no certificate, and
/// one that has expired meanwhile would be found late.
pub(super) fn watch_handshakes(config: &mut ClientConfig) {
    config.resumption = Resumption::store(Arc::new(NoSessions));
}

/// Is asked for a session at the beginning of each handshake.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        note(Stage::ShakingHands);
        None
    }

    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

fn note(stage: Stage) {
    if let Some(progress) = current() {
        progress.enter(stage);
    }
}
