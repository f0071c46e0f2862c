//! Redis: `redis-server` and `redis-cli` (Debian: `redis-server`).

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::Command,
    time::Duration,
};

use crate::{Folder, Identity, Process, Restart, free_port, wait_until};

const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// The slots of every cluster.
const SLOTS: u32 = 16_384;

/// A Redis server that keeps its data in a folder of its own.
#[derive(Debug)]
pub struct Redis {
    folder: Folder,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Redis {
    /// Starts a server with arguments of its own, such as `["--requirepass", "s3cret"]`.
    pub fn start(arguments: &[&str]) -> Self {
        let folder = Folder::new("redis");
        let port = free_port();
        let port_text = port.to_string();
        let path = folder.file("");
        let fixed = [
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            &path,
        ];
        Self::with(folder, port, &fixed, arguments)
    }

    /// Starts a server that speaks TLS and asks its clients for a certificate of the authority.
    pub fn start_tls(identity: &Identity, authority: &str, arguments: &[&str]) -> Self {
        let folder = Folder::new("redis-tls");
        let port = free_port();
        let port_text = port.to_string();
        let [certificate, key, authority] = [
            ("certificate.pem", identity.certificate.as_str()),
            ("key.pem", &identity.key),
            ("authority.pem", authority),
        ]
        .map(|(name, content)| folder.write(name, content));
        let path = folder.file("");
        let fixed = [
            "--tls-port",
            &port_text,
            "--port",
            "0",
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            &path,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &authority,
        ];
        Self::with(folder, port, &fixed, arguments)
    }

    /// Starts three masters that serve a cluster, and returns when all of them know it.
    pub fn start_cluster() -> [Self; 3] {
        let bus_ports: [u16; 3] = std::array::from_fn(|_| free_port());
        let nodes = bus_ports.map(|bus_port| {
            Self::start(&[
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1000",
                "--cluster-port",
                &bus_port.to_string(),
            ])
        });
        for (number, node) in (0..).zip(&nodes) {
            let (first, next) = (SLOTS * number / 3, SLOTS * (number + 1) / 3);
            let range = [first.to_string(), (next - 1).to_string()];
            node.command(&["CLUSTER", "ADDSLOTSRANGE", &range[0], &range[1]]);
            let [port, bus_port] = [nodes[0].port, bus_ports[0]].map(|port| port.to_string());
            node.command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus_port]);
        }
        wait_until("the cluster is there", STARTS_WITHIN, || {
            nodes.iter().all(|node| {
                let info = node.command(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok") && info.contains("cluster_size:3")
            })
        });
        nodes
    }

    fn with(folder: Folder, port: u16, fixed: &[&str], own: &[&str]) -> Self {
        let arguments = fixed.iter().chain(own).map(|a| (*a).to_owned()).collect();
        let mut redis = Self {
            folder,
            port,
            arguments,
            process: None,
        };
        Restart::start(&mut redis);
        redis
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Sends a command by `redis-cli` and returns what it printed.
    pub fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Returns the process of the server.
    pub fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    /// Tells whether something is answered that is no promise to answer later.
    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address()) else {
            return false;
        };
        if self.arguments.iter().any(|a| a == "--tls-port") {
            return true;
        }
        let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
        let mut answer = [0; 4];
        stream.write_all(b"PING\r\n").is_ok()
            && stream.read_exact(&mut answer).is_ok()
            && (answer == *b"+PON" || answer == *b"-NOA")
    }
}

impl Restart for Redis {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let log = self.folder.file("log");
        let process = Process::start("redis-server", &self.arguments, &[], log);
        process.wait_until_ready(STARTS_WITHIN, || self.is_ready());
        self.process = Some(process);
    }
}
