//! Why a server did not answer, or refused to.

use std::{error::Error, fmt, io};

use mongodb::error::{CommandError, ErrorKind};

/// The longest text of the driver or a server that is repeated, in bytes.
const MAX_TEXT_BYTES: usize = 300;

/// Error codes of MongoDB. Source: `src/mongo/base/error_codes.yml`.
const UNAUTHORIZED: i32 = 13;
const AUTHENTICATION_FAILED: i32 = 18;
const COMMAND_NOT_FOUND: i32 = 59;
const NO_REPLICATION_ENABLED: i32 = 76;
const NOT_YET_INITIALIZED: i32 = 94;
const API_STRICT: i32 = 323;

/// Says why there is no answer that can be used.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    code: Option<i32>,
    needs_login: bool,
}

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            code: None,
            needs_login: false,
        }
    }

    /// Reads what the driver says.
    pub(super) fn of_driver(error: &mongodb::error::Error) -> Self {
        Self::new(match &*error.kind {
            ErrorKind::Command(error) => return Self::of_command(error),
            ErrorKind::Authentication { .. } => {
                "authentication failed: wrong user, password or `authSource`".to_owned()
            }
            ErrorKind::Io(error) => io_reason(error),
            ErrorKind::ServerSelection { message, .. } => {
                format!("no server can be used: {}", servers(message))
            }
            ErrorKind::ConnectionPoolCleared { message, .. } => {
                format!("the connections were closed: {}", servers(message))
            }
            ErrorKind::DnsResolve { message, .. } => {
                format!("a name was not resolved: {}", cut(message))
            }
            ErrorKind::InvalidTlsConfig { message, .. } => {
                format!("TLS cannot be used: {}", cut(message))
            }
            ErrorKind::IncompatibleServer { message, .. } => cut(message),
            ErrorKind::InvalidResponse { message, .. } => {
                format!("an odd answer: {}", cut(message))
            }
            ErrorKind::BsonDeserialization(error) => format!("an odd answer: {}", cut(error)),
            ErrorKind::Shutdown => "the application has shut its client down".to_owned(),
            kind => cut(kind),
        })
    }

    fn of_command(error: &CommandError) -> Self {
        let CommandError {
            code,
            code_name,
            message,
            ..
        } = error;
        let needs_login = *code == UNAUTHORIZED
            && (message.contains("requires authentication")
                || message.contains("no users authenticated"));
        let text = match *code {
            AUTHENTICATION_FAILED => {
                "authentication failed: wrong user, password or `authSource`".to_owned()
            }
            _ if needs_login => "authentication is required, and the client gives none".to_owned(),
            UNAUTHORIZED => format!("the user may not ask this: {}", cut(message)),
            NO_REPLICATION_ENABLED => "the server is not a member of a replica set".to_owned(),
            NOT_YET_INITIALIZED => "the replica set is not initialized yet".to_owned(),
            code => format!(
                "the server answered error {code} ({}): {}",
                cut(code_name),
                cut(message)
            ),
        };
        Self {
            text,
            code: Some(*code),
            needs_login,
        }
    }

    /// Tells whether the server is there and merely does not answer this command to this user.
    pub(super) fn is_refused_command(&self) -> bool {
        let refusals = [UNAUTHORIZED, COMMAND_NOT_FOUND, API_STRICT];
        !self.needs_login && self.code.is_some_and(|code| refusals.contains(&code))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failure {}

fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused".to_owned(),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => "the connection was closed".to_owned(),
        _ => format!("no connection: {}", cut(error)),
    }
}

/// Leaves the servers and their errors of what the driver says that it knows, such as
/// `Topology: { Type: Unknown, Servers: [ { Address: a:1, Type: Unknown, Error: Kind: ... } ] }`.
fn servers(message: &str) -> String {
    let told: Vec<_> = message.split("{ Address: ").skip(1).map(server).collect();
    if !told.is_empty() {
        return cut(told.join("; "));
    }
    if message.contains("Type: ReplicaSetNoPrimary") {
        return "none of the hosts is a member of the replica set that the client was told"
            .to_owned();
    }
    cut(message)
}

fn server(text: &str) -> String {
    let (address, rest) = text.split_once(", Type: ").unwrap_or((text, ""));
    let (kind, error) = rest.split_once(", Error: ").unwrap_or((rest, ""));
    let error = error.split(", labels: ").next().unwrap_or(error);
    let error = error.trim_start_matches("Kind: ");
    let error = error.trim_start_matches("I/O error: ");
    let end = [' ', '}', ']', ','];
    match error.trim_end_matches(end) {
        "" => format!(
            "{address} is {}",
            kind.split(", ")
                .next()
                .unwrap_or(kind)
                .trim_end_matches(end)
        ),
        error => format!("{address}: {error}"),
    }
}

/// Returns a text in one line that is not too long.
pub(super) fn cut(text: impl fmt::Display) -> String {
    let mut text = text.to_string();
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_knows_is_told_in_short() {
        let cases = [
            (
                "one",
                "Server selection timeout: No available servers. Topology: { Type: Unknown, Servers: [ { Address: a:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {\"X\"}, source: None, server response: None } ] }",
                "a:1: Connection refused (os error 111)",
            ),
            (
                "two",
                "Topology: { Type: ReplicaSetNoPrimary, Servers: [ { Address: a:1, Type: RSSecondary }, { Address: b:2, Type: Unknown, Error: Kind: I/O error: timed out, labels: {} } ] }",
                "a:1 is RSSecondary; b:2: timed out",
            ),
            (
                "none",
                "No available servers. Topology: { Type: ReplicaSetNoPrimary, Set Name: orders }",
                "none of the hosts is a member of the replica set that the client was told",
            ),
            ("other words", "something else", "something else"),
            ("cut off", "{ Address: ", " is "),
        ];
        for (name, message, told) in cases {
            assert_eq!(servers(message), told, "{name}");
        }
    }
}
