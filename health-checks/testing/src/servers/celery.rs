//! Workers of Celery (PyPI: `celery` and `redis`).

use std::{thread, time::Duration};

use super::python::python;
use crate::{Folder, Process, Restart, wait_until};

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// How long a worker may take to come back to a broker that was gone: it tries after 2, 4, 6
/// seconds and so on.
const RECONNECTS_WITHIN: Duration = Duration::from_secs(120);

/// What a worker prints each time when it has a connection.
const CONNECTED: &str = "Connected to ";

const APPLICATION: &str = r#"
import os
from celery import Celery

app = Celery("app", broker=os.environ["BROKER"])
app.conf.broker_connection_retry_on_startup = True
app.conf.broker_connection_max_retries = None
app.conf.worker_proc_alive_timeout = 60
app.conf.control_exchange = os.environ["CONTROL_EXCHANGE"]
if os.environ["KEY_PREFIX"]:
    app.conf.broker_transport_options = {"global_keyprefix": os.environ["KEY_PREFIX"]}
"#;

/// An application of Celery, whose workers are started one by one.
#[derive(Debug)]
pub struct Application {
    folder: Folder,
    broker: String,
    control_exchange: &'static str,
    key_prefix: &'static str,
}

impl Application {
    /// Makes an application with a broker.
    pub fn new(broker: impl Into<String>) -> Self {
        let folder = Folder::new("celery");
        folder.write("app.py", APPLICATION);
        Self {
            folder,
            broker: broker.into(),
            control_exchange: "celery",
            key_prefix: "",
        }
    }

    /// Sets the exchange of remote control, and what stands before all keys of Redis.
    pub fn named(mut self, control_exchange: &'static str, key_prefix: &'static str) -> Self {
        self.control_exchange = control_exchange;
        self.key_prefix = key_prefix;
        self
    }

    /// Starts workers at once, and returns when all are ready.
    pub fn start<const N: usize>(&self, names: [&str; N]) -> [Worker; N] {
        let workers = names.map(|name| self.spawn(name));
        for worker in &workers {
            worker.process.wait_until_ready(STARTS_WITHIN, || {
                worker.process.printed().contains(" ready.")
            });
        }
        workers
    }

    fn spawn(&self, name: &str) -> Worker {
        let app = self.folder.path().to_str().unwrap();
        let environment = [
            ("BROKER", self.broker.as_str()),
            ("CONTROL_EXCHANGE", self.control_exchange),
            ("KEY_PREFIX", self.key_prefix),
            ("PYTHONPATH", app),
            ("PYTHONUNBUFFERED", "1"),
        ];
        let arguments = [
            "-m", "celery", "-A", "app", "worker", "-n", name, "-c", "1", "-l", "INFO",
        ];
        let log = self.folder.file(&format!("{name}.log"));
        let process = Process::start(&python(), arguments, &environment, log);
        Worker { process }
    }
}

/// A worker with its process for tasks.
#[derive(Debug)]
pub struct Worker {
    process: Process,
}

impl Worker {
    /// Returns the process of the worker.
    pub fn process(&self) -> &Process {
        &self.process
    }

    fn connections(&self) -> usize {
        self.process.printed().matches(CONNECTED).count()
    }
}

/// A broker with workers that come back to it by themselves.
pub struct Fleet<'a> {
    broker: &'a mut dyn Restart,
    workers: &'a [Worker],
}

impl<'a> Fleet<'a> {
    /// Puts a broker and its workers together.
    pub fn new(broker: &'a mut dyn Restart, workers: &'a [Worker]) -> Self {
        Self { broker, workers }
    }
}

impl Restart for Fleet<'_> {
    fn kill(&mut self) {
        self.broker.kill();
    }

    fn start(&mut self) {
        let before: Vec<_> = self.workers.iter().map(Worker::connections).collect();
        self.broker.start();
        wait_until("the workers are connected again", RECONNECTS_WITHIN, || {
            let mut workers = self.workers.iter().zip(&before);
            workers.all(|(worker, before)| worker.connections() > *before)
        });
        // What a worker prints comes a moment before it listens.
        thread::sleep(Duration::from_millis(500));
    }
}
