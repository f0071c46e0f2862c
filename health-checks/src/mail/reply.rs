//! The answers of a mail server.

use std::fmt;

use crate::net::shown;

/// The longest line that is read, in bytes: eight times what RFC 5321 section 4.5.3.1.5 allows.
pub(super) const MAX_LINE_BYTES: u64 = 4096;

/// The most lines that one answer may have.
pub(super) const MAX_LINES: usize = 100;

/// A whole answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    /// The text of each line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Returns the code and the enhanced status code, where there is one, and no text.
    ///
    /// Source: RFC 2034.
    pub(super) fn codes(&self) -> String {
        let first = self.lines.first().map(String::as_str).unwrap_or_default();
        let word = first.split(' ').next().unwrap_or_default();
        let mut parts = word.split('.');
        let is_class = parts
            .next()
            .is_some_and(|part| matches!(part, "2" | "4" | "5"));
        let is_number =
            |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let is_detail = parts.clone().count() == 2 && parts.all(is_number);
        if is_class && is_detail {
            format!("{} {word}", self.code)
        } else {
            self.code.to_string()
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.lines.join(" ");
        write!(f, "{} {}", self.code, shown(text.as_bytes()))
    }
}

/// Reads one line: its code, whether it is the last of the answer, and its text.
pub(super) fn read_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (code, rest) = line.split_at_checked(3)?;
    let [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9'] = code else {
        return None;
    };
    let code = code
        .iter()
        .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let (is_last, text) = match rest {
        [] => (true, rest),
        [b' ', text @ ..] => (true, text),
        [b'-', text @ ..] => (false, text),
        _ => return None,
    };
    Some((code, is_last, String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let cases: [(&str, &[u8], Option<(u16, bool, &str)>); 12] = [
            ("last", b"250 OK\r\n", Some((250, true, "OK"))),
            ("not last", b"250-SIZE 1\r\n", Some((250, false, "SIZE 1"))),
            ("code alone", b"220\r\n", Some((220, true, ""))),
            ("line feed alone", b"354 go\n", Some((354, true, "go"))),
            ("no UTF-8", b"550 \xff\r\n", Some((550, true, "\u{fffd}"))),
            ("no end", b"250 OK", None),
            ("two digits", b"25\r\n", None),
            ("first digit", b"150 x\r\n", None),
            ("letters", b"HTTP/1.1 400\r\n", None),
            ("other separator", b"250_x\r\n", None),
            ("nothing", b"\r\n", None),
            ("TLS alert", b"\x15\x03\x01\x00\x02\n", None),
        ];
        for (name, line, expected) in cases {
            let expected = expected.map(|(code, last, text)| (code, last, text.to_owned()));
            assert_eq!(read_line(line), expected, "{name}");
        }
    }

    #[test]
    fn codes_are_told_without_the_text() {
        let cases = [
            ("5.7.8 no s3cret", "535 5.7.8"),
            ("no s3cret", "535"),
            ("5.7.s3cret no", "535"),
            ("9.7.8 no", "535"),
            ("5.7.8.9", "535"),
            ("5.7.8888", "535"),
            ("", "535"),
        ];
        for (line, expected) in cases {
            let reply = Reply {
                code: 535,
                lines: vec![line.to_owned()],
            };
            assert_eq!(reply.codes(), expected, "{line}");
        }
    }
}
