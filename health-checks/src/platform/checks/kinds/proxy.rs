//! The proxies of the platform, for what is outside of it.

use super::written;
use crate::{
    SettingError,
    platform::{ConnectString, Proxies},
    web,
};

/// Returns the proxies as the client takes them. The platform puts their passwords in as they are.
pub(super) fn of(proxies: &Proxies) -> Result<web::Proxies, SettingError> {
    let text = |proxy: &Option<ConnectString>| {
        let proxy = proxy.as_ref()?;
        let authority = written::authority(proxy.scheme(), proxy);
        Some(authority + &written::hosts(proxy.hosts()))
    };
    web::Proxies::from_environment(|name| match name {
        "http_proxy" => text(&proxies.http).map(Into::into),
        "https_proxy" => text(&proxies.https).map(Into::into),
        "no_proxy" => Some(proxies.no_proxy.join(",").into()),
        _ => None,
    })
}
