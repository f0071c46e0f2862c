//! NATS: `nats-server` (Debian: `nats-server`).

use std::{
    io::Read,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use crate::{Folder, Identity, Process, Restart, free_port};

const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A NATS server with its data in a folder of its own.
#[derive(Debug)]
pub struct Nats {
    folder: Folder,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Nats {
    /// Starts a server with arguments of its own, such as `["-js", "--user", "u", "--pass", "p"]`.
    pub fn start(arguments: &[&str]) -> Self {
        Self::in_folder(Folder::new("nats"), arguments)
    }

    /// Starts a server by a configuration of accounts, users and the like.
    pub fn start_with(configuration: &str) -> Self {
        let folder = Folder::new("nats");
        let file = folder.write("nats.conf", configuration);
        Self::in_folder(folder, &["-c", &file])
    }

    /// Starts a server that speaks TLS and asks its clients for a certificate of the authority.
    pub fn start_tls(identity: &Identity, authority: &str) -> Self {
        let folder = Folder::new("nats-tls");
        let [certificate, key, authority] = [
            ("certificate.pem", identity.certificate.as_str()),
            ("key.pem", &identity.key),
            ("authority.pem", authority),
        ]
        .map(|(name, content)| folder.write(name, content));
        Self::in_folder(
            folder,
            &[
                "--tlsverify",
                "--tlscert",
                &certificate,
                "--tlskey",
                &key,
                "--tlscacert",
                &authority,
            ],
        )
    }

    fn in_folder(folder: Folder, arguments: &[&str]) -> Self {
        let port = free_port();
        let data = folder.file("data");
        let port_text = port.to_string();
        let fixed = [
            "-a",
            "127.0.0.1",
            "-p",
            &port_text,
            "-sd",
            &data,
            "-n",
            "of-the-test",
        ];
        let mut nats = Self {
            port,
            arguments: fixed
                .iter()
                .chain(arguments)
                .map(|a| (*a).to_owned())
                .collect(),
            process: None,
            folder,
        };
        Restart::start(&mut nats);
        nats
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Returns the process of the server; signal `USR2` puts it into lame duck mode.
    pub fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address()) else {
            return false;
        };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting).is_ok() && greeting == *b"INFO "
    }
}

impl Restart for Nats {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let log = self.folder.file("log");
        let process = Process::start("nats-server", &self.arguments, &[], log);
        process.wait_until_ready(STARTS_WITHIN, || self.is_ready());
        self.process = Some(process);
    }
}
