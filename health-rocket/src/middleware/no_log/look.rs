//! A logger that looks like Rocket's own, which is private to Rocket and cannot be wrapped.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
};

use log::{Level, Log, Metadata, Record, SetLoggerError};
use rocket::{
    config::{Config, LogLevel},
    figment::Figment,
    yansi::{Paint, Style},
};

use super::NoLogFilter;

/// Enough for most lines.
const LINE_BYTES: usize = 128;

/// What only shows where everything is shown, as in Rocket.
const NOISY: [&str; 3] = ["hyper", "rustls", "r2d2"];

/// Installs a logger that writes like Rocket's own, without the lines of successful probes.
///
/// Call it before the first `rocket::build()`. The log level is `log_level` of the settings; that
/// of an application which has none of its own is `rocket::Config::figment()`.
///
/// # Errors
/// When there is a logger already: after `rocket::build()`, Rocket's.
pub fn init_log(settings: &Figment) -> Result<(), SetLoggerError> {
    NoLogFilter::new(RocketLog::stdout()).install()?;
    // Rocket refuses to launch with settings that cannot be read, and says why.
    let level = settings
        .extract_inner(Config::LOG_LEVEL)
        .unwrap_or(LogLevel::Normal);
    log::set_max_level(level.into());
    Ok(())
}

/// A logger whose lines look like those of Rocket's own, in colour where Rocket would use it.
///
/// It shows what [`log::max_level`] lets through; nobody sets that but [`init_log`].
#[derive(Clone, Debug)]
pub struct RocketLog {
    write: fn(&[u8]) -> io::Result<()>,
}

impl RocketLog {
    /// Makes a logger that writes to the standard output, as Rocket does.
    pub fn stdout() -> Self {
        Self {
            write: |line| io::stdout().write_all(line),
        }
    }

    /// Makes a logger that writes to the standard error.
    pub fn stderr() -> Self {
        Self {
            write: |line| io::stderr().write_all(line),
        }
    }
}

impl Log for RocketLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) && !is_noise(record) {
            // A logger has nobody to tell that it cannot write.
            let _ = (self.write)(format(record).as_bytes());
        }
    }

    /// Has nothing to do: the standard output keeps no whole line back.
    fn flush(&self) {}
}

fn is_noise(record: &Record<'_>) -> bool {
    let module = record.module_path().unwrap_or_default();
    log::max_level() < log::LevelFilter::Trace
        && NOISY.iter().any(|noisy| module.starts_with(noisy))
}

/// Writes a record with its line end. Rocket marks what it wants indented by a `_` at the end of
/// the target, and launches at the level of a warning so that it shows.
fn format(record: &Record<'_>) -> String {
    let is_indented = record.target().ends_with('_');
    let is_launch = record.target().contains("rocket::launch");
    let level = if is_launch {
        Level::Info
    } else {
        record.level()
    };
    let (label, style) = match level {
        Level::Error => (Some("Error:"), Style::new().red()),
        Level::Warn => (Some("Warning:"), Style::new().yellow()),
        Level::Info => (None, Style::new().blue()),
        Level::Debug => (None, Style::new()),
        Level::Trace => (None, Style::new().magenta()),
    };
    let mut line = String::with_capacity(LINE_BYTES);
    let mut write = |part: fmt::Arguments<'_>| line.write_fmt(part).unwrap_or_default();
    match label {
        _ if is_indented => write(format_args!("   {} ", ">>".bold())),
        Some(label) => write(format_args!("{} ", label.paint(style.bold()))),
        None => {}
    }
    if let (Level::Debug, Some(file), Some(number)) = (level, record.file(), record.line()) {
        write(format_args!(
            "\n{} {}:{}\n\t",
            "-->".blue().bold(),
            file.blue(),
            number.blue()
        ));
    }
    write(format_args!("{}\n", record.args().paint(style.wrap())));
    line
}
