//! Who a server says that it is, in the first frame that it sends.

use crate::net::shown;

/// The class and the method of `connection.start`.
///
/// Source: AMQP 0.9.1 1.4.2.1.
const CONNECTION_START: [u8; 4] = [0, 10, 0, 10];

/// Before the arguments of a method: type and channel of the frame, its size, class and method.
const FRAME_HEADER_BYTES: usize = 7;

/// What a server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) product: Option<String>,
    pub(super) version: Option<String>,
}

impl Server {
    /// Reads the first bytes of a connection; what is not there or not understood stays unknown.
    pub(super) fn read(greeting: &[u8]) -> Self {
        let mut server = Self::default();
        let _ = server.read_frame(greeting);
        server
    }

    fn read_frame(&mut self, frame: &[u8]) -> Option<()> {
        let method = frame.get(FRAME_HEADER_BYTES..)?;
        // After class and method come the two numbers of the version of AMQP.
        let mut rest = method.strip_prefix(&CONNECTION_START)?.get(2..)?;
        let mut table = take_long(&mut rest)?;
        while !table.is_empty() {
            let name = take_short(&mut table)?;
            let kind = *take(&mut table, 1)?.first()?;
            let value = match kind {
                b'S' | b'x' | b'F' | b'A' => take_long(&mut table)?,
                _ => take(&mut table, fixed_bytes(kind)?)?,
            };
            match (name, kind) {
                (b"product", b'S') => self.product = Some(shown(value)),
                (b"version", b'S') => self.version = Some(shown(value)),
                _ => {}
            }
        }
        Some(())
    }
}

/// Returns the length of a value of a kind.
///
/// Source: RabbitMQ, AMQP 0.9.1 errata, section 3.
fn fixed_bytes(kind: u8) -> Option<usize> {
    Some(match kind {
        b'V' => 0,
        b't' | b'b' | b'B' => 1,
        b's' | b'u' => 2,
        b'I' | b'i' | b'f' => 4,
        b'D' => 5,
        b'l' | b'L' | b'd' | b'T' => 8,
        _ => return None,
    })
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_short<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let count = usize::from(*take(bytes, 1)?.first()?);
    take(bytes, count)
}

fn take_long<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let count = u32::from_be_bytes(take(bytes, 4)?.try_into().ok()?);
    take(bytes, usize::try_from(count).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(table: &[u8]) -> Vec<u8> {
        let mut frame = vec![1, 0, 0, 0, 0, 0, 0, 0, 10, 0, 10, 0, 9];
        frame.extend(u32::try_from(table.len()).unwrap().to_be_bytes());
        frame.extend(table);
        frame
    }

    fn text(name: &str, value: &str) -> Vec<u8> {
        let mut entry = vec![u8::try_from(name.len()).unwrap()];
        entry.extend(name.bytes());
        entry.push(b'S');
        entry.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        entry.extend(value.bytes());
        entry
    }

    #[test]
    fn greetings_are_read_whatever_they_hold() {
        let capabilities = b"\x0ccapabilitiesF\0\0\0\x05\x01at\x01V";
        let both = [
            capabilities.to_vec(),
            text("product", "RabbitMQ"),
            text("version", "3.10.8"),
        ]
        .concat();
        let known = Server {
            product: Some("RabbitMQ".to_owned()),
            version: Some("3.10.8".to_owned()),
        };
        let product_only = Server {
            product: known.product.clone(),
            version: None,
        };
        let escaped = Server {
            product: None,
            version: Some("3\\n".to_owned()),
        };
        let whole = start(&both);
        let cases = [
            ("both", whole.clone(), known),
            ("nothing", vec![], Server::default()),
            (
                "no AMQP",
                b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
                Server::default(),
            ),
            (
                "another method",
                b"\x01\0\0\0\0\0\0\0\x0a\0\x0b\0\x09".to_vec(),
                Server::default(),
            ),
            ("an empty table", start(b""), Server::default()),
            (
                "cut off",
                whole[..whole.len() - 3].to_vec(),
                Server::default(),
            ),
            (
                "an unknown kind",
                start(&[text("product", "RabbitMQ"), b"\x01a?".to_vec()].concat()),
                product_only.clone(),
            ),
            (
                "a length beyond the end",
                start(
                    &[
                        text("product", "RabbitMQ"),
                        b"\x01aS\xff\xff\xff\xff".to_vec(),
                    ]
                    .concat(),
                ),
                product_only,
            ),
            (
                "a number for a version",
                start(b"\x07versionI\0\0\0\x03"),
                Server::default(),
            ),
            (
                "a line feed",
                start(&text("version", "3\nx")[..]),
                Server {
                    version: Some("3\\nx".to_owned()),
                    ..escaped.clone()
                },
            ),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(Server::read(&bytes), expected, "{name}");
        }
    }
}
