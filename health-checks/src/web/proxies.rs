//! The proxies that the environment names.

use std::{env, ffi::OsString, fmt, sync::Arc};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Proxy, Url};

use super::is_http;
use crate::SettingError;

/// Knows which hosts are asked through which proxy.
#[derive(Clone)]
pub(crate) struct Proxies(Arc<Rules>);

struct Rules {
    http: Option<Url>,
    https: Option<Url>,
    matcher: Matcher,
}

impl Proxies {
    /// Reads the environment of this process, as it is now.
    pub(crate) fn of_process() -> Result<Self, SettingError> {
        Self::from_environment(|name| env::var_os(name))
    }

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in small letters first and
    /// then in capitals, as curl does; an empty variable counts as absent. In a CGI program
    /// `HTTP_PROXY` is what a client sent as the header `Proxy`, and is not read.
    pub(crate) fn from_environment(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingError> {
        let read = |name: &str| {
            let is_of_client = name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
            let value = variable(name).filter(|_| !is_of_client)?;
            let value = value.to_string_lossy().trim().to_owned();
            (!value.is_empty()).then(|| (name.to_owned(), value))
        };
        let either = |name: &str| read(name).or_else(|| read(&name.to_uppercase()));
        let proxy = |name: &str| {
            let found = either(name).or_else(|| either("all_proxy"));
            found.map(|(name, value)| parse(&name, &value)).transpose()
        };
        let (http, https) = (proxy("http_proxy")?, proxy("https_proxy")?);
        let text = |url: &Option<Url>| url.as_ref().map_or_else(String::new, Url::to_string);
        let no_proxy = either("no_proxy").map_or_else(String::new, |(_, value)| value);
        let matcher = Matcher::builder()
            .http(text(&http))
            .https(text(&https))
            .no(excepted(&no_proxy));
        Ok(Self(Arc::new(Rules {
            http,
            https,
            matcher: matcher.build(),
        })))
    }

    /// Returns the proxy through which a URL is asked.
    pub(super) fn of(&self, url: &Url) -> Option<&Url> {
        let uri = url.as_str().parse().ok()?;
        self.0.matcher.intercept(&uri)?;
        match url.scheme() {
            "https" => self.0.https.as_ref(),
            _ => self.0.http.as_ref(),
        }
    }

    pub(super) fn to_client(&self) -> Proxy {
        let proxies = self.clone();
        Proxy::custom(move |url| proxies.of(url).cloned())
    }
}

/// Writes hosts that are asked directly in the one way that is understood: `*` is all of them, names
/// and addresses, `*.example.com` is `example.com`, and `[::1]` is `::1`.
fn excepted(no_proxy: &str) -> String {
    let entries: Vec<&str> = no_proxy
        .split(',')
        .map(str::trim)
        .flat_map(|entry| match entry {
            "*" => vec!["*", "0.0.0.0/0", "::/0"],
            _ => vec![
                entry
                    .trim_start_matches("*.")
                    .trim_start_matches('[')
                    .trim_end_matches(']'),
            ],
        })
        .collect();
    entries.join(",")
}

fn parse(name: &str, value: &str) -> Result<Url, SettingError> {
    let wrong = |problem| SettingError::new(format!("environment variable `{name}`"), problem);
    let scheme = value.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !is_http(scheme)) {
        return Err(wrong(
            "a proxy is spoken to by http or https only; write `http://` before it",
        ));
    }
    let text = match scheme {
        Some(_) => value.to_owned(),
        None => format!("http://{value}"),
    };
    let url = super::parse_url(&text);
    url.map_err(|_| wrong("this is no URL of a proxy; write `http://host:port`"))
}

/// Shows nothing: the URLs may hold passwords.
impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxies")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, SettingError> {
        Proxies::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    }

    #[test]
    fn variables_are_read_as_curl_does() {
        let http = "http://h/";
        let cases: [(&str, &[(&str, &str)], &str, Option<&str>); 12] = [
            ("none", &[], http, None),
            (
                "small",
                &[("http_proxy", "http://p:1")],
                http,
                Some("http://p:1/"),
            ),
            (
                "capitals",
                &[("HTTP_PROXY", "http://p:1")],
                http,
                Some("http://p:1/"),
            ),
            (
                "both",
                &[("HTTP_PROXY", "http://a"), ("http_proxy", "http://b")],
                http,
                Some("http://b/"),
            ),
            (
                "empty",
                &[("http_proxy", " "), ("HTTP_PROXY", "http://a")],
                http,
                Some("http://a/"),
            ),
            (
                "no scheme",
                &[("http_proxy", "p:1")],
                http,
                Some("http://p:1/"),
            ),
            ("other scheme", &[("https_proxy", "p:1")], http, None),
            (
                "https",
                &[("HTTPS_PROXY", "p:1")],
                "https://h/",
                Some("http://p:1/"),
            ),
            (
                "all",
                &[("ALL_PROXY", "p:1")],
                "https://h/",
                Some("http://p:1/"),
            ),
            (
                "CGI",
                &[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil")],
                http,
                None,
            ),
            (
                "excepted",
                &[("http_proxy", "p:1"), ("NO_PROXY", "a.example,h")],
                http,
                None,
            ),
            (
                "all excepted",
                &[("http_proxy", "p:1"), ("no_proxy", "*")],
                http,
                None,
            ),
        ];
        for (name, variables, url, expected) in cases {
            let found = proxies(variables).unwrap();
            let proxy = found.of(&Url::parse(url).unwrap()).map(Url::as_str);
            assert_eq!(proxy, expected, "{name}");
        }
    }

    #[test]
    fn what_is_excepted_is_asked_directly() {
        let cases = [
            (".example, 10.0.0.0/8", "a.example", true),
            (".example, 10.0.0.0/8", "10.1.2.3", true),
            (".example, 10.0.0.0/8", "11.1.2.3", false),
            (".example, 10.0.0.0/8", "example.org", false),
            ("example", "notexample", false),
            ("EXAMPLE", "a.Example", true),
            ("*.example", "a.example", true),
            ("a, *", "h", true),
            ("*", "10.1.2.3", true),
            ("*", "[fd00::1]", true),
            ("::1", "[::1]", true),
            ("[::1]", "[::1]", true),
            ("", "h", false),
        ];
        for (no_proxy, host, is_excepted) in cases {
            let found = proxies(&[("all_proxy", "p"), ("no_proxy", no_proxy)]).unwrap();
            let url = Url::parse(&format!("http://{host}/")).unwrap();
            assert_eq!(
                found.of(&url).is_none(),
                is_excepted,
                "{no_proxy} for {host}"
            );
        }
    }

    #[test]
    fn a_wrong_variable_is_named_and_not_shown() {
        for value in [
            "socks5://u:s3cret@p",
            "http://u:s3cret@",
            "http://u:s3cret@p:x",
        ] {
            let error = proxies(&[("ALL_PROXY", value)]).unwrap_err().to_string();
            assert!(
                error.starts_with("environment variable `ALL_PROXY`: "),
                "{error}"
            );
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
