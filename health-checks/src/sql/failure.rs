//! Why a database is not UP.

use health_core::Status;

/// The longest text of an error that is shown, in characters; some servers answer with the query.
const MAX_REASON_CHARS: usize = 500;

/// SQLite has numbers of its own instead, which are shorter.
const SQLSTATE_LENGTH: usize = 5;

/// The class of SQLSTATE for names and passwords that are not accepted.
const AUTHENTICATION: &str = "28";

/// The SQLSTATEs of a query that took too long: PostgreSQL, MariaDB.
const CANCELLED: [&str; 2] = ["57014", "70100"];

/// A status and its reason.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) reason: String,
}

impl Failure {
    pub(crate) fn new(status: Status, reason: impl AsRef<str>) -> Self {
        Self {
            status,
            reason: reason.as_ref().chars().take(MAX_REASON_CHARS).collect(),
        }
    }

    pub(crate) fn down(reason: impl AsRef<str>) -> Self {
        Self::new(Status::DOWN, reason)
    }

    /// Tells what the server itself said, by its SQLSTATE or the number of SQLite.
    pub(crate) fn answered(state: &str, message: &str) -> Self {
        if state.len() != SQLSTATE_LENGTH {
            return Self::down(format!("error {state}: {message}"));
        }
        let what = if state.starts_with(AUTHENTICATION) {
            "authentication failed"
        } else if CANCELLED.contains(&state) {
            "the query took too long"
        } else {
            "the server answered with an error"
        };
        Self::down(format!("{what} ({state}): {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_tells_what_it_is_about() {
        let cases = [
            ("password", "28P01", "authentication failed (28P01): m"),
            ("no such user", "28000", "authentication failed (28000): m"),
            ("too long", "57014", "the query took too long (57014): m"),
            (
                "no table",
                "42P01",
                "the server answered with an error (42P01): m",
            ),
            ("SQLite", "284", "error 284: m"),
        ];
        for (name, state, reason) in cases {
            assert_eq!(Failure::answered(state, "m").reason, reason, "{name}");
        }
    }

    #[test]
    fn a_long_answer_is_cut() {
        let reason = Failure::down("ä".repeat(10_000)).reason;
        assert_eq!(reason.chars().count(), MAX_REASON_CHARS);
    }
}
