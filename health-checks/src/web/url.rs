//! Reads the URLs that checks are given, stricter than the parser does: it drops line breaks,
//! takes `\` for `/` and finds a host in `http:///path`.

use reqwest::Url;

/// Reads a URL with a host, without a fragment. The problem that is returned holds no part of it.
pub(crate) fn parse_url(text: &str) -> Result<Url, String> {
    refuse_blanks(text)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err("there is no scheme; write `http://` or `https://` before it".to_owned());
    };
    if !is_http(scheme) {
        return Err("what stands before `://` is neither `http` nor `https`".to_owned());
    }
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return Err("there is no host; write it behind `://`".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("this is no URL: {error}"))?;
    if url.port() == Some(0) {
        return Err("no server has the port 0; write a port from 1 to 65535".to_owned());
    }
    if url.fragment().is_some() {
        return Err("what follows `#` is never sent; leave it out, or write `%23`".to_owned());
    }
    Ok(url)
}

pub(crate) fn refuse_blanks(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("this is empty; write a URL".to_owned());
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("there is a blank, a control character or a `\\` in it; leave it out or percent-encode it".to_owned());
    }
    Ok(())
}

pub(crate) fn is_http(scheme: &str) -> bool {
    ["http", "https"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_that_can_be_asked_are_accepted() {
        let good = [
            "http://h",
            "HTTPS://h:8443/a?b=c",
            "http://u:p@h/",
            "http://[::1]:80/",
            "http://127.0.0.1:65535/a%20b",
            "http://größe.example/",
        ];
        for text in good {
            assert!(parse_url(text).is_ok(), "{text}");
        }
        let bad = [
            ("", "is empty"),
            ("  ", "a blank"),
            (" http://h", "a blank"),
            ("http://h/a\nb", "a blank"),
            ("http:\\\\h", "a `\\`"),
            ("h:80", "no scheme"),
            ("http:/h", "no scheme"),
            ("ftp://h", "neither"),
            ("local:://h", "neither"),
            ("://h", "neither"),
            ("http://", "no host"),
            ("http:///path", "no host"),
            ("http://:80/", "empty host"),
            ("http://?a", "no host"),
            ("http://h:99999/", "invalid port"),
            ("http://h:http/", "invalid port"),
            ("http://h:0/", "the port 0"),
            ("http://[::1/", "IPv6"),
            ("http://h/#top", "never sent"),
        ];
        for (text, reason) in bad {
            let problem = parse_url(text).unwrap_err();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }
}
