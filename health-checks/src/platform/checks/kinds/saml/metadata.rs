//! The metadata of an identity provider.
//!
//! Source: Metadata for SAML 2.0, sections 2.3 and 2.4.

use roxmltree::{Document, Node};

use super::certificate::Certificate;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Holds what counts of the metadata of one provider.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) entity_id: String,
    /// Certificates of signatures; while a provider changes them there are two.
    pub(super) certificates: Vec<Certificate>,
}

impl Metadata {
    /// Reads what is said of `entity_id`; where only one provider is described, of that one.
    pub(super) fn read(body: &[u8], entity_id: &str) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "the metadata are not UTF-8")?;
        let document =
            Document::parse(text).map_err(|_| "what was answered is no XML of metadata")?;
        let is_entity = |node: &Node<'_, '_>| node.has_tag_name((METADATA, "EntityDescriptor"));
        let entities: Vec<_> = document.descendants().filter(is_entity).collect();
        let has_id = |node: &&Node<'_, '_>| node.attribute("entityID") == Some(entity_id);
        let entity = match (entities.iter().find(has_id), &*entities) {
            (Some(entity), _) | (None, [entity]) => entity,
            (None, []) => return Err("what was answered describes no entity".to_owned()),
            (None, _) => return Err("the metadata do not describe `SAML_ENTITY_ID`".to_owned()),
        };
        let is_provider = |node: &Node<'_, '_>| node.has_tag_name((METADATA, "IDPSSODescriptor"));
        let provider = entity.children().find(is_provider);
        let provider = provider.ok_or("the entity is no identity provider")?;
        let certificates: Result<Vec<_>, _> = signing_certificates(provider).collect();
        let certificates = certificates.map_err(|problem| {
            format!("a certificate of the metadata cannot be read: {problem}")
        })?;
        Ok(Self {
            entity_id: entity.attribute("entityID").unwrap_or_default().to_owned(),
            certificates,
        })
    }
}

/// Walks the certificates of keys for signatures; a key without a use is for all of them.
fn signing_certificates<'a>(
    provider: Node<'a, 'a>,
) -> impl Iterator<Item = Result<Certificate, &'static str>> {
    let keys = provider
        .children()
        .filter(|node| node.has_tag_name((METADATA, "KeyDescriptor")))
        .filter(|key| key.attribute("use").is_none_or(|word| word == "signing"));
    keys.flat_map(|key| key.descendants())
        .filter(|node| node.has_tag_name((SIGNATURE, "X509Certificate")))
        .map(|node| Certificate::of_base64(node.text().unwrap_or_default()))
}
