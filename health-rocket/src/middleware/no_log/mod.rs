//! Leaves the log lines of successful probes out.
//!
//! Rocket runs every request on a task of its own, on HTTP/1 and HTTP/2 alike, and writes its lines
//! there. [`LogFairing`] sees the request before the first of them and marks the task when an
//! endpoint is asked; [`NoLogFilter`] holds the lines of marked tasks; and when Rocket drops the
//! request, after the last line, they are written or forgotten together.

mod fairing;
mod filter;
mod held;
mod line;
mod look;

pub(crate) use self::filter::is_used;
pub use self::{
    fairing::{LogFairing, log_fairing},
    filter::NoLogFilter,
    held::MAX_HELD_LINES,
    look::{RocketLog, init_log},
};
