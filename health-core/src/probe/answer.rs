//! Reads an answer of HTTP/1.1, whatever came.

use serde_json::Value;

use super::error::{ProbeError, printable};

/// What the other side said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The code and the phrase behind it.
    status_line: String,
    code: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let end = find(bytes, b"\r\n\r\n").ok_or("its head does not end")?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "its head is no text")?;
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status_line = first
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.split_once(' '));
        let (_, status_line) = status_line.ok_or("it has no status line")?;
        let code = status_line.split(' ').next().unwrap_or_default();
        let code = code
            .parse()
            .ok()
            .filter(|code| (100..600).contains(code))
            .ok_or("it has no code")?;
        let header = |name: &str| {
            let mut headers = lines.clone().filter_map(|line| line.split_once(':'));
            headers
                .find(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
        };
        let body = &bytes[end + 4..];
        let is_chunked = header("transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
        let body = match length {
            _ if is_chunked => dechunked(body).ok_or("its chunks are broken")?,
            Some(length) => body.get(..length).ok_or("its body is cut off")?.to_vec(),
            None => body.to_vec(),
        };
        Ok(Self {
            status_line: printable(status_line),
            code,
            body,
        })
    }

    /// Judges by the code; but a 2xx of something that is no health endpoint is no success.
    pub(super) fn verdict(&self) -> Result<(), ProbeError> {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(printable);
        let status = text("status");
        if (200..300).contains(&self.code) && status.is_some() {
            return Ok(());
        }
        let mut reason = self.status_line.clone();
        match status {
            Some(status) => reason = format!("{reason}: {status}"),
            None => reason.push_str(": the answer is no health"),
        }
        if let Some(description) = text("description") {
            reason = format!("{reason}: {description}");
        }
        Err(ProbeError::new(reason))
    }
}

/// Joins the chunks of a body. Source: RFC 9112 7.1.
fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end]).ok()?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let rest = &bytes[end + 2..];
        body.extend_from_slice(rest.get(..size)?);
        bytes = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(answer: &[u8]) -> String {
        match Answer::parse(answer) {
            Ok(answer) => answer
                .verdict()
                .map_or_else(|error| error.to_string(), |()| "well".to_owned()),
            Err(reason) => reason.to_owned(),
        }
    }

    #[test]
    fn every_answer_has_a_verdict() {
        let down = r#"{"status":"DOWN","description":"the disk is full"}"#;
        let down = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: {}\r\n\r\n{down}",
            down.len()
        );
        let long = format!(
            "HTTP/1.1 503 No\r\n\r\n{{\"status\":\"{}\"}}",
            "x".repeat(1000)
        );
        let cases: [(&str, &[u8], &str); 16] = [
            ("well", b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"UP\"}", "well"),
            ("until the end", b"HTTP/1.0 200 OK\r\n\r\n{\"status\":\"UP\"}", "well"),
            ("no phrase", b"HTTP/1.1 200\r\n\r\n{\"status\":\"UP\"}", "well"),
            (
                "chunked",
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{\"status\r\n7;x=y\r\n\":\"UP\"}\r\n0\r\n\r\n",
                "well",
            ),
            ("down", down.as_bytes(), "503 Service Unavailable: DOWN: the disk is full"),
            ("elsewhere", b"HTTP/1.1 200 OK\r\n\r\n<html>", "200 OK: the answer is no health"),
            ("redirect", b"HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n", "302 Found: the answer is no health"),
            ("not there", b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "404 Not Found: the answer is no health"),
            ("cut off", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}", "its body is cut off"),
            ("chunk too large", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx", "its chunks are broken"),
            ("chunk of no size", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", "its chunks are broken"),
            ("nothing", b"", "its head does not end"),
            ("garbage", b"\xff\xfe\r\n\r\n", "its head is no text"),
            ("another protocol", b"SSH-2.0-OpenSSH\r\n\r\n", "it has no status line"),
            ("no code", b"HTTP/1.1 OK\r\n\r\n", "it has no code"),
            ("control characters", b"HTTP/1.1 500 \x1b[31m\r\n\r\n", "500  [31m: the answer is no health"),
        ];
        for (name, answer, expected) in cases {
            assert_eq!(verdict(answer), expected, "{name}");
        }
        assert_eq!(
            verdict(long.as_bytes()),
            format!("503 No: {}...", "x".repeat(300))
        );
    }

    #[test]
    fn no_beginning_of_an_answer_panics() {
        let answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{\"status\r\n7\r\n\":\"UP\"}\r\n0\r\n\r\n";
        let verdicts = (0..=answer.len()).map(|end| verdict(&answer[..end]));
        assert_eq!(
            verdicts.filter(|verdict| verdict == "well").count(),
            3,
            "from the last chunk's size line on"
        );
    }
}
