//! Health of a gRPC server by grpc.health.v1.

mod answer;
mod connection;
mod endpoint;

use std::{fmt, time::Duration};

use health_core::{Check, CheckResult, Health, MASK, Scope, async_trait};
use tonic::{
    Request, Status,
    metadata::{AsciiMetadataKey, AsciiMetadataValue},
    transport::Channel,
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use self::endpoint::Endpoint;
use crate::{
    SettingError, Tls,
    millis::millis,
    patience::{patience, within},
};

/// The largest answer that is read, in bytes, inclusive: the real one has two.
const MAX_ANSWER_BYTES: usize = 4096;

/// By how much longer the server is told to work on its answer than it is waited for, in percent.
const BEYOND_PATIENCE_PERCENT: u32 = 5;

/// Checks that a gRPC server says SERVING for a service, by `grpc.health.v1`.
///
/// Details: `address` where it is not the application's own channel, `service` unless it is the
/// server as a whole, `servingStatus` as it was answered, `connectMs`, `error` when DOWN. A server
/// that says NOT_SERVING, one that does not know the service, one without the health service, one
/// that refuses the credentials and one that is silent are told apart; all are DOWN.
///
/// Give it the application's own channel ([`Grpc::channel`]): then the check proves the way that
/// the application goes. With an address ([`Grpc::new`]) each run opens a connection and closes it.
/// The server is told by `grpc-timeout` how long the answer is waited for.
///
/// # Security
/// Values of metadata show nowhere, and what the server says in words is shown without them.
///
/// ```
/// use health_checks::Grpc;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// # let token = "s3cret";
/// let check = Grpc::new("https://orders.internal:50051")?
///     .service("orders.v1.Orders")
///     .bearer_token(token)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Grpc {
    server: Server,
    service: String,
    metadata: Vec<(AsciiMetadataKey, AsciiMetadataValue)>,
}

#[derive(Clone)]
enum Server {
    Channel(Channel),
    Endpoint(Endpoint),
}

impl Grpc {
    /// Makes a check of a server, `http://host:port` without TLS or `https://host:port` with it.
    ///
    /// # Errors
    /// Fails for what is no such URL.
    pub fn new(url: impl AsRef<str>) -> Result<Self, SettingError> {
        let endpoint = Endpoint::parse(url.as_ref())?;
        Ok(Self::of(Server::Endpoint(endpoint)))
    }

    /// Makes a check over the application's own channel, with its settings for TLS and time limits.
    #[must_use]
    pub fn channel(channel: Channel) -> Self {
        Self::of(Server::Channel(channel))
    }

    fn of(server: Server) -> Self {
        Self {
            server,
            service: String::new(),
            metadata: Vec::new(),
        }
    }

    /// Asks for one service, such as `orders.v1.Orders`; default the server as a whole.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = name.into();
        self
    }

    /// Sets whom to trust and as whom to come; default the authorities of the system, and nobody.
    /// An application's own channel has settings of its own, and this changes nothing there.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        if let Server::Endpoint(endpoint) = &mut self.server {
            endpoint.tls = tls;
        }
        self
    }

    /// Sends a metadata entry along, besides others of the same name.
    ///
    /// # Errors
    /// Fails for what cannot be sent as ASCII metadata.
    pub fn metadata(mut self, name: &str, value: impl AsRef<str>) -> Result<Self, SettingError> {
        let place = format!("metadata `{}`", name.escape_debug());
        let Ok(name) = AsciiMetadataKey::from_bytes(name.to_lowercase().as_bytes()) else {
            return Err(SettingError::new(
                place,
                "a name may hold letters, digits, `-`, `_` and `.` only, and does not end in `-bin`",
            ));
        };
        let value = value.as_ref();
        let is_visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let Some(mut value) = is_visible
            .then(|| value.parse::<AsciiMetadataValue>().ok())
            .flatten()
        else {
            return Err(SettingError::new(
                place,
                "the value may hold visible ASCII characters and spaces only",
            ));
        };
        value.set_sensitive(true);
        self.metadata.push((name, value));
        Ok(self)
    }

    /// Sends a token as `authorization: Bearer`.
    ///
    /// # Errors
    /// Fails for what cannot be sent as ASCII metadata.
    pub fn bearer_token(self, token: impl AsRef<str>) -> Result<Self, SettingError> {
        self.metadata("authorization", format!("Bearer {}", token.as_ref()))
    }

    /// Returns what the server says of the service.
    async fn ask(&self, connect_time: &mut Option<Duration>) -> Result<i32, String> {
        match &self.server {
            Server::Channel(channel) => {
                let client = HealthClient::new(channel.clone());
                self.ask_by(client)
                    .await?
                    .map_err(|status| self.reason(&status))
            }
            Server::Endpoint(endpoint) => {
                let connection = endpoint.connect(connect_time).await?;
                let channel = connection.channel.clone();
                let client = HealthClient::with_origin(channel, endpoint.origin());
                let asked = self.ask_by(client).await?;
                asked.map_err(|status| match connection.end() {
                    Some(end) if answer::is_lost(&status) => end,
                    _ => self.reason(&status),
                })
            }
        }
    }

    async fn ask_by(&self, client: HealthClient<Channel>) -> Result<Result<i32, Status>, String> {
        let mut request = Request::new(HealthCheckRequest {
            service: self.service.clone(),
        });
        let wait = patience();
        // tonic ends the call by this as well, and knows no reason.
        request.set_timeout(wait + wait * BEYOND_PATIENCE_PERCENT / 100);
        for (name, value) in &self.metadata {
            request.metadata_mut().append(name.clone(), value.clone());
        }
        let mut client = client.max_decoding_message_size(MAX_ANSWER_BYTES);
        let answer = within("answer", client.check(request)).await;
        match answer.map_err(|late| late.to_string())? {
            // Both limits were over when the machine had time again.
            Err(status) if answer::is_timeout_of_client(&status) => {
                Err(format!("no answer within {} ms", wait.as_millis()))
            }
            answer => Ok(answer.map(|response| response.into_inner().status)),
        }
    }

    fn reason(&self, status: &Status) -> String {
        self.without_secrets(answer::reason(status, &self.service))
    }

    /// Hides what was sent where a server repeats it.
    fn without_secrets(&self, text: String) -> String {
        let values = self
            .metadata
            .iter()
            .filter_map(|(_, value)| value.to_str().ok());
        let secrets = values.flat_map(|value| [value, value.trim_start_matches("Bearer ")]);
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text, |text, secret| text.replace(secret, MASK))
    }
}

#[async_trait]
impl Check for Grpc {
    async fn check(&self) -> CheckResult {
        let mut connect_time = None;
        let asked = self.ask(&mut connect_time).await;
        let status = asked.as_ref().ok().map(|code| answer::name(*code));
        let error = match asked {
            Ok(code) => answer::problem(code),
            Err(reason) => Some(reason),
        };
        let health = if error.is_none() {
            Health::up()
        } else {
            Health::down()
        };
        let address = match &self.server {
            Server::Channel(_) => None,
            Server::Endpoint(endpoint) => Some(endpoint.address.to_string()),
        };
        let service = Some(self.service.clone()).filter(|name| !name.is_empty());
        Ok(health
            .detail("address", address)
            .detail("service", service)
            .detail("servingStatus", status)
            .detail("connectMs", connect_time.map(millis))
            .detail("error", error))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the address and the service.
impl fmt::Debug for Grpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = match &self.server {
            Server::Channel(_) => "a channel of the application".to_owned(),
            Server::Endpoint(endpoint) => endpoint.address.to_string(),
        };
        f.debug_struct("Grpc")
            .field("server", &server)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}
