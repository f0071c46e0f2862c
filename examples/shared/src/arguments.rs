//! What the command line and the environment say.

use std::time::Duration;

use health_core::DEFAULT_BASE_PATH;

use crate::{
    listen::{Listen, Serving},
    settings::Settings,
    stop::Stop,
};

/// Where `orders` listens when nothing else is said.
pub(crate) const DEFAULT_ORDERS: &str = "127.0.0.1:8080";
/// Where `users` listens, and is found, when nothing else is said.
pub(crate) const DEFAULT_USERS: &str = "127.0.0.1:8081";
/// The drain in seconds when nothing else is said: long enough to look at, and too short for
/// Kubernetes, where the library's own default of 10 s fits.
const DEFAULT_DRAIN_GRACE_SECONDS: &str = "5";

/// Makes a service end with its standard input.
pub(crate) const STOP_WITH_STDIN: &str = "--stop-with-stdin";
pub(crate) const BASE_PATH: &str = "--base-path";
pub(crate) const DRAIN_GRACE: &str = "--drain-grace";

const ORDERS_LISTEN: &str = "ORDERS_LISTEN";
const USERS_LISTEN: &str = "USERS_LISTEN";
const USERS_ADDRESS: &str = "USERS_ADDRESS";
const BASE_PATH_VARIABLE: &str = "BASE_PATH";
const DRAIN_GRACE_VARIABLE: &str = "DRAIN_GRACE";

const HELP: &str = "\
usage: PACKAGE [OPTIONS]              start orders and users, each as a process of its own
       PACKAGE orders [OPTIONS]       start orders only
       PACKAGE users [OPTIONS]        start users only
       PACKAGE healthcheck SERVICE    ask the one service for its readiness; the exit code is 0 or 1
       PACKAGE kubernetes-probes      print the probes of a Kubernetes manifest

options, and the variables that say the same:
  --orders-listen IP:PORT  ORDERS_LISTEN  where orders listens when both are started; default 127.0.0.1:8080
  --users-listen IP:PORT   USERS_LISTEN   where users listens when both are started; default 127.0.0.1:8081
  --listen IP:PORT         the same two   where the one service listens
  --users HOST:PORT        USERS_ADDRESS  where orders finds users when it is started alone; default 127.0.0.1:8081
  --base-path PATH         BASE_PATH      the path of the management endpoints; default /z
  --drain-grace SECONDS    DRAIN_GRACE    how long a service goes on after SIGTERM; default 5
  --stop-with-stdin                       end the one service also when its standard input ends

Port 0 lets the system choose a free port, which is then printed.";

/// Says how an example is used; `package` is its name.
pub(crate) fn help(package: &str) -> String {
    HELP.replace("PACKAGE", package)
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Both {
        orders: Listen,
        users: Listen,
        settings: Settings,
    },
    Serve {
        service: Service,
        settings: Settings,
        serving: Serving,
    },
    Healthcheck {
        listen: Listen,
        settings: Settings,
    },
    KubernetesProbes {
        settings: Settings,
    },
}

/// The one service to start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Orders { users: String },
    Users,
}

/// Reads the arguments behind the program's name; the environment says what they do not.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = String>,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Command, String> {
    let arguments: Vec<String> = arguments.into_iter().collect();
    if arguments
        .iter()
        .any(|argument| ["-h", "--help", "help"].contains(&argument.as_str()))
    {
        return Ok(Command::Help);
    }
    let mut options = Options {
        arguments,
        environment,
    };
    let command = match options.word().as_deref() {
        None => Command::Both {
            orders: options.listen("--orders-listen", ORDERS_LISTEN, DEFAULT_ORDERS)?,
            users: options.listen("--users-listen", USERS_LISTEN, DEFAULT_USERS)?,
            settings: options.settings()?,
        },
        Some("healthcheck") => {
            let service = options.word();
            Command::Healthcheck {
                listen: options.listen_of(service.as_deref().unwrap_or_default())?,
                settings: options.settings()?,
            }
        }
        Some("kubernetes-probes") => Command::KubernetesProbes {
            settings: options.settings()?,
        },
        Some(name) => {
            let listen = options.listen_of(name)?;
            let service = match name {
                "orders" => Service::Orders {
                    users: options.value("--users", USERS_ADDRESS, DEFAULT_USERS)?,
                },
                _ => Service::Users,
            };
            Command::Serve {
                service,
                settings: options.settings()?,
                serving: Serving {
                    listen,
                    stop: options.stop(),
                },
            }
        }
    };
    match options.arguments.first() {
        Some(unknown) => Err(format!("`{unknown}` is not known here, or is given twice")),
        None => Ok(command),
    }
}

/// The options that have not been read yet.
struct Options<E> {
    arguments: Vec<String>,
    environment: E,
}

impl<E: Fn(&str) -> Option<String>> Options<E> {
    /// Takes what stands first, if it is no option.
    fn word(&mut self) -> Option<String> {
        let is_word = !self.arguments.first()?.starts_with('-');
        is_word.then(|| self.arguments.remove(0))
    }

    fn listen_of(&mut self, service: &str) -> Result<Listen, String> {
        match service {
            "orders" => self.listen("--listen", ORDERS_LISTEN, DEFAULT_ORDERS),
            "users" => self.listen("--listen", USERS_LISTEN, DEFAULT_USERS),
            "" => Err("the service is missing: `orders` or `users`".to_owned()),
            other => Err(format!("there is no service `{other}`")),
        }
    }

    fn settings(&mut self) -> Result<Settings, String> {
        let grace = self.value(
            DRAIN_GRACE,
            DRAIN_GRACE_VARIABLE,
            DEFAULT_DRAIN_GRACE_SECONDS,
        )?;
        let seconds: u32 = grace.parse().map_err(|_| {
            format!("`{grace}` ({DRAIN_GRACE} or {DRAIN_GRACE_VARIABLE}) is no number of seconds")
        })?;
        Ok(Settings {
            base_path: self.value(BASE_PATH, BASE_PATH_VARIABLE, DEFAULT_BASE_PATH)?,
            drain_grace: Duration::from_secs(seconds.into()),
        })
    }

    fn listen(
        &mut self,
        option: &str,
        variable: &'static str,
        default: &str,
    ) -> Result<Listen, String> {
        let text = self.value(option, variable, default)?;
        let address = text.parse().map_err(|_| {
            format!("`{text}` ({option} or {variable}) is no address such as {default}")
        })?;
        Ok(Listen { address, variable })
    }

    fn value(&mut self, option: &str, variable: &str, default: &str) -> Result<String, String> {
        if let Some(at) = self
            .arguments
            .iter()
            .position(|argument| argument == option)
        {
            let mut taken = self.arguments.drain(at..(at + 2).min(self.arguments.len()));
            return taken
                .nth(1)
                .ok_or_else(|| format!("`{option}` needs a value"));
        }
        Ok((self.environment)(variable).unwrap_or_else(|| default.to_owned()))
    }

    fn stop(&mut self) -> Stop {
        match self
            .arguments
            .iter()
            .position(|argument| argument == STOP_WITH_STDIN)
        {
            Some(at) => {
                self.arguments.remove(at);
                Stop::WithStandardInput
            }
            None => Stop::OnSignal,
        }
    }
}

#[cfg(test)]
mod tests;
