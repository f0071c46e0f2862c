//! `/version`.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::{runtime::Handle, time::timeout};

use super::{Reply, Request, response};
use crate::{
    Management,
    engine::{DEFAULT_ANSWER_MARGIN, DEFAULT_DEADLINE},
    version::{Source, VersionResult},
};

const CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// What the public reads when there is no version; the log says why.
const FAILED: &str = "the version is not available";

/// How long to wait for the task of a closure: it may keep the thread that its own deadline needs.
const PATIENCE: Duration = DEFAULT_DEADLINE.saturating_add(DEFAULT_ANSWER_MARGIN);

/// A closure runs on a task of its own: there its panic ends nothing else.
pub(super) fn answer(management: &Management, request: &Request<'_>) -> Reply {
    let computed = match &management.0.version.0 {
        Source::Fixed(version) => return text(StatusCode::OK, version.clone()).into(),
        Source::Computed(compute) => compute(),
    };
    let Some(runtime) = management.0.engine.runtime_for(request.is_from_outside) else {
        return failed("there is no tokio runtime").into();
    };
    let task = runtime.spawn(timeout(DEFAULT_DEADLINE, computed));
    Reply::later(async move {
        let ended = {
            // A reply may be awaited outside of every runtime.
            let _entered = Handle::try_current().is_err().then(|| runtime.enter());
            timeout(PATIENCE, task)
        };
        match ended.await {
            Ok(Ok(Ok(result))) => answer_of(result),
            Err(_) | Ok(Ok(Err(_))) => failed("gave no result before its deadline"),
            Ok(Err(error)) => failed(&error.to_string()),
        }
    })
}

fn answer_of(result: VersionResult) -> Response<Bytes> {
    match result {
        Ok((code, version)) => text(code, version),
        Err(reason) => failed(&reason),
    }
}

fn failed(reason: &str) -> Response<Bytes> {
    tracing::warn!(reason, "the version closure failed");
    text(StatusCode::INTERNAL_SERVER_ERROR, FAILED)
}

fn text(code: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    response::with_body(code, CONTENT_TYPE, body)
}
