//! One question to one server.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use hickory_proto::{
    op::{Edns, Message, MessageType, Query, ResponseCode},
    rr::{DNSClass, Name},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::{
    DnsRecord,
    answer::{Found, read},
    record::name_text,
};
use crate::net::io_reason;

/// How large an answer by UDP may be, in bytes: what fits into one packet on all common ways.
///
/// Source: DNS Flag Day 2020.
const MAX_UDP_BYTES: u16 = 1232;

/// After how long a question is sent again by UDP, since one of two datagrams may have been lost.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(250);

const NO_DNS: &str = "answered what is not DNS";

/// What a server is asked.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// With the dot at its end.
    pub(super) name: Name,
    pub(super) record: DnsRecord,
}

impl Question {
    pub(super) fn shown_name(&self) -> String {
        name_text(&self.name)
    }

    fn to_message(&self, extends: bool) -> Message {
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record.kind()));
        if extends {
            let mut edns = Edns::new();
            edns.set_max_payload(MAX_UDP_BYTES);
            message.set_edns(edns);
        }
        message
    }

    /// Tells whether a message is the answer to this question, and not to another one or forged.
    /// Servers that do not understand a question leave it out.
    fn is_answered_by(&self, answer: &Message, id: u16) -> bool {
        let is_same = match answer.queries.as_slice() {
            [] => answer.metadata.response_code != ResponseCode::NoError,
            [query] => {
                query.query_type() == self.record.kind()
                    && query.query_class() == DNSClass::IN
                    && name_text(query.name()) == name_text(&self.name)
            }
            _ => false,
        };
        let metadata = &answer.metadata;
        metadata.id == id && metadata.message_type == MessageType::Response && is_same
    }
}

/// Asks a server, without extensions (EDNS) where it does not understand them. The caller limits the
/// time.
///
/// # Errors
/// Fails with what the server did, such as `answered SERVFAIL`.
///
/// Source: RFC 6891 section 7.
pub(super) async fn ask(server: SocketAddr, question: &Question) -> Result<Found, String> {
    let mut answer = exchange(server, question, true).await?;
    if matches!(
        answer.metadata.response_code,
        ResponseCode::FormErr | ResponseCode::NotImp
    ) {
        answer = exchange(server, question, false).await?;
    }
    read(&answer, question)
}

/// Asks a server by UDP, and by TCP when the answer is cut short.
async fn exchange(
    server: SocketAddr,
    question: &Question,
    extends: bool,
) -> Result<Message, String> {
    let message = question.to_message(extends);
    let id = message.metadata.id;
    let bytes = message
        .to_vec()
        .map_err(|error| format!("cannot be asked: {error}"))?;
    if let Some(answer) = ask_by_udp(server, question, &bytes, id).await? {
        return Ok(answer);
    }
    let answer = ask_by_tcp(server, &bytes).await;
    let answer = answer.map_err(|error| {
        format!(
            "cut its answer short, and cannot be asked by TCP: {}",
            io_reason(&error)
        )
    })?;
    let answer = Message::from_vec(&answer).map_err(|_| NO_DNS)?;
    if !question.is_answered_by(&answer, id) {
        return Err("answered another question".to_owned());
    }
    if answer.metadata.truncation {
        return Err("cut its answer short, also by TCP".to_owned());
    }
    Ok(answer)
}

/// Returns the answer unless it is cut short.
async fn ask_by_udp(
    server: SocketAddr,
    question: &Question,
    bytes: &[u8],
    id: u16,
) -> Result<Option<Message>, String> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => "does not listen".to_owned(),
        _ => format!("cannot be asked: {}", io_reason(&error)),
    };
    let own: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(own).await.map_err(failed)?;
    // A connected socket hears from this server only, and that nobody listens there.
    socket.connect(server).await.map_err(failed)?;
    let mut answer = vec![0; usize::from(u16::MAX)];
    loop {
        socket.send(bytes).await.map_err(failed)?;
        let received = timeout(ASKED_AGAIN_AFTER, async {
            loop {
                let length = socket.recv(&mut answer).await.map_err(failed)?;
                let answer = &answer[..length];
                if !answer.starts_with(&id.to_be_bytes()) {
                    continue;
                }
                let answer = match Message::from_vec(answer) {
                    Ok(answer) => answer,
                    // Some servers cut in the middle of a record.
                    Err(_) if is_cut_short(answer) => return Ok(None),
                    Err(_) => return Err(NO_DNS.to_owned()),
                };
                if question.is_answered_by(&answer, id) {
                    return Ok(Some(answer).filter(|answer| !answer.metadata.truncation));
                }
            }
        });
        if let Ok(received) = received.await {
            return received;
        }
    }
}

/// Tells whether the header says that it is an answer and cut short.
///
/// Source: RFC 1035 section 4.1.1.
fn is_cut_short(message: &[u8]) -> bool {
    const ANSWER_CUT_SHORT: u8 = 0b1000_0010;
    message.len() >= 12 && message[2] & ANSWER_CUT_SHORT == ANSWER_CUT_SHORT
}

async fn ask_by_tcp(server: SocketAddr, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let framed = [&length.to_be_bytes(), bytes].concat();
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
