//! A TCP port, and what it answers.

use std::{fmt, net::SocketAddr, time::Instant};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    SettingError,
    millis::millis,
    net::{Address, connect, io_reason, shown},
    patience::within,
};

/// How much of an answer is read while what is expected has not come, in bytes, inclusive.
pub const DEFAULT_READ_LIMIT_BYTES: usize = 4096;

/// Checks that a TCP port accepts a connection, and where that is asked, that it answers as expected.
///
/// Details: `address` as it was set, `peer` that took the connection, `connectMs`, `answerMs` where
/// an answer is expected, `error` when DOWN. All addresses of the name are tried, the two families
/// in turn, until one takes the connection; refused, not resolved, no route, reset and silent are
/// told apart.
///
/// That a port accepts says little: a listening socket does so while its process hangs. Where
/// there is a check of the protocol itself, take that one; it also says goodbye as its protocol
/// wants it, whereas MySQL counts a connection that only opens as an error and blocks the host
/// after a hundred.
///
/// # Security
/// What is sent and expected shows nowhere. When something else comes, the first 200 characters of
/// it are part of `error`.
///
/// ```
/// use health_checks::Tcp;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let open = Tcp::new("ldap.internal:389")?;
/// let answers = Tcp::new("cache.internal:11211")?
///     .send("version\r\n")
///     .expect_prefix("VERSION ");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tcp {
    address: Address,
    send: Vec<u8>,
    expected: Option<Expected>,
    read_limit_bytes: usize,
}

#[derive(Clone)]
enum Expected {
    Prefix(Vec<u8>),
    Part(Vec<u8>),
}

impl Tcp {
    /// Makes a check of an address, `host:port`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    /// Fails for what is no host and port.
    pub fn new(address: impl AsRef<str>) -> Result<Self, SettingError> {
        Ok(Self {
            address: Address::parse("TCP check of", address.as_ref(), None)?,
            send: Vec::new(),
            expected: None,
            read_limit_bytes: DEFAULT_READ_LIMIT_BYTES,
        })
    }

    /// Sets what is sent after connecting: bytes or text; default nothing.
    #[must_use]
    pub fn send(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.send = bytes.as_ref().to_vec();
        self
    }

    /// Expects an answer that begins with this, bytes or text, in the place of another
    /// expectation. An empty one expects a single byte, whichever.
    #[must_use]
    pub fn expect_prefix(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.expected = Some(Expected::Prefix(bytes.as_ref().to_vec()));
        self
    }

    /// Expects an answer that has this in it, bytes or text, in the place of another expectation.
    /// An empty one expects a single byte, whichever.
    #[must_use]
    pub fn expect_contains(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.expected = Some(Expected::Part(bytes.as_ref().to_vec()));
        self
    }

    /// Sets how much of an answer is read while what is expected has not come, in bytes,
    /// inclusive; default [`DEFAULT_READ_LIMIT_BYTES`].
    #[must_use]
    pub fn read_limit_bytes(mut self, bytes: usize) -> Self {
        self.read_limit_bytes = bytes;
        self
    }

    /// Sends, and collects the answer until it is the expected one.
    async fn talk(&self, stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<(), String> {
        let broke_off = |error| format!("the connection broke off: {}", io_reason(&error));
        stream.write_all(&self.send).await.map_err(broke_off)?;
        let Some(expected) = &self.expected else {
            return Ok(());
        };
        let mut rest = stream.take(self.read_limit_bytes as u64);
        loop {
            match expected.judge(answer) {
                Verdict::Met => return Ok(()),
                Verdict::Never => return Err(format!("answered `{}`", shown(answer))),
                Verdict::NotYet => {}
            }
            if rest.read_buf(answer).await.map_err(broke_off)? > 0 {
                continue;
            }
            return Err(match (answer.is_empty(), rest.limit()) {
                (_, 0) => format!(
                    "what is expected is not in the first {} bytes: `{}`",
                    self.read_limit_bytes,
                    shown(answer)
                ),
                (true, _) => "closed the connection without an answer".to_owned(),
                (false, _) => format!("answered `{}` and closed the connection", shown(answer)),
            });
        }
    }
}

#[async_trait]
impl Check for Tcp {
    async fn check(&self) -> CheckResult {
        let health = |health: Health| health.detail("address", self.address.to_string());
        let start = Instant::now();
        let mut stream = match within("connection", connect(&self.address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Ok(health(Health::down()).error(error)),
            Err(late) => return Ok(health(Health::down()).error(late)),
        };
        let connected = start.elapsed();
        let peer = stream.peer_addr().ok().as_ref().map(SocketAddr::to_string);
        let health = |given: Health| {
            health(given)
                .detail("peer", peer)
                .detail("connectMs", millis(connected))
        };

        let start = Instant::now();
        let mut answer = Vec::new();
        let talked = within("answer", self.talk(&mut stream, &mut answer)).await;
        let answer_ms = self.expected.as_ref().map(|_| millis(start.elapsed()));
        let error = match talked {
            Ok(Ok(())) => {
                say_goodbye(&mut stream).await;
                return Ok(health(Health::up()).detail("answerMs", answer_ms));
            }
            Ok(Err(reason)) => reason,
            Err(late) if answer.is_empty() => late.to_string(),
            Err(_) => format!("answered `{}` and then nothing more", shown(&answer)),
        };
        Ok(health(Health::down())
            .detail("answerMs", answer_ms)
            .detail("error", error))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Ends our side, and takes what has come meanwhile: what stays unread turns the end of a
/// connection into a reset.
async fn say_goodbye(stream: &mut TcpStream) {
    let _ = stream.shutdown().await;
    let mut unread = [0; DEFAULT_READ_LIMIT_BYTES];
    let _ = stream.try_read(&mut unread);
}

enum Verdict {
    Met,
    NotYet,
    Never,
}

impl Expected {
    fn judge(&self, answer: &[u8]) -> Verdict {
        match self {
            _ if answer.is_empty() => Verdict::NotYet,
            Self::Prefix(prefix) if answer.starts_with(prefix) => Verdict::Met,
            Self::Prefix(prefix) if prefix.starts_with(answer) => Verdict::NotYet,
            Self::Prefix(_) => Verdict::Never,
            Self::Part(part) if part.is_empty() => Verdict::Met,
            Self::Part(part) if answer.windows(part.len()).any(|window| window == part) => {
                Verdict::Met
            }
            Self::Part(_) => Verdict::NotYet,
        }
    }
}

/// Shows the address and no content.
impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tcp").field(&self.address).finish()
    }
}
