//! Percent-encoding of parts of a connect string.

/// Decodes `%41` and the like. A text that is not properly encoded is returned as it stands.
pub(super) fn decode(text: &str) -> String {
    decoded(text).unwrap_or_else(|| text.to_owned())
}

/// Decodes a user name or a password.
///
/// Platforms put passwords into connect strings without encoding them. One that holds a character
/// which encoding would have replaced was not encoded, so its `%41` is meant.
pub(super) fn decode_credential(text: &str) -> String {
    if text.chars().all(may_stand_encoded) {
        decode(text)
    } else {
        text.to_owned()
    }
}

/// Source: RFC 3986 3.2.1.
fn may_stand_encoded(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:%".contains(c)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = digit(rest.next()?)?;
            let low = digit(rest.next()?)?;
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_is_encoded_and_nothing_else() {
        let cases = [
            ("plain", "abc", "abc"),
            ("encoded", "p%40ss%2F", "p@ss/"),
            ("lower case", "%2fvar", "/var"),
            ("several bytes", "%C3%A9", "é"),
            ("cut off", "a%4", "a%4"),
            ("lonely", "100%", "100%"),
            ("not hexadecimal", "%zz", "%zz"),
            ("not UTF-8", "%ff", "%ff"),
            ("zero", "%00", "%00"),
            ("two bytes wide", "%é", "%é"),
            ("sign", "%+1", "%+1"),
        ];
        for (name, text, expected) in cases {
            assert_eq!(decode(text), expected, "{name}");
        }
    }

    #[test]
    fn a_raw_password_keeps_its_percent_signs() {
        assert_eq!(decode_credential("p@s:s/w#rd?&%41é"), "p@s:s/w#rd?&%41é");
        assert_eq!(decode_credential("p%40s"), "p@s");
    }
}
