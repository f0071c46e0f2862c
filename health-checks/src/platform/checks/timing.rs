//! When each kind is asked.

use std::time::Duration;

use health_core::{Component, Refresh};

use crate::platform::Kind;

/// The distance between two questions to a mail server or to a receiver of traces: each of them
/// opens a connection, and signs in, so they are not asked whenever somebody looks.
pub const SERVER_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The distance between two questions to an identity provider, which serves others too, and whose
/// certificate lasts for years.
pub const SAML_CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// The longest wait for what is asked in the background: no probe waits for it.
pub const SERVER_CHECK_DEADLINE: Duration = Duration::from_secs(3);

/// Sets when a check of a kind runs: one that keeps its connection when it is asked for, others in
/// the background.
pub(super) fn set(kind: Kind, component: Component) -> Component {
    let interval = match kind {
        Kind::Smtp | Kind::Tracing => SERVER_CHECK_INTERVAL,
        Kind::Saml => SAML_CHECK_INTERVAL,
        _ => return component,
    };
    let refresh = Refresh::every(interval).while_down(interval.min(SERVER_CHECK_INTERVAL));
    component
        .background(refresh)
        .deadline(SERVER_CHECK_DEADLINE)
}
