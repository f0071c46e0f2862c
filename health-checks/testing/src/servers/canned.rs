//! A TCP server that says what it was told to, whatever it is asked.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

/// How long a connection that is held stays open.
const HELD_FOR: Duration = Duration::from_secs(30);

/// What follows after the last answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The connection is closed.
    Close,
    /// Nothing, for as long as a test may take.
    Hold,
    /// The connection is reset as soon as something more is received.
    Reset,
}

/// A server that serves until the end of the test process.
#[derive(Debug)]
pub struct Canned {
    address: SocketAddr,
}

impl Canned {
    /// Starts a server that sends the first text at once, and each other one after it received
    /// something.
    pub fn start<T: AsRef<[u8]>>(answers: impl IntoIterator<Item = T>, end: End) -> Self {
        let answers: Arc<[Vec<u8>]> = answers.into_iter().map(|a| a.as_ref().to_vec()).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&answers);
                thread::spawn(move || serve(stream, &answers, end));
            }
        });
        Self { address }
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn serve(mut stream: TcpStream, answers: &[Vec<u8>], end: End) {
    let mut received = [0; 4096];
    for (number, answer) in answers.iter().enumerate() {
        if number > 0 && !matches!(stream.read(&mut received), Ok(1..)) {
            return;
        }
        if stream.write_all(answer).is_err() {
            return;
        }
    }
    let _ = stream.set_read_timeout(Some(HELD_FOR));
    if end == End::Reset {
        // What is closed with something unread is reset.
        let _ = stream.peek(&mut received);
        return;
    }
    if end == End::Close {
        let _ = stream.shutdown(Shutdown::Write);
    }
    while matches!(stream.read(&mut received), Ok(1..)) {}
}
