//! Why a server did not answer, or refused to.

use std::{error::Error, fmt};

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::patience::OutOfPatience;

/// The longest text of a server that is repeated, in bytes.
const MAX_TEXT_BYTES: usize = 200;

/// Says why there is no answer that can be used.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection, or it broke off.
    Connection(String),
    /// The server reads its data first.
    Loading,
    /// The server, or what is in its place, answered something else.
    Answer(String),
}

impl Failure {
    /// Reads what the driver says of a command.
    pub(super) fn of_command(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::BusyLoading) => Self::Loading,
            ErrorKind::Server(_) | ErrorKind::Extension => Self::Answer(of_server(error)),
            ErrorKind::AuthenticationFailed => Self::Answer("authentication failed".to_owned()),
            ErrorKind::ClusterConnectionNotFound => {
                Self::Connection("no node of the cluster answers".to_owned())
            }
            ErrorKind::Io | ErrorKind::Client => Self::Connection(of_connection(error)),
            ErrorKind::Parse => Self::Answer("what was answered is not Redis".to_owned()),
            _ => Self::Answer(cut(error)),
        }
    }

    /// Reads the answer to `AUTH`. A server that does not know the command repeats its words, so
    /// only texts that are known are told.
    pub(super) fn of_authentication(error: &RedisError) -> Self {
        let known = match (error.kind(), error.code(), error.detail()) {
            (ErrorKind::Io | ErrorKind::Client, ..) => return Self::of_command(error),
            (_, Some("WRONGPASS"), _) => "wrong user or password, or the user is disabled",
            (_, Some("ERR"), Some(text)) if text.contains("max number of clients") => {
                return Self::of_command(error);
            }
            (_, Some("ERR"), Some(text))
                if text.contains("without any password") || text.contains("no password is set") =>
            {
                "a password is given, and the server has none for this user"
            }
            (_, Some("ERR"), Some(text)) if text.contains("wrong number of arguments") => {
                "the server knows no user names; give the password alone"
            }
            (_, Some("ERR"), Some(text)) if text.starts_with("invalid password") => {
                "wrong password"
            }
            _ => "the server refused for another reason",
        };
        Self::Answer(format!("authentication failed: {known}"))
    }

    /// Reads an error that a server sends before it closes a new connection, such as that it has
    /// no place for one more.
    pub(super) fn of_greeting(greeting: &[u8]) -> Option<Self> {
        let line = greeting.strip_prefix(b"-")?.split(|b| *b == b'\r').next()?;
        if line.is_empty() {
            return None;
        }
        let line = String::from_utf8_lossy(line);
        let (code, text) = line.split_once(' ').unwrap_or((&line, ""));
        Some(Self::Answer(explain(code, text)))
    }
}

/// It is no [`Failure::Connection`], for there is no time left to open another one.
impl From<OutOfPatience> for Failure {
    fn from(error: OutOfPatience) -> Self {
        Self::Answer(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(text) | Self::Answer(text) => f.write_str(text),
            Self::Loading => f.write_str("the server is loading its data"),
        }
    }
}

impl Error for Failure {}

fn of_server(error: &RedisError) -> String {
    let code = error.code().unwrap_or("an error without a code");
    explain(code, error.detail().unwrap_or_default())
}

fn explain(code: &str, text: &str) -> String {
    let meaning = match code {
        "NOAUTH" => "authentication is required, and no password is given",
        "WRONGPASS" => "authentication failed: wrong user or password, or the user is disabled",
        "NOPERM" => "the user may not run this command",
        "MISCONF" => "the server refuses to write because it cannot save its data",
        "MASTERDOWN" => "the replica has lost its master and serves no old data",
        "CLUSTERDOWN" => "the cluster is down",
        "DENIED" => return "the server is in protected mode and takes local clients only".into(),
        "ERR" if text.contains("max number of clients") => {
            return "the server has no place for one more client: its `maxclients` is reached"
                .into();
        }
        _ => return format!("the server answered {}", cut(format_args!("{code} {text}"))),
    };
    format!("{meaning} ({code})")
}

fn of_connection(error: &RedisError) -> String {
    if error.is_timeout() {
        return "no answer in the response timeout of the connection".to_owned();
    }
    if error.is_connection_refusal() {
        return "the connection was refused".to_owned();
    }
    if error.is_connection_dropped() {
        return "the connection was closed".to_owned();
    }
    cut(error)
}

fn cut(text: impl fmt::Display) -> String {
    let mut text = text.to_string();
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text.replace(char::is_control, " ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_error(code: &str, text: &str) -> RedisError {
        let line = format!("-{code} {text}\r\n");
        let value = redis::parse_redis_value(line.as_bytes()).unwrap();
        match value {
            redis::Value::ServerError(error) => error.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_refusal_is_told_apart() {
        let cases = [
            (
                "NOAUTH",
                "Authentication required.",
                "authentication is required, and no password is given (NOAUTH)",
            ),
            (
                "NOPERM",
                "this user has no permissions to run the 'info' command",
                "the user may not run this command (NOPERM)",
            ),
            (
                "MISCONF",
                "Redis is configured to save RDB snapshots",
                "the server refuses to write because it cannot save its data (MISCONF)",
            ),
            (
                "MASTERDOWN",
                "Link with MASTER is down",
                "the replica has lost its master and serves no old data (MASTERDOWN)",
            ),
            (
                "CLUSTERDOWN",
                "The cluster is down",
                "the cluster is down (CLUSTERDOWN)",
            ),
            (
                "LOADING",
                "Redis is loading the dataset in memory",
                "the server is loading its data",
            ),
            (
                "ERR",
                "max number of clients reached",
                "the server has no place for one more client: its `maxclients` is reached",
            ),
            (
                "ERR",
                "unknown command",
                "the server answered ERR unknown command",
            ),
            ("ODD", "\u{7}x", "the server answered ODD  x"),
        ];
        for (code, text, told) in cases {
            let failure = Failure::of_command(&server_error(code, text));
            assert_eq!(failure.to_string(), told, "{code}");
        }
    }

    #[test]
    fn a_failed_authentication_never_repeats_what_was_sent() {
        let cases = [
            (
                "WRONGPASS",
                "invalid username-password pair",
                "wrong user or password, or the user is disabled",
            ),
            (
                "ERR",
                "AUTH <password> called without any password configured",
                "a password is given, and the server has none for this user",
            ),
            (
                "ERR",
                "Client sent AUTH, but no password is set",
                "a password is given, and the server has none for this user",
            ),
            (
                "ERR",
                "wrong number of arguments for 'auth' command",
                "the server knows no user names; give the password alone",
            ),
            ("ERR", "invalid password", "wrong password"),
            (
                "ERR",
                "unknown command 'AUTH', with args beginning with: 's3cret'",
                "the server refused for another reason",
            ),
        ];
        for (code, text, told) in cases {
            let failure = Failure::of_authentication(&server_error(code, text));
            let told = format!("authentication failed: {told}");
            assert_eq!(failure.to_string(), told, "{code} {text}");
        }
    }

    #[test]
    fn a_greeting_is_read_only_when_it_is_an_error() {
        let cases: [(&[u8], Option<&str>); 6] = [
            (b"", None),
            (b"+OK\r\n", None),
            (b"-", None),
            (b"-ODD", Some("the server answered ODD")),
            (
                b"-DENIED Redis is running in protected mode because\r\n",
                Some("the server is in protected mode and takes local clients only"),
            ),
            (
                b"-ERR max number of clients reached\r\n",
                Some("the server has no place for one more client: its `maxclients` is reached"),
            ),
        ];
        for (greeting, told) in cases {
            let failure = Failure::of_greeting(greeting).map(|failure| failure.to_string());
            assert_eq!(failure.as_deref(), told, "{greeting:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("é".repeat(150)).len(), MAX_TEXT_BYTES);
    }
}
