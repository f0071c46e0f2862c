//! Starts both services as processes of their own and ends them with this one.

use std::{
    env,
    io::{self, Write},
    process::Stdio,
    time::Duration,
};

use health_core::DEFAULT_BASE_PATH;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

use crate::{
    BoxError,
    arguments::{BASE_PATH, DEFAULT_USERS, DRAIN_GRACE, STOP_WITH_STDIN},
    listen::{LISTENING, Listen},
    settings::Settings,
    stop,
};

/// How long a service is waited for when it is to end, before it is killed; longer than what the
/// service itself takes at the most.
const GRACE: Duration = Duration::from_secs(5);

/// Runs both until a signal comes or both have ended, and leaves no process behind.
pub(crate) async fn run(
    package: &str,
    orders: Listen,
    users: Listen,
    settings: &Settings,
) -> Result<(), BoxError> {
    let stop = stop::signal()?;
    let mut users = Service::start("users", users, settings, &[]).await?;
    let known = ["--users", &users.address];
    let orders = Service::start("orders", orders, settings, &known).await;
    let mut orders = match orders {
        Ok(orders) => orders,
        Err(error) => {
            users.stop().await;
            return Err(error);
        }
    };
    explain(package, &orders, &users, settings)?;
    let watched = tokio::select! {
        watched = async { tokio::try_join!(users.watch(), orders.watch()) } => watched,
        () = stop => Ok(((), ())),
    };
    tokio::join!(users.stop(), orders.stop());
    watched?;
    Ok(())
}

fn explain(
    package: &str,
    orders: &Service,
    users: &Service,
    settings: &Settings,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for Service {
        name, address, pid, ..
    } in [orders, users]
    {
        writeln!(out, "{name}: {LISTENING}{address}, process {pid}")?;
    }
    writeln!(out)?;
    writeln!(out, "stop users:      kill {}", users.pid)?;
    let again = start_again(package, &users.address, settings);
    writeln!(out, "start it again:  {again}")?;
    writeln!(out, "stop both:       Ctrl-C")
}

/// What starts `users` again where it was.
fn start_again(package: &str, address: &str, settings: &Settings) -> String {
    let mut again = format!("cargo run -p {package} -- users");
    if address != DEFAULT_USERS {
        again += &format!(" --listen {address}");
    }
    if settings.base_path != DEFAULT_BASE_PATH {
        again += &format!(" {BASE_PATH} {}", settings.base_path);
    }
    again
}

/// A service that runs as a process of its own; killed when dropped.
struct Service {
    name: &'static str,
    address: String,
    pid: u32,
    process: Child,
    /// The service ends when this is closed, and so it does with this process.
    stdin: Option<ChildStdin>,
}

impl Service {
    /// Starts the process and waits until it listens.
    async fn start(
        name: &'static str,
        listen: Listen,
        settings: &Settings,
        more: &[&str],
    ) -> Result<Self, BoxError> {
        let mut process = Command::new(env::current_exe()?)
            .args([
                name,
                "--listen",
                &listen.address.to_string(),
                BASE_PATH,
                &settings.base_path,
                DRAIN_GRACE,
                &settings.drain_grace.as_secs().to_string(),
                STOP_WITH_STDIN,
            ])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = process.stdin.take();
        let line = match process.stdout.take() {
            Some(stdout) => BufReader::new(stdout).lines().next_line().await?,
            None => None,
        };
        let address = line
            .as_deref()
            .and_then(|line| line.strip_prefix(LISTENING));
        match (address, process.id()) {
            (Some(address), Some(pid)) => {
                let address = address.to_owned();
                Ok(Self {
                    name,
                    address,
                    pid,
                    process,
                    stdin,
                })
            }
            _ => {
                // It has said why, and ends.
                process.kill().await?;
                Err(format!("{name} did not start").into())
            }
        }
    }

    /// Waits until the process ends by itself, and says so.
    async fn watch(&mut self) -> io::Result<()> {
        self.process.wait().await?;
        writeln!(io::stdout(), "{} has ended", self.name)
    }

    /// Ends the process, if it has not ended yet.
    async fn stop(mut self) {
        drop(self.stdin.take());
        if timeout(GRACE, self.process.wait()).await.is_err() {
            // It fails only for a process that has ended meanwhile.
            _ = self.process.kill().await;
        }
    }
}
