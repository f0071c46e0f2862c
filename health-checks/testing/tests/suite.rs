//! The suite finds each fault that it is there to find, and none in a check without one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    fmt,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use check_testing::{Subject, Suite};
use health_core::{Check, CheckResult, Health, async_trait};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SECRET: &str = "s3cret";

/// What is wrong with the check.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    SaysUp,
    SaysDown,
    NeverConnectsAgain,
    BlocksItsThread,
    KeepsConnections,
    KeepsDescriptors,
    KeepsTasks,
    ShowsSecretInDetails,
    ShowsSecretInDebug,
}

/// Asks an echo server.
struct Echo {
    server: SocketAddr,
    fault: Fault,
    connections: Mutex<Vec<TcpStream>>,
    files: Mutex<Vec<File>>,
    failed: Mutex<bool>,
}

impl Echo {
    async fn ask(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.write_all(b"a").await?;
        stream.read_exact(&mut [0]).await?;
        if self.fault == Fault::KeepsConnections {
            self.connections.lock().unwrap().push(stream);
        }
        Ok(())
    }
}

#[async_trait]
impl Check for Echo {
    async fn check(&self) -> CheckResult {
        let asked = tokio::time::timeout(Duration::from_millis(150), self.ask()).await;
        let is_up = matches!(asked, Ok(Ok(())));
        let has_failed = {
            let mut failed = self.failed.lock().unwrap();
            *failed |= !is_up;
            *failed
        };
        match self.fault {
            Fault::SaysUp => return Ok(Health::up()),
            Fault::SaysDown => return Ok(Health::down().detail("error", "of course")),
            Fault::NeverConnectsAgain if has_failed => {
                return Ok(Health::down().detail("error", "it was away"));
            }
            Fault::BlocksItsThread if !is_up => thread::sleep(Duration::from_secs(1)),
            Fault::KeepsDescriptors => self.files.lock().unwrap().push(File::open("/dev/null")?),
            Fault::KeepsTasks => drop(tokio::spawn(std::future::pending::<()>())),
            Fault::ShowsSecretInDetails if !is_up => {
                return Ok(Health::down().detail("error", format!("password {SECRET}")));
            }
            _ => {}
        }
        if is_up {
            return Ok(Health::up());
        }
        Ok(Health::down().detail("error", "no echo"))
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_open = self.fault == Fault::ShowsSecretInDebug;
        f.write_str(if is_open { SECRET } else { "Echo" })
    }
}

fn echo_server() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut to_client = stream.try_clone().unwrap();
            thread::spawn(move || std::io::copy(&mut stream, &mut to_client));
        }
    });
    address
}

/// Runs the suite and returns what it panicked with.
fn found(fault: Fault) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let suite = Suite::new(echo_server(), async |server| {
        Arc::new(Echo {
            server,
            fault,
            connections: Mutex::default(),
            files: Mutex::default(),
            failed: Mutex::default(),
        }) as Arc<dyn Subject>
    });
    let run = suite
        .deadline(Duration::from_millis(200))
        .secret(SECRET)
        .runs(50)
        .run();
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(run)));
    runtime.shutdown_background();
    let panic = outcome.err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn each_fault_is_found_and_no_other() {
    assert_eq!(found(Fault::None), None);
    let cases = [
        (Fault::SaysUp, "refused, connected: "),
        (Fault::SaysDown, "server up: "),
        (
            Fault::NeverConnectsAgain,
            "refused, connected, and mended again: ",
        ),
        (
            Fault::BlocksItsThread,
            "refused, connected: answered after ",
        ),
        (Fault::KeepsConnections, "after 50 runs there are "),
        (Fault::KeepsDescriptors, "after 50 runs there are "),
        (Fault::KeepsTasks, "after 50 runs there are "),
        (Fault::ShowsSecretInDetails, "a secret in answer"),
        (Fault::ShowsSecretInDebug, "a secret in Debug"),
    ];
    for (fault, expected) in cases {
        let said = found(fault).unwrap_or_default();
        assert!(said.contains(expected), "{expected:?} is not in {said:?}");
    }
}
