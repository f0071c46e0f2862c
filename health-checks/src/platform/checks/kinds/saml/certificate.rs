//! A certificate that signatures are verified with.

use base64::{Engine, prelude::BASE64_STANDARD};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// Holds what counts of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    der: Vec<u8>,
    pub(super) subject: String,
    valid_from: i64,
    valid_to: i64,
}

impl Certificate {
    /// Reads base64 of DER, as it stands in metadata; lines and the marks of PEM do not matter.
    pub(super) fn of_base64(text: &str) -> Result<Self, &'static str> {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        let plain: String = lines
            .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
            .collect();
        let der = BASE64_STANDARD
            .decode(plain)
            .map_err(|_| "it is not base64")?;
        let (_, read) =
            X509Certificate::from_der(&der).map_err(|_| "it is not a certificate of X.509")?;
        let (subject, validity) = (read.subject().to_string(), read.validity());
        Ok(Self {
            subject,
            valid_from: validity.not_before.timestamp(),
            valid_to: validity.not_after.timestamp(),
            der,
        })
    }

    /// Returns the whole days that are left; less than none when it has expired.
    pub(super) fn days_left(&self, now: i64) -> i64 {
        self.valid_to.saturating_sub(now).div_euclid(SECONDS_A_DAY)
    }

    pub(super) fn is_valid_yet(&self, now: i64) -> bool {
        self.valid_from <= now
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.der == other.der
    }
}
