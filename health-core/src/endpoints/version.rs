//! `/version`.

use bytes::Bytes;
use http::{Response, StatusCode};
use tokio::{runtime::Handle, time::timeout};

use super::{Reply, response};
use crate::{
    Management,
    engine::DEFAULT_DEADLINE,
    version::{Source, VersionResult},
};

const CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// What the public reads when there is no version; the log says why.
const FAILED: &str = "the version is not available";

/// A closure runs on a task of its own: there its panic ends nothing else.
pub(super) fn answer(management: &Management) -> Reply {
    let computed = match &management.0.version.0 {
        Source::Fixed(version) => return text(StatusCode::OK, version.clone()).into(),
        Source::Computed(compute) => compute(),
    };
    let Ok(runtime) = Handle::try_current() else {
        return failed("there is no tokio runtime").into();
    };
    let task = runtime.spawn(timeout(DEFAULT_DEADLINE, computed));
    Reply::later(async move {
        match task.await {
            Ok(Ok(result)) => answer_of(result),
            Ok(Err(_)) => failed("gave no result before its deadline"),
            Err(error) => failed(&error.to_string()),
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
