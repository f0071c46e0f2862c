//! Addresses, and where they are asked.

use super::*;

fn target(text: &str) -> Result<Target, SettingError> {
    Target::parse(text, |_| None)
}

#[test]
fn the_health_is_asked_at_the_base_and_a_group_below() {
    let cases = [
        (
            "https://user-service:9922/admin",
            "https://user-service:9922/admin",
            "https://user-service:9922/admin/readiness",
        ),
        (
            "widget-service",
            "http://widget-service/z/health",
            "http://widget-service/z/health/readiness",
        ),
        (
            "widget-service/",
            "http://widget-service/z/health",
            "http://widget-service/z/health/readiness",
        ),
        (
            "users:9922",
            "http://users:9922/z/health",
            "http://users:9922/z/health/readiness",
        ),
        (
            "localhost:8000/admin",
            "http://localhost:8000/admin",
            "http://localhost:8000/admin/readiness",
        ),
        (
            "localhost/admin//",
            "http://localhost/admin",
            "http://localhost/admin/readiness",
        ),
        (
            "[::1]:80",
            "http://[::1]/z/health",
            "http://[::1]/z/health/readiness",
        ),
        (
            "[::1]",
            "http://[::1]/z/health",
            "http://[::1]/z/health/readiness",
        ),
        (
            "10.0.0.7:8080",
            "http://10.0.0.7:8080/z/health",
            "http://10.0.0.7:8080/z/health/readiness",
        ),
        (
            "http://[2001:db8::1]:8080/a/",
            "http://[2001:db8::1]:8080/a",
            "http://[2001:db8::1]:8080/a/readiness",
        ),
        ("HTTP://Users", "http://users/", "http://users/readiness"),
        (
            "http://users:80/",
            "http://users/",
            "http://users/readiness",
        ),
        (
            "https://u:p%40@h/admin/",
            "https://u:p%40@h/admin",
            "https://u:p%40@h/admin/readiness",
        ),
        (
            "http://h/a@b:c",
            "http://h/a@b:c",
            "http://h/a@b:c/readiness",
        ),
        ("host/a:b", "http://host/a:b", "http://host/a:b/readiness"),
    ];
    for (text, base, group) in cases {
        let target = target(text).unwrap();
        assert_eq!(target.url(None).as_str(), base, "{text}");
        assert_eq!(target.url(Some("readiness")).as_str(), group, "{text}");
    }
}

#[test]
fn only_a_bare_host_follows_the_own_base_path() {
    let cases = [
        ("users", "/admin", "http://users/admin/health"),
        ("users", "admin/", "http://users/admin/health"),
        ("users", "/a/b", "http://users/a/b/health"),
        ("users", "", "http://users/health"),
        ("users", "/", "http://users/health"),
        ("users", "/a?b#c", "http://users/a%3Fb%23c/health"),
        ("users/own", "/admin", "http://users/own"),
        ("http://users", "/admin", "http://users/"),
    ];
    for (text, path, base) in cases {
        let mut target = target(text).unwrap();
        target.set_base_path(path);
        assert_eq!(target.url(None).as_str(), base, "{text} with {path}");
    }
}

#[test]
fn a_group_is_one_segment_whatever_its_name() {
    let target = target("http://h/base").unwrap();
    let cases = [
        ("web", "web"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("ü", "%C3%BC"),
    ];
    for (group, segment) in cases {
        assert_eq!(
            target.url(Some(group)).as_str(),
            format!("http://h/base/{segment}")
        );
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_reason() {
    let cases = [
        (
            "local:://host",
            "service dependency `local:://host`: what stands before `://` is neither `http` nor `https`",
        ),
        (
            "ftp://h",
            "service dependency `ftp://h`: what stands before `://` is neither `http` nor `https`",
        ),
        ("", "service dependency ``: this is empty; write a URL"),
        (
            "us\ners",
            "service dependency `us\\ners`: there is a blank, a control character or a `\\` in it; leave it out or percent-encode it",
        ),
        (
            "http://h/a?b=c",
            "service dependency `http://h/a?b=c`: a group is asked below the path, so there can be no query; leave it out",
        ),
        (
            "http://u:s3cret@h:x",
            "service dependency `http://u:******@h:x`: this is no URL: invalid port number",
        ),
    ];
    for (text, reason) in cases {
        assert_eq!(
            target(text).err().map(|error| error.to_string()).as_deref(),
            Some(reason)
        );
    }
    let cases = [
        ("   ", "a blank"),
        ("users ", "a blank"),
        ("us\ners", "a blank"),
        ("host\\admin", "`\\`"),
        ("host:", "no port"),
        ("host:port", "no port"),
        ("host:0", "no port"),
        ("host:65536", "no port"),
        ("host:+80", "no port"),
        ("[::1]:x", "no port"),
        ("http:/host", "no port"),
        ("mailto:me", "no port"),
        ("::1", "in brackets"),
        ("a:b:c", "in brackets"),
        ("[::1", "IPv6"),
        ("[::1]x", "no URL"),
        ("user:pw@host", "needs a scheme"),
        ("/path", "no host"),
        ("?a", "no host"),
        ("host?a=b", "no query"),
        ("host#a", "never sent"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://h:0", "port 0"),
        ("http://h/#a", "never sent"),
    ];
    for (text, reason) in cases {
        let Err(error) = target(text) else {
            panic!("{text} was accepted")
        };
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}

#[test]
fn the_environment_gives_the_scheme_of_a_bare_host() {
    let error = |name| {
        Err(format!(
            "environment variable `{name}`: the value must be `http` or `https`, or empty"
        ))
    };
    let cases = [
        ("none", None, None, Ok("http")),
        ("preferred", Some("https"), None, Ok("https")),
        ("second", None, Some("https"), Ok("https")),
        ("preferred wins", Some("http"), Some("https"), Ok("http")),
        ("empty is absent", Some(""), Some("https"), Ok("https")),
        ("blank is absent", Some("  "), Some(" "), Ok("http")),
        ("upper case", Some("HTTPS"), None, Ok("https")),
        (
            "another scheme",
            Some("ftp"),
            None,
            error(PREFERRED_SCHEME_VARIABLE),
        ),
        (
            "another scheme second",
            None,
            Some("https://"),
            error(SCHEME_VARIABLE),
        ),
        ("not looked at", Some("https"), Some("ftp"), Ok("https")),
    ];
    for (name, preferred, second, expected) in cases {
        let variable = |name: &str| match name {
            PREFERRED_SCHEME_VARIABLE => preferred.map(OsString::from),
            SCHEME_VARIABLE => second.map(OsString::from),
            _ => None,
        };
        let scheme = Target::parse("users:9922/admin", variable)
            .map(|target| target.url(None).scheme().to_owned());
        let scheme = scheme.map_err(|error| error.to_string());
        assert_eq!(scheme.as_deref().map_err(Clone::clone), expected, "{name}");
        let given = Target::parse("http://users", variable);
        assert_eq!(
            given.unwrap().url(None).scheme(),
            "http",
            "{name}: a URL has its own"
        );
    }
}
