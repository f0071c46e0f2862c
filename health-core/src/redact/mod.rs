//! Values that cannot be printed by accident.

mod secret_name;
mod url;
mod user_info;

use std::fmt;

use serde_json::Value;

pub(crate) use self::user_info::UserInfo;
pub use self::{secret_name::is_secret_name, url::RedactedUrl};

/// What stands in the place of a hidden value.
pub const MASK: &str = "******";

/// Holds a value that `Debug`, `Display` and details show as `******`.
///
/// # Security
/// The value is reached by [`Secret::expose`] only, so a reviewer finds each use by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> From<Secret<T>> for Value {
    fn from(_: Secret<T>) -> Self {
        MASK.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_the_mask() {
        let secret = Secret::new("s3cret");
        assert_eq!(format!("{secret} {secret:?}"), "****** ******");
        assert_eq!(Value::from(secret), Value::from(MASK));
    }
}
