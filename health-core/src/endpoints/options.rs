//! What there is beside the endpoints and media types of Spring's actuator.

/// The switches of the builder, and what they decide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) has_prometheus: bool,
    pub(crate) has_openapi: bool,
    pub(crate) has_plain_text: bool,
    pub(crate) has_stable_bodies: bool,
    pub(crate) shows_timings: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            has_prometheus: true,
            has_openapi: true,
            has_plain_text: false,
            has_stable_bodies: false,
            shows_timings: false,
        }
    }
}
