//! One question to one server.

use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use hickory_proto::{
    op::{Edns, Message, MessageType, Query, ResponseCode},
    rr::{DNSClass, Name, RData, RecordType},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

use super::{DnsRecord, record::name_text};
use crate::net::io_reason;

/// How large an answer by UDP may be, in bytes: what fits into one packet on all common ways.
///
/// Source: DNS Flag Day 2020.
const MAX_UDP_BYTES: u16 = 1232;

/// After how long a question is sent again by UDP, since one of two datagrams may have been lost.
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// How many aliases lead to a record at the most.
const MAX_ALIASES: usize = 16;

const NO_DNS: &str = "answered what is not DNS";

/// What a server is asked.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// With the dot at its end.
    pub(super) name: Name,
    pub(super) record: DnsRecord,
}

/// What a server knows.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) answers: BTreeSet<String>,
    pub(super) ttl_seconds: Option<u32>,
    pub(super) name_exists: bool,
}

impl Question {
    pub(super) fn shown_name(&self) -> String {
        name_text(&self.name)
    }

    fn to_message(&self) -> Message {
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record.kind()));
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_UDP_BYTES);
        message.set_edns(edns);
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

/// Asks a server by UDP, and by TCP when the answer is cut short. The caller limits the time.
///
/// # Errors
/// Fails with what the server did, such as `answered SERVFAIL`.
pub(super) async fn ask(server: SocketAddr, question: &Question) -> Result<Found, String> {
    let message = question.to_message();
    let id = message.metadata.id;
    let bytes = message
        .to_vec()
        .map_err(|error| format!("cannot be asked: {error}"))?;
    let answer = ask_by_udp(server, question, &bytes, id).await?;
    if !answer.metadata.truncation {
        return read(&answer, question);
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
    read(&answer, question)
}

async fn ask_by_udp(
    server: SocketAddr,
    question: &Question,
    bytes: &[u8],
    id: u16,
) -> Result<Message, String> {
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
                let answer = Message::from_vec(answer).map_err(|_| NO_DNS)?;
                if question.is_answered_by(&answer, id) {
                    return Ok(answer);
                }
            }
        });
        if let Ok(received) = received.await {
            return received;
        }
    }
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

fn read(answer: &Message, question: &Question) -> Result<Found, String> {
    let name_exists = match answer.metadata.response_code {
        ResponseCode::NoError => true,
        ResponseCode::NXDomain => false,
        ResponseCode::ServFail => return Err("answered SERVFAIL".to_owned()),
        ResponseCode::Refused => return Err("answered REFUSED".to_owned()),
        ResponseCode::FormErr => return Err("answered FORMERR".to_owned()),
        ResponseCode::NotImp => return Err("answered NOTIMP".to_owned()),
        code => return Err(format!("answered with an error: {code}")),
    };
    let names = with_aliases(answer, question);
    let records = answer.answers.iter().filter(|record| {
        record.dns_class == DNSClass::IN && names.contains(&name_text(&record.name))
    });
    let answers: BTreeSet<String> = records
        .clone()
        .filter_map(|record| question.record.text_of(&record.data))
        .collect();
    if name_exists && answers.is_empty() && is_referral(answer) {
        return Err("refers to other servers instead of answering".to_owned());
    }
    Ok(Found {
        ttl_seconds: records.map(|record| record.ttl).min(),
        answers,
        name_exists,
    })
}

/// Returns the name that was asked for and those that it is an alias of.
fn with_aliases(answer: &Message, question: &Question) -> BTreeSet<String> {
    let mut current = name_text(&question.name);
    let mut names = BTreeSet::from([current.clone()]);
    if question.record == DnsRecord::Cname {
        return names;
    }
    for _ in 0..MAX_ALIASES {
        let alias = answer.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if name_text(&record.name) == current => {
                Some(name_text(&target.0))
            }
            _ => None,
        });
        match alias {
            Some(target) if names.insert(target.clone()) => current = target,
            _ => break,
        }
    }
    names
}

/// Tells whether a server only knows who else may know.
fn is_referral(answer: &Message) -> bool {
    let has = |kind| {
        answer
            .authorities
            .iter()
            .any(|record| record.record_type() == kind)
    };
    !answer.metadata.authoritative && has(RecordType::NS) && !has(RecordType::SOA)
}
