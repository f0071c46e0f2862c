//! A load of requests over connections that are kept alive.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// How many connections ask at once.
const CONNECTIONS: usize = 8;
/// How long one side is asked before it is the other's turn.
const TURN: Duration = Duration::from_millis(20);
/// How many turns each side has, after one to warm up.
const TURNS: usize = 300;

/// Asks for one path.
pub(crate) struct Load {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    /// All answers to the same request have the same length.
    answer_bytes: usize,
    before_turn: Box<dyn Fn()>,
}

impl Load {
    /// Connects; `before_turn` is called before each turn of this side.
    pub(crate) fn new(
        server: SocketAddr,
        path: &str,
        before_turn: impl Fn() + 'static,
    ) -> io::Result<Self> {
        before_turn();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\n\r\n").into_bytes();
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let connection = TcpStream::connect(server)?;
            connection.set_nodelay(true)?;
            connections.push(connection);
        }
        let answer_bytes = match connections.first_mut() {
            Some(connection) => first_answer(connection, &request)?,
            None => 0,
        };
        Ok(Self {
            connections,
            request,
            answer_bytes,
            before_turn: Box::new(before_turn),
        })
    }

    /// Asks for one turn and returns the requests per second.
    fn turn(&mut self) -> io::Result<f64> {
        (self.before_turn)();
        let (request, answer_bytes) = (&self.request, self.answer_bytes);
        let start = Instant::now();
        let answers = thread::scope(|scope| {
            let clients = self.connections.iter_mut().map(|connection| {
                scope.spawn(move || ask_until(start + TURN, connection, request, answer_bytes))
            });
            let clients: Vec<_> = clients.collect();
            let counts = clients.into_iter().map(|client| {
                client
                    .join()
                    .unwrap_or_else(|_| Err(io::Error::other("a client panicked")))
            });
            counts.sum::<io::Result<u32>>()
        })?;
        Ok(f64::from(answers) / start.elapsed().as_secs_f64())
    }
}

/// Asks once and returns the length of the answer, in bytes.
fn first_answer(connection: &mut TcpStream, request: &[u8]) -> io::Result<usize> {
    connection.write_all(request)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = connection.read(&mut buffer)?;
        answer.extend_from_slice(buffer.get(..length).unwrap_or_default());
        let text = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if !head.starts_with("http/1.1 200") || length != Some(body.len()) {
                return Err(io::Error::other(format!("unexpected answer: {text}")));
            }
            return Ok(answer.len());
        }
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn ask_until(
    end: Instant,
    connection: &mut TcpStream,
    request: &[u8],
    answer_bytes: usize,
) -> io::Result<u32> {
    let mut answer = vec![0; answer_bytes];
    let mut answers = 0;
    while Instant::now() < end {
        connection.write_all(request)?;
        connection.read_exact(&mut answer)?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(io::Error::other(
                "an answer is not 200, or not as long as the first",
            ));
        }
        answers += 1;
    }
    Ok(answers)
}

/// The throughput of one side as a share of the other's.
pub(crate) struct Ratio {
    pub(crate) median: f64,
    ours_per_second: f64,
    others_per_second: f64,
}

impl Ratio {
    /// Has both sides take turns; who begins changes each time.
    pub(crate) fn measure(ours: &mut Load, other: &mut Load) -> io::Result<Self> {
        ours.turn()?;
        other.turn()?;
        let mut turns = Vec::new();
        for turn in 0..TURNS {
            turns.push(if turn % 2 == 0 {
                let ours = ours.turn()?;
                (ours, other.turn()?)
            } else {
                let other = other.turn()?;
                (ours.turn()?, other)
            });
        }
        Ok(Self {
            median: median(turns.iter().map(|(ours, other)| ours / other)),
            ours_per_second: median(turns.iter().map(|(ours, _)| *ours)),
            others_per_second: median(turns.iter().map(|(_, other)| *other)),
        })
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>9.0} {:>9.0} {:>6.3}",
            self.ours_per_second, self.others_per_second, self.median
        )
    }
}
