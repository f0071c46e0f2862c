//! A Rocket application on a port of its own, and a client that sees every byte.

use std::net::SocketAddr;

use rocket::{
    Build, Config, Rocket,
    config::{LogLevel, Shutdown},
    fairing::AdHoc,
    figment::Figment,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};

/// Settings of a server that the operating system gives a port, and that logs all but details.
pub(crate) fn settings() -> Figment {
    let mut shutdown = Shutdown {
        ctrlc: false,
        ..Shutdown::default()
    };
    shutdown.signals.clear();
    let log_level = LogLevel::Normal;
    Figment::from(Config {
        port: 0,
        shutdown,
        log_level,
        ..Config::release_default()
    })
}

/// Serves an application for as long as the test's runtime lives.
pub(crate) async fn serve(app: Rocket<Build>) -> SocketAddr {
    let (sender, address) = oneshot::channel();
    let app = app.attach(AdHoc::on_liftoff("address", |rocket| {
        Box::pin(async move {
            let config = rocket.config();
            let _ = sender.send(SocketAddr::new(config.address, config.port));
        })
    }));
    tokio::spawn(async move {
        if let Err(error) = app.launch().await {
            panic!("{error}");
        }
    });
    address.await.unwrap()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// As they came, but for the date.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

pub(crate) async fn get(server: SocketAddr, path: &str) -> Answer {
    ask(server, "GET", path, &[]).await
}

pub(crate) async fn ask(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut client = Client::connect(server).await;
    client.send(method, path.as_bytes(), headers).await;
    client.answer(method).await
}

/// A connection that stays open.
pub(crate) struct Client {
    stream: TcpStream,
    server: SocketAddr,
    received: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        Self {
            stream,
            server,
            received: Vec::new(),
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str) -> Answer {
        self.send(method, path.as_bytes(), &[]).await;
        self.answer(method).await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &[u8], headers: &[(&str, &str)]) {
        let mut request = [method.as_bytes(), b" ", path, b" HTTP/1.1\r\n"].concat();
        if headers.iter().all(|(name, _)| *name != "host") {
            request.extend(format!("host: {}\r\n", self.server).bytes());
        }
        for (name, value) in headers {
            request.extend(format!("{name}: {value}\r\n").bytes());
        }
        request.extend(b"\r\n");
        self.send_raw(&request).await;
    }

    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads one answer, whose body has a stated length.
    pub(crate) async fn answer(&mut self, method: &str) -> Answer {
        let head_end = loop {
            match self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(position) => break position,
                None => self.read().await,
            }
        };
        let head: Vec<u8> = self.received.drain(..head_end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap();
        let code = status.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        });
        let headers: Vec<_> = headers.filter(|(name, _)| name != "date").collect();
        let mut answer = Answer {
            code,
            headers,
            body: String::new(),
        };
        let length: usize = answer
            .header("content-length")
            .expect(&head)
            .parse()
            .unwrap();
        let length = if method == "HEAD" { 0 } else { length };
        while self.received.len() < length {
            self.read().await;
        }
        let body = self.received.drain(..length).collect();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    async fn read(&mut self) {
        let read = self.stream.read_buf(&mut self.received).await.unwrap();
        assert!(
            read > 0,
            "closed after {:?}",
            String::from_utf8_lossy(&self.received)
        );
    }
}
