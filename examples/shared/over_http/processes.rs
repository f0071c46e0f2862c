//! No end of the program leaves a process behind, and no start fails without a reason.

use std::net::{TcpListener, TcpStream};

use super::program::{Both, Program};

#[test]
fn signals_end_both_services() {
    for signal in ["TERM", "INT"] {
        let mut both = Both::start();
        both.program.signal(signal);
        both.program.ended_well();
        for address in [both.orders, both.users] {
            assert!(TcpStream::connect(address).is_err(), "{signal}: {address}");
        }
    }
}

#[test]
fn both_services_end_with_a_program_that_is_killed() {
    let mut both = Both::start();
    both.program.signal("KILL");
    let (status, errors) = both.program.ended();
    assert_eq!(status.code(), None, "{errors}");
    for address in [both.orders, both.users] {
        assert!(TcpStream::connect(address).is_err(), "{address}");
    }
}

#[test]
fn the_program_ends_with_the_last_service() {
    let mut both = Both::start();
    both.stop_users();
    both.program.signal("TERM");
    both.program.ended_well();
}

#[test]
fn a_client_that_says_nothing_does_not_keep_a_service() {
    let (mut users, address) =
        Program::listening(&["users", "--listen", "127.0.0.1:0", "--drain-grace", "0"]);
    let _silent = TcpStream::connect(address).unwrap();
    users.signal("TERM");
    users.ended_well();
}

#[test]
fn a_port_in_use_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let _listener = TcpListener::bind(taken).unwrap();
    let (taken_text, port) = (taken.to_string(), taken.port());
    let any = "127.0.0.1:0";
    let cases: [(&[&str], &str); 4] = [
        (&["users", "--listen", &taken_text], "USERS_LISTEN"),
        (&["orders", "--listen", &taken_text], "ORDERS_LISTEN"),
        (
            &["--users-listen", &taken_text, "--orders-listen", any],
            "USERS_LISTEN",
        ),
        (
            &["--users-listen", any, "--orders-listen", &taken_text],
            "ORDERS_LISTEN",
        ),
    ];
    for (arguments, variable) in cases {
        let mut program = Program::start(arguments);
        let (status, errors) = program.ended();
        assert_eq!(status.code(), Some(1), "{arguments:?}: {errors}");
        let expected = format!("error: cannot listen on {taken}: port {port} is in use; ");
        assert!(errors.contains(&expected), "{arguments:?}: {errors}");
        assert!(
            errors.contains(&format!("set {variable} to another address")),
            "{arguments:?}: {errors}"
        );
        assert_eq!(program.line(), None, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let cases: [(&[&str], i32, &str); 4] = [
        (
            &["widgets"],
            2,
            "error: there is no service `widgets`\n\nusage: ",
        ),
        (
            &["--listen", "127.0.0.1:0"],
            2,
            "error: `--listen` is not known here",
        ),
        (
            &["orders", "--listen", "127.0.0.1:0", "--users", "a b"],
            1,
            "error: service dependency `a b`: ",
        ),
        (
            &["orders", "--listen", "127.0.0.1:0", "--users", ""],
            1,
            "error: service dependency ``: ",
        ),
    ];
    for (arguments, code, expected) in cases {
        let (status, errors) = Program::start(arguments).ended();
        assert_eq!(status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.starts_with(expected), "{arguments:?}: {errors}");
    }
    let help = Program::start(&["--help"]);
    assert!(help.line().unwrap().starts_with("usage: "));
}
