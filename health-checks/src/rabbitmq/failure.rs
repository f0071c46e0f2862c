//! Why a broker did not answer, or refused to.

use std::{error::Error, fmt};

use lapin::{ConnectionState, ErrorKind, types::ShortString};

use crate::net::{io_reason, shown};

/// Codes by which a broker closes a channel or a connection.
///
/// Source: AMQP 0.9.1 1.1.
const CONNECTION_FORCED: u16 = 320;
pub(super) const ACCESS_REFUSED: u16 = 403;
pub(crate) const NOT_FOUND: u16 = 404;
pub(crate) const RESOURCE_LOCKED: u16 = 405;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;

/// The longest name of anything.
///
/// Source: AMQP 0.9.1 4.2.5.3.
pub(super) const MAX_NAME_BYTES: usize = 255;

/// What a broker says of a login that it does not take.
const LOGIN_REFUSED: &str = "Login was refused";

/// How a record begins by which a server refuses what is not TLS.
///
/// Source: RFC 8446 5.1.
const TLS_ALERT: u8 = 21;

/// Says why there is no answer that can be used.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection, it broke off, or it has no channel left.
    Connection(String),
    /// The broker refuses, with its code and its words.
    Refused { code: u16, text: String },
    /// The broker takes no messages on this connection, with its reason where it is known.
    Blocked(Option<String>),
    /// What was answered is of another kind.
    Answer(String),
    /// A name is longer than AMQP has room for, so nothing can have it.
    Name { bytes: usize },
}

/// Reads a name as AMQP has it; the driver panics at one that is too long.
pub(crate) fn short(name: &str) -> Result<ShortString, Failure> {
    let bytes = name.len();
    ShortString::try_new(name).map_err(|_| Failure::Name { bytes })
}

impl Failure {
    /// Tells whether the broker refused with this code.
    pub(crate) fn is(&self, refused: u16) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == refused)
    }

    /// Tells whether the connection was lost or used up, which says nothing of a new one.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Connection(_)) || self.is(CONNECTION_FORCED)
    }

    /// Reads what the driver says where a connection is opened; `greeting` is what the server sent.
    pub(super) fn of_opening(error: &lapin::Error, greeting: &[u8]) -> Self {
        let reason = match (error.kind(), greeting) {
            (_, [TLS_ALERT, 3, ..]) => "the server speaks TLS; write `amqps://`",
            (ErrorKind::IOError(_), []) => {
                "the server closed the connection instead of greeting; does it speak AMQP 0.9.1, \
                 and is it a port without TLS?"
            }
            _ => return error.into(),
        };
        Self::Connection(reason.to_owned())
    }
}

impl From<lapin::Error> for Failure {
    fn from(error: lapin::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&lapin::Error> for Failure {
    fn from(error: &lapin::Error) -> Self {
        match error.kind() {
            ErrorKind::ProtocolError(error) => Self::Refused {
                code: error.get_id(),
                text: shown(error.get_message().as_str().as_bytes()),
            },
            ErrorKind::IOError(error) | ErrorKind::RuntimeShutdownError(error) => {
                let reason = io_reason(error);
                Self::Connection(format!("the connection broke off: {reason}"))
            }
            ErrorKind::MissingHeartbeatError => Self::Connection(
                "the broker's heartbeat was missing, so the connection was given up".to_owned(),
            ),
            ErrorKind::InvalidConnectionState(state) => Self::Connection(match state {
                ConnectionState::Connecting | ConnectionState::Reconnecting => {
                    "the connection is being opened again".to_owned()
                }
                _ => "the connection is closed".to_owned(),
            }),
            ErrorKind::ParsingError(_) => {
                Self::Answer("what was answered is not AMQP 0.9.1".to_owned())
            }
            ErrorKind::InvalidProtocolVersion(version) => {
                Self::Answer(format!("the server speaks AMQP {version} only"))
            }
            ErrorKind::ChannelsLimitReached => {
                Self::Connection("all channels of the connection are in use".to_owned())
            }
            _ => Self::Answer(shown(error.to_string().as_bytes())),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(text) | Self::Answer(text) => f.write_str(text),
            Self::Name { bytes } => write!(
                f,
                "the name has {bytes} bytes, at most {MAX_NAME_BYTES} are possible"
            ),
            Self::Blocked(None) => {
                f.write_str("the broker takes no messages: the connection is blocked")
            }
            Self::Blocked(Some(reason)) => {
                write!(f, "the broker takes no messages: {reason}")
            }
            Self::Refused { code, text } => {
                let meaning = match *code {
                    ACCESS_REFUSED if text.contains(LOGIN_REFUSED) => {
                        return f.write_str("authentication failed: wrong user or password (403)");
                    }
                    ACCESS_REFUSED => "access refused",
                    NOT_FOUND => "not found",
                    RESOURCE_LOCKED => "in exclusive use by another connection",
                    PRECONDITION_FAILED => "declared differently",
                    NOT_ALLOWED => "the virtual host is missing or closed to this user",
                    CONNECTION_FORCED => "the broker closed the connection",
                    _ => "the broker refused",
                };
                write!(f, "{meaning} ({code}): {text}")
            }
        }
    }
}

impl Error for Failure {}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use lapin::protocol::AMQPError;

    use super::*;

    fn refused(code: u16, text: &str) -> String {
        let error = AMQPError::from_id(code, text.into()).unwrap();
        Failure::from(lapin::Error::from(ErrorKind::ProtocolError(error))).to_string()
    }

    fn broken(kind: ErrorKind) -> String {
        Failure::from(lapin::Error::from(kind)).to_string()
    }

    #[test]
    fn reasons_are_told_apart() {
        let cases = [
            (
                "login",
                refused(
                    403,
                    "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
                ),
                "authentication failed: wrong user or password (403)",
            ),
            (
                "permission",
                refused(
                    403,
                    "ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'u'",
                ),
                "access refused (403): ACCESS_REFUSED - access to queue 'q' in vhost '/' refused for user 'u'",
            ),
            (
                "virtual host",
                refused(530, "NOT_ALLOWED - vhost x not found"),
                "the virtual host is missing or closed to this user (530): NOT_ALLOWED - vhost x not found",
            ),
            (
                "shutdown",
                refused(320, "CONNECTION_FORCED - bye\nbye"),
                "the broker closed the connection (320): CONNECTION_FORCED - bye\\nbye",
            ),
            (
                "other",
                refused(541, "INTERNAL_ERROR"),
                "the broker refused (541): INTERNAL_ERROR",
            ),
            (
                "heartbeat",
                broken(ErrorKind::MissingHeartbeatError),
                "the broker's heartbeat was missing, so the connection was given up",
            ),
            (
                "closed",
                broken(ErrorKind::InvalidConnectionState(ConnectionState::Closed)),
                "the connection is closed",
            ),
            (
                "recovering",
                broken(ErrorKind::InvalidConnectionState(
                    ConnectionState::Reconnecting,
                )),
                "the connection is being opened again",
            ),
            (
                "reset",
                broken(ErrorKind::IOError(Arc::new(
                    io::ErrorKind::ConnectionReset.into(),
                ))),
                "the connection broke off: reset the connection",
            ),
            (
                "channels",
                broken(ErrorKind::ChannelsLimitReached),
                "all channels of the connection are in use",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(text, expected, "{name}");
        }
    }
}
