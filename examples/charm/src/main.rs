//! An order service as a 12-factor platform runs it: one program, several services.

mod database;
mod healthcheck;
mod integrations;
mod scheduler;
mod settings;
mod traces;
mod web;
mod worker;

use std::{error::Error, process::ExitCode};

use health_checks::platform::Environment;

type BoxError = Box<dyn Error + Send + Sync>;

const USAGE: &str = "usage: example-charm [COMMAND]

  web                    answers /orders on APP_PORT and metrics on APP_METRICS_PORT (default)
  worker                 finishes orders; listens on nothing
  scheduler              takes stock on unit 0; listens on nothing
  migrate                migrates the database once
  integrations           prints what the environment says, as JSON without secrets
  healthcheck WHAT       asks a running service: liveness, readiness, worker or scheduler";

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let environment = Environment::from_process();
    match arguments.as_slice() {
        [] | ["web"] => run(web::run(environment)),
        ["worker"] => run(worker::run(environment.service("orders-worker"))),
        ["scheduler"] => run(scheduler::run(environment.service("orders-scheduler"))),
        ["migrate"] => run(database::migrate_once(environment)),
        ["integrations"] => integrations::print(&environment),
        ["healthcheck", what] => healthcheck::run(&environment, what).unwrap_or_else(usage),
        _ => usage(),
    }
}

#[tokio::main]
async fn run(service: impl Future<Output = Result<(), BoxError>>) -> ExitCode {
    match service.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error.as_ref()),
    }
}

/// Prints the error with its causes, on one line.
#[allow(clippy::print_stderr, reason = "a program says why it ends")]
fn failed(error: &dyn Error) -> ExitCode {
    let causes = std::iter::successors(Some(error), |error| (**error).source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    eprintln!("error: {}", texts.join(": "));
    ExitCode::FAILURE
}

#[allow(clippy::print_stderr, reason = "a program says how it is called")]
fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}
