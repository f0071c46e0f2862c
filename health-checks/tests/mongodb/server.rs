//! A server that speaks as much of MongoDB's wire protocol as the check and the driver ask for.
//!
//! There is no `mongod` among the packages that tests can install. Source of the protocol: MongoDB
//! manual, "Wire Protocol" (`OP_QUERY` for the first `hello`, `OP_MSG` for everything else).

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use check_testing::{Restart, free_port};
use mongodb::bson::{Binary, Document, doc, spec::BinarySubtype};

const OP_REPLY: i32 = 1;
const OP_QUERY: i32 = 2004;
const OP_MSG: i32 = 2013;

/// What the server answers; a test may change it while it runs.
#[derive(Clone)]
pub(crate) struct Answers {
    /// User and password by the mechanism PLAIN; everybody may do all when there is none.
    pub(crate) login: Option<(&'static str, &'static str)>,
    pub(crate) hello: Document,
    pub(crate) databases: Document,
    pub(crate) status: Document,
}

/// The server, which dies when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
    running: Option<(Arc<Running>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Running {
    stopped: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Starts a standalone server with the databases `admin` and `orders`.
    pub(crate) fn start() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut server = Self {
            address,
            answers: Arc::new(Mutex::new(Answers {
                login: None,
                hello: doc! {
                    "helloOk": true, "isWritablePrimary": true, "ismaster": true,
                    "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
                    "maxWriteBatchSize": 100_000, "logicalSessionTimeoutMinutes": 30,
                    "connectionId": 1, "minWireVersion": 0, "maxWireVersion": 21,
                    "readOnly": false, "ok": 1.0,
                },
                databases: doc! { "databases": [{ "name": "admin" }, { "name": "orders" }], "ok": 1.0 },
                status: error(76, "NoReplicationEnabled", "not running with --replSet"),
            })),
            running: None,
        };
        Restart::start(&mut server);
        server
    }

    /// Starts the primary of a replica set, which answers `replSetGetStatus` by `status`.
    pub(crate) fn start_replica_set(status: Document) -> Self {
        let server = Self::start();
        let me = server.address.to_string();
        server.change(|answers| {
            answers.status = status;
            answers.hello.extend(doc! {
                "setName": "orders", "setVersion": 1, "hosts": [&me], "me": &me, "primary": &me,
            });
        });
        server
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.answers.lock().unwrap());
    }
}

impl Restart for Server {
    fn kill(&mut self) {
        let Some((running, thread)) = self.running.take() else {
            return;
        };
        running.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        thread.join().unwrap();
        for connection in running.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
    }

    fn start(&mut self) {
        let listener = TcpListener::bind(self.address).unwrap();
        let running = Arc::new(Running::default());
        let (accepts, answers) = (Arc::clone(&running), Arc::clone(&self.answers));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if accepts.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let _ = stream.set_nodelay(true);
                let mut connections = accepts.connections.lock().unwrap();
                connections.retain(|open| open.take_error().is_ok() && !is_closed(open));
                connections.push(stream.try_clone().unwrap());
                let answers = Arc::clone(&answers);
                thread::spawn(move || {
                    let _ = serve(&stream, &answers);
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                });
            }
        });
        self.running = Some((running, thread));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A refusal as a server gives it.
pub(crate) fn error(code: i32, name: &str, message: &str) -> Document {
    doc! { "ok": 0.0, "errmsg": message, "code": code, "codeName": name }
}

fn is_closed(stream: &TcpStream) -> bool {
    stream.peer_addr().is_err()
}

fn serve(mut stream: &TcpStream, answers: &Mutex<Answers>) -> io::Result<()> {
    let mut is_known = false;
    loop {
        let mut header = [0; 16];
        stream.read_exact(&mut header)?;
        let number = |at: usize| i32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let (length, id, kind) = (number(0), number(4), number(12));
        let mut body = vec![0; usize::try_from(length).unwrap() - header.len()];
        stream.read_exact(&mut body)?;
        let command = match kind {
            // Flags; name of the collection; how many to skip and to return; the command.
            OP_QUERY => &body[4 + body[4..].iter().position(|b| *b == 0).unwrap() + 1 + 8..],
            // Flags; one section of kind 0.
            OP_MSG => &body[5..],
            other => panic!("unknown kind of message {other}"),
        };
        let command = Document::from_reader(command).unwrap();
        let answer = answer(&command, &answers.lock().unwrap(), &mut is_known);
        let mut reply = Vec::new();
        let reply_kind = if kind == OP_QUERY {
            reply.extend([0; 16]);
            reply.extend(1_i32.to_le_bytes());
            OP_REPLY
        } else {
            reply.extend([0; 5]);
            OP_MSG
        };
        answer.to_writer(&mut reply).unwrap();
        let length = i32::try_from(reply.len() + header.len()).unwrap();
        let header = [length, 1, id, reply_kind].map(i32::to_le_bytes).concat();
        stream.write_all(&[header, reply].concat())?;
    }
}

fn answer(command: &Document, answers: &Answers, is_known: &mut bool) -> Document {
    let name = command.keys().next().unwrap().as_str();
    let needs_login = answers.login.is_some() && !*is_known;
    match name {
        "hello" | "isMaster" | "ismaster" => answers.hello.clone(),
        "ping" | "endSessions" => doc! { "ok": 1.0 },
        "saslStart" => {
            let sent = command.get_binary_generic("payload").unwrap();
            let is_right = answers.login.is_some_and(|(user, password)| {
                *sent == format!("\0{user}\0{password}").into_bytes()
            });
            if !is_right {
                return error(18, "AuthenticationFailed", "Authentication failed.");
            }
            *is_known = true;
            let payload = Binary {
                subtype: BinarySubtype::Generic,
                bytes: Vec::new(),
            };
            doc! { "conversationId": 1, "done": true, "payload": payload, "ok": 1.0 }
        }
        "listDatabases" | "replSetGetStatus" if needs_login => error(
            13,
            "Unauthorized",
            &format!("command {name} requires authentication"),
        ),
        "listDatabases" => answers.databases.clone(),
        "replSetGetStatus" => answers.status.clone(),
        _ => error(59, "CommandNotFound", &format!("no such command: '{name}'")),
    }
}
