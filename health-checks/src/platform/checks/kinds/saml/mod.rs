//! A SAML identity provider: its metadata, and how long its certificates last.

mod certificate;
mod judge;
mod metadata;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use health_core::{Check, CheckResult, Health, Scope, async_trait};

use self::{certificate::Certificate, judge::Seen, metadata::Metadata};
use super::{Made, NotMade, proxy};
use crate::{
    SettingError,
    platform::{Proxies, Saml, WebUrl},
    web::{Request, parse_url},
};

/// The largest metadata that are read, in bytes: those of a federation describe hundreds.
const METADATA_LIMIT_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn make(saml: &Saml, proxies: &Proxies) -> Made {
    let url = saml.metadata_url.as_ref();
    let request = url.map(|url| request(url, proxies)).transpose();
    let known = saml.signing_certificate.as_deref();
    let known = known.map(Certificate::of_base64).transpose();
    let known = known.map_err(|problem| SettingError::new("certificate", problem));
    Ok(Arc::new(Provider {
        entity_id: saml.entity_id.clone(),
        request: request.map_err(NotMade::of("SAML_METADATA_URL"))?,
        known: known.map_err(NotMade::of("SAML_SIGNING_CERTIFICATE"))?,
    }))
}

fn request(url: &WebUrl, proxies: &Proxies) -> Result<Request, SettingError> {
    let url = parse_url(url.url().expose());
    let mut request = Request::get(url.map_err(|problem| SettingError::new("URL", problem))?);
    request.body_limit_bytes = METADATA_LIMIT_BYTES;
    request.client.set_proxies(proxy::of(proxies)?);
    Ok(request)
}

struct Provider {
    entity_id: String,
    request: Option<Request>,
    /// The certificate that the application was told of.
    known: Option<Certificate>,
}

impl Provider {
    async fn metadata(&self, request: &Request) -> Result<Metadata, String> {
        let answer = request.send(std::iter::empty()).await;
        let answer = answer.map_err(|failure| failure.to_string())?;
        if !answer.status.is_success() {
            return Err(format!("answered {}", answer.status.as_u16()));
        }
        if !answer.is_whole {
            return Err(format!(
                "the metadata are larger than {METADATA_LIMIT_BYTES} bytes"
            ));
        }
        Metadata::read(&answer.body, &self.entity_id)
    }
}

#[async_trait]
impl Check for Provider {
    async fn check(&self) -> CheckResult {
        let metadata = match &self.request {
            None => None,
            Some(request) => Some(self.metadata(request).await),
        };
        let seen = Seen {
            entity_id: &self.entity_id,
            metadata: metadata.as_ref(),
            known: self.known.as_ref(),
        };
        let url = self.request.as_ref().map(Request::shown_url);
        Ok(seen
            .judge(now())
            .detail("url", url.map(|url| url.to_string())))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Returns the time in seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// A health with its reason, if there is one.
fn told(health: Health, error: Option<String>) -> Health {
    health.detail("error", error)
}
