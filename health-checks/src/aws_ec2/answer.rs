//! The answers of the EC2 query API.

use super::instance::Known;
use crate::aws::{child, document, items, text};

/// The status checks of one instance.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StatusPage {
    pub(super) id: String,
    pub(super) instance: String,
    pub(super) system: String,
}

/// Reads a page of `DescribeInstances`: all instances of all reservations, and the token of the
/// next page.
pub(super) fn instances(body: &[u8]) -> Result<(Vec<Known>, Option<String>), String> {
    let document = document(body)?;
    let root = document.root_element();
    expect(root.tag_name().name(), "DescribeInstancesResponse")?;
    let instances = items(root, "reservationSet").flat_map(|it| items(it, "instancesSet"));
    let known = instances.map(|instance| {
        let tags = items(instance, "tagSet");
        let name = tags
            .filter(|tag| text(*tag, &["key"]) == "Name")
            .map(|tag| text(tag, &["value"]).to_owned())
            .find(|name| !name.is_empty());
        Ok(Known {
            id: id(text(instance, &["instanceId"]))?,
            name,
            state: text(instance, &["instanceState", "name"]).to_owned(),
        })
    });
    Ok((known.collect::<Result<_, String>>()?, next(root)))
}

/// Reads a page of `DescribeInstanceStatus`.
pub(super) fn statuses(body: &[u8]) -> Result<(Vec<StatusPage>, Option<String>), String> {
    let document = document(body)?;
    let root = document.root_element();
    expect(root.tag_name().name(), "DescribeInstanceStatusResponse")?;
    let statuses = items(root, "instanceStatusSet").map(|item| {
        Ok(StatusPage {
            id: id(text(item, &["instanceId"]))?,
            instance: text(item, &["instanceStatus", "status"]).to_owned(),
            system: text(item, &["systemStatus", "status"]).to_owned(),
        })
    });
    Ok((statuses.collect::<Result<_, String>>()?, next(root)))
}

fn expect(found: &str, expected: &str) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("it is no {expected}"))
}

fn id(id: &str) -> Result<String, String> {
    if id.is_empty() {
        return Err("an instance has no id".to_owned());
    }
    Ok(id.to_owned())
}

fn next(root: roxmltree::Node<'_, '_>) -> Option<String> {
    let token = child(root, "nextToken")?.text()?;
    (!token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(root: &str, inside: &str) -> String {
        let namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
        format!("<?xml version=\"1.0\"?><{root} xmlns=\"{namespace}\">{inside}</{root}>")
    }

    #[test]
    fn all_instances_of_all_reservations_are_read() {
        let instance = |id: &str, tags: &str| {
            format!(
                "<item><instanceId>{id}</instanceId><instanceState><code>16</code>\
                 <name>running</name></instanceState>{tags}</item>"
            )
        };
        let tags = "<tagSet><item><key>role</key><value>x</value></item>\
             <item><key>Name</key><value>web &amp; co</value></item></tagSet>";
        let body = page(
            "DescribeInstancesResponse",
            &format!(
                "<reservationSet><item><instancesSet>{}{}</instancesSet></item>\
                 <item><instancesSet>{}</instancesSet></item></reservationSet>\
                 <nextToken>t0k</nextToken>",
                instance("i-1", tags),
                instance("i-2", ""),
                instance("i-3", "<tagSet/>")
            ),
        );
        let (known, next) = instances(body.as_bytes()).unwrap();
        let found: Vec<_> = known
            .iter()
            .map(|it| (it.id.as_str(), it.name.as_deref(), it.state.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("i-1", Some("web & co"), "running"),
                ("i-2", None, "running"),
                ("i-3", None, "running")
            ]
        );
        assert_eq!(next.as_deref(), Some("t0k"));
    }

    #[test]
    fn statuses_are_read_and_what_is_not_there_is_empty() {
        let body = page(
            "DescribeInstanceStatusResponse",
            "<instanceStatusSet><item><instanceId>i-1</instanceId>\
             <instanceStatus><status>ok</status></instanceStatus></item></instanceStatusSet>\
             <nextToken/>",
        );
        let (statuses, next) = statuses(body.as_bytes()).unwrap();
        let expected = StatusPage {
            id: "i-1".into(),
            instance: "ok".into(),
            system: String::new(),
        };
        assert_eq!((statuses, next), (vec![expected], None));
    }

    #[test]
    fn what_is_not_such_an_answer_is_an_error() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><DescribeInstancesResponse>&a;</DescribeInstancesResponse>";
        let cases = [
            ("nothing", String::new()),
            ("no XML", "{}".into()),
            ("not UTF-8", "\u{0}".into()),
            ("a document type", bomb.into()),
            ("another answer", page("DescribeVolumesResponse", "")),
            (
                "an instance without id",
                page(
                    "DescribeInstancesResponse",
                    "<reservationSet><item><instancesSet><item/></instancesSet></item></reservationSet>",
                ),
            ),
        ];
        for (name, body) in cases {
            assert!(instances(body.as_bytes()).is_err(), "{name}");
        }
        assert!(instances(&[0xff]).is_err());
    }
}
