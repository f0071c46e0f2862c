//! What all checks over HTTP stand on: the client, one exchange with it, and why that failed.

mod client;
mod connector;
mod failure;
mod progress;
mod proxies;
mod redirects;
mod request;
mod timings;
mod url;

pub(crate) use self::{
    client::HttpClient,
    failure::{Failure, Kind},
    proxies::Proxies,
    request::{Answer, Request},
    timings::Timings,
    url::{is_http, parse_url, refuse_blanks},
};
pub use self::{
    redirects::{MAX_REDIRECTS, Redirects},
    request::DEFAULT_BODY_LIMIT_BYTES,
};
