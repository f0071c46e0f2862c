//! What a server said, made fit to be shown.

/// How many characters of a server's words are shown.
const SHOWN_CHARACTERS: usize = 200;

/// Returns the beginning of what a server said in one line, whatever it holds.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut characters = text.trim_end().chars();
    let mut shown: String = characters
        .by_ref()
        .take(SHOWN_CHARACTERS)
        .flat_map(|c| {
            let escaped = c.is_control() || c == '\u{2028}' || c == '\u{2029}';
            let (plain, escape) = if escaped {
                (None, Some(c.escape_default()))
            } else {
                (Some(c), None)
            };
            plain.into_iter().chain(escape.into_iter().flatten())
        })
        .collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_fits_in_a_line() {
        let cases = [
            ("text", b"220 ready\r\n".to_vec(), "220 ready".to_owned()),
            ("lines", b"a\r\nb\0".to_vec(), r"a\r\nb\u{0}".to_owned()),
            ("no text", vec![0xff, b'a'], "\u{fffd}a".to_owned()),
            ("long", vec![b'x'; 201], format!("{}…", "x".repeat(200))),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(shown(&bytes), expected, "{name}");
        }
    }
}
