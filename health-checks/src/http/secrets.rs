//! Hides what a server repeats of the secrets that it was sent.

use health_core::{MASK, RedactedUrl};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderName, USER_AGENT};
use serde_json::Value;

use crate::web::Request;

/// Headers in which nothing is secret.
const PLAIN: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// The secrets of a request, in the ways in which they may be written.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn of(request: &Request) -> Self {
        let mut secrets = Vec::new();
        let url = &request.url;
        if let Some(password) = url.password() {
            add(&mut secrets, password);
            add(&mut secrets, &decoded(password));
        }
        for parameter in url.query().unwrap_or_default().split('&') {
            let parameter_of = format!("http://h/?{parameter}");
            let is_secret = RedactedUrl::new(&parameter_of).as_str() != parameter_of;
            if let Some((_, value)) = parameter.split_once('=').filter(|_| is_secret) {
                add(&mut secrets, value);
                add(&mut secrets, &decoded(&value.replace('+', " ")));
            }
        }
        let headers = request.headers.iter();
        for (_, value) in headers.filter(|(name, _)| !PLAIN.contains(name)) {
            let value = String::from_utf8_lossy(value.as_bytes());
            add(&mut secrets, &value);
            // Of `Bearer` and a token the token alone, too.
            if let Some((_, last)) = value.rsplit_once(' ') {
                add(&mut secrets, last);
            }
        }
        // The longer first: what holds another one would be found no more.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    pub(super) fn hide(&self, text: &str) -> String {
        let hide = |text: String, secret: &String| text.replace(secret, MASK);
        self.0.iter().fold(text.to_owned(), hide)
    }
}

fn add(secrets: &mut Vec<String>, secret: &str) {
    if secret.is_empty() {
        return;
    }
    let in_json = Value::from(secret).to_string();
    let in_json = in_json.trim_matches('"').to_owned();
    if in_json != secret {
        secrets.push(in_json);
    }
    secrets.push(secret.to_owned());
}

/// Decodes `%xx`; what is not encoded so stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::parse_url;

    #[test]
    fn secrets_are_hidden_however_they_are_written() {
        let url = parse_url("http://u:p%40ss%2F@h/?q=open&token=a%20b+c&x").unwrap();
        let mut request = Request::get(url);
        request.set_header("authorization", "Bearer t0ken").unwrap();
        request.set_header("x-api-key", r#"k"ey"#).unwrap();
        request.set_header("accept", "text/html").unwrap();
        let secrets = Secrets::of(&request);
        let cases = [
            ("password as sent", "p%40ss%2F", MASK),
            ("password", "<p@ss/>", "<******>"),
            ("query", "a%20b+c", MASK),
            ("decoded query", "a b c", MASK),
            ("token", "t0ken", MASK),
            ("header", "Bearer t0ken", MASK),
            ("key", r#"k"ey"#, MASK),
            ("key in JSON", r#""k\"ey""#, r#""******""#),
            ("open", "open text/html x u", "open text/html x u"),
            ("twice", "t0kent0ken", "************"),
        ];
        for (name, text, shown) in cases {
            assert_eq!(secrets.hide(text), shown, "{name}");
        }
    }

    #[test]
    fn whatever_is_encoded_is_decoded_without_a_panic() {
        for (text, expected) in [
            ("%", "%"),
            ("%4", "%4"),
            ("%zz", "%zz"),
            ("ö%c3%b6", "öö"),
            ("%ö", "%ö"),
        ] {
            assert_eq!(decoded(text), expected);
        }
    }
}
