//! Everything that is logged while the suite runs.

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

use tracing_subscriber::fmt::MakeWriter;

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

/// What was logged in this process.
pub(super) struct Logs;

/// Starts to keep what is logged by `tracing` and `log`, at DEBUG and above: below that drivers
/// write down the bytes that they send.
pub(super) fn capture() -> Logs {
    INSTALL.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .with_writer(Logged)
            .init();
    });
    Logs
}

impl Logs {
    pub(super) fn assert_without(&self, secret: &str) {
        let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let logged = String::from_utf8_lossy(&logged);
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "a secret in the log");
    }
}

struct Logged;

impl MakeWriter<'_> for Logged {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        logged.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
