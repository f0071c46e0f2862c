//! One logger for two Rockets: with the filter while one is asked, without it for the other.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

use health_rocket::{NoLogFilter, RocketLog};
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

static IS_FILTERED: AtomicBool = AtomicBool::new(false);

/// Made when the filter is switched on for the first time: a Rocket that is started before has none.
static FILTER: OnceLock<NoLogFilter> = OnceLock::new();

/// Installs the logger, which writes nothing yet; before the first Rocket, which would install its
/// own.
pub(crate) fn install() -> Result<(), SetLoggerError> {
    log::set_boxed_logger(Box::new(Switch(RocketLog::stderr())))
}

/// Has everything written, with the filter or without.
pub(crate) fn switch(is_filtered: bool) {
    log::set_max_level(LevelFilter::Info);
    if is_filtered {
        FILTER.get_or_init(|| NoLogFilter::new(RocketLog::stderr()));
    }
    IS_FILTERED.store(is_filtered, Ordering::Release);
}

struct Switch(RocketLog);

impl Switch {
    fn current(&self) -> &dyn Log {
        match FILTER.get() {
            Some(filter) if IS_FILTERED.load(Ordering::Acquire) => filter,
            _ => &self.0,
        }
    }
}

impl Log for Switch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.current().enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        self.current().log(record);
    }

    fn flush(&self) {
        self.current().flush();
    }
}
