//! What all checks over HTTP stand on: the client, one exchange with it, and why that failed.

mod client;
mod failure;
mod progress;
mod request;
mod tls;
mod url;

pub(crate) use self::{
    client::HttpClient,
    failure::{Failure, Kind},
    request::{Answer, Request},
    url::{is_http, parse_url, refuse_blanks},
};
pub use self::{client::MAX_REDIRECTS, request::DEFAULT_BODY_LIMIT_BYTES};
