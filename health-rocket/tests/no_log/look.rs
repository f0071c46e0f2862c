//! The lines of `init_log` are those of Rocket's own logger, seen from outside of the process.

use std::{env, io::Write, process::Command};

use health_rocket::{Management, init_log};
use rocket::{catch, catchers, routes};

use crate::support::{Client, serve, settings};

const LOOK: &str = "HEALTH_ROCKET_TEST_LOOK";

#[rocket::get("/")]
fn index() -> &'static str {
    log::error!("no good");
    log::warn!("beware");
    log::info!("by the way");
    "hello"
}

#[rocket::get("/panic")]
fn panic() -> &'static str {
    panic!("broken handler")
}

#[catch(404)]
fn missing() -> &'static str {
    "missing"
}

/// Serves some requests and logs them, where the test below says how.
#[test]
fn a_server() {
    let Ok(look) = env::var(LOOK) else { return };
    if look == "ours" {
        init_log(&settings()).unwrap();
    }
    println!("begin");
    rocket::execute(async {
        let management = Management::builder("orders").build().unwrap();
        let app = rocket::custom(settings())
            .mount("/", routes![index, panic])
            .register("/", catchers![missing])
            .attach(health_rocket::endpoints(&management));
        let mut client = Client::connect(serve(app).await).await;
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/panic"),
            ("POST", "/nothing"),
            ("BREW", "/"),
        ] {
            client.ask(method, path).await;
        }
        if look == "ours" {
            assert_eq!(client.ask("GET", "/z/health").await.code, 200);
        }
    });
    println!("end");
    std::io::stdout().flush().unwrap();
}

/// Returns the lines in the order of the alphabet, because requests overlap by their last lines.
fn lines_of(look: &str) -> Vec<String> {
    let this = env::current_exe().unwrap();
    let server = Command::new(this)
        .args(["--exact", "look::a_server", "--nocapture"])
        .env(LOOK, look)
        .output();
    let output = String::from_utf8(server.unwrap().stdout).unwrap();
    let log = output
        .split_once("begin\n")
        .unwrap()
        .1
        .split_once("end\n")
        .unwrap()
        .0;
    let without_port = |line: &str| {
        line.trim_end_matches(|end: char| end.is_ascii_digit())
            .to_owned()
    };
    let mut lines: Vec<_> = log.lines().map(without_port).collect();
    lines.sort();
    lines
}

#[test]
fn it_looks_as_rocket_does() {
    let of_rocket = lines_of("rocket");
    assert!(
        of_rocket
            .iter()
            .any(|line| line == "   >> Response succeeded."),
        "{of_rocket:#?}"
    );
    let ours = lines_of("ours");
    // Where there is a filter, Rocket lists its fairing.
    let (fairing, ours): (Vec<_>, Vec<_>) = ours
        .into_iter()
        .partition(|line| line.contains("log filter"));
    assert_eq!(fairing.len(), 1, "{fairing:?}");
    assert_eq!(ours, of_rocket);
}
