//! A server that is a Python script.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use super::python::python;
use crate::{Folder, Process, free_port};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// Runs a script with its port as the first argument and own ones behind it.
#[derive(Debug)]
pub(super) struct Script {
    /// Where its files may lie.
    pub(super) folder: Folder,
    file: String,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Script {
    pub(super) fn new(name: &str, content: &str) -> Self {
        let folder = Folder::new(name);
        Self {
            file: folder.write("server.py", content),
            folder,
            port: free_port(),
            arguments: Vec::new(),
            process: None,
        }
    }

    pub(super) fn argument(&mut self, argument: impl Into<String>) {
        self.arguments.push(argument.into());
    }

    pub(super) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it and returns when it listens.
    pub(super) fn start(&mut self) {
        let address = self.address();
        self.start_until(STARTS_WITHIN, |_| TcpStream::connect(address).is_ok());
    }

    /// Starts it and returns when it is ready, with what it has printed.
    pub(super) fn start_until(
        &mut self,
        within: Duration,
        mut is_ready: impl FnMut(&Process) -> bool,
    ) -> String {
        let arguments = [self.file.clone(), self.port.to_string()]
            .into_iter()
            .chain(self.arguments.iter().cloned());
        let process = Process::start(&python(), arguments, &[], self.folder.file("log"));
        process.wait_until_ready(within, || is_ready(&process));
        let printed = process.printed();
        self.process = Some(process);
        printed
    }
}
