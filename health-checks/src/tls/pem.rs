//! Certificates and keys from PEM texts. No error holds a part of the text.

use rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error, PemObject},
};

use crate::SettingError;

/// What stands in the first line of a key that a password protects.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

/// Reads all certificates of a text.
pub(super) fn certificates(
    place: &str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, SettingError> {
    let certificates: Result<Vec<_>, Error> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(SettingError::new(
            place,
            "there is no certificate in it; give a PEM text with `-----BEGIN CERTIFICATE-----`",
        )),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(broken(place, &error)),
    }
}

/// Reads the first private key of a text.
pub(super) fn key(place: &str, pem: &[u8]) -> Result<PrivateKeyDer<'static>, SettingError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        _ if is_encrypted(pem) => SettingError::new(
            place,
            "it is encrypted; give it decrypted, as `openssl pkey` writes it",
        ),
        Error::NoItemsFound => SettingError::new(
            place,
            "there is no private key in it; give a PEM text with `-----BEGIN PRIVATE KEY-----`",
        ),
        error => broken(place, &error),
    })
}

fn is_encrypted(pem: &[u8]) -> bool {
    pem.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED)
}

fn broken(place: &str, error: &Error) -> SettingError {
    let problem = match error {
        Error::MissingSectionEnd { .. } => "the PEM text has no end line; is it cut off?",
        Error::Base64Decode(_) => "what stands in the PEM text is not base64; is it cut off?",
        _ => "the PEM text is broken",
    };
    SettingError::new(place, problem)
}
