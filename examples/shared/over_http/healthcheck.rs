//! The sub-command that containers without `curl` use.

use std::net::SocketAddr;

use super::program::{Both, Program};

#[test]
fn its_exit_code_follows_readiness_and_its_error_says_why() {
    let both = Both::start();
    assert_eq!(
        healthcheck("users", both.users, &[]),
        (Some(0), String::new())
    );
    assert_eq!(
        healthcheck("orders", both.orders, &[]),
        (Some(0), String::new())
    );

    both.stop_users();
    let (code, reason) = healthcheck("orders", both.orders, &[]);
    assert_eq!(
        (code, reason.trim_end()),
        (Some(1), "503 Service Unavailable: DOWN")
    );
    let (code, reason) = healthcheck("users", both.users, &[]);
    assert_eq!(code, Some(1), "{reason}");
    assert!(reason.contains(&both.users.to_string()), "{reason}");
}

#[test]
fn it_follows_the_base_path() {
    let admin = ["--base-path", "/admin"];
    let (_users, address) =
        Program::listening(&["users", "--listen", "127.0.0.1:0", "--base-path", "/admin"]);
    assert_eq!(
        healthcheck("users", address, &admin),
        (Some(0), String::new())
    );
    let (code, reason) = healthcheck("users", address, &[]);
    assert_eq!(code, Some(1));
    assert!(reason.starts_with("404 Not Found"), "{reason}");
}

fn healthcheck(service: &str, server: SocketAddr, more: &[&str]) -> (Option<i32>, String) {
    let address = server.to_string();
    let arguments = ["healthcheck", service, "--listen", &address];
    let (status, errors) = Program::start(&[&arguments, more].concat()).ended();
    (status.code(), errors)
}
