//! What `orders` asks `users`.

use std::time::Duration;

use http::{StatusCode, Uri, uri::Authority};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::time::timeout;

use crate::BoxError;

/// The longest wait for an answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// The largest answer that is read.
const LIMIT_BYTES: usize = 64 * 1024;

/// Asks the service `users` over one pool of connections.
#[derive(Clone)]
pub(super) struct UsersClient {
    at: Authority,
    http: Client<HttpConnector, Empty<&'static [u8]>>,
}

impl UsersClient {
    pub(super) fn new(at: &str) -> Result<Self, BoxError> {
        Ok(Self {
            at: at.parse()?,
            http: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    /// Asks for the name of a user; nothing is returned for one that is not known.
    pub(super) async fn name(&self, id: u32) -> Result<Option<String>, BoxError> {
        timeout(DEADLINE, self.ask(id)).await?
    }

    async fn ask(&self, id: u32) -> Result<Option<String>, BoxError> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.at.clone())
            .path_and_query(format!("/users/{id}"))
            .build()?;
        let answer = self.http.get(uri).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            other => return Err(format!("users answered {other}").into()),
        }
        let body = Limited::new(answer.into_body(), LIMIT_BYTES)
            .collect()
            .await?;
        let user: Value = serde_json::from_slice(&body.to_bytes())?;
        Ok(user["name"].as_str().map(str::to_owned))
    }
}
