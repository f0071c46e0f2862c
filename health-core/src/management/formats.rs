//! The builder's switches of the endpoints and media types beside Spring's.

use super::Builder;

impl Builder {
    /// Leaves `/prometheus` out, which is there otherwise: the answers of `/health` as metrics.
    pub fn without_prometheus(mut self) -> Self {
        self.options.has_prometheus = false;
        self
    }

    /// Answers with the metrics on a path at the root of each server too, such as `/metrics`, where
    /// platforms look for them; default: below the base path only.
    pub fn metrics_path(mut self, path: impl Into<String>) -> Self {
        self.metrics_path = Some(path.into());
        self
    }

    /// Leaves `/openapi.json` out, which is there otherwise: the description of the endpoints.
    pub fn without_openapi(mut self) -> Self {
        self.options.has_openapi = false;
        self
    }

    /// Answers `/health` in `text/plain` too, where a request's `Accept` names that: the status in
    /// the first line, then one line per component. Default: such a request gets a 406.
    pub fn plain_text(mut self) -> Self {
        self.options.has_plain_text = true;
        self
    }

    /// Makes the answers of `/health` comparable: each has an `ETag`, the same on every replica as
    /// long as the body is the same, and who sends it back as `If-None-Match` gets a 304 without
    /// body while nothing has changed. Made for pollers that pass the answers on.
    ///
    /// Nothing of our own that changes from run to run is in the body then; details that a check
    /// gives are, where they are shown. The answers may be stored, to be checked before each use
    /// (`no-cache`); otherwise they may not (`no-store`). Cannot be combined with
    /// [`Builder::show_timings`].
    pub fn stable_bodies(mut self) -> Self {
        self.options.has_stable_bodies = true;
        self
    }

    /// Adds to the details of each check how long its last run took, as `durationMs`, and how old
    /// its result is, as `ageMs`: visible to whoever sees details. Default: neither is shown.
    pub fn show_timings(mut self) -> Self {
        self.options.shows_timings = true;
        self
    }
}
