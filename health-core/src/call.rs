//! What a check that asks another application must send along.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::{
    Health,
    trail::{MAX_VIA_NAMES, TRAIL_HEADER, Trail, VIA_HEADER, is_name, parse_names},
};

/// The request header that says how long the asker waits, in milliseconds.
pub const BUDGET_HEADER: &str = "health-budget-ms";

/// The part of the time left, in percent, that is given to another application; the rest is for
/// the way there and back.
const BUDGET_SHARE_PERCENT: u32 = 90;

tokio::task_local! {
    static CURRENT: Call;
}

/// Holds the trail and the deadline of the run in which a check finds itself.
///
/// A check that asks the management endpoint of another application sends
/// [`headers`](Call::headers) with its request and hands the answer's headers to
/// [`attribute`](Call::attribute). With that a circle of applications ends at once, and the other
/// side answers before the deadline here is over. For that the check is one of
/// [`Scope::Application`](crate::Scope::Application): the others run once for all questions, and
/// send the application's own name only.
///
/// A question that came through other applications does not go back to them, so what it finds is
/// less than the whole truth. It is for those who asked along the same trail: it is never the last
/// result of the component, and neither thresholds nor transitions nor metrics know of it. Such a
/// question has a run of its own, unless the last result may be used and does not rest on the
/// opinion of an application on the trail; that holds for checks in the background too.
#[derive(Clone, Debug)]
pub struct Call {
    trail: Trail,
    deadline: Instant,
}

impl Call {
    pub(crate) fn new(trail: Trail, deadline: Instant) -> Self {
        Self { trail, deadline }
    }

    /// Returns the call of the run under way, or nothing outside of a run or on another task.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Tells whether the question came through other applications, so that less is asked.
    pub(crate) fn is_nested(&self) -> bool {
        self.trail.len() > 1
    }

    /// Tells whether a run with this call finds what one with the other would.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.trail.is_like(&other.trail)
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    pub(crate) async fn scope<F: Future>(self, run: F) -> F::Output {
        CURRENT.scope(self, run).await
    }

    /// Returns how long the run may still take.
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Returns the headers to send.
    pub fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let budget = (self.time_left() * BUDGET_SHARE_PERCENT / 100)
            .as_millis()
            .to_string();
        [
            (TRAIL_HEADER, self.trail.to_header()),
            (BUDGET_HEADER, budget),
        ]
        .into_iter()
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_str(&value).ok()?;
            Some((HeaderName::from_static(name), value))
        })
    }

    /// Notes in a health on whose answers it rests, from the headers of the other side's answer.
    pub fn attribute(health: Health, answer: &http::HeaderMap) -> Health {
        let names = answer.get_all(VIA_HEADER).into_iter();
        let names = names
            .filter_map(|value| value.to_str().ok())
            .flat_map(parse_names)
            .filter(|name| is_name(name));
        health.via(names.take(MAX_VIA_NAMES))
    }
}
