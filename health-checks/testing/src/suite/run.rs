//! One run of a check through an engine, and how long it took.

use std::{
    fmt,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use health_core::{Component, Management, Request, Show};
use http::HeaderMap;
use serde_json::Value;

use super::Subject;

/// How much later than its deadline an answer may come, inclusive.
const LATE_AT_MOST: Duration = Duration::from_millis(50);

/// What came back.
pub(super) struct Asked {
    pub(super) status: String,
    pub(super) error: String,
    /// The whole answer.
    pub(super) answer: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.answer)
    }
}

/// Asks and shows all details.
///
/// # Panics
/// When the answer comes later than the deadline allows. What a thread that only sleeps is late
/// for at the same time counts for the machine.
pub(super) async fn ask(name: &str, check: &Arc<dyn Subject>, deadline: Duration) -> Asked {
    let management = manage(check, deadline);
    let sleeper = thread::spawn(move || {
        let start = Instant::now();
        thread::sleep(deadline);
        start.elapsed() - deadline
    });
    let start = Instant::now();
    let asked = respond(&management).await;
    let took = start.elapsed();
    if took > deadline + LATE_AT_MOST {
        let machine = sleeper.join().unwrap();
        assert!(
            took <= deadline + LATE_AT_MOST + machine,
            "{name}: answered after {took:?}, the deadline is {deadline:?}; the machine is late by {machine:?}"
        );
    }

    asked
}

/// Returns an engine with a check that runs at each question.
pub(super) fn manage(check: &Arc<dyn Subject>, deadline: Duration) -> Management {
    let check: Arc<dyn health_core::Check> = Arc::clone(check) as _;
    Management::builder("suite")
        .component(Component::new("it", check).ttl(Duration::ZERO))
        .deadline(deadline)
        .show_details(Show::Always)
        .build()
        .unwrap()
}

/// Asks an engine for its check.
pub(super) async fn respond(management: &Management) -> Asked {
    let headers = HeaderMap::new();
    let request = Request::new("GET", "/z/health/it", &headers);
    let reply = management.respond(&request).await;
    let answer = String::from_utf8(reply.body().to_vec()).unwrap();
    let body: Value = serde_json::from_str(&answer).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Asked {
        status: text(&body["status"]),
        error: text(&body["details"]["error"]),
        answer,
    }
}
