//! RabbitMQ: a node of its own with an `epmd` of its own (Debian: `rabbitmq-server`).

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use crate::{Folder, Identity, Process, Restart, free_port};

const STARTS_WITHIN: Duration = Duration::from_secs(90);

/// Where Debian keeps the scripts that do not change the user.
const LIBRARY: &str = "/usr/lib/rabbitmq/lib";

/// A RabbitMQ node that keeps its data in a folder of its own. It has the user `guest` with the
/// password `guest`.
#[derive(Debug)]
pub struct RabbitMq {
    folder: Folder,
    scripts: PathBuf,
    port: u16,
    environment: Vec<(&'static str, String)>,
    process: Option<Process>,
    /// Erlang's own would outlive the node, and the test.
    _epmd: Process,
}

impl RabbitMq {
    /// Starts a node; it takes some seconds.
    pub fn start() -> Self {
        Self::with(None)
    }

    /// Starts a node that speaks TLS only.
    pub fn start_tls(identity: &Identity) -> Self {
        Self::with(Some(identity))
    }

    fn with(identity: Option<&Identity>) -> Self {
        let folder = Folder::new("rabbitmq");
        let [port, epmd_port, node_port] = [(); 3].map(|()| free_port());
        let mut config = "loopback_users = none\ndisk_free_limit.absolute = 1MB\n".to_owned();
        match identity {
            None => config += &format!("listeners.tcp.1 = 127.0.0.1:{port}\n"),
            Some(identity) => {
                let certificate = folder.write("certificate.pem", &identity.certificate);
                let key = folder.write("key.pem", &identity.key);
                config += &format!(
                    "listeners.tcp = none\nlisteners.ssl.1 = 127.0.0.1:{port}\n\
                     ssl_options.cacertfile = {certificate}\nssl_options.certfile = {certificate}\n\
                     ssl_options.keyfile = {key}\nssl_options.verify = verify_none\n"
                );
            }
        }
        folder.write("rabbitmq.conf", &config);
        folder.write("enabled_plugins", "[].\n");
        let epmd_port = epmd_port.to_string();
        let arguments = ["-port", &epmd_port, "-address", "127.0.0.1"];
        let epmd = Process::start("epmd", arguments, &[], folder.file("epmd"));
        let environment = vec![
            ("HOME", folder.file("")),
            ("ERL_EPMD_PORT", epmd_port),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODENAME", format!("health{port}@localhost")),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", port.to_string()),
            ("RABBITMQ_DIST_PORT", node_port.to_string()),
            ("RABBITMQ_MNESIA_BASE", folder.file("mnesia")),
            ("RABBITMQ_LOG_BASE", folder.file("log")),
            ("RABBITMQ_CONFIG_FILE", folder.file("rabbitmq.conf")),
            (
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.file("enabled_plugins"),
            ),
            ("RABBITMQ_PID_FILE", folder.file("pid")),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            (
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1}".to_owned(),
            ),
        ];
        let mut server = Self {
            folder,
            scripts: scripts(),
            port,
            environment,
            process: None,
            _epmd: epmd,
        };
        Restart::start(&mut server);
        server
    }

    /// Returns the address of the broker.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Runs `rabbitmqctl` and returns what it printed; it takes a second or two.
    ///
    /// # Panics
    /// When it fails.
    pub fn control(&self, words: &[&str]) -> String {
        let output = self
            .command("rabbitmqctl")
            .arg("-q")
            .args(words)
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "rabbitmqctl {words:?}: {printed}{errors}"
        );
        printed
    }

    /// Returns the process of the broker.
    pub fn process(&self) -> &Process {
        self.process.as_ref().unwrap()
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new(self.scripts.join(script));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn log(&self) -> String {
        let folder = fs::read_dir(self.folder.file("log"))
            .into_iter()
            .flatten()
            .flatten();
        let logs = folder.filter_map(|file| fs::read_to_string(file.path()).ok());
        logs.collect()
    }
}

impl Restart for RabbitMq {
    fn kill(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        let _ = fs::remove_dir_all(self.folder.file("log"));
        let environment: Vec<_> = self
            .environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let program = self.scripts.join("rabbitmq-server");
        let process = Process::start(
            program.to_str().unwrap(),
            [""; 0],
            &environment,
            self.folder.file("printed"),
        );
        process.wait_until_ready(STARTS_WITHIN, || {
            self.log().contains("Server startup complete")
        });
        self.process = Some(process);
    }
}

/// Finds the folder of scripts: `RABBITMQ_SCRIPTS`, or where Debian installs the one version.
fn scripts() -> PathBuf {
    if let Some(folder) = env::var_os("RABBITMQ_SCRIPTS") {
        return folder.into();
    }
    let versions = fs::read_dir(LIBRARY).into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("sbin"))
        .find(|scripts| scripts.join("rabbitmq-server").is_file())
        .unwrap_or_else(|| {
            panic!(
                "`rabbitmq-server` is not installed; `cargo xtask setup` installs what tests need"
            )
        })
}
