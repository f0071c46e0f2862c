//! The discovery page: where the endpoints are.

use http::StatusCode;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Reply, Request, negotiation::Format, response, transitions};
use crate::{
    Management,
    wire::{self, Entries},
};

/// The endpoints, by link id and path below the discovery page.
const LINKS: [(&str, &str); 8] = [
    ("self", ""),
    ("health", "/health"),
    ("health-path", "/health/{*path}"),
    ("info", "/info"),
    ("version", "/version"),
    ("prometheus", "/prometheus"),
    ("openapi", "/openapi.json"),
    ("transitions", "/transitions"),
];

/// Leaves out what is switched off, and what is hidden from the asker.
fn links(management: &Management, request: &Request<'_>) -> Vec<(&'static str, &'static str)> {
    let is_there = |(id, path): &(&str, &str)| match *id {
        "prometheus" | "openapi" => management.has_endpoint(path),
        "transitions" => transitions::is_shown(management, request),
        _ => true,
    };
    LINKS.into_iter().filter(is_there).collect()
}

pub(super) fn answer(management: &Management, request: &Request<'_>, format: Format) -> Reply {
    let here = request.sent_path.trim_end_matches('/');
    let scheme = if request.is_secure { "https" } else { "http" };
    let here = match request.host() {
        Some(host) => format!("{scheme}://{host}{here}"),
        None => here.to_owned(),
    };
    let body = wire::to_json(&Page {
        here: &here,
        links: links(management, request),
    });
    response::with_body(StatusCode::OK, format.content_type, body).into()
}

struct Page<'a> {
    here: &'a str,
    links: Vec<(&'static str, &'static str)>,
}

impl Serialize for Page<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { here, links } = self;
        let links = Entries(|| links.iter().map(|(id, path)| (id, Link { here, path })));
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("_links", &links)?;
        map.end()
    }
}

struct Link<'a> {
    here: &'a str,
    path: &'a str,
}

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { here, path } = self;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("href", &format_args!("{here}{path}"))?;
        map.serialize_entry("templated", &path.contains('{'))?;
        map.end()
    }
}
