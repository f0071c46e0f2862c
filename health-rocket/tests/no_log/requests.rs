//! Requests one by one: what is left out, what is kept, and what ends the waiting.

use std::sync::Arc;

use health_rocket::{
    Endpoints, MAX_HELD_LINES, Management,
    core::{Builder, Group},
};
use log::LevelFilter;
use rocket::{fairing::AdHoc, routes};
use tokio::sync::Notify;

use crate::{
    captured::{Captured, logging},
    support::{Client, ask, get, serve},
};

#[rocket::get("/")]
fn index() -> &'static str {
    log::info!(target: "orders", "index");
    "hello"
}

#[rocket::get("/zebra")]
fn zebra() -> &'static str {
    "stripes"
}

fn orders() -> Builder {
    Management::builder("orders")
        .check("db", || async { true })
        .check("users", || async { false })
        .healthz("live", || async { true })
        .healthz("ready", || async { false })
        .group(Group::new("liveness").additional_path("server:/livez"))
}

const PROBES: [(&str, &str); 8] = [
    ("GET", "/z/health/liveness"),
    ("GET", "/z/health/db?verbose"),
    ("HEAD", "/z/health/db"),
    ("OPTIONS", "/z/health/db"),
    ("GET", "/z/info"),
    ("GET", "/z"),
    ("GET", "/livez"),
    ("GET", "/healthz/live"),
];

const OTHERS: [(&str, &str); 15] = [
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/zebra"),
    ("GET", "/nothing"),
    ("BREW", "/z/health"),
    ("GET", "/z/health"),
    ("GET", "/z/health/users"),
    ("GET", "/z/health/nothing"),
    ("GET", "/z/nothing"),
    ("GET", "/z/"),
    ("POST", "/z/health"),
    ("GET", "//z/health/db"),
    ("GET", "/livez/"),
    ("GET", "/healthz/ready"),
    ("GET", "/healthz/nothing"),
];

#[tokio::test]
async fn successful_probes_leave_no_line_and_all_else_leaves_all_of_its_lines() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let app = logging()
        .mount("/", routes![index, zebra])
        .attach(health_rocket::endpoints(&management));
    let server = serve(app).await;
    for (method, path) in PROBES.into_iter().chain(OTHERS) {
        management.no_log().set_enabled(false);
        captured.clear();
        let code = ask(server, method, path, &[]).await.code;
        let as_rocket_does = captured.until_complete(1).await;
        assert_eq!(
            as_rocket_does.len(),
            1,
            "{method} {path}: {as_rocket_does:#?}"
        );
        assert!(
            as_rocket_does[0].len() >= 4,
            "{method} {path}: {as_rocket_does:#?}"
        );

        management.no_log().set_enabled(true);
        captured.clear();
        let left_out = management.no_log().left_out();
        assert_eq!(ask(server, method, path, &[]).await.code, code);
        if PROBES.contains(&(method, path)) {
            captured
                .until("the decision", |_| {
                    management.no_log().left_out() > left_out
                })
                .await;
            assert_eq!(captured.lines(), [""; 0], "{method} {path}");
        } else {
            assert_eq!(
                captured.until_complete(1).await,
                as_rocket_does,
                "{method} {path}"
            );
            assert_eq!(management.no_log().left_out(), left_out, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_base_path_of_the_root_silences_nothing_else() {
    let captured = Captured::start().await;
    let management = orders().base_path("/").build().unwrap();
    let app = logging()
        .mount("/", routes![index, zebra])
        .attach(health_rocket::endpoints(&management));
    let server = serve(app).await;
    captured.clear();
    for path in ["/", "/health/db", "/zebra", "/version"] {
        get(server, path).await;
    }
    captured
        .until("the decisions", |_| management.no_log().left_out() == 2)
        .await;
    let sets = captured.until_complete(2).await;
    let first: Vec<_> = sets.iter().map(|set| set[0].as_str()).collect();
    assert_eq!(
        first,
        [
            "INFO rocket::server: GET /:",
            "INFO rocket::server: GET /zebra:"
        ]
    );
}

#[tokio::test]
async fn where_routes_are_mounted_the_log_fairing_does_it() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let mounted = || logging().mount("/internal", health_rocket::endpoints(&management));
    let with = serve(mounted().attach(health_rocket::log_fairing(&management))).await;
    let without = serve(mounted()).await;
    captured.clear();
    get(with, "/internal/z/health/db").await;
    get(with, "/internal/z/health/users").await;
    get(with, "/z/health/db").await;
    get(without, "/internal/z/health/db").await;
    captured
        .until("the decision", |_| management.no_log().left_out() == 1)
        .await;
    let sets = captured.until_complete(3).await;
    let first: Vec<_> = sets.iter().map(|set| set[0].as_str()).collect();
    let expected = [
        "INFO rocket::server: GET /internal/z/health/users:",
        "INFO rocket::server: GET /z/health/db:",
        "INFO rocket::server: GET /internal/z/health/db:",
    ];
    assert_eq!(first, expected);
}

#[tokio::test]
async fn what_the_application_logs_within_a_probe_is_not_held() {
    let captured = Captured::start().await;
    let management = Management::builder("orders")
        .check("db", || async {
            log::info!(target: "orders", "checking");
            true
        })
        .build()
        .unwrap();
    let endpoints = Endpoints::new(&management).identify(|_| {
        log::info!(target: "orders", "identifying");
        None
    });
    let server = serve(logging().attach(endpoints)).await;
    captured.clear();
    get(server, "/z/health/db").await;
    captured
        .until("the decision", |_| management.no_log().left_out() == 1)
        .await;
    assert_eq!(
        captured.lines(),
        ["INFO orders: identifying", "INFO orders: checking"]
    );
}

/// A check that waits to be let through, so that a probe is under way for as long as a test wants.
struct Gate {
    asked: Arc<Notify>,
    open: Arc<Notify>,
    management: Management,
}

impl Gate {
    fn new() -> Self {
        let (asked, open) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (is_asked, is_open) = (Arc::clone(&asked), Arc::clone(&open));
        let check = move || {
            let (asked, open) = (Arc::clone(&is_asked), Arc::clone(&is_open));
            async move {
                asked.notify_one();
                open.notified().await;
                true
            }
        };
        let management = Management::builder("orders")
            .check("gate", check)
            .build()
            .unwrap();
        Self {
            asked,
            open,
            management,
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_a_failure_of_which_all_lines_are_kept() {
    let captured = Captured::start().await;
    let gate = Gate::new();
    let server = serve(logging().attach(health_rocket::endpoints(&gate.management))).await;
    captured.clear();
    let mut client = Client::connect(server).await;
    client.send("GET", b"/z/health/gate", &[]).await;
    gate.asked.notified().await;
    drop(client);
    let has_noticed = |line: &String| line.contains("Connection failed");
    captured
        .until("the server to notice", |captured| {
            captured.lines().iter().any(has_noticed)
        })
        .await;
    assert_eq!(captured.lines().len(), 1, "{:?}", captured.lines());
    gate.open.notify_one();
    let expected = [
        "INFO rocket::server: GET /z/health/gate:",
        "INFO rocket::server::_: Matched: (health endpoints) GET /z/<path..>",
        "INFO rocket::server::_: Outcome: Success(200 OK)",
        "WARN rocket::server::_: Remote left: client disconnect before response started.",
    ];
    assert_eq!(captured.until_complete(1).await, [expected]);
    assert_eq!(gate.management.no_log().left_out(), 0);
}

#[tokio::test]
async fn a_request_that_panics_after_its_answer_loses_no_line() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let broken = AdHoc::on_response("broken", |_, _| {
        Box::pin(async { panic!("broken fairing") })
    });
    let server = serve(
        logging()
            .attach(health_rocket::endpoints(&management))
            .attach(broken),
    )
    .await;
    captured.clear();
    let mut client = Client::connect(server).await;
    client.send("GET", b"/z/health/db", &[]).await;
    let expected = [
        "INFO rocket::server: GET /z/health/db:",
        "INFO rocket::server::_: Matched: (health endpoints) GET /z/<path..>",
        "INFO rocket::server::_: Outcome: Success(200 OK)",
    ];
    captured
        .until("the lines", |captured| captured.sets() == [expected])
        .await;
    assert_eq!(management.no_log().left_out(), 0);
}

#[tokio::test]
async fn a_switch_thrown_while_a_probe_is_under_way_counts() {
    let captured = Captured::start().await;
    let gate = Gate::new();
    let server = serve(logging().attach(health_rocket::endpoints(&gate.management))).await;
    captured.clear();
    let mut client = Client::connect(server).await;
    client.send("GET", b"/z/health/gate", &[]).await;
    gate.asked.notified().await;
    assert_eq!(captured.lines(), [""; 0]);
    gate.management.no_log().set_enabled(false);
    gate.open.notify_one();
    assert_eq!(client.answer("GET").await.code, 200);
    let sets = captured.until_complete(1).await;
    assert_eq!(sets[0].len(), 4, "{sets:?}");
}

#[tokio::test]
async fn switched_off_the_filter_holds_nothing() {
    let captured = Captured::start().await;
    let gate = Gate::new();
    gate.management.no_log().set_enabled(false);
    let server = serve(logging().attach(health_rocket::endpoints(&gate.management))).await;
    captured.clear();
    let mut client = Client::connect(server).await;
    client.send("GET", b"/z/health/gate", &[]).await;
    gate.asked.notified().await;
    assert_eq!(captured.lines().len(), 2, "{:?}", captured.lines());
    gate.open.notify_one();
    assert_eq!(client.answer("GET").await.code, 200);
}

#[tokio::test]
async fn a_flush_writes_what_is_held() {
    let captured = Captured::start().await;
    let gate = Gate::new();
    let server = serve(logging().attach(health_rocket::endpoints(&gate.management))).await;
    captured.clear();
    let mut client = Client::connect(server).await;
    client.send("GET", b"/z/health/gate", &[]).await;
    gate.asked.notified().await;
    log::logger().flush();
    let flushed = [
        "INFO rocket::server: GET /z/health/gate:",
        "INFO rocket::server::_: Matched: (health endpoints) GET /z/<path..>",
        "INFO no_log::captured: flushed",
    ];
    assert_eq!(captured.lines(), flushed);
    gate.open.notify_one();
    assert_eq!(client.answer("GET").await.code, 200);
    captured
        .until("the rest", |captured| captured.lines().len() == 5)
        .await;
    assert_eq!(gate.management.no_log().left_out(), 0);
}

#[tokio::test]
async fn where_rocket_writes_no_line_none_is_counted_as_left_out() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let server = serve(logging().attach(health_rocket::endpoints(&management))).await;
    log::set_max_level(LevelFilter::Warn);
    captured.clear();
    let mut client = Client::connect(server).await;
    for _ in 0..10 {
        assert_eq!(client.ask("GET", "/z/health/db").await.code, 200);
    }
    log::set_max_level(LevelFilter::Info);
    assert_eq!(client.ask("GET", "/z/health/db").await.code, 200);
    captured
        .until("the decision", |_| management.no_log().left_out() == 1)
        .await;
    assert_eq!(captured.lines(), [""; 0]);
}

#[tokio::test]
async fn a_request_with_too_many_lines_is_held_no_longer() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let talkative = AdHoc::on_response("talkative", |request, _| {
        let lines = request.uri().query().map(|query| query.as_str().parse());
        Box::pin(async move {
            for line in 0..lines.unwrap().unwrap() {
                log::info!(target: "rocket::talkative", "{line}");
            }
        })
    });
    let server = serve(
        logging()
            .attach(health_rocket::endpoints(&management))
            .attach(talkative),
    )
    .await;
    captured.clear();
    let most = MAX_HELD_LINES - 4; // so many are Rocket's own
    get(server, &format!("/z/health/db?{most}")).await;
    captured
        .until("the decision", |_| management.no_log().left_out() == 1)
        .await;
    assert_eq!(captured.lines(), [""; 0]);

    get(server, &format!("/z/health/db?{}", most + 1)).await;
    let sets = captured.until_complete(1).await;
    assert_eq!(sets[0].len(), MAX_HELD_LINES + 1);
    assert_eq!(management.no_log().left_out(), 1);
}

#[tokio::test]
async fn why_a_probe_fails_is_in_the_log_of_an_application_without_tracing() {
    let captured = Captured::start().await;
    let management = orders().build().unwrap();
    let server = serve(logging().attach(health_rocket::endpoints(&management))).await;
    captured.clear();
    get(server, "/z/health/users").await;
    captured
        .until("the change of status", |captured| {
            let lines = captured.lines();
            lines
                .iter()
                .any(|line| line.starts_with("ERROR health_core::engine::events: is DOWN"))
        })
        .await;
}
