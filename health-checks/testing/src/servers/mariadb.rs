//! MariaDB (Debian: `mariadb-server`).

use std::{
    io::Read,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::fs::MetadataExt,
    process::Command,
    time::Duration,
};

use crate::{Folder, Identity, Process, Restart, free_port};

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server with its data in a folder of its own.
#[derive(Debug)]
pub struct MariaDb {
    folder: Folder,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl MariaDb {
    /// The user that may do everything, and its database.
    pub const USER: &str = "health";
    /// Its password.
    pub const PASSWORD: &str = "m4ria-s3cret";

    /// Starts an empty server, with arguments such as `--max-connections=20`.
    pub fn start(arguments: &[&str]) -> Self {
        Self::with(Folder::new("mariadb"), arguments)
    }

    /// Starts an empty server that speaks TLS, and takes no password without it.
    pub fn start_tls(identity: &Identity) -> Self {
        let folder = Folder::new("mariadb-tls");
        let certificate = folder.write("certificate.pem", &identity.certificate);
        let key = folder.write("key.pem", &identity.key);
        let arguments = [
            format!("--ssl-cert={certificate}"),
            format!("--ssl-key={key}"),
            "--require-secure-transport=ON".to_owned(),
        ];
        Self::with(folder, &arguments.each_ref().map(String::as_str))
    }

    fn with(folder: Folder, arguments: &[&str]) -> Self {
        let data = folder.file("data");
        let owner = owner();
        let output = Command::new("mariadb-install-db")
            .arg("--no-defaults")
            .args(&owner)
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={data}"))
            .output()
            .unwrap_or_else(|_| {
                panic!("MariaDB is not installed; `cargo xtask setup` installs what tests need")
            });
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{problem}");

        let (user, password) = (Self::USER, Self::PASSWORD);
        let init_file = folder.write(
            "init.sql",
            &format!(
                "CREATE DATABASE IF NOT EXISTS {user};\n\
                 CREATE USER IF NOT EXISTS {user}@'%' IDENTIFIED BY '{password}';\n\
                 GRANT ALL ON *.* TO {user}@'%';\n"
            ),
        );
        let port = free_port();
        let mut all = vec!["--no-defaults".to_owned()];
        all.extend(owner);
        all.extend([
            format!("--datadir={data}"),
            format!("--port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--socket={}", folder.file("socket")),
            format!("--pid-file={}", folder.file("pid")),
            format!("--init-file={init_file}"),
            "--skip-log-bin".to_owned(),
            "--skip-name-resolve".to_owned(),
            "--innodb-flush-log-at-trx-commit=0".to_owned(),
        ]);
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let mut server = Self {
            folder,
            port,
            arguments: all,
            process: None,
        };
        Restart::start(&mut server);
        server
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Runs SQL by the client `mariadb` as root, and returns what it printed: rows as lines,
    /// columns separated by tabs.
    pub fn query(&self, sql: &str) -> String {
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--user=root", "--batch"])
            .arg("--skip-column-names")
            .arg(format!("--socket={}", self.folder.file("socket")))
            .args(["--execute", sql, Self::USER])
            .output()
            .unwrap();
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {problem}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Returns the process of the server.
    pub fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    /// Tells whether the server greets.
    fn greets(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address()) else {
            return false;
        };
        stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        // A packet has four bytes before its content, and the greeting begins with a 10.
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting).is_ok() && greeting[4] == 10
    }
}

impl Restart for MariaDb {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let log = self.folder.path().join("log");
        let process = Process::start("mariadbd", &self.arguments, &[], log);
        process.wait_until_ready(STARTS_WITHIN, || self.greets());
        self.process = Some(process);
    }
}

/// The server refuses to run as root unless it is told to.
fn owner() -> Option<String> {
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    is_root.then(|| "--user=root".to_owned())
}
