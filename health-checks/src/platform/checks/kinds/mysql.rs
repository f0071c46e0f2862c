//! MySQL and MariaDB: a pool of one connection for each host.

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use super::{Made, any_of::any_of, no_such_value};
use crate::{
    MySql, SettingError,
    platform::{ConnectString, Host},
};

pub(super) fn make(connect: &ConnectString) -> Made {
    any_of(connect.hosts(), |host| {
        let pool = MySqlPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options(connect, host)?);
        Ok(MySql::new(pool).direct_connection())
    })
}

/// Takes the parts, and not the text: the driver would read another password out of some.
fn options(connect: &ConnectString, host: &Host) -> Result<MySqlConnectOptions, SettingError> {
    let mut options = MySqlConnectOptions::new();
    if host.is_unix_socket() {
        options = options.socket(host.name());
    } else {
        options = options.host(host.name());
    }
    if let Some(port) = host.port() {
        options = options.port(port);
    }
    if let Some(user) = connect.user() {
        options = options.username(user);
    }
    if let Some(password) = connect.password() {
        options = options.password(password.expose());
    }
    if let Some(database) = connect.database() {
        options = options.database(database);
    }
    let parameter = |names: &[&str]| names.iter().find_map(|name| connect.parameter(name));
    if let Some(mode) = parameter(&["ssl-mode", "sslmode", "ssl_mode"]) {
        let mode = mode.replace('-', "_");
        options = options.ssl_mode(mode.parse().map_err(|_| no_such_value("ssl-mode"))?);
    }
    if let Some(path) = parameter(&["ssl-ca", "sslca", "ssl_ca"]) {
        options = options.ssl_ca(path);
    }
    if let Some(path) = parameter(&["ssl-cert", "sslcert", "ssl_cert"]) {
        options = options.ssl_client_cert(path);
    }
    if let Some(path) = parameter(&["ssl-key", "sslkey", "ssl_key"]) {
        options = options.ssl_client_key(path);
    }
    Ok(options)
}
