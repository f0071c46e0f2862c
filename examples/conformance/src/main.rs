//! Serves the application that a file describes, until SIGTERM or Ctrl-C.

mod arguments;

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use conformance::{Application, Logging};

use crate::arguments::{Arguments, HELP};

/// The exit code of a command line or a fixture that cannot be used.
const EXIT_USAGE: u8 = 2;

type BoxError = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments::parse(env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return tell(&mut io::stdout(), [HELP], ExitCode::SUCCESS),
        Err(problem) => return fail([problem.as_str(), HELP], ExitCode::from(EXIT_USAGE)),
    };
    let app = match application(&arguments) {
        Ok(app) => app,
        Err(problems) => {
            return fail(
                problems.iter().map(String::as_str),
                ExitCode::from(EXIT_USAGE),
            );
        }
    };
    match run(&arguments, &Arc::new(app)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail([error.to_string().as_str()], ExitCode::FAILURE),
    }
}

fn application(arguments: &Arguments) -> Result<Application, Vec<String>> {
    let path = &arguments.fixture;
    let text =
        fs::read_to_string(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    Application::new(conformance::parse(&text)?)
}

async fn run(arguments: &Arguments, app: &Arc<Application>) -> Result<(), BoxError> {
    // On a task of its own, so that no signal is missed while the servers start.
    let stop = tokio::spawn(app.management().drain_on_signal());
    let logging = if app.has_no_log() {
        Logging::WithoutProbes
    } else {
        Logging::All
    };
    conformance::init_logging(arguments.framework, logging)?;
    let mut server =
        conformance::start(arguments.framework, app, logging, arguments.listen).await?;
    writeln!(io::stdout(), "listening on http://{}", server.address())?;
    // Serves until it is dropped.
    let management = arguments
        .management_listen
        .map(|listen| app.serve_management(listen))
        .transpose()?;
    if let Some(management) = &management {
        writeln!(
            io::stdout(),
            "management on http://{}",
            management.address()
        )?;
    }
    tokio::select! {
        error = server.failure() => return Err(error),
        drained = stop => drained?,
    }
    server.stop().await;
    Ok(())
}

fn fail<'a>(lines: impl IntoIterator<Item = &'a str>, code: ExitCode) -> ExitCode {
    tell(&mut io::stderr(), lines, code)
}

fn tell<'a>(
    out: &mut impl Write,
    lines: impl IntoIterator<Item = &'a str>,
    code: ExitCode,
) -> ExitCode {
    for line in lines {
        // Where even this cannot be written, the exit code has to do.
        _ = writeln!(out, "{line}");
    }
    code
}
