//! A bucket of S3, or of storage with the same API.

use std::fmt;

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use reqwest::{Method, StatusCode, Url};

use crate::{
    SettingError, Tls,
    aws::{self, AwsCredentials, AwsFailure, Question, SignedService},
    web::{HttpClient, Proxies},
};

/// Checks that a bucket of S3, or of storage with its API, is there and may be listed.
///
/// Details: `bucket`, `endpoint`, `region`, `error` when DOWN. Nothing is read or written: one
/// `HEAD` of the bucket, and where that is refused one question more, because the answer to it says
/// why: an unknown access key, a wrong secret, a clock that is off, or a permission that is missing.
/// The permission that is needed is `s3:ListBucket`.
///
/// # Security
/// Keys show nowhere. With an `http` endpoint the secret itself is not sent, a signature is.
///
/// ```
/// use health_checks::{AwsCredentials, S3Bucket};
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let keys = AwsCredentials::new("AKIAEXAMPLE", "s3cret");
/// let aws = S3Bucket::new("invoices", "eu-west-1", keys.clone())?;
/// let own = S3Bucket::new("invoices", "us-east-1", keys)?
///     .endpoint("http://minio:9000")?
///     .path_style();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct S3Bucket {
    bucket: String,
    is_path_style: bool,
    service: SignedService,
}

impl S3Bucket {
    /// Makes a check of a bucket at AWS.
    ///
    /// # Errors
    /// Fails for what cannot be the name of a bucket or a region.
    pub fn new(
        bucket: &str,
        region: &str,
        credentials: AwsCredentials,
    ) -> Result<Self, SettingError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bucket.is_empty() || bucket.starts_with('.') || !bucket.chars().all(is_plain) {
            return Err(SettingError::new(
                format!("bucket `{}`", bucket.escape_debug()),
                "a name holds letters, digits, `.`, `-` and `_` only",
            ));
        }
        let region = aws::region(region)?;
        crate::tls::load();
        Ok(Self {
            bucket: bucket.to_owned(),
            // A certificate for `*.s3...` holds for one label.
            is_path_style: bucket.contains('.'),
            service: SignedService {
                endpoint: aws::endpoint(&format!("https://s3.{region}.amazonaws.com"))?,
                region,
                service: "s3",
                credentials,
                client: HttpClient::default(),
            },
        })
    }

    /// Asks another server than that of AWS in the region.
    ///
    /// # Errors
    /// Fails unless it is a scheme, a host and a port.
    pub fn endpoint(mut self, url: &str) -> Result<Self, SettingError> {
        self.service.endpoint = aws::endpoint(url)?;
        Ok(self)
    }

    /// Asks for the bucket as a path, `https://host/bucket`, instead of as a part of the host name;
    /// by default only where its name holds a full stop.
    #[must_use]
    pub fn path_style(mut self) -> Self {
        self.is_path_style = true;
        self
    }

    /// Sets whom to trust; default: the certificates of the system.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.service.client.set_tls(tls);
        self
    }

    /// Asks through the proxies that the environment names now; default: through none.
    ///
    /// Which variables are read is what they are for `Http` (feature `http`): `http_proxy`,
    /// `https_proxy`, `all_proxy` and `no_proxy`, each also in capitals.
    ///
    /// # Errors
    /// Fails when a variable holds no URL of a proxy that is spoken to by `http` or `https`.
    pub fn proxy_from_environment(self) -> Result<Self, SettingError> {
        Ok(self.proxies(Proxies::of_process()?))
    }

    /// Asks through these proxies.
    pub(crate) fn proxies(mut self, proxies: Proxies) -> Self {
        self.service.client.set_proxies(proxies);
        self
    }

    fn url(&self) -> Result<Url, SettingError> {
        let mut url = self.service.endpoint.clone();
        if self.is_path_style {
            url.set_path(&self.bucket);
            return Ok(url);
        }
        let host = format!("{}.{}", self.bucket, url.host_str().unwrap_or_default());
        match url.set_host(Some(&host)) {
            Ok(()) => Ok(url),
            Err(error) => Err(SettingError::new(
                format!("host `{host}`"),
                error.to_string(),
            )),
        }
    }

    async fn ask(&self) -> Result<(), String> {
        let url = self.url().map_err(|error| error.to_string())?;
        let head = Question::Url(Method::HEAD, url.clone());
        let answer = self.service.send(head).await.map_err(|it| it.to_string())?;
        let location = answer.headers.get("x-amz-bucket-region");
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND => Err("there is no such bucket".to_owned()),
            status if status.is_redirection() => Err(match location.map(|it| it.to_str()) {
                Some(Ok(region)) if aws::region(region).is_ok() => {
                    format!("the bucket is in the region {region}")
                }
                _ => "the bucket is in another region".to_owned(),
            }),
            status => Err(self
                .reason(url)
                .await
                .unwrap_or_else(|| format!("answered {}", status.as_u16()))),
        }
    }

    /// Asks what the answer to `HEAD` cannot say, since that has no body.
    async fn reason(&self, mut url: Url) -> Option<String> {
        url.set_query(Some("list-type=2&max-keys=0"));
        let failure = self
            .service
            .ask(Question::Url(Method::GET, url))
            .await
            .err()?;
        let reason = match failure.code()? {
            "InvalidAccessKeyId" => "the access key is not known".to_owned(),
            "SignatureDoesNotMatch" => "the secret key is wrong".to_owned(),
            "RequestTimeTooSkewed" => "the clock of this host is off".to_owned(),
            "ExpiredToken" => "the session is over".to_owned(),
            "AccessDenied" => "access denied: `s3:ListBucket` is needed".to_owned(),
            _ => AwsFailure::to_string(&failure),
        };
        Some(reason)
    }
}

#[async_trait]
impl Check for S3Bucket {
    async fn check(&self) -> CheckResult {
        let health = match self.ask().await {
            Ok(()) => Health::up(),
            Err(error) => Health::down().detail("error", error),
        };
        let endpoint = self.service.endpoint.as_str().trim_end_matches('/');
        Ok(health
            .detail("bucket", self.bucket.as_str())
            .detail("endpoint", endpoint)
            .detail("region", self.service.region.as_str()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the bucket and where it is, and no key.
impl fmt::Debug for S3Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Bucket")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.service.endpoint.as_str())
            .field("region", &self.service.region)
            .finish_non_exhaustive()
    }
}
