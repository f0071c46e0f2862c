//! The little of XML that is read; a document type is refused, so no entity is ever expanded.

use roxmltree::{Document, Node};

/// Returns the code and the message of an error, wherever they stand in it.
pub(super) fn error(body: &str) -> (Option<String>, Option<String>) {
    let Ok(document) = Document::parse(body) else {
        return (None, None);
    };
    let find = |name| {
        let mut nodes = document.descendants();
        let node = nodes.find(|node: &Node<'_, '_>| node.tag_name().name() == name)?;
        node.text().map(str::to_owned)
    };
    (find("Code"), find("Message"))
}

#[cfg(feature = "aws-ec2")]
pub(crate) fn document(body: &[u8]) -> Result<Document<'_>, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    Document::parse(text).map_err(|error| error.to_string())
}

/// Returns the first child of a name.
#[cfg(feature = "aws-ec2")]
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.tag_name().name() == name)
}

/// Walks the items of a set that is a child.
#[cfg(feature = "aws-ec2")]
pub(crate) fn items<'a, 'i>(node: Node<'a, 'i>, set: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    let items = child(node, set).into_iter().flat_map(|set| set.children());
    items.filter(|item| item.tag_name().name() == "item")
}

/// Returns the text at a path of names below a node; empty where there is none.
#[cfg(feature = "aws-ec2")]
pub(crate) fn text<'a>(node: Node<'a, '_>, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(node, |node, name| child(node, name));
    found.and_then(|node| node.text()).unwrap_or_default()
}
