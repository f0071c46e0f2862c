//! Does what the command line says.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use health_core::{info::BuildInfo, probe::SelfProbe};

use crate::{
    BoxError, Orders, Serving, Users,
    arguments::{self, Command, Service},
    both,
};

/// The exit code of a command line that is not understood, as `getopt` tools have it.
const EXIT_USAGE: u8 = 2;

/// Runs an example: starts both services, or one of them by what its framework does, or asks one.
///
/// `package` is the example's name, and `build` what `/info` says of it.
pub async fn run<O, U>(package: &str, build: BuildInfo, orders: O, users: U) -> ExitCode
where
    O: AsyncFnOnce(Orders, Serving) -> Result<(), BoxError>,
    U: AsyncFnOnce(Users, Serving) -> Result<(), BoxError>,
{
    // What is no Unicode is not understood either, and shown as well as it can be.
    let arguments = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned());
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let command = match arguments::parse(arguments, variable) {
        Ok(command) => command,
        Err(error) => {
            let help = arguments::help(package);
            return fail(&format!("{error}\n\n{help}"), ExitCode::from(EXIT_USAGE));
        }
    };
    let done = match command {
        Command::Help => print(&arguments::help(package)),
        Command::Both {
            orders,
            users,
            settings,
        } => both::run(package, orders, users, &settings).await,
        Command::Serve {
            service: Service::Orders { users },
            settings,
            serving,
        } => match Orders::new(&users, &settings, build) {
            Ok(service) => orders(service, serving).await,
            Err(error) => Err(error),
        },
        Command::Serve {
            service: Service::Users,
            settings,
            serving,
        } => match Users::new(&settings, build) {
            Ok(service) => users(service, serving).await,
            Err(error) => Err(error.into()),
        },
        Command::Healthcheck { listen, settings } => {
            return SelfProbe::new(listen.address.to_string())
                .base_path(settings.base_path)
                .exit_code();
        }
        Command::KubernetesProbes { settings } => match Users::new(&settings, build) {
            Ok(service) => print(service.management().kubernetes_probes("http").trim_end()),
            Err(error) => Err(error.into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), ExitCode::FAILURE),
    }
}

fn print(text: &str) -> Result<(), BoxError> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

fn fail(message: &str, code: ExitCode) -> ExitCode {
    // Where even this cannot be written, the exit code has to do.
    _ = writeln!(io::stderr(), "error: {message}");
    code
}
