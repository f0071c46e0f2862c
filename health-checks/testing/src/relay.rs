//! A way to a server that can be broken and mended while a check uses it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime,
    sync::watch,
    time::sleep,
};

use crate::{free_port, wait_until};

/// How a relay treats connections, those that exist already included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Hands everything on at once.
    Pass,
    /// Hands each piece on after a time.
    Slow(Duration),
    /// Accepts and hands nothing on.
    BlackHole,
    /// Closes all connections and refuses new ones.
    Refuse,
}

/// A TCP relay on a port of its own, on a thread of its own.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    mode: Option<watch::Sender<Mode>>,
    listening: watch::Receiver<bool>,
    open: Arc<AtomicUsize>,
    accepted: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts a relay to a server, which passes everything on.
    pub fn to(server: SocketAddr) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let (mode, mode_of_relay) = watch::channel(Mode::Pass);
        let (says_listening, listening) = watch::channel(false);
        let open = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::new(AtomicUsize::new(0));
        let work = Work {
            address,
            server,
            mode: mode_of_relay,
            listening: says_listening,
            open: Arc::clone(&open),
            accepted: Arc::clone(&accepted),
        };
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(work.run());
        });
        let relay = Self {
            address,
            mode: Some(mode),
            listening,
            open,
            accepted,
            thread: Some(thread),
        };
        relay.wait(true);
        relay
    }

    /// Returns the address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes how connections are treated, and returns when it is so.
    pub fn set(&self, mode: Mode) {
        self.mode.as_ref().unwrap().send_replace(mode);
        self.wait(mode != Mode::Refuse);
        if mode == Mode::Refuse {
            wait_until("connections are closed", Duration::from_secs(5), || {
                self.open() == 0
            });
        }
    }

    /// Counts the connections that are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Counts the connections that were ever accepted.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    fn wait(&self, listening: bool) {
        wait_until("the relay changes", Duration::from_secs(5), || {
            *self.listening.borrow() == listening
        });
    }
}

/// Closes all connections.
impl Drop for Relay {
    fn drop(&mut self) {
        self.mode = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    address: SocketAddr,
    server: SocketAddr,
    mode: watch::Receiver<Mode>,
    listening: watch::Sender<bool>,
    open: Arc<AtomicUsize>,
    accepted: Arc<AtomicUsize>,
}

impl Work {
    async fn run(mut self) {
        let mut listener = Some(self.listen());
        self.listening.send_replace(true);
        loop {
            tokio::select! {
                changed = self.mode.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let refuses = *self.mode.borrow_and_update() == Mode::Refuse;
                    listener = match listener {
                        _ if refuses => None,
                        Some(listener) => Some(listener),
                        None => Some(self.listen()),
                    };
                    self.listening.send_replace(!refuses);
                }
                Some(Ok((client, _))) = accept(listener.as_ref()) => {
                    self.accepted.fetch_add(1, Ordering::SeqCst);
                    let open = Open::new(&self.open);
                    let mode = self.mode.clone();
                    let server = self.server;
                    tokio::spawn(async move {
                        let _open = open;
                        connect(client, server, mode).await;
                    });
                }
            }
        }
    }

    fn listen(&self) -> TcpListener {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        socket.listen(1024).unwrap()
    }
}

async fn accept(listener: Option<&TcpListener>) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    Some(listener?.accept().await)
}

/// Counts as open until it is dropped.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mode: watch::Receiver<Mode>) {
    let _ = client.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let mut mode_of_way = mode.clone();
    let way_is_there = mode_of_way.wait_for(|mode| *mode != Mode::BlackHole);
    if way_is_there.await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let _ = server.set_nodelay(true);
    let (from_server, to_server) = server.into_split();
    let mut until_refused = mode.clone();
    tokio::select! {
        () = hand_on(from_client, to_server, mode.clone()) => {}
        () = hand_on(from_server, to_client, mode) => {}
        _ = until_refused.wait_for(|mode| *mode == Mode::Refuse) => {}
    }
}

/// Hands on what comes; in a black hole the first piece waits for another mode.
async fn hand_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut mode: watch::Receiver<Mode>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if mode
            .wait_for(|mode| *mode != Mode::BlackHole)
            .await
            .is_err()
        {
            return;
        }
        let current = *mode.borrow();
        if let Mode::Slow(time) = current {
            sleep(time).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Read, Write},
        net,
    };

    use super::*;

    #[test]
    fn each_mode_does_what_it_says() {
        let server = net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let relay = Relay::to(server.local_addr().unwrap());
        thread::spawn(move || {
            for stream in server.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let mut byte = [0];
                    while stream.read_exact(&mut byte).is_ok() {
                        stream.write_all(&byte).unwrap();
                    }
                });
            }
        });
        let connect = || {
            let stream = net::TcpStream::connect(relay.address())?;
            stream.set_read_timeout(Some(Duration::from_millis(200)))?;
            Ok(stream)
        };
        let echo = |stream: &mut net::TcpStream| -> io::Result<()> {
            stream.write_all(b"a")?;
            stream.read_exact(&mut [0])
        };

        let mut stream = connect().unwrap();
        echo(&mut stream).unwrap();
        relay.set(Mode::Slow(Duration::from_millis(10)));
        let start = std::time::Instant::now();
        echo(&mut stream).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(20));
        relay.set(Mode::BlackHole);
        for stream in [&mut stream, &mut connect().unwrap()] {
            let silent = echo(stream).unwrap_err().kind();
            assert_eq!(silent, ErrorKind::WouldBlock);
        }
        relay.set(Mode::Refuse);
        assert_ne!(echo(&mut stream).unwrap_err().kind(), ErrorKind::WouldBlock);
        let refused: io::Result<net::TcpStream> = connect();
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        relay.set(Mode::Pass);
        echo(&mut connect().unwrap()).unwrap();
    }
}
