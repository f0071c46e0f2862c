//! Asks a service of this program how it is, for containers without a client of their own.

use std::process::ExitCode;

use health_checks::platform::Environment;
use health_core::{
    DEFAULT_FILE_MAX_AGE, LIVENESS, READINESS,
    probe::{SelfProbe, exit_code, heartbeat_file_is_fresh},
};

use crate::{
    scheduler,
    settings::{Settings, heartbeat_file},
    worker,
};

/// Returns 0 for well and 1 for not, and nothing for what is not known here.
pub(crate) fn run(environment: &Environment, what: &str) -> Option<ExitCode> {
    match what {
        LIVENESS | READINESS => {
            let address = format!("127.0.0.1:{}", Settings::of(environment).port);
            Some(SelfProbe::new(address).group(what).exit_code())
        }
        worker::NAME | scheduler::NAME => {
            let asked = heartbeat_file_is_fresh(heartbeat_file(what), DEFAULT_FILE_MAX_AGE);
            Some(exit_code(asked))
        }
        _ => None,
    }
}
