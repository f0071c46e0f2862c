//! PostgreSQL: a pool of one connection for each host.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Made, any_of::any_of, no_such_value};
use crate::{
    Postgres, SettingError,
    platform::{ConnectString, Host},
};

/// Source: libpq, `target_session_attrs`.
const PRIMARY: [&str; 2] = ["primary", "read-write"];

pub(super) fn make(connect: &ConnectString) -> Made {
    let wanted = connect.parameter("target_session_attrs");
    let wants_primary = wanted.is_some_and(|wanted| PRIMARY.contains(&wanted));
    any_of(connect.hosts(), |host| {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options(connect, host)?);
        let check = Postgres::new(pool).direct_connection();
        Ok(if wants_primary {
            check.require_primary()
        } else {
            check
        })
    })
}

/// Takes the parts, and not the text: the driver would read another password out of some.
fn options(connect: &ConnectString, host: &Host) -> Result<PgConnectOptions, SettingError> {
    let mut options = PgConnectOptions::new_without_pgpass();
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
    let parameter = |names: &[&str]| names.iter().find_map(|name| connect.parameter(name));
    if let Some(database) = connect.database().or_else(|| parameter(&["dbname"])) {
        options = options.database(database);
    }
    if let Some(mode) = parameter(&["sslmode", "ssl-mode"]) {
        options = options.ssl_mode(mode.parse().map_err(|_| no_such_value("sslmode"))?);
    }
    if let Some(path) = parameter(&["sslrootcert", "ssl-root-cert"]) {
        options = options.ssl_root_cert(path);
    }
    if let Some(path) = parameter(&["sslcert", "ssl-cert"]) {
        options = options.ssl_client_cert(path);
    }
    if let Some(path) = parameter(&["sslkey", "ssl-key"]) {
        options = options.ssl_client_key(path);
    }
    let name = parameter(&["application_name"]).unwrap_or("health check");
    Ok(options.application_name(name))
}
