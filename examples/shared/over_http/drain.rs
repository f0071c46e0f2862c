//! The end by SIGTERM: readiness is refused first, and all else goes on until the grace is over.

use std::{
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use super::{client::get, program::Program};

const GRACE: Duration = Duration::from_secs(3);

#[test]
fn readiness_is_refused_while_the_pages_go_on_and_then_the_program_ends_well() {
    let grace = GRACE.as_secs().to_string();
    let (mut users, address) =
        Program::listening(&["users", "--listen", "127.0.0.1:0", "--drain-grace", &grace]);
    let codes =
        || ["/z/health/readiness", "/livez?probe", "/users/1"].map(|path| code(address, path));
    assert_eq!(codes(), [200, 200, 200]);

    let start = Instant::now();
    users.signal("TERM");
    while code(address, "/z/health/readiness") == 200 {
        assert!(start.elapsed() < GRACE, "readiness is not refused");
    }
    let refused = get(address, "/z/health/readinessState").body;
    let expected = r#"{"status":"OUT_OF_SERVICE","description":"draining"}"#;
    assert_eq!((codes(), refused.as_str()), ([503, 200, 200], expected));
    assert!(start.elapsed() < GRACE, "the machine is too slow to tell");

    let log = users.ended_well();
    assert!(start.elapsed() >= GRACE, "after {:?}", start.elapsed());
    assert!(TcpStream::connect(address).is_err());

    assert!(log.contains("/users/1"), "{log}");
    assert!(!log.contains("/livez?probe"), "{log}");
    assert!(log.contains("503"), "{log}");
}

#[test]
fn a_second_signal_ends_the_drain() {
    let (mut users, address) =
        Program::listening(&["users", "--listen", "127.0.0.1:0", "--drain-grace", "600"]);
    users.signal("TERM");
    while code(address, "/z/health/readiness") == 200 {}
    users.signal("TERM");
    users.ended_well();
}

fn code(server: SocketAddr, path: &str) -> u16 {
    get(server, path).code()
}
