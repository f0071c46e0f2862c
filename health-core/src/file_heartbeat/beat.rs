//! Asks the group and writes what it says, over and over.

use std::{
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::file::{self, Line};
use crate::{Management, Reply, Request, Server};

#[derive(Clone)]
pub(super) struct Beat {
    management: Management,
    path: PathBuf,
    /// Where the group answers, below the base path.
    place: Arc<str>,
    interval: Duration,
}

impl Beat {
    pub(super) fn new(
        management: Management,
        path: PathBuf,
        group: &str,
        interval: Duration,
    ) -> Self {
        let place = format!("/health/{}", utf8_percent_encode(group, NON_ALPHANUMERIC));
        Self {
            management,
            path,
            place: place.into(),
            interval,
        }
    }

    pub(super) async fn run(self) {
        let mut last_success = SystemTime::UNIX_EPOCH;
        let mut is_failing = false;
        loop {
            let (is_well, status) = self.ask().await;
            let now = SystemTime::now();
            if is_well {
                last_success = now;
            }
            let written = file::write(
                &self.path,
                &Line {
                    at: now,
                    status,
                    is_well,
                },
                last_success,
            );
            self.report(&written, &mut is_failing);
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Asks as a probe does: the code says whether the group is well.
    async fn ask(&self) -> (bool, String) {
        let response = self.reply().await;
        let body = serde_json::from_slice::<serde_json::Value>(response.body()).unwrap_or_default();
        let status = body.get("status").and_then(|status| status.as_str());
        (
            response.status() == StatusCode::OK,
            status.unwrap_or("UNKNOWN").to_owned(),
        )
    }

    fn reply(&self) -> Reply {
        let json = (header::ACCEPT, HeaderValue::from_static("application/json"));
        let headers = HeaderMap::from_iter([json]);
        let request = Request::new("GET", &self.place, &headers)
            .below_base(&self.place)
            .server(Server::Management)
            .from_outside();
        self.management.respond(&request)
    }

    fn report(&self, written: &io::Result<()>, is_failing: &mut bool) {
        let was_failing = std::mem::replace(is_failing, written.is_err());
        let path = self.path.display();
        match written {
            Err(error) if !was_failing => {
                tracing::error!(%path, %error, "the heartbeat file cannot be written")
            }
            Ok(()) if was_failing => tracing::info!(%path, "the heartbeat file is written again"),
            _ => {}
        }
    }
}
