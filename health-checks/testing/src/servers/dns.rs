//! A name server: dnsmasq (Debian: `dnsmasq-base`).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    time::Duration,
};

use crate::{Folder, Process, Restart, free_port};

const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// Asks for the address of `test`.
const QUESTION: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04test\0\0\x01\0\x01";

/// A name server that knows what it is told and asks nobody.
#[derive(Debug)]
pub struct Dnsmasq {
    folder: Folder,
    port: u16,
    records: Vec<String>,
    process: Option<Process>,
}

impl Dnsmasq {
    /// Starts a server with arguments such as `--host-record=db.test,10.0.0.1`. It is the
    /// authority for `test` and refuses to answer for the rest.
    pub fn start(records: &[&str]) -> Self {
        let mut server = Self {
            folder: Folder::new("dns"),
            port: free_port(),
            records: records.iter().map(|record| (*record).to_owned()).collect(),
            process: None,
        };
        Restart::start(&mut server);
        server
    }

    /// Starts it again at the same address with other records.
    pub fn change(&mut self, records: &[&str]) {
        self.kill();
        self.records = records.iter().map(|record| (*record).to_owned()).collect();
        Restart::start(self);
    }

    /// Returns the address of the server, for UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Asks by TCP, which is there after UDP or before it, and by UDP.
    fn answers(&self) -> io::Result<()> {
        TcpStream::connect(self.address())?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(self.address())?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        socket.send(QUESTION)?;
        socket.recv(&mut [0; 512]).map(|_| ())
    }

    /// Sends a signal, such as `STOP` or `CONT`.
    pub fn signal(&self, name: &str) {
        self.process.as_ref().unwrap().signal(name);
    }
}

impl Restart for Dnsmasq {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let port = format!("--port={}", self.port);
        let fixed = [
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--user=root",
            "--pid-file=",
            "--listen-address=127.0.0.1",
            "--bind-interfaces",
            "--no-resolv",
            "--no-hosts",
            "--local=/test/",
            "--local-ttl=60",
            &port,
        ];
        let arguments = fixed
            .into_iter()
            .chain(self.records.iter().map(String::as_str));
        let process = Process::start("dnsmasq", arguments, &[], self.folder.file("log"));
        process.wait_until_ready(STARTS_WITHIN, || self.answers().is_ok());
        self.process = Some(process);
    }
}
