//! A server on a port of its own, and a client that is strict about what it gets.

#![allow(dead_code, reason = "no test binary uses all of it")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{self, ServerHandle},
    rt::System,
    web::ServiceConfig,
};

pub(crate) const V3: &str = "application/vnd.spring-boot.actuator.v3+json";

/// All that an answer may carry; anything else tells clients something that nobody decided.
const HEADERS: [&str; 7] = [
    "allow",
    "cache-control",
    "content-length",
    "content-type",
    "date",
    "etag",
    "vary",
];

/// Runs an application until it is dropped; then all its requests have ended.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts what listens at the given listener.
    pub(crate) fn start(build: impl FnOnce(TcpListener) -> dev::Server + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async {
                let server = build(listener);
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            address,
            handle: started.recv().unwrap(),
            thread: Some(thread),
        }
    }

    /// Starts an application of two workers without middleware.
    pub(crate) fn of(configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static) -> Self {
        Self::start(move |listener| {
            HttpServer::new(move || App::new().configure(configure.clone()))
                .workers(2)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run()
        })
    }

    pub(crate) fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Connection {
            stream: BufReader::new(stream),
            host: self.address,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.connect().ask("GET", path, &[])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(true));
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking(), "the server panicked");
    }
}

/// Holds one connection, on which an answer that is longer than it says spoils the next one.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Connection {
    /// Asks, and checks what holds for every answer of the endpoints.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers);
        let answer = self.receive(method == "HEAD");
        let case = format!("{method} {path}");
        for name in answer.headers.keys() {
            assert!(
                HEADERS.contains(&name.as_str()),
                "{case}: unexpected header {name}"
            );
        }
        answer
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        self.write(&request);
    }

    pub(crate) fn write(&mut self, bytes: &str) {
        self.stream.get_mut().write_all(bytes.as_bytes()).unwrap();
    }

    pub(crate) fn receive(&mut self, is_head: bool) -> Answer {
        let status = self.line();
        let code = status.strip_prefix("HTTP/1.1 ").unwrap()[..3]
            .parse()
            .unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            let twice = headers.insert(name.to_lowercase(), value.to_owned());
            assert_eq!(twice, None, "{name} is there twice");
        }
        let length = match code {
            304 => 0,
            _ => headers["content-length"].parse().unwrap(),
        };
        let mut body = vec![0; if is_head { 0 } else { length }];
        self.stream.read_exact(&mut body).unwrap();
        Answer {
            code,
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    /// Waits for the other side to close.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0) | Err(_))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
