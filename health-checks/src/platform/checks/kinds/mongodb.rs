//! MongoDB: a client that finds its way among the hosts by itself.

use std::sync::Arc;

use super::{Made, written};
use crate::{MongoDb, platform::ConnectString};

/// The scheme of names that stand for records with hosts and ports.
const SRV: &str = "mongodb+srv";

/// Parameters that are read as parts of the connect string.
const CREDENTIALS: [&str; 2] = ["user", "password"];

pub(super) fn make(connect: &ConnectString) -> Made {
    Ok(Arc::new(MongoDb::connect(uri(connect))?))
}

fn uri(connect: &ConnectString) -> String {
    let scheme = if connect.scheme() == SRV {
        SRV
    } else {
        "mongodb"
    };
    let authority = written::authority(scheme, connect);
    let hosts = written::hosts(connect.hosts());
    let database = written::encoded(connect.database().unwrap_or_default());
    let parameters = connect.parameters();
    let parameters = parameters.filter(|(name, _)| !CREDENTIALS.contains(name));
    let parameters: Vec<_> = parameters
        .map(|(name, value)| format!("{name}={}", written::encoded(value)))
        .collect();
    let query = match parameters.is_empty() {
        true => String::new(),
        false => format!("?{}", parameters.join("&")),
    };
    format!("{authority}{hosts}/{database}{query}")
}
