//! PostgreSQL, the newest that is installed (Debian: `postgresql-15`).

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{Folder, Identity, Process, Restart, free_port, wait_until};

/// Holds a folder for each version, such as `15/bin`.
const VERSIONS: &str = "/usr/lib/postgresql";
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server, or a standby of another one, with its data in a folder of its own.
#[derive(Debug)]
pub struct Postgres {
    folder: Folder,
    port: u16,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Postgres {
    /// The user that may do everything, and its database.
    pub const USER: &str = "health";
    /// Its password.
    pub const PASSWORD: &str = "p0stgres-s3cret";

    /// Starts an empty server, with settings such as `max_connections=20`.
    pub fn start(settings: &[&str]) -> Self {
        let folder = Folder::new("postgres");
        let password_file = folder.write("password", Self::PASSWORD);
        let data = data_folder(&folder);
        run(as_owner("initdb").args([
            "--pgdata",
            &data,
            "--username",
            Self::USER,
            "--pwfile",
            &password_file,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]));
        let server = Self::with(folder, settings);
        server.sql("postgres", &format!("CREATE DATABASE {}", Self::USER));
        server
    }

    /// Starts an empty server that accepts connections over TLS only.
    pub fn start_tls(identity: &Identity) -> Self {
        let mut server = Self::start(&[]);
        server.kill();
        let data = PathBuf::from(data_path(&server.folder));
        fs::write(data.join("server.crt"), &identity.certificate).unwrap();
        fs::write(data.join("server.key"), &identity.key).unwrap();
        fs::write(
            data.join("pg_hba.conf"),
            "hostssl all all 127.0.0.1/32 scram-sha-256\n",
        )
        .unwrap();
        run(Command::new("chmod")
            .arg("600")
            .arg(data.join("server.key")));
        give_to_owner(&data);
        server.arguments.extend(["-c", "ssl=on"].map(str::to_owned));
        Restart::start(&mut server);
        server
    }

    /// Starts a standby that streams from this server.
    pub fn standby(&self) -> Self {
        let folder = Folder::new("postgres-standby");
        let data = data_folder(&folder);
        run(as_owner("pg_basebackup")
            .env("PGPASSWORD", Self::PASSWORD)
            .args(["--host=127.0.0.1", "--username", Self::USER])
            .args(["--port", &self.port.to_string(), "--pgdata", &data])
            .args(["--write-recovery-conf", "--wal-method=stream"])
            .args(["--checkpoint=fast", "--no-sync"]));
        Self::with(folder, &["wal_receiver_status_interval=100ms"])
    }

    fn with(folder: Folder, settings: &[&str]) -> Self {
        let port = free_port();
        let fixed = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", data_path(&folder)),
            "fsync=off".to_owned(),
            "wal_retrieve_retry_interval=100ms".to_owned(),
        ];
        let settings = settings.iter().map(|setting| (*setting).to_owned());
        let mut arguments = vec!["-D".to_owned(), data_path(&folder)];
        for setting in fixed.into_iter().chain(settings) {
            arguments.extend(["-c".to_owned(), setting]);
        }
        let mut server = Self {
            folder,
            port,
            arguments,
            process: None,
        };
        Restart::start(&mut server);
        server
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Runs SQL in the database of [`USER`](Self::USER) by `psql`, and returns what it printed:
    /// rows as lines, columns separated by `|`.
    pub fn query(&self, sql: &str) -> String {
        self.sql(Self::USER, sql)
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let output = Command::new(program("psql"))
            .env("PGPASSWORD", Self::PASSWORD)
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet"])
            .args(["--set=ON_ERROR_STOP=1", "--host=127.0.0.1"])
            .args(["--port", &self.port.to_string(), "--username", Self::USER])
            .args(["--dbname", database, "--command", sql])
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
}

impl Restart for Postgres {
    fn kill(&mut self) {
        self.process = None;
        // Its children are in groups of their own, and end by themselves when they notice.
        let data = fs::canonicalize(data_path(&self.folder)).unwrap();
        wait_until("the server is dead", STARTS_WITHIN, || {
            processes_in(&data).is_empty()
        });
    }

    fn start(&mut self) {
        let (command, fixed) = owner_command("postgres");
        let process = Process::start(
            &command,
            fixed.iter().chain(&self.arguments),
            &[],
            self.folder.path().join("log"),
        );
        let port = self.port.to_string();
        process.wait_until_ready(STARTS_WITHIN, || {
            Command::new(program("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", "--port", &port])
                .status()
                .unwrap()
                .success()
        });
        self.process = Some(process);
    }
}

fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let program = entry.path().join("bin").join(name);
            program.is_file().then_some((version, program))
        })
        .max()
        .map(|(_, program)| program)
        .expect("PostgreSQL is not installed; `cargo xtask setup` installs what tests need")
}

/// Returns the command that runs a program as somebody who is not root, which PostgreSQL refuses.
fn owner_command(name: &str) -> (String, Vec<String>) {
    let program = program(name).to_str().unwrap().to_owned();
    if !is_root() {
        return (program, Vec::new());
    }
    let arguments = [
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        &program,
    ];
    ("setpriv".to_owned(), arguments.map(str::to_owned).into())
}

fn as_owner(name: &str) -> Command {
    let (program, arguments) = owner_command(name);
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/");
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn data_path(folder: &Folder) -> String {
    folder.file("data")
}

/// Makes the folder of the data, which is the owner's alone.
fn data_folder(folder: &Folder) -> String {
    let data = data_path(folder);
    fs::create_dir(&data).unwrap();
    run(Command::new("chmod").args(["700", &data]));
    give_to_owner(Path::new(&data));
    data
}

fn give_to_owner(path: &Path) {
    if is_root() {
        run(Command::new("chown")
            .args(["--recursive", "postgres:postgres"])
            .arg(path));
    }
}

/// Lists the processes that work in a folder, as all those of a PostgreSQL server do.
fn processes_in(folder: &Path) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .map(|entry| entry.path())
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder))
        .collect()
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
