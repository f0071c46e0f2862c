//! Clients as they are in production, with what they need installed by `cargo xtask setup`.

mod check_http;
mod haproxy;
mod kubelet;
mod prometheus;

use std::{env, path::PathBuf};

use crate::http;

/// Where Debian puts what is not on everybody's `PATH`.
const MORE_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/lib/nagios/plugins"];

/// Finds an installed program; a test without it fails and says what to do.
fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(MORE_FOLDERS.map(PathBuf::from));
    let mut programs = folders.map(|folder| folder.join(name));
    let found = programs.find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not installed: run `cargo xtask setup`"))
}

/// Changes the application through its control routes.
fn control(server: std::net::SocketAddr, what: &str, body: &str) {
    let answer = http::ask(server, &format!("PUT /control/{what}"), &[], body);
    assert_eq!(answer.status, 204, "{what}: {}", answer.body);
}
