//! Entity tags, so that a poller that has a copy is told that nothing changed.

use bytes::Bytes;
use http::{HeaderValue, Response, header};

use super::{Request, response};

/// What a poller already has, by its `If-None-Match`.
pub(super) struct Known(Vec<u8>);

impl Known {
    pub(super) fn of(request: &Request<'_>) -> Self {
        Self(
            request
                .header(header::IF_NONE_MATCH.as_str())
                .unwrap_or_default(),
        )
    }

    /// Tags an answer, or says that the poller has it. Only a success is worth a 304: whoever has a
    /// copy of a failure is told it again, code and body.
    ///
    /// The copy that a 304 needs may be stored, and must be checked back before each use.
    /// Source: RFC 9110 13.1.2 and 15.4.5, RFC 9111 5.2.2.4.
    pub(super) fn apply(&self, mut answer: Response<Bytes>) -> Response<Bytes> {
        let tag = tag_of(&answer);
        if answer.status().is_success() && self.has(&tag) {
            answer = response::not_modified();
        }
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        answer
    }

    /// Compares weakly: a proxy that packs the body makes the tag weak on its way.
    fn has(&self, tag: &str) -> bool {
        let known = self.0.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        let mut known = known.map(|known| known.strip_prefix(b"W/").unwrap_or(known));
        known.any(|known| known == b"*" || known == tag.as_bytes())
    }
}

/// Makes the strong tag of an answer from its code, content type and body: the same in each process
/// and on each replica.
fn tag_of(answer: &Response<Bytes>) -> String {
    let content_type = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let code = answer.status();
    let parts = [
        code.as_str().as_bytes(),
        b" ",
        content_type,
        b" ",
        answer.body(),
    ];
    format!("\"{:016x}\"", fnv_1a(parts.into_iter().flatten().copied()))
}

/// The 64-bit hash FNV-1a: short, and no secret key makes it differ between processes.
/// Source: draft-eastlake-fnv 6.1.
fn fnv_1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_published_vectors() {
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv_1a(text.bytes()), hash, "{text}");
        }
    }

    #[test]
    fn tags_are_compared_weakly_one_by_one() {
        let tag = "\"0123456789abcdef\"";
        let cases = [
            ("absent", "", false),
            ("the same", tag, true),
            ("weak", "W/\"0123456789abcdef\"", true),
            ("in a list", "\"x\" , \"0123456789abcdef\",\"y\"", true),
            ("anything", "*", true),
            ("another", "\"0123456789abcdee\"", false),
            ("without quotes", "0123456789abcdef", false),
        ];
        for (name, header, has) in cases {
            assert_eq!(Known(header.as_bytes().to_vec()).has(tag), has, "{name}");
        }
    }
}
