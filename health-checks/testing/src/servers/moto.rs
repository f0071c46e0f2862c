//! moto, which answers as AWS does and checks the signatures of requests.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;

use super::script::Script;
use crate::{Identity, Process, Restart};

const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A server with a bucket `invoices` and four instances with the tag `role`, `worker`; each start
/// makes the same ones, and the same key for them.
#[derive(Debug)]
pub struct Moto {
    script: Script,
    made: Value,
}

impl Moto {
    /// Starts the server and returns when all is there.
    pub fn start() -> Self {
        Self::with(None)
    }

    /// Starts a server that is asked by TLS and shows an identity that an authority has signed.
    pub fn start_tls(identity: &Identity, authority: &str) -> Self {
        Self::with(Some((identity, authority)))
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.script.address()
    }

    /// Returns what a start makes: `id` and `secret` of the key, and the ids of the instances
    /// `running`, `nameless`, `stopped` and `gone`.
    pub fn made(&self, what: &str) -> &str {
        self.made[what].as_str().unwrap()
    }

    fn with(tls: Option<(&Identity, &str)>) -> Self {
        let mut script = Script::new("moto", include_str!("moto.py"));
        if let Some((identity, authority)) = tls {
            for (name, content) in [
                ("chain.pem", identity.certificate.as_str()),
                ("key.pem", &identity.key),
                ("authority.pem", authority),
            ] {
                let file = script.folder.write(name, content);
                script.argument(file);
            }
        }
        let mut moto = Self {
            script,
            made: Value::Null,
        };
        moto.start();
        moto
    }
}

impl Restart for Moto {
    fn kill(&mut self) {
        self.script.kill();
    }

    fn start(&mut self) {
        let is_ready = |process: &Process| made(&process.printed()).is_some();
        let printed = self.script.start_until(STARTS_WITHIN, is_ready);
        self.made = made(&printed).unwrap();
    }
}

fn made(printed: &str) -> Option<Value> {
    let (_, made) = printed.split_once("READY ")?;
    serde_json::from_str(made.lines().next()?).ok()
}
