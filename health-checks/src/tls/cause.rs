//! Why TLS was not agreed on, in words.

use std::io::{
    self,
    ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof},
};

use rustls::{
    CertificateError::{self, ExpiredContext, NotValidYetContext, UnknownIssuer},
    Error::{self, InvalidCertificate},
    InvalidMessage::InvalidContentType,
    pki_types::UnixTime,
};

/// What is said of a server that ends the connection in the handshake.
pub(crate) const CLOSED: &str = "the server closed the connection; is it a port without TLS?";

/// What webpki calls a certificate that is made to sign others.
const SIGNS_OTHERS: &str = "CaUsedAsEndEntity";

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Tells whether a connection failed because the other side ended it. Whether its end arrives, or a
/// reset because we had more to say, or our next word finds nobody, is a race that tells nothing of
/// the server.
pub(crate) fn is_closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// Says what rustls says, and what may be behind it.
pub(crate) fn cause(error: &Error, has_roots: bool) -> String {
    match error {
        Error::InvalidMessage(InvalidContentType) => {
            format!("{error}; is it a port without TLS?")
        }
        InvalidCertificate(error) => match reason(error) {
            Some(reason) => reason,
            None if matches!(error, UnknownIssuer) && !has_roots => format!(
                "invalid peer certificate: {error}; no certificates of authorities were found on this system"
            ),
            None => format!("invalid peer certificate: {error}"),
        },
        _ => error.to_string(),
    }
}

/// Says it in words of our own, where those of rustls are for its authors.
fn reason(error: &CertificateError) -> Option<String> {
    Some(match error {
        ExpiredContext { time, not_after } => {
            let days = days_between(*not_after, *time);
            format!("the certificate expired {days} ago")
        }
        NotValidYetContext { time, not_before } => {
            let days = days_between(*time, *not_before);
            format!("the certificate is not valid yet, but in {days}")
        }
        CertificateError::Other(other) if other.to_string().contains(SIGNS_OTHERS) => {
            "the server shows the certificate of an authority (CA:TRUE) as its own".to_owned()
        }
        _ => return None,
    })
}

fn days_between(from: UnixTime, to: UnixTime) -> String {
    match to.as_secs().saturating_sub(from.as_secs()) / SECONDS_A_DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn causes_are_told_in_days_and_with_what_may_be_behind_them() {
        let at = |days: u64| UnixTime::since_unix_epoch(Duration::from_secs(days * SECONDS_A_DAY));
        let expired = ExpiredContext {
            time: at(9),
            not_after: at(7),
        };
        let just_expired = ExpiredContext {
            time: at(7),
            not_after: at(7),
        };
        let future = NotValidYetContext {
            time: at(7),
            not_before: at(8),
        };
        let cases = [
            (
                InvalidCertificate(expired),
                "the certificate expired 2 days ago",
            ),
            (
                InvalidCertificate(future),
                "the certificate is not valid yet, but in 1 day",
            ),
            (
                InvalidCertificate(just_expired),
                "the certificate expired less than a day ago",
            ),
            (
                InvalidCertificate(UnknownIssuer),
                "invalid peer certificate: UnknownIssuer; no certificates of authorities were found on this system",
            ),
            (
                Error::InvalidMessage(InvalidContentType),
                "received corrupt message of type InvalidContentType; is it a port without TLS?",
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(cause(&error, false), expected);
        }
        assert_eq!(
            cause(&InvalidCertificate(UnknownIssuer), true),
            "invalid peer certificate: UnknownIssuer"
        );
    }
}
