//! How far an exchange is, so that a failure can say what was waited for, and where.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use reqwest::Url;
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static CURRENT: Arc<Progress>;
}

/// Is told of the steps of one exchange by the shared client; another client tells nothing.
#[derive(Default)]
pub(super) struct Progress {
    is_connecting: AtomicBool,
    redirected_to: Mutex<Option<Url>>,
    refuses_redirects: bool,
}

impl Progress {
    /// Notes the steps of an exchange that goes on at another URL only where this is allowed.
    pub(super) fn new(follows_redirects: bool) -> Self {
        Self {
            refuses_redirects: !follows_redirects,
            ..Self::default()
        }
    }

    /// Runs an exchange whose steps are noted here.
    pub(super) async fn watch<F: Future>(self: &Arc<Self>, exchange: F) -> F::Output {
        CURRENT.scope(Arc::clone(self), exchange).await
    }

    /// Tells whether it resolves a name, connects or shakes hands.
    pub(super) fn is_connecting(&self) -> bool {
        self.is_connecting.load(Ordering::Relaxed)
    }

    /// Returns the last URL to which a redirect led.
    pub(super) fn redirected_to(&self) -> Option<Url> {
        let url = self.redirected_to.lock();
        url.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Notes that the exchange under way goes on at another URL.
pub(super) fn note_redirect(to: &Url) {
    // Outside of an exchange there is nobody to tell.
    _ = CURRENT.try_with(|progress| {
        let mut url = progress
            .redirected_to
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *url = Some(to.clone());
    });
}

/// Tells whether the exchange under way takes a redirect as the answer.
pub(super) fn refuses_redirects() -> bool {
    CURRENT
        .try_with(|progress| progress.refuses_redirects)
        .unwrap_or_default()
}

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
        let progress = CURRENT.try_with(Arc::clone).unwrap_or_default();
        progress.is_connecting.store(true, Ordering::Relaxed);
        Box::pin(async move {
            let connected = connecting.await;
            progress.is_connecting.store(false, Ordering::Relaxed);
            connected
        })
    }
}
