//! Where a service dependency is asked.

use std::ffi::OsString;

use health_core::{DEFAULT_BASE_PATH, RedactedUrl};
use reqwest::Url;

use crate::{
    SettingError,
    web::{is_http, parse_url, refuse_blanks},
};

/// The environment variable with the scheme of dependencies that are given without one.
///
/// Source: Flask's setting of the same name.
pub const PREFERRED_SCHEME_VARIABLE: &str = "PREFERRED_URL_SCHEME";

/// The environment variable with the scheme where [`PREFERRED_SCHEME_VARIABLE`] has none.
pub const SCHEME_VARIABLE: &str = "SCHEME";

const DEFAULT_SCHEME: &str = "http";

/// Holds the base at which the health is asked; its groups are one segment below.
#[derive(Clone)]
pub(super) struct Target {
    base: Url,
    /// Whether only a host was given, so that the path follows our own.
    has_own_path: bool,
}

impl Target {
    pub(super) fn parse(
        text: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, SettingError> {
        let refused = |problem| {
            let shown = RedactedUrl::new(text);
            let place = format!("service dependency `{}`", shown.as_str().escape_debug());
            SettingError::new(place, problem)
        };
        if text.contains("://") {
            let base = parse_base(text).map_err(refused)?;
            return Ok(Self {
                base,
                has_own_path: false,
            });
        }
        check_host_and_port(text).map_err(refused)?;
        let scheme = scheme(variable)?;
        let base = parse_base(&format!("{scheme}://{text}")).map_err(refused)?;
        let has_own_path = base.path() == "/";
        let mut target = Self { base, has_own_path };
        target.set_base_path(DEFAULT_BASE_PATH);
        Ok(target)
    }

    /// Sets the base path of our own endpoints.
    pub(super) fn set_base_path(&mut self, path: &str) {
        if self.has_own_path {
            let path = path.trim_matches('/');
            let slash = if path.is_empty() { "" } else { "/" };
            self.base.set_path(&format!("{slash}{path}/health"));
        }
    }

    pub(super) fn url(&self, group: Option<&str>) -> Url {
        let mut url = self.base.clone();
        if let (Some(group), Ok(mut segments)) = (group, url.path_segments_mut()) {
            segments.pop_if_empty().push(group);
        }
        url
    }
}

fn parse_base(text: &str) -> Result<Url, String> {
    let mut url = parse_url(text)?;
    if url.query().is_some() {
        return Err(
            "a group is asked below the path, so there can be no query; leave it out".to_owned(),
        );
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Refuses what the parser of URLs would take for something else, such as `http:/host`.
fn check_host_and_port(text: &str) -> Result<(), String> {
    refuse_blanks(text)?;
    let (authority, _) = text.split_once('/').unwrap_or((text, ""));
    if authority.contains('@') {
        return Err(
            "user information needs a scheme; write `http://` or `https://` before it".to_owned(),
        );
    }
    let port = match authority.strip_prefix('[') {
        Some(address) => address
            .split_once(']')
            .and_then(|(_, rest)| rest.strip_prefix(':')),
        None if authority.matches(':').count() > 1 => {
            return Err(
                "this is neither `host:port` nor a URL; put an IPv6 address in brackets".to_owned(),
            );
        }
        None => authority.split_once(':').map(|(_, port)| port),
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    match port {
        Some(port) if !is_port(port) => {
            Err("what follows `:` is no port; write one from 1 to 65535, or a whole URL".to_owned())
        }
        _ => Ok(()),
    }
}

/// Returns the scheme that the environment prefers.
fn scheme(variable: impl Fn(&str) -> Option<OsString>) -> Result<String, SettingError> {
    for name in [PREFERRED_SCHEME_VARIABLE, SCHEME_VARIABLE] {
        let value = variable(name).unwrap_or_default();
        let value = value.to_string_lossy();
        match value.trim() {
            "" => {}
            scheme if is_http(scheme) => return Ok(scheme.to_owned()),
            _ => {
                let place = format!("environment variable `{name}`");
                return Err(SettingError::new(
                    place,
                    "the value must be `http` or `https`, or empty",
                ));
            }
        }
    }
    Ok(DEFAULT_SCHEME.to_owned())
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
