//! A status becomes an HTTP code.

use std::{fmt, sync::Arc};

use http::StatusCode;

use crate::Status;

/// Maps a status to the HTTP code of the answer.
///
/// A closure is a mapper too. A panic counts as 503.
pub trait HttpMapper: Send + Sync + 'static {
    /// Returns the HTTP code.
    fn http_code(&self, status: &Status) -> StatusCode;
}

impl<F> HttpMapper for F
where
    F: Fn(&Status) -> StatusCode + Send + Sync + 'static,
{
    fn http_code(&self, status: &Status) -> StatusCode {
        self(status)
    }
}

/// Maps by a table; what the table does not name is 503, except for UP and UNKNOWN, which are 200.
///
/// Entries extend the defaults (DOWN and OUT_OF_SERVICE are 503, UP and UNKNOWN 200) instead of
/// replacing them, and an unlisted custom status is 503 instead of 200: a table that names one
/// status must not turn another failure into a success. This is stricter than Spring Boot's
/// `SimpleHttpCodeStatusMapper`.
#[derive(Clone, Debug, Default)]
pub struct HttpMapping(Vec<(String, StatusCode)>);

impl HttpMapping {
    /// Makes the default table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Maps one status; codes are compared by their letters and digits, whatever their case.
    #[must_use]
    pub fn with(mut self, status: &Status, code: StatusCode) -> Self {
        self.insert(status, code);
        self
    }

    pub(crate) fn insert(&mut self, status: &Status, code: StatusCode) {
        let lenient = status.lenient();
        self.0.retain(|(known, _)| *known != lenient);
        self.0.push((lenient, code));
    }

    pub(crate) fn codes(&self) -> impl Iterator<Item = StatusCode> {
        self.0.iter().map(|(_, code)| *code)
    }

    /// Adds what another table says and this one does not.
    pub(crate) fn fall_back_to(&mut self, other: &Self) {
        for (status, code) in &other.0 {
            if !self.0.iter().any(|(known, _)| known == status) {
                self.0.push((status.clone(), *code));
            }
        }
    }
}

impl HttpMapper for HttpMapping {
    fn http_code(&self, status: &Status) -> StatusCode {
        let lenient = status.lenient();
        let listed = self.0.iter().find(|(known, _)| *known == lenient);
        listed.map_or_else(|| default_code(&lenient), |(_, code)| *code)
    }
}

fn default_code(lenient: &str) -> StatusCode {
    match lenient {
        "up" | "unknown" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A mapper that cannot panic and is cheap to share.
#[derive(Clone)]
pub(crate) struct SharedMapper(pub(crate) Arc<dyn HttpMapper>);

impl SharedMapper {
    pub(crate) fn http_code(&self, status: &Status) -> StatusCode {
        let map = std::panic::AssertUnwindSafe(|| self.0.http_code(status));
        std::panic::catch_unwind(map).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl fmt::Debug for SharedMapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedMapper")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_extends_the_defaults() {
        let table = HttpMapping::new().with(&"fatal".into(), StatusCode::INTERNAL_SERVER_ERROR);
        let cases = [
            ("listed, other case", "FATAL", 500),
            ("default down", "DOWN", 503),
            ("default out of service", "OUT_OF_SERVICE", 503),
            ("default up", "UP", 200),
            ("default unknown", "UNKNOWN", 200),
            ("default up, other case", "Up", 200),
            ("unlisted custom", "WEIRD", 503),
        ];
        for (name, status, code) in cases {
            assert_eq!(table.http_code(&status.into()).as_u16(), code, "{name}");
        }
    }
}
