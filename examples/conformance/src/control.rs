//! Changes the application while it runs: the same for every framework.

use std::error::Error;

use bytes::Bytes;
use health_core::{LivenessState, ReadinessState};
use http::{HeaderValue, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

use crate::{
    Application,
    fixture::{CheckSpec, Problems},
    pages::{CONTROL, TEXT},
    runs::Counters,
    scripted,
};

impl Application {
    /// Answers a request below `/control/`; the path is as it was sent.
    pub(crate) fn control(&self, method: &str, path: &str, body: &[u8]) -> Response<Bytes> {
        let Some(what) = path.strip_prefix(CONTROL) else {
            return answer(StatusCode::NOT_FOUND, "");
        };
        match (what.split_once('/'), what) {
            (Some(("checks", name)), _) => match percent_decode_str(name).decode_utf8() {
                Ok(name) => self.control_check(method, &name, body),
                Err(_) => answer(StatusCode::BAD_REQUEST, "the name is no UTF-8"),
            },
            (None, "runs") => match method {
                "GET" => json(self.runs.to_json()),
                _ => method_not_allowed("GET"),
            },
            (None, "liveness" | "readiness") if method == "PUT" => self.set_state(what, body),
            (None, "liveness" | "readiness") => method_not_allowed("PUT"),
            _ => answer(StatusCode::NOT_FOUND, ""),
        }
    }

    fn control_check(&self, method: &str, name: &str, body: &[u8]) -> Response<Bytes> {
        match method {
            "PUT" => match self.put_check(name, body) {
                Ok(()) => answer(StatusCode::NO_CONTENT, ""),
                Err(problems) => answer(StatusCode::BAD_REQUEST, problems.join("\n")),
            },
            "DELETE" => match self.management.remove(name) {
                Ok(()) => {
                    self.runs.replace(name, Counters::new());
                    answer(StatusCode::NO_CONTENT, "")
                }
                Err(error) => answer(StatusCode::NOT_FOUND, error.to_string()),
            },
            _ => method_not_allowed("DELETE, PUT"),
        }
    }

    fn put_check(&self, name: &str, body: &[u8]) -> Result<(), Vec<String>> {
        let spec: CheckSpec = serde_json::from_slice(body).map_err(one)?;
        let mut problems = Problems::default();
        spec.find_problems(name, &mut problems);
        let problems = problems.into_vec();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut counters = Counters::new();
        let component = scripted::component(name, spec, &mut counters);
        let put = self.management.put(component);
        put.map_err(|error| error.problems().map(str::to_owned).collect::<Vec<_>>())?;
        self.runs.replace(name, counters);
        Ok(())
    }

    fn set_state(&self, which: &str, body: &[u8]) -> Response<Bytes> {
        let availability = self.management.availability();
        match (which, body.trim_ascii()) {
            ("liveness", b"CORRECT") => availability.set_liveness(LivenessState::Correct),
            ("liveness", b"BROKEN") => availability.set_liveness(LivenessState::Broken),
            ("readiness", b"ACCEPTING_TRAFFIC") => {
                availability.set_readiness(ReadinessState::AcceptingTraffic);
            }
            ("readiness", b"REFUSING_TRAFFIC") => {
                availability.set_readiness(ReadinessState::RefusingTraffic);
            }
            ("liveness", _) => return bad_state("CORRECT or BROKEN"),
            _ => return bad_state("ACCEPTING_TRAFFIC or REFUSING_TRAFFIC"),
        }
        answer(StatusCode::NO_CONTENT, "")
    }
}

fn bad_state(states: &str) -> Response<Bytes> {
    answer(
        StatusCode::BAD_REQUEST,
        format!("the body must be {states}"),
    )
}

fn one(error: impl Error) -> Vec<String> {
    vec![error.to_string()]
}

fn method_not_allowed(allowed: &'static str) -> Response<Bytes> {
    let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, "");
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

fn json(body: String) -> Response<Bytes> {
    with_type(StatusCode::OK, "application/json", body)
}

fn answer(code: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    with_type(code, TEXT, body)
}

fn with_type(
    code: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let body = body.into();
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    if !body.is_empty() {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    *response.body_mut() = body;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_change_the_application() {
        let fixture = crate::parse(r#"{"checks": {"db": {}, "a b": {}}}"#).unwrap();
        let app = Application::new(fixture).unwrap();
        let cases = [
            (
                "add",
                "PUT",
                "/control/checks/new",
                r#"{"status": "DOWN"}"#,
                204,
                "",
            ),
            (
                "replace, encoded",
                "PUT",
                "/control/checks/a%20b",
                "{}",
                204,
                "",
            ),
            (
                "its counter is there",
                "GET",
                "/control/runs",
                "",
                200,
                r#"{"a b":0,"db":0,"new":0}"#,
            ),
            ("remove", "DELETE", "/control/checks/db", "", 204, ""),
            (
                "its counter is gone",
                "GET",
                "/control/runs",
                "",
                200,
                r#"{"a b":0,"new":0}"#,
            ),
            (
                "remove again",
                "DELETE",
                "/control/checks/db",
                "",
                404,
                "there is no component `db`",
            ),
            (
                "contradiction",
                "PUT",
                "/control/checks/x",
                r#"{"sequence": []}"#,
                400,
                "x: the sequence is empty",
            ),
            (
                "bad state",
                "PUT",
                "/control/liveness",
                "DEAD",
                400,
                "the body must be CORRECT or BROKEN",
            ),
            ("broken", "PUT", "/control/liveness", "BROKEN\n", 204, ""),
            (
                "refusing",
                "PUT",
                "/control/readiness",
                "REFUSING_TRAFFIC",
                204,
                "",
            ),
            ("unknown", "GET", "/control/nothing", "", 404, ""),
            (
                "wrong method",
                "POST",
                "/control/liveness",
                "CORRECT",
                405,
                "",
            ),
        ];
        for (name, method, path, body, code, expected) in cases {
            let response = app.control(method, path, body.as_bytes());
            assert_eq!(response.status().as_u16(), code, "{name}");
            assert_eq!(response.body(), expected, "{name}");
        }
        assert_eq!(
            app.management.availability().liveness(),
            LivenessState::Broken
        );
        assert_eq!(
            app.management.availability().readiness(),
            ReadinessState::RefusingTraffic
        );
    }
}
