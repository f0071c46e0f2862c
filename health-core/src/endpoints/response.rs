//! The responses that do not depend on any check.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

const ALLOWED: &str = "GET, HEAD, OPTIONS";

/// Makes a response that nobody may store.
pub(super) fn with_body(
    code: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = empty(code);
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    *response.body_mut() = body.into();
    response
}

pub(super) fn not_found() -> Response<Bytes> {
    empty(StatusCode::NOT_FOUND)
}

pub(super) fn not_modified() -> Response<Bytes> {
    empty(StatusCode::NOT_MODIFIED)
}

pub(super) fn not_acceptable() -> Response<Bytes> {
    empty(StatusCode::NOT_ACCEPTABLE)
}

pub(super) fn method_not_allowed() -> Response<Bytes> {
    with_allow(StatusCode::METHOD_NOT_ALLOWED)
}

pub(super) fn options() -> Response<Bytes> {
    with_allow(StatusCode::OK)
}

fn with_allow(code: StatusCode) -> Response<Bytes> {
    let mut response = empty(code);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(ALLOWED));
    response
}

fn empty(code: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}
