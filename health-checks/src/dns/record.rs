//! Types of records, and records as text.

use std::{
    collections::BTreeSet,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use hickory_proto::rr::{Name, RData, RecordType};

use crate::SettingError;

/// Says which type of record a name is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsRecord {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Authorities that may sign certificates for the name.
    Caa,
    /// The name that this one is an alias of.
    Cname,
    /// Mail servers, with their preference.
    Mx,
    /// Name servers of a zone.
    Ns,
    /// The name of an address, asked for below `in-addr.arpa` or `ip6.arpa`.
    Ptr,
    /// Hosts and ports of a service.
    Srv,
    /// Texts.
    Txt,
}

impl DnsRecord {
    pub(super) fn kind(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Caa => RecordType::CAA,
            Self::Cname => RecordType::CNAME,
            Self::Mx => RecordType::MX,
            Self::Ns => RecordType::NS,
            Self::Ptr => RecordType::PTR,
            Self::Srv => RecordType::SRV,
            Self::Txt => RecordType::TXT,
        }
    }

    /// Reads records as a zone has them into the form in which they are compared.
    pub(super) fn read_all<T: AsRef<str>>(
        self,
        records: impl IntoIterator<Item = T>,
    ) -> Result<BTreeSet<String>, SettingError> {
        let place = |text: &str| format!("expected {self} record `{}`", text.escape_debug());
        let read = records.into_iter().map(|record| {
            let text = record.as_ref();
            self.read(text)
                .ok_or_else(|| SettingError::new(place(text), self.form()))
        });
        let read: BTreeSet<String> = read.collect::<Result<_, _>>()?;
        if read.is_empty() {
            return Err(SettingError::new(
                format!("expected {self} records"),
                "there are none; name one, or expect that there is none by `expect_none`",
            ));
        }
        Ok(read)
    }

    fn read(self, text: &str) -> Option<String> {
        match self {
            Self::A => Some(text.parse::<Ipv4Addr>().ok()?.to_string()),
            Self::Aaaa => Some(text.parse::<Ipv6Addr>().ok()?.to_string()),
            Self::Cname | Self::Ns | Self::Ptr => read_name(text),
            Self::Txt => Some(text.to_owned()),
            Self::Mx | Self::Srv => {
                let (numbers, name) = text.trim_end().rsplit_once(' ')?;
                let numbers: Vec<u16> = numbers
                    .split_whitespace()
                    .map(|number| number.parse().ok())
                    .collect::<Option<_>>()?;
                let expected = if self == Self::Mx { 1 } else { 3 };
                let numbers = (numbers.len() == expected).then_some(numbers)?;
                Some(numbered(&numbers, &read_name(name)?))
            }
            Self::Caa => {
                let mut parts = text.splitn(3, ' ');
                let flags: u8 = parts.next()?.parse().ok()?;
                let tag = parts.next()?.to_lowercase();
                let value = parts.next()?.trim().trim_matches('"');
                Some(format!("{flags} {tag} {value}"))
            }
        }
    }

    /// Returns a record as text, unless it is of another type.
    pub(super) fn text_of(self, data: &RData) -> Option<String> {
        match (self, data) {
            (Self::A, RData::A(address)) => Some(address.0.to_string()),
            (Self::Aaaa, RData::AAAA(address)) => Some(address.0.to_string()),
            (Self::Cname, RData::CNAME(name)) => Some(name_text(&name.0)),
            (Self::Ns, RData::NS(name)) => Some(name_text(&name.0)),
            (Self::Ptr, RData::PTR(name)) => Some(name_text(&name.0)),
            (Self::Mx, RData::MX(mx)) => Some(numbered(&[mx.preference], &name_text(&mx.exchange))),
            (Self::Srv, RData::SRV(srv)) => Some(numbered(
                &[srv.priority, srv.weight, srv.port],
                &name_text(&srv.target),
            )),
            (Self::Caa, RData::CAA(caa)) => Some(format!(
                "{} {} {}",
                caa.flags(),
                caa.tag.to_lowercase(),
                String::from_utf8_lossy(&caa.value)
            )),
            (Self::Txt, RData::TXT(txt)) => {
                Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned())
            }
            _ => None,
        }
    }

    /// Says how a record is written.
    fn form(self) -> &'static str {
        match self {
            Self::A => "write an IPv4 address, such as `10.0.0.1`",
            Self::Aaaa => "write an IPv6 address, such as `fd00::1`",
            Self::Caa => "write flags, tag and value, such as `0 issue letsencrypt.org`",
            Self::Mx => "write the preference and the name, such as `10 mail.example.com`",
            Self::Srv => {
                "write priority, weight, port and target, such as `0 5 5432 db.example.com`"
            }
            Self::Cname | Self::Ns | Self::Ptr | Self::Txt => {
                "write a name, such as `host.example.com`"
            }
        }
    }
}

impl fmt::Display for DnsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().into())
    }
}

fn numbered(numbers: &[u16], name: &str) -> String {
    let mut words: Vec<String> = numbers.iter().map(u16::to_string).collect();
    words.push(name.to_owned());
    words.join(" ")
}

fn read_name(text: &str) -> Option<String> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    Some(name_text(&Name::from_utf8(text).ok()?))
}

/// Returns a name as it is compared: in lower case and without the dot at its end.
pub(super) fn name_text(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(text) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_records_are_read() {
        use DnsRecord::{A, Aaaa, Caa, Cname, Mx, Srv, Txt};
        let cases = [
            (A, "10.0.0.1", Some("10.0.0.1")),
            (A, "10.0.0", None),
            (A, "fd00::1", None),
            (Aaaa, "FD00:0::1", Some("fd00::1")),
            (Cname, "Host.Example.com.", Some("host.example.com")),
            (Cname, "bücher.example", Some("xn--bcher-kva.example")),
            (Cname, "", None),
            (Cname, "a b", None),
            (Mx, "10 Mail.example.com.", Some("10 mail.example.com")),
            (Mx, "mail.example.com", None),
            (Mx, "0 .", Some("0 .")),
            (Srv, "0 5 5432 db.", Some("0 5 5432 db")),
            (Srv, "5 5432 db", None),
            (Srv, "0 5 70000 db", None),
            (Caa, "0 ISSUE \"ca.example\"", Some("0 issue ca.example")),
            (Caa, "issue ca.example", None),
            (Txt, "v=spf1 -all", Some("v=spf1 -all")),
        ];
        for (record, text, expected) in cases {
            assert_eq!(record.read(text).as_deref(), expected, "{record} {text}");
        }
    }

    #[test]
    fn what_cannot_be_expected_is_told_with_its_form() {
        let wrong = DnsRecord::A.read_all(["10.0.0.1", "db"]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "expected A record `db`: write an IPv4 address, such as `10.0.0.1`"
        );
        let none = DnsRecord::A.read_all::<&str>([]).unwrap_err();
        assert!(none.to_string().contains("expect_none"), "{none}");
    }
}
