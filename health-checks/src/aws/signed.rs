//! One request with a signature (AWS Signature Version 4).

use std::time::SystemTime;

use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4::SigningParams,
};
use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use super::{AwsCredentials, AwsFailure};
use crate::web::{Answer, Redirects, Request};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// How much of an answer is read, in bytes: a page of a hundred instances with all their tags.
const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// A service that wants its requests signed.
#[derive(Clone)]
pub(crate) struct SignedService {
    pub(crate) endpoint: Url,
    pub(crate) region: String,
    /// Its name in signatures, such as `ec2`.
    pub(crate) service: &'static str,
    pub(crate) credentials: AwsCredentials,
    pub(crate) client: crate::web::HttpClient,
}

/// What is asked.
pub(crate) enum Question {
    /// Without a body.
    Url(Method, Url),
    /// By the form of a query API.
    Form(String),
}

impl SignedService {
    /// Asks, and returns the answer whatever its code.
    pub(crate) async fn send(&self, question: Question) -> Result<Answer, AwsFailure> {
        let mut request = match question {
            Question::Url(method, url) => Request {
                method,
                ..Request::get(url)
            },
            Question::Form(form) => Request {
                method: Method::POST,
                body: form.into_bytes(),
                ..Request::get(self.endpoint.clone())
            },
        };
        request.client = self.client.clone();
        request.redirects = Redirects::None;
        request.is_idempotent = true;
        request.body_limit_bytes = BODY_LIMIT_BYTES;
        if !request.body.is_empty() {
            let form = HeaderValue::from_static(FORM);
            request.headers.insert(CONTENT_TYPE, form);
        }
        let signature = self.sign(&request).await.map_err(AwsFailure::NotSigned)?;
        request
            .send(signature.into_iter())
            .await
            .map_err(AwsFailure::Transport)
    }

    /// Asks, and fails unless the answer is one of success.
    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, AwsFailure> {
        let answer = self.send(question).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(AwsFailure::of_answer(&answer))
    }

    async fn sign(&self, request: &Request) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
        let identity = self.credentials.get().await?.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(self.settings())
            .build()
            .map_err(|error| error.to_string())?;
        let headers = request.headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((name.as_str(), value))
        });
        let signed = SignableRequest::new(
            request.method.as_str(),
            request.url.as_str(),
            headers,
            SignableBody::Bytes(&request.body),
        )
        .and_then(|signable| sign(signable, &params.into()))
        .map_err(|error| error.to_string())?;
        let (instructions, _) = signed.into_parts();
        let headers = instructions.headers().map(|(name, value)| {
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            let mut value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
            value.set_sensitive(true);
            Ok((name, value))
        });
        headers.collect()
    }

    /// S3 wants the hash of the body as a header, and its paths signed as they are sent.
    fn settings(&self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}
