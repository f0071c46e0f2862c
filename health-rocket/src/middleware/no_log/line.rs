//! A record of the `log` facade that waits.

use std::sync::Arc;

use log::{Level, Log, Record};

/// One record, and the logger that it is for.
pub(super) struct Line {
    logger: Arc<dyn Log>,
    level: Level,
    target: String,
    message: String,
    module_path: Option<&'static str>,
    file: Option<&'static str>,
    number: Option<u32>,
}

impl Line {
    pub(super) fn new(record: &Record<'_>, logger: &Arc<dyn Log>) -> Self {
        Self {
            logger: Arc::clone(logger),
            level: record.level(),
            target: record.target().to_owned(),
            message: record.args().to_string(),
            module_path: record.module_path_static(),
            file: record.file_static(),
            number: record.line(),
        }
    }

    /// Tells whether Rocket warned of something.
    pub(super) fn is_worrying(&self) -> bool {
        self.level <= Level::Warn
    }

    /// Hands the record to its logger.
    pub(super) fn write(self) {
        let mut record = Record::builder();
        record
            .level(self.level)
            .target(&self.target)
            .module_path_static(self.module_path)
            .file_static(self.file)
            .line(self.number);
        self.logger
            .log(&record.args(format_args!("{}", self.message)).build());
    }
}
