//! Buckets of S3 and of storage with its API.

use health_core::Secret;

use super::{WebUrl, reading::Reading};

const BUCKET: &str = "S3_BUCKET";
const ACCESS_KEY: &str = "S3_ACCESS_KEY";
const SECRET_KEY: &str = "S3_SECRET_KEY";

/// Holds what `S3_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3 {
    /// The bucket: `S3_BUCKET`.
    pub bucket: String,
    /// The access key: `S3_ACCESS_KEY`.
    pub access_key: Secret<String>,
    /// The secret key: `S3_SECRET_KEY`.
    pub secret_key: Secret<String>,
    /// The region.
    pub region: Option<String>,
    /// The address of the storage; none means that of the cloud provider.
    pub endpoint: Option<WebUrl>,
    /// The path of the application's objects in the bucket.
    pub path: Option<String>,
    /// The storage class.
    pub storage_class: Option<String>,
    /// The version of the signature, such as `s3v4`.
    pub api_version: Option<String>,
    /// Whether the bucket stands in the path of the URL, and not in the name of the host. By
    /// default not.
    pub path_style: bool,
    /// Further settings.
    pub attributes: Vec<String>,
    /// Certificates in PEM of the authorities that signed the certificate of the storage.
    pub tls_ca_chain: Vec<String>,
}

pub(super) fn read(reading: &mut Reading<'_>) -> Option<(&'static str, S3)> {
    let required = [BUCKET, ACCESS_KEY, SECRET_KEY];
    let bucket = reading.string(BUCKET);
    let access_key = reading.secret(ACCESS_KEY);
    let secret_key = reading.secret(SECRET_KEY);
    let (Some(bucket), Some(access_key), Some(secret_key)) = (bucket, access_key, secret_key)
    else {
        let missing = required.map(|name| (!reading.variables.has(name)).then_some(name));
        let missing: Vec<&str> = missing.into_iter().flatten().collect();
        if missing.len() < required.len() {
            reading.missing(&missing);
        }
        return None;
    };
    let endpoint = reading.web_url("S3_ENDPOINT");
    let style = reading.text("S3_ADDRESSING_STYLE");
    let uri_style = reading.text("S3_URI_STYLE");
    let s3 = S3 {
        bucket,
        access_key,
        secret_key,
        region: reading.string("S3_REGION"),
        endpoint: endpoint.ok()?,
        path: reading.string("S3_PATH"),
        storage_class: reading.string("S3_STORAGE_CLASS"),
        api_version: reading.string("S3_API_VERSION"),
        path_style: style
            .or(uri_style)
            .is_some_and(|style| style.eq_ignore_ascii_case("path")),
        attributes: reading.strings("S3_ATTRIBUTES"),
        tls_ca_chain: reading.strings("S3_TLS_CA_CHAIN"),
    };
    Some((BUCKET, s3))
}
