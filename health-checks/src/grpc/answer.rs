//! What a server's answer means.

use std::error::Error;

use tonic::{Code, Status, TimeoutExpired};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::net::{io_reason, shown};

/// Returns the name of a serving status as the protocol spells it.
pub(super) fn name(code: i32) -> String {
    match ServingStatus::try_from(code) {
        Ok(status) => status.as_str_name().to_owned(),
        Err(_) => code.to_string(),
    }
}

/// Says why a serving status is not UP.
pub(super) fn problem(code: i32) -> Option<String> {
    match ServingStatus::try_from(code) {
        Ok(ServingStatus::Serving) => None,
        Ok(status) => Some(format!("the server says {}", status.as_str_name())),
        Err(_) => Some(format!(
            "the server says {code}, which is no serving status"
        )),
    }
}

/// Says why there is no serving status.
///
/// Source: gRPC Health Checking Protocol; gRPC status codes.
pub(super) fn reason(status: &Status, service: &str) -> String {
    let said = said(status);
    match status.code() {
        Code::NotFound => format!("the server does not know the service `{service}`{said}"),
        Code::Unimplemented => format!("the server has no service grpc.health.v1.Health{said}"),
        Code::Unauthenticated => format!("authentication failed{said}"),
        Code::PermissionDenied => format!("the credentials do not allow the question{said}"),
        Code::DeadlineExceeded => format!("the server gave no answer in time{said}"),
        code => {
            let cause = innermost_cause(status);
            format!("the question failed with {code:?}{said}{cause}")
        }
    }
}

/// Tells whether a question failed because its connection did.
pub(super) fn is_lost(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::Unknown | Code::Internal | Code::Cancelled
    ) && status.source().is_some()
}

/// Tells whether tonic itself gave up. It leaves no more than the words of its error.
pub(super) fn is_timeout_of_client(status: &Status) -> bool {
    status.code() == Code::Cancelled && status.message() == TimeoutExpired(()).to_string()
}

fn said(status: &Status) -> String {
    match status.message() {
        "" => String::new(),
        message => format!(": {}", shown(message.as_bytes())),
    }
}

/// Returns what lies under the error of a connection, such as a refused one.
fn innermost_cause(status: &Status) -> String {
    let mut cause = status.source();
    let mut text = String::new();
    while let Some(error) = cause {
        text = match error.downcast_ref::<std::io::Error>() {
            Some(error) => io_reason(error),
            None => error.to_string(),
        };
        cause = error.source();
    }
    if text.is_empty() || status.message().contains(&text) {
        return String::new();
    }
    format!(": {}", shown(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_apart() {
        let cases = [
            (
                Status::not_found("service unknown"),
                "the server does not know the service `a.B`: service unknown",
            ),
            (
                Status::unimplemented(""),
                "the server has no service grpc.health.v1.Health",
            ),
            (
                Status::unauthenticated("who are you"),
                "authentication failed: who are you",
            ),
            (
                Status::permission_denied(""),
                "the credentials do not allow the question",
            ),
            (
                Status::deadline_exceeded("late"),
                "the server gave no answer in time: late",
            ),
            (
                Status::resource_exhausted("too much\nof it"),
                r"the question failed with ResourceExhausted: too much\nof it",
            ),
        ];
        for (status, text) in cases {
            assert_eq!(reason(&status, "a.B"), text, "{status:?}");
        }
    }

    #[test]
    fn a_timeout_of_the_client_is_known() {
        assert!(is_timeout_of_client(&Status::from_error(
            TimeoutExpired(()).into()
        )));
        assert!(!is_timeout_of_client(&Status::cancelled("by the server")));
    }

    #[test]
    fn only_serving_is_up() {
        let cases = [
            (0, "UNKNOWN", Some("the server says UNKNOWN")),
            (1, "SERVING", None),
            (2, "NOT_SERVING", Some("the server says NOT_SERVING")),
            (
                3,
                "SERVICE_UNKNOWN",
                Some("the server says SERVICE_UNKNOWN"),
            ),
            (
                -4,
                "-4",
                Some("the server says -4, which is no serving status"),
            ),
        ];
        for (code, shown, expected) in cases {
            assert_eq!(name(code), shown);
            assert_eq!(problem(code).as_deref(), expected, "{shown}");
        }
    }
}
