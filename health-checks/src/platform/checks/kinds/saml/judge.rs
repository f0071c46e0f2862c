//! What metadata and certificates mean.

use health_core::{Health, Status};

use super::{certificate::Certificate, metadata::Metadata, told};
use crate::DEFAULT_MIN_DAYS_LEFT;

/// What is known of a provider in one run.
pub(super) struct Seen<'a> {
    pub(super) entity_id: &'a str,
    pub(super) metadata: Option<&'a Result<Metadata, String>>,
    pub(super) known: Option<&'a Certificate>,
}

impl Seen<'_> {
    /// Judges: what fails sign-on now is DOWN, what will fail it is DEGRADED.
    pub(super) fn judge(&self, now: i64) -> Health {
        let metadata = match self.metadata {
            Some(Err(reason)) => {
                let reason = format!("no metadata: {reason}");
                return self.describe(Health::down(), Some(reason), now);
            }
            Some(Ok(metadata)) => Some(metadata),
            None => None,
        };
        let (status, error) = self.problem(metadata, now).unzip();
        self.describe(Health::new(status.unwrap_or(Status::UP)), error, now)
    }

    fn problem(&self, metadata: Option<&Metadata>, now: i64) -> Option<(Status, String)> {
        let Some(certificate) = self.certificate() else {
            return Some((
                Status::DOWN,
                "there is no certificate of signatures".to_owned(),
            ));
        };
        let days = certificate.days_left(now);
        if days < 0 {
            return Some((
                Status::DOWN,
                "the certificate of signatures has expired".to_owned(),
            ));
        }
        if !certificate.is_valid_yet(now) {
            let error = "the certificate of signatures is not valid yet";
            return Some((Status::DOWN, error.to_owned()));
        }
        if let Some(metadata) = metadata {
            if metadata.entity_id != self.entity_id {
                let error = "the metadata are not those of `SAML_ENTITY_ID`";
                return Some((Status::DEGRADED, error.to_owned()));
            }
            let is_told = metadata.certificates.iter().any(|c| c.is_same(certificate));
            if !is_told {
                let error = "the metadata do not hold `SAML_SIGNING_CERTIFICATE`: \
                             the provider signs with another one";
                return Some((Status::DEGRADED, error.to_owned()));
            }
        }
        let least = DEFAULT_MIN_DAYS_LEFT;
        (days < i64::from(least)).then(|| {
            let error = format!(
                "the certificate of signatures expires in {days} days, at least {least} are expected"
            );
            (Status::DEGRADED, error)
        })
    }

    /// Returns the certificate that counts: the one that the application was told of, else that of
    /// the metadata which lasts longest, since a provider announces the next one beforehand.
    fn certificate(&self) -> Option<&Certificate> {
        let of_metadata = match self.metadata {
            Some(Ok(metadata)) => &*metadata.certificates,
            _ => &[],
        };
        let longest = of_metadata.iter().max_by_key(|c| c.days_left(0));
        self.known.or(longest)
    }

    fn describe(&self, health: Health, error: Option<String>, now: i64) -> Health {
        let certificate = self.certificate();
        let entity_id = match self.metadata {
            Some(Ok(metadata)) => &*metadata.entity_id,
            _ => self.entity_id,
        };
        let health = health
            .detail("entityId", entity_id)
            .detail("subject", certificate.map(|c| c.subject.clone()))
            .detail("daysLeft", certificate.map(|c| c.days_left(now)));
        told(health, error)
    }
}
