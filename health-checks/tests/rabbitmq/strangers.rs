//! What is no broker, or not one as it should be.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{ask, ask_within, check};

/// Listens, and gives the same bytes to whoever sends something; then closes, or falls silent.
async fn stranger(bytes: &'static [u8], closes: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut heard = [0; 1024];
                let _ = stream.read(&mut heard).await;
                let _ = stream.write_all(bytes).await;
                while !closes && stream.read(&mut heard).await.is_ok_and(|count| count > 0) {}
            });
        }
    });
    address
}

pub(crate) async fn are_told_apart() {
    let cases: [(_, &[u8], _, _); 7] = [
        (
            "refuses what is not TLS",
            b"\x15\x03\x03\0\x02\x02\x46",
            true,
            "the server speaks TLS; write `amqps://`",
        ),
        (
            "closes at once",
            b"",
            true,
            "the server closed the connection instead of greeting",
        ),
        (
            "speaks HTTP",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            true,
            "not AMQP 0.9.1",
        ),
        (
            "speaks another AMQP",
            b"AMQP\x00\x01\x00\x00",
            true,
            "AMQP 1",
        ),
        (
            "a frame of a huge size",
            b"\x01\0\0\xff\xff\xff\xff\0\x0a\0\x0a",
            false,
            "no answer within ",
        ),
        (
            "an empty greeting",
            b"\x01\0\0\0\0\0\x04\0\x0a\0\x0a\xce",
            true,
            "what was answered is not AMQP 0.9.1",
        ),
        (
            "a method out of order",
            b"\x01\0\0\0\0\0\x04\0\x0a\0\x29\xce",
            true,
            "what was answered is not AMQP 0.9.1",
        ),
    ];
    for (name, bytes, closes, error) in cases {
        let address = stranger(bytes, closes).await;
        let deadline = Duration::from_millis(800);
        let answer = ask_within(deadline, check(address)).await;
        assert_eq!(answer["status"], "DOWN", "{name}: {answer}");
        let told = answer["details"]["error"].as_str().unwrap_or_default();
        assert!(told.contains(error), "{name}: {answer}");
    }
    let silent = ask_within(
        Duration::from_millis(200),
        check(stranger(b"", false).await),
    )
    .await;
    let told = silent["details"]["error"].as_str().unwrap();
    assert!(told.starts_with("no answer within 1"), "{silent}");
    let none = ask(check("127.0.0.1:9".parse().unwrap())).await;
    assert_eq!(
        none["details"]["error"],
        "127.0.0.1:9 refused the connection"
    );
}
