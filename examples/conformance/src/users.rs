//! Who asks: HTTP Basic identities from the file.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use health_core::Identity;
use http::{HeaderMap, HeaderValue, header};

use crate::fixture::User;

/// Knows the users by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(BTreeMap<String, User>);

impl Users {
    pub(crate) fn new(users: BTreeMap<String, User>) -> Self {
        Self(users)
    }

    /// Tells whether nobody can log in.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds out who asks by the headers of a request.
    pub(crate) fn identify_headers(&self, headers: &HeaderMap) -> Option<Identity> {
        self.identify(
            headers
                .get(header::AUTHORIZATION)
                .map(HeaderValue::as_bytes),
        )
    }

    /// Finds out who asks by the value of the header `Authorization`; whoever is not known, or has
    /// another password, is anonymous.
    ///
    /// Source: RFC 7617.
    pub(crate) fn identify(&self, authorization: Option<&[u8]>) -> Option<Identity> {
        let value = std::str::from_utf8(authorization?).ok()?;
        let (scheme, credentials) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let credentials = BASE64_STANDARD.decode(credentials.trim()).ok()?;
        let (name, password) = std::str::from_utf8(&credentials).ok()?.split_once(':')?;
        let user = self.0.get(name).filter(|user| user.password == password)?;
        Some(user.roles.iter().fold(Identity::new(), Identity::role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_credentials_make_somebody_known() {
        let alice = User {
            password: "s3:cret".to_owned(),
            roles: vec!["admin".to_owned()],
        };
        let users = Users::new([("alice".to_owned(), alice)].into());
        let basic = |scheme: &str, credentials: &str| {
            format!("{scheme} {}", BASE64_STANDARD.encode(credentials))
        };
        let cases = [
            ("right", basic("Basic", "alice:s3:cret"), true),
            (
                "scheme in lower case",
                basic("basic", "alice:s3:cret"),
                true,
            ),
            ("wrong password", basic("Basic", "alice:s3"), false),
            ("empty password", basic("Basic", "alice:"), false),
            ("unknown", basic("Basic", "bob:s3:cret"), false),
            ("no colon", basic("Basic", "alice"), false),
            ("another scheme", basic("Bearer", "alice:s3:cret"), false),
            ("no base64", "Basic alice:s3:cret".to_owned(), false),
            ("no credentials", "Basic".to_owned(), false),
        ];
        for (name, value, is_known) in cases {
            let identity = users.identify(Some(value.as_bytes()));
            assert_eq!(
                identity,
                is_known.then(|| Identity::new().role("admin")),
                "{name}"
            );
        }
        assert_eq!(users.identify(None), None);
    }
}
