//! Why a server is DOWN, told alike of each database over sqlx.

use std::net::{Ipv4Addr, SocketAddr};

use check_testing::{Mode, Relay, free_port};
use health_core::Check;

use super::{DEADLINE, ENOUGH, ask, ask_in_vain, ask_within};

const WRONG: &str = "wr0ng-s3cret";

/// What of the settings of a connection is another than the server wants, or is right.
#[derive(Clone, Copy)]
pub(crate) enum Setting<'a> {
    Right,
    Host(&'a str),
    User(&'a str),
    Password(&'a str),
    Database(&'a str),
    TlsRequired,
    /// Trusts the authority of this certificate in PEM, or those of the system.
    TlsVerified(Option<&'a str>),
}

/// A server without TLS and one that requires it, and what they say in words of their own.
pub(crate) struct Servers<'a> {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) authority: &'a str,
    pub(crate) wrong_password: &'a [&'a str],
    pub(crate) no_database: &'a [&'a str],
    pub(crate) no_tls: &'a [&'a str],
}

/// Asks with each setting a check that may open a connection beside its pool.
pub(crate) async fn each_reason_is_told<C: Check>(
    servers: Servers<'_>,
    check: impl Fn(SocketAddr, Setting<'_>) -> C,
) {
    use Setting::*;
    let dead = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let (plain, tls) = (servers.plain, servers.tls);
    let cases: [(&str, SocketAddr, Setting<'_>, &[&str]); 10] = [
        ("right", plain, Right, &[]),
        ("ours", tls, TlsVerified(Some(servers.authority)), &[]),
        ("refused", dead, Right, &["Connection refused"]),
        (
            "no such name",
            plain,
            Host("nowhere.invalid"),
            &["connection failed: failed to lookup address"],
        ),
        (
            "wrong password",
            plain,
            Password(WRONG),
            servers.wrong_password,
        ),
        (
            "no such user",
            plain,
            User("nobody"),
            &["authentication failed (28"],
        ),
        (
            "no such database",
            plain,
            Database("nothing"),
            servers.no_database,
        ),
        (
            "unknown authority",
            tls,
            TlsVerified(None),
            &["TLS failed", "UnknownIssuer"],
        ),
        ("TLS is required", tls, Right, servers.no_tls),
        (
            "TLS is not spoken",
            plain,
            TlsRequired,
            &["TLS failed: server does not support TLS"],
        ),
    ];
    for (name, address, setting, error) in cases {
        let answer = ask_within(check(address, setting), ENOUGH).await;
        let status = if error.is_empty() { "UP" } else { "DOWN" };
        answer.assert(name, status, error);
        assert!(!answer.details.to_string().contains(WRONG), "{name}");
    }
}

/// Asks a check without a direct connection, which leads through the relay.
pub(crate) async fn a_pool_that_cannot_tell_says_so(relay: &Relay, check: impl Check + Clone) {
    ask(check.clone()).await.assert("up", "UP", &[]);
    for mode in [Mode::Refuse, Mode::BlackHole] {
        relay.set(mode);
        let answer = ask_in_vain(check.clone()).await;
        let room = "gave none within";
        let hint = "the server refuses connections or does not answer";
        answer.assert(&format!("{mode:?}"), "DOWN", &[room, hint]);
    }
    relay.set(Mode::Pass);
    ask(check).await.assert("mended", "UP", &[]);
}

/// Asks a check with a direct connection, which leads through the relay.
pub(crate) async fn a_black_hole_costs_one_deadline_and_is_named(
    relay: &Relay,
    check: impl Check + Clone,
) {
    ask(check.clone()).await.assert("before", "UP", &[]);
    relay.set(Mode::BlackHole);
    for ask_number in ["first", "second"] {
        let answer = ask_in_vain(check.clone()).await;
        answer.assert(ask_number, "DOWN", &["no answer to"]);
        assert!(answer.took < DEADLINE * 3 / 2, "{ask_number}: {answer}");
    }
    relay.set(Mode::Pass);
    ask(check).await.assert("mended", "UP", &[]);
}
