//! A kit for testing with health checks: scripted checks, and help with tokio's paused clock.
//!
//! ```
//! use std::time::Duration;
//! use health_core::{Component, Management, test_util::{Runs, Script, ask}};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), health_core::BuildError> {
//! let runs = Runs::default();
//! let management = Management::builder("orders")
//!     .check("db", runs.count(Script::sequence(["UP", "DOWN"])))
//!     .component(Component::new("queue", Script::hang()).deadline(Duration::from_millis(50)))
//!     .build()?;
//!
//! let answer = ask(&management, "/z/health/db").await;
//! assert_eq!(answer.status, 200);
//! assert_eq!(runs.started(), 1);
//! assert_eq!(ask(&management, "/z/health/queue").await.status, 503);
//! # Ok(())
//! # }
//! ```

mod runs;
mod script;

use std::time::Duration;

use http::HeaderMap;

pub use self::{runs::Runs, script::Script};
use crate::{Management, Request};

/// What an endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP code.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// Asks an endpoint by `GET`, anonymously and for any format.
pub async fn ask(management: &Management, path: &str) -> Answer {
    let headers = HeaderMap::new();
    let reply = management.respond(&Request::new("GET", path, &headers));
    let response = reply.await;
    Answer {
        status: response.status().as_u16(),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    }
}

/// Moves tokio's paused clock on in small steps, so that what is due on the way runs when it is due.
///
/// # Panics
/// Panics where the clock is not paused.
pub async fn pass(time: Duration) {
    const STEP: Duration = Duration::from_millis(1);
    let mut left = time;
    while !left.is_zero() {
        let step = left.min(STEP);
        tokio::time::advance(step).await;
        tokio::task::yield_now().await;
        left -= step;
    }
}
