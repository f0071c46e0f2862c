//! The automation of this repository: `cargo xtask COMMAND`.
//!
//! Everything is a call of cargo with fixed arguments or a gate over what cargo says of the
//! workspace, so a Rust toolchain is all that is needed.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks through both"
)]

mod adapter_shells;
mod cargo;
mod check_manifests;
mod checks_table;
mod ci;
mod cold_build;
mod dependency_budget;
mod doc;
mod error;
mod features;
mod hello_world;
mod lint;
mod setup;
mod test;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::error::Error;

/// Exit code of a command line that xtask does not understand, as `getopt` tools have it.
const EXIT_USAGE: u8 = 2;

/// One sub-command: its name, its arguments as the help shows them, what it does, and its code.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: Run,
}

enum Run {
    Plain(fn() -> Result<(), Error>),
    WithArguments(fn(&[String]) -> Result<(), Error>),
}

const COMMANDS: &[Command] = &[
    Command {
        name: "ci",
        arguments: "",
        about: "run every gate below, in the order of CI; stops at the first failure",
        run: Run::Plain(ci::run),
    },
    Command {
        name: "setup",
        arguments: "",
        about: "install the programs that tests run, where they are missing (`test` does it too)",
        run: Run::Plain(setup::run),
    },
    Command {
        name: "test",
        arguments: "[ARGS...]",
        about: "run all tests and doctests with all features; ARGS go to `cargo test`",
        run: Run::WithArguments(test::run),
    },
    Command {
        name: "lint",
        arguments: "",
        about: "check the format, and clippy with warnings as errors",
        run: Run::Plain(lint::run),
    },
    Command {
        name: "check-manifests",
        arguments: "",
        about: "check package metadata, inherited lints, README and CHANGELOG of each crate",
        run: Run::Plain(check_manifests::run),
    },
    Command {
        name: "adapter-shells",
        arguments: "",
        about: "check that the adapters beside their middleware are small and match on no status",
        run: Run::Plain(adapter_shells::run),
    },
    Command {
        name: "checks-table",
        arguments: "[--write]",
        about: "compare the table of checks with what the checks say of themselves, or write it",
        run: Run::WithArguments(checks_table::run),
    },
    Command {
        name: "features",
        arguments: "",
        about: "check each library with no feature, each feature alone, and all together",
        run: Run::Plain(features::run),
    },
    Command {
        name: "dependency-budget",
        arguments: "",
        about: "count the crates that a user of health-core and health-axum pays for",
        run: Run::Plain(dependency_budget::run),
    },
    Command {
        name: "doc",
        arguments: "",
        about: "build the documentation with warnings as errors",
        run: Run::Plain(doc::run),
    },
    Command {
        name: "cold-build",
        arguments: "[ROUNDS]",
        about: "measure what health-axum adds to the cold build of an axum hello-world (not in ci)",
        run: Run::WithArguments(cold_build::run),
    },
];

fn main() -> ExitCode {
    let arguments: Result<Vec<String>, _> = env::args_os()
        .skip(1)
        .map(|argument| argument.into_string())
        .collect();
    let outcome = match arguments {
        Ok(arguments) => dispatch(&arguments),
        Err(argument) => Err(Error::Usage(format!(
            "argument {argument:?} is not Unicode"
        ))),
    };
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    match error {
        Error::Usage(_) => ExitCode::from(EXIT_USAGE),
        _ => ExitCode::FAILURE,
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Error> {
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Error::Usage(format!("no command given\n\n{}", help())));
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        println!("{}", help());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Error::Usage(format!("no command `{name}`\n\n{}", help())));
    };
    match command.run {
        Run::WithArguments(run) => run(rest),
        Run::Plain(run) if rest.is_empty() => run(),
        Run::Plain(_) => Err(Error::Usage(format!(
            "`{name}` takes no arguments, got {rest:?}"
        ))),
    }
}

fn help() -> String {
    let mut help = String::from("usage: cargo xtask COMMAND\n");
    for Command {
        name,
        arguments,
        about,
        ..
    } in COMMANDS
    {
        let call = format!("{name} {arguments}");
        help.push_str(&format!("\n  {call:<22}{about}"));
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage_error(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match dispatch(&arguments) {
            Err(Error::Usage(message)) => message,
            other => panic!("{arguments:?} gave {other:?}"),
        }
    }

    #[test]
    fn a_wrong_command_line_is_refused_with_what_would_be_right() {
        assert!(usage_error(&[]).contains("cold-build [ROUNDS]"));
        assert!(usage_error(&["lnit"]).starts_with("no command `lnit`"));
        assert!(usage_error(&["lint", "--fix"]).contains("takes no arguments"));
        assert!(usage_error(&["cold-build", "0"]).contains("ROUNDS"));
    }

    #[test]
    fn every_gate_of_ci_is_a_command_of_its_own() {
        for step in ci::STEPS {
            assert!(
                COMMANDS.iter().any(|command| command.name == step.name),
                "{}",
                step.name
            );
        }
    }
}
