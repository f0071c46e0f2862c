//! What an answer says.

use std::collections::BTreeSet;

use hickory_proto::{
    op::{Message, ResponseCode},
    rr::{DNSClass, RData, RecordType},
};

use super::{DnsRecord, exchange::Question, record::name_text};

/// How many aliases lead to a record at the most.
const MAX_ALIASES: usize = 16;

/// What a server knows.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) answers: BTreeSet<String>,
    pub(super) ttl_seconds: Option<u32>,
    pub(super) name_exists: bool,
}

/// Reads the answer to a question.
///
/// # Errors
/// Fails where the server does not know, with what it did, such as `answered SERVFAIL`.
pub(super) fn read(answer: &Message, question: &Question) -> Result<Found, String> {
    let name_exists = match answer.metadata.response_code {
        ResponseCode::NoError => true,
        ResponseCode::NXDomain => false,
        ResponseCode::ServFail => return Err("answered SERVFAIL".to_owned()),
        ResponseCode::Refused => return Err("answered REFUSED".to_owned()),
        ResponseCode::FormErr => return Err("answered FORMERR".to_owned()),
        ResponseCode::NotImp => return Err("answered NOTIMP".to_owned()),
        code => return Err(format!("answered with an error: {code}")),
    };
    let names = with_aliases(answer, question);
    let records = answer.answers.iter().filter(|record| {
        record.dns_class == DNSClass::IN && names.contains(&name_text(&record.name))
    });
    let answers: BTreeSet<String> = records
        .clone()
        .filter_map(|record| question.record.text_of(&record.data))
        .collect();
    if name_exists && answers.is_empty() {
        if is_referral(answer) {
            return Err("refers to other servers instead of answering".to_owned());
        }
        if !knows_of_nothing(answer, names.len() > 1) {
            return Err("does not know the name and asks nobody else".to_owned());
        }
    }
    Ok(Found {
        ttl_seconds: records.map(|record| record.ttl).min(),
        answers,
        name_exists,
    })
}

/// Returns the name that was asked for and those that it is an alias of.
fn with_aliases(answer: &Message, question: &Question) -> BTreeSet<String> {
    let mut current = name_text(&question.name);
    let mut names = BTreeSet::from([current.clone()]);
    if question.record == DnsRecord::Cname {
        return names;
    }
    for _ in 0..MAX_ALIASES {
        let alias = answer.answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if name_text(&record.name) == current => {
                Some(name_text(&target.0))
            }
            _ => None,
        });
        match alias {
            Some(target) if names.insert(target.clone()) => current = target,
            _ => break,
        }
    }
    names
}

/// Tells whether a server only knows who else may know.
fn is_referral(answer: &Message) -> bool {
    let metadata = &answer.metadata;
    !metadata.authoritative
        && has_authority(answer, RecordType::NS)
        && !has_authority(answer, RecordType::SOA)
}

/// Tells whether a server that answers with nothing knows that there is nothing: it asks others, says
/// of which zone it speaks, or is the authority itself. An authority does not look where an alias
/// leads out of what it knows.
fn knows_of_nothing(answer: &Message, is_alias: bool) -> bool {
    let metadata = &answer.metadata;
    metadata.recursion_available
        || has_authority(answer, RecordType::SOA)
        || (metadata.authoritative && !is_alias)
}

fn has_authority(answer: &Message, kind: RecordType) -> bool {
    let mut authorities = answer.authorities.iter();
    authorities.any(|record| record.record_type() == kind)
}
