//! Named checks at `/healthz/{name}`, in the manner of flask-healthz.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Reply, Request, response};
use crate::{
    Health, Management, Status,
    engine::{PANICKED, Pending},
};

pub(super) const CONTENT_TYPE: &str = "application/problem+json";

pub(super) fn answer(management: &Management, request: &Request<'_>, name: &str) -> Reply {
    let Some(entry) = management.0.healthz.get(name) else {
        return not_set_up(name).into();
    };
    let engine = &management.0.engine;
    let question = request.question();
    let entries = [entry.clone()];
    let pending = engine.start(&entries, &question);
    let deadline = engine.answer_deadline(&entries, &question);
    Reply::later(async move {
        match Pending::outcomes(pending, deadline).await.first() {
            Some(outcome) if *outcome.health.status() == Status::UP => body(StatusCode::OK, "OK"),
            Some(outcome) => body(StatusCode::SERVICE_UNAVAILABLE, reason(&outcome.health)),
            None => body(StatusCode::SERVICE_UNAVAILABLE, "no result"),
        }
    })
}

pub(super) fn not_set_up(name: &str) -> Response<Bytes> {
    let title = format!("The {name} check endpoint is not setup");
    body(StatusCode::NOT_FOUND, &title)
}

/// The reason is public here; what a panic said is not, since nobody wrote it for the public.
fn reason(health: &Health) -> &str {
    match health.reason() {
        Some(reason) if reason.starts_with(PANICKED) => "the check panicked",
        Some(reason) => reason,
        None => health.status().code(),
    }
}

/// Writes the body with the blanks that Python's `json` puts behind separators, as flask-healthz
/// answers.
fn body(code: StatusCode, title: &str) -> Response<Bytes> {
    let title = serde_json::Value::from(title);
    let body = format!(r#"{{"status": {}, "title": {title}}}"#, code.as_u16());
    response::with_body(code, CONTENT_TYPE, body)
}
