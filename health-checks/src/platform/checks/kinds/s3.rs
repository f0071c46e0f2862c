//! A bucket.

use std::{net::IpAddr, sync::Arc};

use super::{Made, NotMade, proxy};
use crate::{
    AwsCredentials, S3Bucket, Tls,
    platform::{Proxies, S3},
};

/// The region where the environment names none: the one that S3 began with, and that other storage
/// takes for its own.
const DEFAULT_REGION: &str = "us-east-1";

pub(super) fn make(s3: &S3, proxies: &Proxies) -> Made {
    let keys = AwsCredentials::new(s3.access_key.expose(), s3.secret_key.expose());
    let region = s3.region.as_deref().unwrap_or(DEFAULT_REGION);
    let check = S3Bucket::new(&s3.bucket, region, keys)?;
    let mut check = check.proxies(proxy::of(proxies)?);
    if let Some(endpoint) = &s3.endpoint {
        let with_endpoint = check.endpoint(endpoint.url().expose());
        check = with_endpoint.map_err(NotMade::of("S3_ENDPOINT"))?;
        // No bucket can stand in front of an address.
        if endpoint.host().name().parse::<IpAddr>().is_ok() {
            check = check.path_style();
        }
    }
    if s3.path_style {
        check = check.path_style();
    }
    if !s3.tls_ca_chain.is_empty() {
        let chain = s3.tls_ca_chain.iter();
        let tls = chain.cloned().try_fold(Tls::new(), Tls::ca);
        check = check.tls(tls.map_err(NotMade::of("S3_TLS_CA_CHAIN"))?);
    }
    Ok(Arc::new(check))
}
