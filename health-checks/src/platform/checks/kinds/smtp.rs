//! A mail server.

use std::sync::Arc;

use super::Made;
use crate::{
    Smtp as Check, Tls,
    platform::{Smtp, TransportSecurity},
};

pub(super) fn make(smtp: &Smtp) -> Made {
    let mut check = Check::new(smtp.host.to_string())?;
    check = match smtp.transport_security {
        TransportSecurity::None => check.insecure_plain_text(),
        TransportSecurity::StartTls => check,
        TransportSecurity::Tls => check.implicit_tls(),
    };
    if smtp.insecure_skip_verify {
        check = check.tls(Tls::new().insecure_accept_any_certificate());
    }
    if let (Some(_), Some(user), Some(password)) = (&smtp.auth_type, &smtp.user, &smtp.password) {
        check = check.credentials(user, password.expose());
    }
    Ok(Arc::new(check))
}
