//! The environment of a 12-factor platform, as it is given to applications.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod hostile;
mod kinds;
mod oracle;
mod own;
mod vectors;
