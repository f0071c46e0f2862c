//! One admin, and how this application stands with it.

use std::time::Duration;

use health_core::{RedactedUrl, Secret};
use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION},
};
use serde_json::Value;

use crate::{
    SettingError,
    web::{Answer, Failure, Kind, Redirects, Request, parse_url},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How large an answer may be, in bytes, inclusive. The one that is expected has about 20.
const ANSWER_LIMIT_BYTES: usize = 16 * 1024;

/// Reads the URL of an admin.
pub(super) fn parse(text: &str) -> Result<Url, SettingError> {
    let failed = |problem: String| {
        let shown = RedactedUrl::new(text);
        let place = format!("Spring Boot Admin `{}`", shown.as_str().escape_debug());
        SettingError::new(place, problem)
    };
    let url = parse_url(text).map_err(failed)?;
    if url.query().is_some() {
        let problem = "there is a query in it, behind which no path can follow; leave it out";
        return Err(failed(problem.to_owned()));
    }
    Ok(url)
}

/// Registers and deregisters this application at one admin.
pub(super) struct Admin {
    shown: RedactedUrl,
    registration: Request,
    /// Where the admin says that it keeps this instance.
    instance: Option<Url>,
    standing: Standing,
}

/// What the last exchange showed, so that each change is logged and nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unknown,
    Registered,
    Failing,
}

impl Admin {
    pub(super) fn new(
        mut url: Url,
        user: Option<&(String, Secret<String>)>,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Self {
        let shown = RedactedUrl::new(url.as_str());
        if let Some((name, password)) = user
            && url.username().is_empty()
            && url.password().is_none()
        {
            // A URL with a host, as this one has, takes both; a `%` in them would pass as encoded.
            _ = url.set_username(&name.replace('%', "%25"));
            _ = url.set_password(Some(&password.expose().replace('%', "%25")));
        }
        let path = format!("{}/instances", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Self {
            shown,
            registration: Request {
                method: Method::POST,
                headers: HeaderMap::from_iter([(ACCEPT, JSON), (CONTENT_TYPE, JSON)]),
                body,
                ..request(url, timeout)
            },
            instance: None,
            standing: Standing::Unknown,
        }
    }

    /// Registers, and tells whether that worked.
    pub(super) async fn register(&mut self) -> bool {
        let found = match send(&self.registration).await {
            Ok(answer) => self.instance_of(&answer),
            Err(problem) => Err(problem),
        };
        match found {
            Ok(instance) => {
                self.instance = Some(instance);
                self.note_success();
                true
            }
            Err(reason) => {
                self.note_failure(&reason, "not registered at Spring Boot Admin; trying on");
                false
            }
        }
    }

    /// Takes this application off the list where it is on it.
    pub(super) async fn deregister(&mut self) {
        let Some(url) = self.instance.take() else {
            return;
        };
        let timeout = self.registration.timeout.unwrap_or_default();
        let deletion = Request {
            method: Method::DELETE,
            ..request(url, timeout)
        };
        match send(&deletion).await {
            Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND => {
                tracing::info!(admin = %self.shown, "deregistered at Spring Boot Admin");
            }
            Ok(answer) => self.note_failure(&refusal(answer.status), STILL_LISTED),
            Err(reason) => self.note_failure(&reason, STILL_LISTED),
        }
    }

    /// Finds where the admin keeps this instance: by the id in the body, else by the last segment
    /// of `Location`, whose host may be one that only the admin knows.
    fn instance_of(&self, answer: &Answer) -> Result<Url, String> {
        if !answer.status.is_success() {
            return Err(refusal(answer.status));
        }
        let instances = &self.registration.url;
        let segment = id_in(&answer.body).or_else(|| segment_in(instances, &answer.headers));
        let Some(segment) = segment else {
            let status = answer.status.as_u16();
            return Err(format!(
                "answered {status} without an id: is it a Spring Boot Admin?"
            ));
        };
        let mut url = instances.clone();
        url.set_path(&format!("{}/{segment}", instances.path()));
        Ok(url)
    }

    fn note_success(&mut self) {
        if self.standing != Standing::Registered {
            self.standing = Standing::Registered;
            tracing::info!(admin = %self.shown, "registered at Spring Boot Admin");
        }
    }

    fn note_failure(&mut self, reason: &str, what: &str) {
        if self.standing != Standing::Failing {
            self.standing = Standing::Failing;
            tracing::warn!(admin = %self.shown, reason, "{what}");
        }
    }
}

const STILL_LISTED: &str =
    "not deregistered at Spring Boot Admin, which will show this instance as OFFLINE";

/// The admin knows an instance by its URL: to register or delete it twice changes nothing.
fn request(url: Url, timeout: Duration) -> Request {
    Request {
        body_limit_bytes: ANSWER_LIMIT_BYTES,
        timeout: Some(timeout),
        is_idempotent: true,
        redirects: Redirects::None,
        ..Request::get(url)
    }
}

async fn send(request: &Request) -> Result<Answer, String> {
    let answer = request.send(std::iter::empty()).await;
    let answer = answer.map_err(|failure| failure.to_string())?;
    if !answer.is_whole {
        let limit_bytes = request.body_limit_bytes;
        return Err(Failure::new(&request.url, Kind::TooLarge { limit_bytes }).to_string());
    }
    Ok(answer)
}

fn refusal(status: StatusCode) -> String {
    let remedy = match status.as_u16() {
        300..=399 => ", a redirect, which is not followed: give the URL to which it leads",
        401 | 403 => ": is the user set by `basic_auth` right?",
        404 | 405 => ": is there a Spring Boot Admin at this URL?",
        _ => "",
    };
    format!("answered {}{remedy}", status.as_u16())
}

/// Returns the id in a body, as a segment of a path.
fn id_in(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let id = body.get("id")?.as_str()?;
    let mut url = Url::parse("http://h").ok()?;
    url.path_segments_mut().ok()?.push(id);
    segment_of(&url)
}

fn segment_in(instances: &Url, headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let url = instances.join(location).ok()?;
    segment_of(&url).filter(|_| url.path() != instances.path())
}

/// Returns the last segment of a path; nothing for an empty one, and none is `.` or `..` here.
fn segment_of(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.next_back()?;
    (!segment.is_empty()).then(|| segment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Timings;

    fn admin(url: &str) -> Admin {
        Admin::new(
            parse(url).unwrap(),
            None,
            Vec::new(),
            Duration::from_secs(1),
        )
    }

    fn answer(status: u16, location: &'static str, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]),
            body: body.as_bytes().to_vec(),
            is_whole: true,
            timings: Timings::default(),
        }
    }

    #[test]
    fn the_instance_is_where_the_admin_says() {
        let cases = [
            (
                "body",
                "/instances/b",
                r#"{"id":"a"}"#,
                Some("/instances/a"),
            ),
            ("Location only", "/instances/b", "", Some("/instances/b")),
            (
                "Location elsewhere",
                "https://inner/x/instances/c",
                "{}",
                Some("/instances/c"),
            ),
            (
                "Cloud Foundry",
                "",
                r#"{"id":"a:0"}"#,
                Some("/instances/a:0"),
            ),
            (
                "hostile id",
                "",
                r#"{"id":"../../x?y#z"}"#,
                Some("/instances/..%2F..%2Fx%3Fy%23z"),
            ),
            ("id that is no name", "", r#"{"id":".."}"#, None),
            (
                "empty id",
                "/instances/b",
                r#"{"id":""}"#,
                Some("/instances/b"),
            ),
            ("number", "", r#"{"id":1}"#, None),
            ("page", "", "<html>", None),
            ("nothing", "", "", None),
        ];
        for (name, location, body, expected) in cases {
            for prefix in ["", "/sba"] {
                let admin = admin(&format!("http://u:s3cret@admin:8080{prefix}/"));
                let found = admin.instance_of(&answer(201, location, body));
                let expected =
                    expected.map(|path| format!("http://u:s3cret@admin:8080{prefix}{path}"));
                assert_eq!(found.ok().map(String::from), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_may_help() {
        let admin = admin("http://admin");
        for (status, reason) in [
            (
                200,
                "answered 200 without an id: is it a Spring Boot Admin?",
            ),
            (
                302,
                "answered 302, a redirect, which is not followed: give the URL to which it leads",
            ),
            (401, "answered 401: is the user set by `basic_auth` right?"),
            (
                404,
                "answered 404: is there a Spring Boot Admin at this URL?",
            ),
            (500, "answered 500"),
        ] {
            assert_eq!(
                admin.instance_of(&answer(status, "", "")).unwrap_err(),
                reason
            );
        }
    }
}
