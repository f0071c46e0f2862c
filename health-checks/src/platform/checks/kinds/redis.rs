//! Redis and Valkey: one connection for each host.

use super::{Made, any_of::any_of, written};
use crate::{
    Redis,
    platform::{ConnectString, Host},
};

pub(super) fn make(connect: &ConnectString) -> Made {
    any_of(connect.hosts(), |host| Redis::connect(url(connect, host)))
}

fn url(connect: &ConnectString, host: &Host) -> String {
    let named = || connect.parameter("db");
    let database = connect.database().or_else(named).unwrap_or("0");
    if host.is_unix_socket() {
        return socket_url(connect, host.name(), database);
    }
    let is_secured = ["rediss", "valkeys"].contains(&connect.scheme());
    let scheme = if is_secured { "rediss" } else { "redis" };
    let authority = written::authority(scheme, connect);
    format!("{authority}{host}/{}", written::encoded(database))
}

fn socket_url(connect: &ConnectString, path: &str, database: &str) -> String {
    let path: Vec<_> = path.split('/').map(written::encoded).collect();
    let mut url = format!(
        "unix://{}?db={}",
        path.join("/"),
        written::encoded(database)
    );
    if let Some(user) = connect.user() {
        url += &format!("&user={}", written::encoded(user));
    }
    if let Some(password) = connect.password() {
        url += &format!("&pass={}", written::encoded(password.expose()));
    }
    url
}
