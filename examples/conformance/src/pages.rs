//! The pages beside the management endpoints that are the same for every framework.

/// What `/` answers.
pub(crate) const HELLO: &str = "hello";

/// The content type of `/`.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// What `/bare` answers: the body of a healthy liveness endpoint.
pub(crate) const BARE: &str = r#"{"status":"UP"}"#;

/// The content type of `/bare`: that of the liveness endpoint.
pub(crate) const BARE_TYPE: &str = "application/vnd.spring-boot.actuator.v3+json";

/// The path below which the application is controlled.
pub(crate) const CONTROL: &str = "/control/";

/// The largest body of a control request, in bytes, inclusive.
pub(crate) const CONTROL_BODY_LIMIT_BYTES: usize = 256 * 1024;
