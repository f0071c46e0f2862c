//! The certificates that a server shows, read.

use health_core::{CheckError, Health};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time,
};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

/// How many names of a certificate are shown; some are for hundreds.
const MAX_NAMES: usize = 20;

/// What a server showed, its own certificate first.
#[derive(Debug)]
pub(super) struct Chain(Vec<Certificate>);

/// One certificate.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) subject: String,
    pub(super) is_of_server: bool,
    issuer: String,
    serial: String,
    names: Vec<String>,
    valid_from: ASN1Time,
    valid_to: ASN1Time,
}

impl Chain {
    pub(super) fn read(shown: &[CertificateDer<'_>]) -> Result<Self, CheckError> {
        let certificates = shown.iter().enumerate().map(|(index, der)| {
            let (_, certificate) = X509Certificate::from_der(der)
                .map_err(|_| CheckError::new("a certificate of the chain cannot be read"))?;
            Ok(Certificate::of(&certificate, index == 0))
        });
        certificates.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the certificate that ends the validity of the chain, of one that was found valid.
    ///
    /// What has expired is superfluous then: clients found their way without it. A root does not
    /// count, since clients take their own copy of it.
    pub(super) fn first_to_expire(&self, now: i64) -> Option<&Certificate> {
        let counts = |certificate: &&Certificate| {
            certificate.is_of_server
                || (certificate.subject != certificate.issuer && certificate.seconds_left(now) >= 0)
        };
        let counted = self.0.iter().filter(counts);
        counted.min_by_key(|certificate| certificate.seconds_left(now))
    }

    /// Tells whether the server's own certificate is signed by nobody else.
    pub(super) fn is_self_signed(&self) -> bool {
        let own = self.0.first();
        own.is_some_and(|own| own.subject == own.issuer)
    }

    /// Tells whether nothing was shown beside the server's own certificate.
    pub(super) fn is_alone(&self) -> bool {
        self.0.len() == 1
    }

    /// Adds what it says to a health.
    pub(super) fn describe(&self, health: Health, now: i64) -> Health {
        let Some(own) = self.0.first() else {
            return health;
        };
        let days_left = self.first_to_expire(now).map(|first| first.days_left(now));
        let chain: Vec<Value> = self.0.iter().map(Certificate::to_value).collect();
        health
            .detail("subject", own.subject.clone())
            .detail("issuer", own.issuer.clone())
            .detail("serialNumber", own.serial.clone())
            .detail("alternativeNames", own.names.clone())
            .detail("validFrom", shown_time(&own.valid_from))
            .detail("validTo", shown_time(&own.valid_to))
            .detail("daysLeft", days_left)
            .detail("chain", chain)
    }
}

impl Certificate {
    fn of(certificate: &X509Certificate<'_>, is_of_server: bool) -> Self {
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.iter().flat_map(|names| &names.value.general_names);
        let validity = certificate.validity();
        Self {
            subject: certificate.subject().to_string(),
            is_of_server,
            issuer: certificate.issuer().to_string(),
            serial: certificate.raw_serial_as_string(),
            names: names.filter_map(shown_name).take(MAX_NAMES).collect(),
            valid_from: validity.not_before,
            valid_to: validity.not_after,
        }
    }

    fn seconds_left(&self, now: i64) -> i64 {
        self.valid_to.timestamp().saturating_sub(now)
    }

    /// Returns the whole days that are left; less than none when it has expired.
    pub(super) fn days_left(&self, now: i64) -> i64 {
        self.seconds_left(now).div_euclid(SECONDS_A_DAY)
    }

    fn to_value(&self) -> Value {
        json!({
            "subject": self.subject,
            "issuer": self.issuer,
            "validFrom": shown_time(&self.valid_from),
            "validTo": shown_time(&self.valid_to),
        })
    }
}

fn shown_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns a time as RFC 3339 has it, in UTC.
fn shown_time(time: &ASN1Time) -> String {
    let time = time.to_datetime();
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = time.to_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
