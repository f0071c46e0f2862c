//! Connect strings written anew, with everything encoded that has to be.
//!
//! Drivers read them strictly, while platforms put passwords in as they are.

use std::fmt::Write;

use crate::platform::{ConnectString, Host};

/// Returns `scheme://user:password@` of a connect string, as far as it has them.
pub(super) fn authority(scheme: &str, connect: &ConnectString) -> String {
    let mut text = format!("{scheme}://{}", encoded(connect.user().unwrap_or_default()));
    if let Some(password) = connect.password() {
        text.push(':');
        text.push_str(&encoded(password.expose()));
    }
    if connect.user().is_some() || connect.password().is_some() {
        text.push('@');
    }
    text
}

/// Returns the hosts with commas between; the path of a socket is encoded.
pub(super) fn hosts(hosts: &[Host]) -> String {
    let hosts = hosts.iter().map(|host| match host.is_unix_socket() {
        true => encoded(host.name()),
        false => host.to_string(),
    });
    hosts.collect::<Vec<_>>().join(",")
}

/// Returns a text with all bytes encoded that can mean something in a URL.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_encoded() {
        let cases = [
            ("plain", "aZ0-._~", "aZ0-._~"),
            ("password", "p@s:s/w#?[%", "p%40s%3As%2Fw%23%3F%5B%25"),
            ("several bytes", "é", "%C3%A9"),
            ("empty", "", ""),
        ];
        for (name, text, expected) in cases {
            assert_eq!(encoded(text), expected, "{name}");
        }
    }
}
