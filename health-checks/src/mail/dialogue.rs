//! What is said to a mail server, and how its answers are judged.

use std::collections::BTreeSet;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::reply::{MAX_LINE_BYTES, MAX_LINES, Reply, read_line};
use crate::{
    net::{Stream, io_reason, shown},
    patience::within,
};

/// A conversation over a connection.
pub(crate) struct Dialogue {
    stream: BufReader<Stream>,
}

impl Dialogue {
    pub(crate) fn over(stream: Stream) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Reads the greeting.
    pub(crate) async fn greeting(&mut self) -> Result<(), String> {
        let reply = self.reply().await?;
        match reply.code {
            220 => Ok(()),
            _ => Err(format!("the server greets with `{reply}`")),
        }
    }

    /// Introduces ourselves, and returns what the server offers.
    pub(crate) async fn hello(&mut self, own_name: &str) -> Result<Offers, String> {
        let reply = self.command(&format!("EHLO {own_name}"), 250).await?;
        Ok(Offers {
            lines: reply.lines.into_iter().skip(1).collect(),
        })
    }

    /// Agrees with the server that TLS begins, and returns the connection for it.
    ///
    /// # Errors
    /// Fails also when there is something left to be read, which the server, or somebody between,
    /// wants to be taken for an answer that came by TLS.
    pub(crate) async fn starttls(mut self) -> Result<Stream, String> {
        self.command("STARTTLS", 220).await?;
        if self.stream.buffer().is_empty() {
            Ok(self.stream.into_inner())
        } else {
            Err("the server said more than TLS may begin with".to_owned())
        }
    }

    /// Sends a command and expects a code.
    async fn command(&mut self, command: &str, code: u16) -> Result<Reply, String> {
        let reply = self.exchange(command).await?;
        if reply.code == code {
            return Ok(reply);
        }
        let verb = command.split(' ').next().unwrap_or(command);
        Err(format!("the server answered {verb} with `{reply}`"))
    }

    /// Sends what nobody may see, and tells of another answer than the expected one no more than
    /// its codes: servers repeat what they were sent.
    pub(crate) async fn secret_command(&mut self, command: &str, code: u16) -> Result<(), String> {
        let reply = self.exchange(command).await?;
        if reply.code == code {
            return Ok(());
        }
        Err(format!("the server answered {}", reply.codes()))
    }

    /// Ends the conversation.
    pub(crate) async fn goodbye(&mut self) -> Result<(), String> {
        self.exchange("QUIT").await?;
        let _ = self.stream.shutdown().await;
        Ok(())
    }

    async fn exchange(&mut self, command: &str) -> Result<Reply, String> {
        if !self.stream.buffer().is_empty() {
            return Err("the server answers before it is asked".to_owned());
        }
        let answer = within("answer", async {
            let line = format!("{command}\r\n");
            let written = self.stream.write_all(line.as_bytes()).await;
            written.map_err(|error| broke_off(&error))?;
            let written = self.stream.flush().await;
            written.map_err(|error| broke_off(&error))?;
            self.reply().await
        });
        answer.await.map_err(|late| late.to_string())?
    }

    async fn reply(&mut self) -> Result<Reply, String> {
        let mut lines = Vec::new();
        let mut codes = BTreeSet::new();
        loop {
            let mut line = Vec::new();
            let mut limited = (&mut self.stream).take(MAX_LINE_BYTES);
            let count = limited.read_until(b'\n', &mut line).await;
            match count.map_err(|error| broke_off(&error))? {
                0 if lines.is_empty() => {
                    return Err("the server closed the connection".to_owned());
                }
                0 => return Err("the server closed the connection in an answer".to_owned()),
                _ => {}
            }
            let (code, is_last, text) = read_line(&line).ok_or_else(|| {
                let hint = if line.first().is_some_and(|byte| matches!(byte, 0x15 | 0x16)) {
                    "; is it a port with TLS?"
                } else {
                    ""
                };
                format!("what the server says is not SMTP: `{}`{hint}", shown(&line))
            })?;
            lines.push(text);
            codes.insert(code);
            if codes.len() > 1 {
                // Source: RFC 5321 section 4.2.1.
                return Err("the lines of an answer have different codes".to_owned());
            }
            if is_last {
                return Ok(Reply { code, lines });
            }
            if lines.len() == MAX_LINES {
                return Err(format!(
                    "an answer of the server has more than {MAX_LINES} lines"
                ));
            }
        }
    }
}

fn broke_off(error: &std::io::Error) -> String {
    format!("the connection broke off: {}", io_reason(error))
}

/// Returns how this host introduces itself: by its address, which needs no name that resolves.
///
/// Source: RFC 5321 section 4.1.3.
pub(crate) fn own_name(stream: &TcpStream) -> String {
    match stream.local_addr().map(|address| address.ip()) {
        Ok(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Ok(std::net::IpAddr::V4(address)) => format!("[{address}]"),
        Err(_) => "[127.0.0.1]".to_owned(),
    }
}

/// What a server offers in its answer to EHLO.
pub(crate) struct Offers {
    lines: Vec<String>,
}

impl Offers {
    /// Tells whether there is an extension.
    pub(crate) fn has(&self, keyword: &str) -> bool {
        self.words(keyword).next().is_some()
    }

    /// Tells whether there is a way to authenticate.
    pub(crate) fn has_mechanism(&self, name: &str) -> bool {
        self.words("AUTH")
            .any(|word| word.eq_ignore_ascii_case(name))
    }

    /// Says why there is no way to authenticate.
    pub(crate) fn no_mechanism(&self) -> String {
        let offered: Vec<&str> = self.words("AUTH").skip(1).collect();
        if offered.is_empty() {
            return "the server does not offer AUTH".to_owned();
        }
        format!(
            "the server offers AUTH by {} and not by PLAIN or LOGIN",
            shown(offered.join(" ").as_bytes())
        )
    }

    /// Returns the words of the lines that begin with a keyword; old servers write `AUTH=`.
    fn words(&self, keyword: &str) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().map(|line| line.split([' ', '=']));
        lines
            .filter(move |words| {
                let mut words = words.clone();
                words
                    .next()
                    .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
            })
            .flatten()
            .filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read() {
        let offers = |lines: &[&str]| Offers {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let cases = [
            ("both", offers(&["SIZE 1", "AUTH PLAIN LOGIN"]), true, true),
            ("lower case", offers(&["auth login"]), false, true),
            ("old spelling", offers(&["AUTH=PLAIN"]), true, false),
            (
                "two lines",
                offers(&["AUTH LOGIN", "AUTH=PLAIN"]),
                true,
                true,
            ),
            ("none", offers(&["STARTTLS", ""]), false, false),
            ("a longer word", offers(&["AUTHORS PLAIN"]), false, false),
        ];
        for (name, offers, plain, login) in cases {
            assert_eq!(offers.has_mechanism("PLAIN"), plain, "{name}");
            assert_eq!(offers.has_mechanism("LOGIN"), login, "{name}");
        }
        let known = offers(&["AUTH CRAM-MD5 XOAUTH2"]).no_mechanism();
        assert_eq!(
            known,
            "the server offers AUTH by CRAM-MD5 XOAUTH2 and not by PLAIN or LOGIN"
        );
        assert!(offers(&["starttls"]).has("STARTTLS"));
    }
}
