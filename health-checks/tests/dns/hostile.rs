//! Answers that no honest server gives.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, UdpSocket},
    thread,
};

use health_checks::DnsRecord::{A, Txt};

use crate::{
    dns,
    shared::{alone, ask, assert_down, assert_up, detail},
};

/// Starts a server that turns each question into datagrams, until the end of the test process.
fn server(answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    serve(UdpSocket::bind("127.0.0.1:0").unwrap(), answer)
}

fn serve(socket: UdpSocket, answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut question = [0; 2048];
        while let Ok((length, asker)) = socket.recv_from(&mut question) {
            for datagram in answer(&question[..length]) {
                let _ = socket.send_to(&datagram, asker);
            }
        }
    });
    address
}

/// Makes an answer of the question: header, question, and records as they are given.
fn answer(question: &[u8], flags: u16, counts: [u16; 3], records: &[u8]) -> Vec<u8> {
    let name = question[12..].iter().position(|byte| *byte == 0).unwrap();
    let mut answer = question[..2].to_vec();
    answer.extend(flags.to_be_bytes());
    answer.extend(1_u16.to_be_bytes());
    answer.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    answer.extend(&question[12..12 + name + 5]);
    answer.extend(records);
    answer
}

/// A response to a recursive question, without an error.
const GOOD: u16 = 0x8180;
const CUT_SHORT: u16 = 0x8380;
const SERVER_FAILED: u16 = 0x8182;

/// An address record of the name that was asked for, of a class: 1 is the Internet.
fn address_record(class: u8) -> Vec<u8> {
    vec![0xc0, 12, 0, 1, 0, class, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1]
}

#[test]
fn answers_that_cannot_be_used_are_told() {
    type Answer = fn(&[u8]) -> Vec<Vec<u8>>;
    let cases: [(&str, Answer, &str); 11] = [
        (
            "failed",
            |q| vec![answer(q, SERVER_FAILED, [0; 3], b"")],
            "answered SERVFAIL",
        ),
        (
            "unknown error",
            |q| vec![answer(q, 0x818b, [0; 3], b"")],
            "answered with an error",
        ),
        (
            "garbage",
            |q| vec![[&q[..2], b"\xff garbage"].concat()],
            "answered what is not DNS",
        ),
        (
            "more records than there are",
            |q| vec![answer(q, GOOD, [65535, 0, 0], &address_record(1))],
            "answered what is not DNS",
        ),
        (
            "name that points to itself",
            |q| {
                let here = u8::try_from(answer(q, GOOD, [0; 3], b"").len()).unwrap();
                let record = [0xc0, here, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1];
                vec![answer(q, GOOD, [1, 0, 0], &record)]
            },
            "answered what is not DNS",
        ),
        (
            "cut short, no TCP",
            |q| vec![answer(q, CUT_SHORT, [0; 3], b"")],
            "cut its answer short, and cannot be asked by TCP: refused the connection",
        ),
        (
            "other question",
            |q| {
                let mut other = answer(q, GOOD, [1, 0, 0], &address_record(1));
                other[13] = b'x';
                vec![other]
            },
            "gave no answer within",
        ),
        (
            "other id",
            |q| {
                let mut other = answer(q, GOOD, [1, 0, 0], &address_record(1));
                other[0] ^= 1;
                vec![other]
            },
            "gave no answer within",
        ),
        ("question", |q| vec![q.to_vec()], "gave no answer within"),
        (
            "other class",
            |q| vec![answer(q, GOOD, [1, 0, 0], &address_record(3))],
            "the name `db.test` has no A records",
        ),
        (
            "referral",
            |q| {
                let record = [0xc0, 12, 0, 2, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12];
                vec![answer(q, 0x8100, [0, 1, 0], &record)]
            },
            "refers to other servers",
        ),
    ];
    alone(async {
        for (name, answer, reason) in cases {
            let check = dns(server(answer), "db.test", A);
            assert_down(name, &ask(&check).await, reason);
        }
    });
}

/// Starts a server that cuts all short by UDP and answers by TCP, with the length before it.
fn server_by_tcp(tcp: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let (listener, socket) = one_port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut question = [0; 2048];
            let length = stream.read(&mut question).unwrap();
            let _ = stream.write_all(&tcp(&question[2..length]));
        }
    });
    serve(socket, |question| {
        vec![answer(question, CUT_SHORT, [0; 3], b"")]
    })
}

/// Returns a port that is free for TCP and for UDP: what is free for one may be taken for the other.
fn one_port() -> (TcpListener, UdpSocket) {
    let mut taken = Vec::new();
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        match UdpSocket::bind(listener.local_addr().unwrap()) {
            Ok(socket) => return (listener, socket),
            Err(error) => taken.push((listener, error)),
        }
        assert!(taken.len() < 100, "{taken:?}");
    }
}

#[test]
fn what_comes_by_tcp_is_looked_at_as_well() {
    type Answer = fn(&[u8]) -> Vec<u8>;
    fn framed(answer: Vec<u8>) -> Vec<u8> {
        let length = u16::try_from(answer.len()).unwrap();
        [length.to_be_bytes().to_vec(), answer].concat()
    }
    let cases: [(&str, Answer, &str); 6] = [
        (
            "other id",
            |q| {
                let mut other = answer(q, GOOD, [1, 0, 0], &address_record(1));
                other[0] ^= 1;
                framed(other)
            },
            "answered another question",
        ),
        (
            "cut short again",
            |q| framed(answer(q, CUT_SHORT, [0; 3], b"")),
            "cut its answer short, also by TCP",
        ),
        (
            "garbage",
            |_| framed(b"garbage".to_vec()),
            "what is not DNS",
        ),
        ("nothing", |_| framed(Vec::new()), "what is not DNS"),
        (
            "less than promised",
            |_| vec![0xff, 0xff, 1, 2],
            "cannot be asked by TCP: closed the connection",
        ),
        (
            "failed",
            |q| framed(answer(q, SERVER_FAILED, [0; 3], b"")),
            "answered SERVFAIL",
        ),
    ];
    alone(async {
        for (name, answer, reason) in cases {
            let check = dns(server_by_tcp(answer), "db.test", A);
            assert_down(name, &ask(&check).await, reason);
        }
        let address = server_by_tcp(|q| framed(answer(q, GOOD, [1, 0, 0], &address_record(1))));
        assert_up("good", &ask(&dns(address, "db.test", A)).await);
    });
}

#[test]
fn an_answer_that_is_cut_in_the_middle_of_a_record_is_asked_for_by_tcp() {
    alone(async {
        let (listener, socket) = one_port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 2048];
            let length = stream.read(&mut question).unwrap();
            let record = address_record(1);
            let whole = answer(&question[2..length], GOOD, [1, 0, 0], &record);
            let length = u16::try_from(whole.len()).unwrap();
            let framed = [length.to_be_bytes().to_vec(), whole].concat();
            stream.write_all(&framed).unwrap();
        });
        let address = serve(socket, |question| {
            let record = address_record(1);
            vec![answer(question, CUT_SHORT, [1, 0, 0], &record[..9])]
        });
        assert_up("by TCP", &ask(&dns(address, "db.test", A)).await);
    });
}

#[test]
fn a_server_from_before_edns_is_asked_without_it() {
    type Refuse = fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, Refuse); 3] = [
        ("FORMERR", |q| answer(q, 0x8181, [0; 3], b"")),
        ("NOTIMP", |q| answer(q, 0x8184, [0; 3], b"")),
        ("the header alone", |q| {
            [&q[..2], b"\x81\x81\0\0\0\0\0\0\0\0"].concat()
        }),
    ];
    alone(async {
        for (name, refuse) in cases {
            let address = server(move |question| {
                let has_edns = question[10..12] != [0, 0];
                vec![if has_edns {
                    refuse(question)
                } else {
                    answer(question, GOOD, [1, 0, 0], &address_record(1))
                }]
            });
            assert_up(name, &ask(&dns(address, "db.test", A)).await);
        }
        let address = server(|question| vec![answer(question, 0x8181, [0; 3], b"")]);
        let health = ask(&dns(address, "db.test", A)).await;
        assert_down("not without it either", &health, "answered FORMERR");
    });
}

/// An answer of an authority that asks nobody, and one of a server that is neither.
const OF_AUTHORITY: u16 = 0x8500;
const OF_NOBODY: u16 = 0x8100;

#[test]
fn nothing_is_expected_of_those_who_know() {
    let alias = |question: &[u8], flags| {
        let target = b"\x05other\x04test\0";
        let record = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 12];
        let record = [record.as_slice(), target].concat();
        vec![answer(question, flags, [1, 0, 0], &record)]
    };
    let nothing = |question: &[u8], flags| vec![answer(question, flags, [0; 3], b"")];
    alone(async {
        let none = |address| dns(address, "db.test", A).expect_none();
        for (name, address) in [
            ("resolver", server(move |q| nothing(q, GOOD))),
            ("authority", server(move |q| nothing(q, OF_AUTHORITY))),
            ("resolver, alias", server(move |q| alias(q, GOOD))),
        ] {
            assert_up(name, &ask(&none(address)).await);
        }
        for (name, address) in [
            ("nobody", server(move |q| nothing(q, OF_NOBODY))),
            ("authority, alias", server(move |q| alias(q, OF_AUTHORITY))),
        ] {
            let health = ask(&none(address)).await;
            assert_down(name, &health, "does not know the name and asks nobody else");
        }
    });
}

#[test]
fn a_forged_answer_before_the_right_one_is_not_heard() {
    alone(async {
        let address = server(|question| {
            let right = answer(question, GOOD, [1, 0, 0], &address_record(1));
            let mut forged = right.clone();
            forged[1] ^= 1;
            let last = forged.len() - 1;
            forged[last] = 66;
            vec![Vec::new(), b"x".to_vec(), forged, right]
        });
        let health = ask(&dns(address, "db.test", A)).await;
        assert_up("right", &health);
        assert_eq!(detail(&health, "answers")[0], "10.0.0.1");
    });
}

#[test]
fn what_a_server_adds_unasked_does_not_count() {
    alone(async {
        let address = server(|question| {
            let other = b"\x05other\0\0\x01\0\x01\0\0\0\x01\0\x04\x0a\0\0\x09";
            let records = [other.as_slice(), &address_record(1)].concat();
            vec![answer(question, GOOD, [2, 0, 0], &records)]
        });
        let health = ask(&dns(address, "db.test", A)).await;
        assert_up("own", &health);
        assert_eq!(detail(&health, "answers"), serde_json::json!(["10.0.0.1"]));
        assert_eq!(detail(&health, "ttlSeconds"), serde_json::json!(9));
    });
}

#[test]
fn aliases_in_a_circle_end() {
    alone(async {
        let address = server(|question| {
            let circle = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12];
            vec![answer(question, GOOD, [1, 0, 0], &circle)]
        });
        let health = ask(&dns(address, "db.test", A)).await;
        assert_down("circle", &health, "has no A records");
    });
}

#[test]
fn texts_are_shown_in_one_line_and_not_whole() {
    alone(async {
        let address = server(|question| {
            let mut record = vec![0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 1, 0, 255];
            record.extend([b"\n\x1b[31m".as_slice(), &[b'x'; 250]].concat());
            vec![answer(question, GOOD, [1, 0, 0], &record)]
        });
        let health = ask(&dns(address, "db.test", Txt)).await;
        assert_up("text", &health);
        let shown = detail(&health, "answers")[0].clone();
        let shown = shown.as_str().unwrap();
        assert!(
            shown.starts_with(r"\n\u{1b}[31mxxx") && shown.ends_with('…'),
            "{shown}"
        );
    });
}
