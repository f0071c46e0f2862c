//! The four servers: the same application, each time in another framework.

mod actix;
mod axum;
mod core;
mod logging;
mod rocket;

use std::{error::Error, fmt, io, net::SocketAddr, str::FromStr, sync::Arc, time::Duration};

use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

pub use self::logging::{Logging, init as init_logging};
use crate::Application;

/// How long requests under way are waited for when a server stops.
const GRACE: Duration = Duration::from_secs(2);

type BoxError = Box<dyn Error + Send + Sync>;

/// What serves the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// axum.
    Axum,
    /// actix-web.
    Actix,
    /// Rocket.
    Rocket,
    /// hyper alone, with the endpoint service of health-core.
    Core,
}

impl Framework {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Core, Self::Axum, Self::Actix, Self::Rocket];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Actix => "actix",
            Self::Rocket => "rocket",
            Self::Core => "core",
        }
    }
}

impl FromStr for Framework {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|framework| framework.name() == name);
        found.ok_or_else(|| format!("unknown framework `{name}`: use axum, actix, rocket or core"))
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server that has begun to listen.
#[derive(Debug)]
#[must_use = "the server stops when this is dropped"]
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), BoxError>>,
}

impl Running {
    fn new(
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: JoinHandle<Result<(), BoxError>>,
    ) -> Self {
        Self {
            address,
            stop,
            task,
        }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server ends by itself, which is a failure.
    pub async fn failure(&mut self) -> BoxError {
        match (&mut self.task).await {
            Ok(Ok(())) => "the server has ended".into(),
            Ok(Err(error)) => error,
            Err(error) => error.into(),
        }
    }

    /// Takes no more connections and waits a short time for the requests under way.
    pub async fn stop(self) {
        // A server that is gone needs no word.
        _ = self.stop.send(());
        // A client that sends nothing more is no reason to stay.
        _ = timeout(GRACE, self.task).await;
    }
}

/// Starts a server of the whole application.
///
/// # Errors
/// The address cannot be listened on, or the framework refuses to start.
pub async fn start(
    framework: Framework,
    app: &Arc<Application>,
    logging: Logging,
    listen: SocketAddr,
) -> Result<Running, BoxError> {
    let started = match framework {
        Framework::Axum => axum::start(app, logging, listen).await,
        Framework::Actix => actix::start(app, logging, listen),
        Framework::Rocket => rocket::start(app, logging, listen).await,
        Framework::Core => core::start(app, logging, listen).await,
    };
    started.map_err(|error| cannot_listen(listen, &error))
}

fn cannot_listen(address: SocketAddr, error: &BoxError) -> BoxError {
    let error = io::Error::other(format!("cannot serve on {address}: {error}"));
    error.into()
}
