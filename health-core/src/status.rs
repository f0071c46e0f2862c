//! The status codes of a component, in Spring's spelling.

use std::{borrow::Cow, fmt};

/// Tells how a component is: one of the four built-in codes or a custom one.
///
/// Two statuses are equal when their codes are equal, letter for letter.
/// A custom code has no meaning of its own: declare its severity and HTTP code with
/// [`Builder::custom_status`](crate::Builder::custom_status). One that nobody declared counts as
/// [`Status::DOWN`] and is shown as it came.
///
/// Source: Spring Boot `Status`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(Code);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Code {
    Down,
    OutOfService,
    Up,
    Unknown,
    Custom(Cow<'static, str>),
}

impl Status {
    /// Does not work.
    pub const DOWN: Self = Self(Code::Down);
    /// Taken out of service on purpose; must not be used.
    pub const OUT_OF_SERVICE: Self = Self(Code::OutOfService);
    /// Works.
    pub const UP: Self = Self(Code::Up);
    /// Works with less than it should have. A custom status that is declared everywhere, just above
    /// UP and with 200, unless the application declares or ranks it otherwise.
    pub const DEGRADED: Self = Self(Code::Custom(Cow::Borrowed("DEGRADED")));
    /// Nothing is known.
    pub const UNKNOWN: Self = Self(Code::Unknown);

    /// Makes a status of a code; a built-in code, spelled as on the wire, gives the built-in status.
    pub fn new(code: &str) -> Self {
        match code {
            "DOWN" => Self::DOWN,
            "OUT_OF_SERVICE" => Self::OUT_OF_SERVICE,
            "UP" => Self::UP,
            "UNKNOWN" => Self::UNKNOWN,
            custom => Self(Code::Custom(custom.to_owned().into())),
        }
    }

    /// Returns the code as it stands on the wire.
    pub fn code(&self) -> &str {
        match &self.0 {
            Code::Down => "DOWN",
            Code::OutOfService => "OUT_OF_SERVICE",
            Code::Up => "UP",
            Code::Unknown => "UNKNOWN",
            Code::Custom(code) => code,
        }
    }

    /// Tells whether this is none of the four built-in statuses.
    pub fn is_custom(&self) -> bool {
        matches!(self.0, Code::Custom(_))
    }

    /// Returns the form in which codes are compared in settings: letters and digits, in lower case.
    ///
    /// `out-of-service` and `OUT_OF_SERVICE` are the same there. Source: Spring Boot
    /// `SimpleStatusAggregator`.
    pub(crate) fn lenient(&self) -> String {
        self.code()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl From<&str> for Status {
    fn from(code: &str) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_codes_are_recognised_by_their_wire_spelling_only() {
        assert_eq!(Status::new("OUT_OF_SERVICE"), Status::OUT_OF_SERVICE);
        assert!(Status::new("out-of-service").is_custom());
        assert_eq!(
            Status::new("out-of-service").lenient(),
            Status::OUT_OF_SERVICE.lenient()
        );
    }
}
