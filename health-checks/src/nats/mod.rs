//! NATS: a server, and JetStream with its streams.

mod address;
mod failure;
mod jetstream;
mod own;

use std::{
    fmt,
    time::{Duration, Instant},
};

use async_nats::{Client, Request, connection::State};
use health_core::{Check, CheckResult, Health, Scope, async_trait};
use tokio::time::timeout;

use self::{
    address::Addresses,
    failure::{Failure, cut},
    jetstream::{Expected, Found},
    own::{Open, Own},
};
use crate::{
    SettingError, Tls,
    millis::millis,
    patience::{patience, within},
};

/// Checks that a message comes back from a NATS server, and that JetStream has its streams.
///
/// Details: `version`, `serverName`, `cluster`, `latencyMs`, with [`Nats::jetstream`] `streams`,
/// `consumers`, `memoryBytes`, `storageBytes`, and a component for each of [`Nats::stream`] with
/// `messages`, `bytes`, `consumers`; `error` when not UP.
///
/// A run subscribes to an inbox of its own and sends a message to it: the driver's `flush` ends
/// when the bytes have left, whether or not anybody is there to read them. The application's
/// client comes back by itself after its server was gone; while it is away the check is DOWN at
/// once and asks nothing, since what is asked would wait in the client's queue. A
/// [`Nats::connect`] keeps one connection, and opens another only when that one is lost, so that
/// why it cannot is known. A run gives up just before the deadline of the component.
///
/// OUT_OF_SERVICE is a server in lame duck mode when no other one takes a connection. The driver
/// tells that to [`Nats::connect`] alone; for its own client the application has the event in its
/// event callback.
///
/// # Security
/// The user needs to publish and subscribe to `_INBOX.>`, and for JetStream to publish to
/// `$JS.API.INFO` and `$JS.API.STREAM.INFO.*`. Credentials show nowhere. Who signs in by a JWT or an
/// nkey hands in the application's client.
///
/// ```
/// use health_checks::Nats;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Nats::connect("nats://app:s3cret@localhost:4222")?.stream("ORDERS");
/// # Ok(())
/// # }
/// ```
pub struct Nats {
    source: Source,
    jetstream: Option<Expected>,
}

const LAME_DUCK: &str = "the server is in lame duck mode: it stops soon and takes no new clients";

enum Source {
    Application(Client),
    Own(Box<Own>),
}

impl Nats {
    /// Makes a check over the application's client.
    pub fn new(client: Client) -> Self {
        Self::of(Source::Application(client))
    }

    /// Makes a check with a connection of its own, which is opened by the first run: by `nats://`,
    /// with TLS by `tls://` or when the server asks for it; several servers by commas.
    ///
    /// # Errors
    /// Fails for what are no such URLs.
    pub fn connect(urls: impl AsRef<str>) -> Result<Self, SettingError> {
        let own = Own::new(Addresses::parse(urls.as_ref())?);
        Ok(Self::of(Source::Own(Box::new(own))))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            jetstream: None,
        }
    }

    /// Requires JetStream for the account; by default it is not asked about.
    #[must_use]
    pub fn jetstream(mut self) -> Self {
        self.jetstream.get_or_insert_default();
        self
    }

    /// Requires JetStream of another domain, such as that of a hub behind a leaf node.
    #[must_use]
    pub fn jetstream_domain(mut self, domain: impl Into<String>) -> Self {
        self.jetstream.get_or_insert_default().domain = Some(domain.into());
        self
    }

    /// Requires a stream, and with it JetStream; in a cluster one that has a leader.
    #[must_use]
    pub fn stream(mut self, name: impl Into<String>) -> Self {
        let expected = self.jetstream.get_or_insert_default();
        expected.streams.push(name.into());
        self
    }

    /// Sets whom to trust and with which certificate to come, of a check made by
    /// [`Nats::connect`]; default [`Tls::new`].
    ///
    /// # Errors
    /// Fails when the client is the application's.
    pub fn tls(mut self, tls: Tls) -> Result<Self, SettingError> {
        match &mut self.source {
            Source::Own(own) => {
                tls.load();
                own.tls = tls;
            }
            Source::Application(_) => {
                let problem = "the application's own client is used as it is";
                return Err(SettingError::new("TLS of the NATS check", problem));
            }
        }
        Ok(self)
    }

    async fn ask(&self) -> Result<Health, Failure> {
        match &self.source {
            Source::Application(client) if client.connection_state() != State::Connected => {
                let text = "the client is not connected; it tries to come back by itself";
                Err(Failure::new(text))
            }
            Source::Application(client) => {
                let answers = within("message back", self.ask_on(client)).await??;
                Ok(answers.judge(client, None))
            }
            Source::Own(own) => {
                if let Some(open) = own.take() {
                    match self.ask_kept(own, open).await {
                        // The server gave up an idle connection, which says nothing of its health.
                        Err(failure) if failure.is_lost_connection() => {}
                        answered => return answered,
                    }
                }
                let open = within("connection", own.open()).await??;
                self.ask_and_keep(own, open, None).await
            }
        }
    }

    async fn ask_kept(&self, own: &Own, open: Open) -> Result<Health, Failure> {
        if !open.is_lame_duck() {
            return self.ask_and_keep(own, open, None).await;
        }
        // Half of the time, so that the server which is still there can be asked.
        match timeout(patience() / 2, own.open()).await {
            Ok(Ok(other)) => self.ask_and_keep(own, other, None).await,
            _ => self.ask_and_keep(own, open, Some(LAME_DUCK)).await,
        }
    }

    async fn ask_and_keep(
        &self,
        own: &Own,
        open: Open,
        problem: Option<&str>,
    ) -> Result<Health, Failure> {
        let answers = within("message back", self.ask_on(&open.client)).await;
        let answers = answers.map_err(Failure::from).flatten();
        let answers = answers.map_err(|failure| failure.after(open.complaint()))?;
        let health = answers.judge(&open.client, problem);
        own.keep(open);
        Ok(health)
    }

    async fn ask_on(&self, client: &Client) -> Result<Answers, Failure> {
        let latency = round_trip(client).await?;
        let jetstream = match &self.jetstream {
            None => None,
            Some(expected) => match expected.ask(client).await {
                Err(failure) if failure.is_lost_connection() => return Err(failure),
                answered => Some(answered),
            },
        };
        Ok(Answers { latency, jetstream })
    }
}

/// Sends a message to an inbox and waits until it is there.
async fn round_trip(client: &Client) -> Result<Duration, Failure> {
    let start = Instant::now();
    let inbox = client.new_inbox();
    let request = Request::new().inbox(inbox.clone()).timeout(None);
    match client.send_request(inbox, request).await {
        Ok(_) => Ok(start.elapsed()),
        Err(error) => Err(Failure::lost(format!(
            "no message came back: {}",
            cut(error)
        ))),
    }
}

/// What was answered in one run.
struct Answers {
    latency: Duration,
    jetstream: Option<Result<Found, Failure>>,
}

impl Answers {
    fn judge(self, client: &Client, problem: Option<&str>) -> Health {
        let (found, error) = match self.jetstream {
            None => (None, None),
            Some(Ok(found)) => {
                let problem = found.problem();
                (Some(found), problem)
            }
            Some(Err(failure)) => (None, Some(failure.to_string())),
        };
        let health = match (&error, problem) {
            (Some(_), _) => Health::down(),
            (None, Some(_)) => Health::out_of_service(),
            (None, None) => Health::up(),
        };
        let server = client.server_info();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let health = health
            .detail("version", some(server.version))
            .detail("serverName", some(server.server_name))
            .detail("cluster", server.cluster)
            .detail("latencyMs", millis(self.latency))
            .detail("error", error.or(problem.map(str::to_owned)));
        match found {
            Some(found) => found.add_to(health),
            None => health,
        }
    }
}

#[async_trait]
impl Check for Nats {
    async fn check(&self) -> CheckResult {
        Ok(self.ask().await?)
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the hosts and ports, and of the application's client only that it is one.
impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.source {
            Source::Application(_) => "client of the application".to_owned(),
            Source::Own(own) => own.addresses.place(),
        };
        let mut shown = f.debug_struct("Nats");
        shown.field("place", &place);
        if let Some(jetstream) = &self.jetstream {
            shown.field("jetstream", jetstream);
        }
        shown.finish()
    }
}
