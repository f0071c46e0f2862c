//! Valkey servers.

use super::{ConnectString, Host, reading::Reading};

const USUAL_PORT: u16 = 6379;
const USUAL_SENTINEL_PORT: u16 = 26379;

/// Holds what `VALKEY_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Valkey {
    /// The connect string of the server that takes writes.
    pub connect: ConnectString,
    /// Servers that answer reads.
    pub read_only_endpoints: Vec<Host>,
    /// Sentinels, which know the server that takes writes.
    pub sentinel_endpoints: Vec<Host>,
    /// How the servers work together, such as `sentinel`.
    pub mode: Option<String>,
    /// The version of the servers.
    pub version: Option<String>,
}

pub(super) fn read(reading: &mut Reading<'_>, stem: &str, connect: ConnectString) -> Valkey {
    let short = stem.replace("_DB", "");
    Valkey {
        connect,
        read_only_endpoints: reading.hosts(&format!("{stem}_READ_ONLY_ENDPOINTS"), USUAL_PORT),
        sentinel_endpoints: reading
            .hosts(&format!("{stem}_SENTINEL_ENDPOINTS"), USUAL_SENTINEL_PORT),
        mode: reading.string(&format!("{short}_MODE")),
        version: reading.string(&format!("{short}_VERSION")),
    }
}
