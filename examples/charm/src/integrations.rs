//! What the environment says.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use health_checks::platform::Environment;

/// Prints it, and is a success whatever the environment holds.
pub(crate) fn print(environment: &Environment) -> ExitCode {
    // Who does not read to the end does not want to know.
    _ = writeln!(io::stdout(), "{:#}", environment.to_json());
    ExitCode::SUCCESS
}
