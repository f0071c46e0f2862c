//! Which lines the access log has, with actix-web's own logger under all its settings.

#![cfg(test)]

mod support;

use std::{
    sync::{Mutex, Once},
    thread,
    time::Duration,
};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorBadGateway, ErrorForbidden},
    middleware::{Compat, DefaultHeaders, Logger, Next, from_fn},
    rt::{spawn, time::sleep},
    web::{self, ServiceConfig},
};
use health_actix::{
    Management,
    core::{Builder, CheckError, Group},
    no_log,
};
use log::{Level, LevelFilter, Log, Metadata, Record};

use support::Server;

/// Holds the lines with their levels, under targets of which each belongs to one test.
struct Capture(Mutex<Vec<(String, Level, String)>>);

static LINES: Capture = Capture(Mutex::new(Vec::new()));

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let target = record.target().to_owned();
        self.0
            .lock()
            .unwrap()
            .push((target, record.level(), record.args().to_string()));
    }

    fn flush(&self) {}
}

fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&LINES).unwrap();
        log::set_max_level(LevelFilter::Trace);
    });
}

/// Ends the server, since a line is written when the body has gone, and returns what was logged.
fn lines(server: Server, target: &str) -> Vec<String> {
    drop(server);
    let lines = LINES.0.lock().unwrap();
    let of_target = lines.iter().filter(|(other, _, _)| other == target);
    of_target.map(|(_, _, text)| text.clone()).collect()
}

fn orders() -> Builder {
    Management::builder("orders")
        .version("1.2.3")
        .check("db", || async { true })
        .check("queue", || async {
            Err::<(), _>(CheckError::new("no route"))
        })
        .group(
            Group::new("readiness")
                .include(["db"])
                .additional_path("server:/readyz"),
        )
        .healthz("live", || async { true })
        .healthz("ready", || async { false })
}

fn pages(app: &mut ServiceConfig) {
    app.route("/", web::get().to(|| async { "hello" }))
        .route("/zebra", web::get().to(|| async { "stripes" }))
        .route("/z-index", web::get().to(|| async { "1" }))
        .route("/healthy", web::get().to(|| async { "as a horse" }))
        .route(
            "/error",
            web::get().to(|| async { Err::<&str, _>(ErrorBadGateway("upstream")) }),
        )
        .route("/echo/{number}", web::get().to(echo));
}

async fn echo(number: web::Path<String>) -> String {
    sleep(Duration::from_micros(100)).await;
    number.into_inner()
}

/// Serves the endpoints and some pages behind a middleware, which is made for each worker.
macro_rules! serve {
    ($management:ident, $middleware:expr) => {{
        capture();
        let $management = $management.clone();
        Server::start(move |listener| {
            HttpServer::new(move || {
                App::new()
                    .configure(pages)
                    .service(health_actix::endpoints(&$management))
                    .wrap($middleware)
            })
            .workers(2)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run()
        })
    }};
}

/// Asks for all paths on one connection, so that the lines come in the same order.
fn ask_all(server: &Server, requests: &[(&str, &str)]) {
    let mut connection = server.connect();
    for (method, path) in requests {
        connection.send(
            method,
            path,
            &[("user-agent", "probe/1"), ("x-token", path)],
        );
        connection.receive(*method == "HEAD");
    }
}

const SUCCESSFUL: [(&str, &str); 13] = [
    ("GET", "/z"),
    ("GET", "/z/health/liveness"),
    ("GET", "/z/health/readiness?verbose"),
    ("GET", "/z/health/%64b/"),
    ("GET", "/z/info"),
    ("GET", "/z/version"),
    ("HEAD", "/z/version"),
    ("OPTIONS", "/z/health"),
    ("GET", "/readyz"),
    ("HEAD", "/readyz"),
    ("GET", "/healthz/live"),
    ("OPTIONS", "/healthz/ready"),
    ("GET", "/z/health/ping"),
];

const OTHERS: [(&str, &str); 19] = [
    ("GET", "/z/health"),
    ("HEAD", "/z/health"),
    ("GET", "/z/health/queue?verbose=%20"),
    ("GET", "/z/health/nowhere"),
    ("POST", "/z/health"),
    ("GET", "/z/"),
    ("GET", "/z/nowhere"),
    ("GET", "/healthz/ready"),
    ("GET", "/healthz/nope"),
    ("GET", "/"),
    ("HEAD", "/"),
    ("GET", "/?z/health/liveness"),
    ("GET", "/zebra"),
    ("GET", "/z-index"),
    ("GET", "/healthy"),
    ("GET", "/error"),
    ("GET", "/echo/1"),
    ("GET", "/lost"),
    ("GET", "/health/liveness"),
];

/// All that a format can name, except for times.
const FORMAT: &str = r#"%% %a "%r" %s %b %U %{r}a "%{User-Agent}i" %{Absent}i %{Content-Type}o %{Cache-Control}o %{CARGO_PKG_NAME}e %{TOKEN}xi %{CODE}xo %{NONE}xi"#;

fn full(target: &'static str) -> Logger {
    Logger::new(FORMAT)
        .custom_request_replace("TOKEN", |request| {
            let token = request.headers().get("x-token");
            token.map_or_else(String::new, |token| {
                format!("{token:?} {:?}", request.match_pattern())
            })
        })
        .custom_response_replace("CODE", |response| format!("<{}>", response.status()))
        .log_target(target)
}

#[test]
fn successful_probes_leave_no_line_and_all_others_the_line_of_the_logger() {
    let management = orders().build().unwrap();
    let plain = serve!(management, full("plain"));
    ask_all(&plain, &OTHERS);
    let expected = lines(plain, "plain");
    assert_eq!(expected.len(), OTHERS.len());

    let filtered = serve!(management, no_log(&management, full("filtered")));
    for request in OTHERS {
        ask_all(&filtered, &SUCCESSFUL);
        ask_all(&filtered, &[request]);
    }
    assert_eq!(lines(filtered, "filtered"), expected);
    assert_eq!(
        management.no_log().left_out(),
        (SUCCESSFUL.len() * OTHERS.len()) as u64
    );
}

#[test]
fn on_the_root_nothing_else_is_silenced() {
    let management = orders().base_path("").build().unwrap();
    let server = serve!(
        management,
        no_log(&management, Logger::new("%U %s").log_target("root"))
    );
    let silent = [
        "/health/liveness",
        "/info",
        "/version",
        "/health/db",
        "/readyz",
        "/healthz/live",
    ];
    let logged = [
        "/",
        "/zebra",
        "/healthy",
        "/error",
        "/lost",
        "/health",
        "/health/nope",
        "/z/health/db",
        "/info/",
    ];
    for path in silent.into_iter().chain(logged) {
        ask_all(&server, &[("GET", path)]);
    }
    let expected = [200, 200, 200, 502, 404, 503, 404, 404, 404];
    let expected: Vec<_> = logged
        .iter()
        .zip(expected)
        .map(|(path, code)| format!("{path} {code}"))
        .collect();
    assert_eq!(lines(server, "root"), expected);
}

#[test]
fn the_switch_brings_the_lines_back_at_run_time() {
    let management = orders().build().unwrap();
    let server = serve!(
        management,
        no_log(&management, Logger::new("%U").log_target("switch"))
    );
    ask_all(&server, &[("GET", "/z/version"), ("GET", "/")]);
    management.no_log().set_enabled(false);
    ask_all(&server, &[("GET", "/z/info"), ("GET", "/z/health/queue")]);
    management.no_log().set_enabled(true);
    ask_all(
        &server,
        &[("GET", "/z/version"), ("GET", "/z/health/queue")],
    );
    assert_eq!(
        lines(server, "switch"),
        ["/", "/z/info", "/z/health/queue", "/z/health/queue"]
    );
    assert_eq!(management.no_log().left_out(), 2);
}

#[test]
fn the_times_of_a_probe_that_fails_are_true() {
    const TOOK: Duration = Duration::from_millis(5);
    let slow = || async {
        sleep(TOOK).await;
        false
    };
    let management = Management::builder("orders")
        .check("slow", slow)
        .build()
        .unwrap();
    let server = serve!(
        management,
        no_log(&management, Logger::new("%D %T").log_target("times"))
    );
    ask_all(
        &server,
        &[("GET", "/z/health"), ("GET", "/z/health/liveness")],
    );
    let lines = lines(server, "times");
    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    let (millis, seconds) = line.split_once(' ').unwrap();
    assert!(millis.parse::<f64>().unwrap() >= 5.0, "{line}");
    assert!(seconds.parse::<f64>().unwrap() >= 0.005, "{line}");
}

#[test]
fn level_and_exclusions_of_the_logger_stay() {
    let management = orders().build().unwrap();
    let server = serve!(
        management,
        no_log(
            &management,
            Logger::new("%U")
                .log_target("level")
                .log_level(Level::Debug)
                .exclude("/zebra")
                .exclude_regex("queue$")
        )
    );
    ask_all(
        &server,
        &[
            ("GET", "/zebra"),
            ("GET", "/z/health/queue"),
            ("GET", "/z/health"),
            ("GET", "/z/info"),
        ],
    );
    drop(server);
    let lines = LINES.0.lock().unwrap();
    let of_target: Vec<_> = lines
        .iter()
        .filter(|(target, _, _)| target == "level")
        .collect();
    assert_eq!(
        of_target,
        [&("level".to_owned(), Level::Debug, "/z/health".to_owned())]
    );
}

/// Writes a line of its own when a request has been answered.
async fn own_logger(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.path().to_owned();
    let response = next.call(request).await?;
    log::info!(target: "own", "{path} {}", response.status().as_u16());
    Ok(response)
}

#[test]
fn a_logger_of_ones_own_is_wrapped_like_the_frameworks() {
    let management = orders().build().unwrap();
    let server = serve!(management, no_log(&management, from_fn(own_logger)));
    ask_all(
        &server,
        &[
            ("GET", "/z/info"),
            ("GET", "/z/health"),
            ("GET", "/"),
            ("GET", "/readyz"),
        ],
    );
    assert_eq!(lines(server, "own"), ["/z/health 503", "/ 200"]);
}

/// Lets a task of its own do the work.
async fn spawning_logger(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = spawn(next.call(request)).await.map_err(ErrorBadGateway)??;
    log::info!(target: "spawning", "{}", response.request().path());
    Ok(response)
}

#[test]
fn what_cannot_be_left_out_safely_is_logged_and_answered() {
    let management = orders().build().unwrap();
    let server = serve!(management, no_log(&management, from_fn(spawning_logger)));
    assert_eq!(server.get("/z/version").body, "1.2.3");
    assert_eq!(server.get("/").body, "hello");
    assert_eq!(lines(server, "spawning"), ["/z/version", "/"]);
    assert_eq!(management.no_log().left_out(), 0);
}

/// Refuses whoever comes without a token.
async fn guarded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match request.headers().get("x-token") {
        Some(token) if token == "/z/info" => Err(ErrorForbidden("not you")),
        Some(token) if token == "/z/version" => {
            let refused = HttpResponse::Unauthorized().finish();
            Ok(request.into_response(refused).map_into_right_body())
        }
        _ => next
            .call(request)
            .await
            .map(ServiceResponse::map_into_left_body),
    }
}

#[test]
fn among_other_middleware_the_answer_that_leaves_counts() {
    capture();
    let management = orders().build().unwrap();
    let refusing = |target: &'static str, management: Option<Management>| {
        let endpoints = orders().build().unwrap();
        Server::start(move |listener| {
            HttpServer::new(move || {
                let management = management
                    .clone()
                    .unwrap_or_else(|| orders().build().unwrap());
                App::new()
                    .configure(pages)
                    .service(health_actix::endpoints(&endpoints))
                    .wrap(from_fn(guarded))
                    .wrap(no_log(
                        &management,
                        Logger::new("%U %s %{X-Served-By}o").log_target(target),
                    ))
                    .wrap(DefaultHeaders::new().add(("x-served-by", "me")))
            })
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run()
        })
    };
    let server = refusing("refusing", Some(management));
    ask_all(
        &server,
        &[
            ("GET", "/z/info"),
            ("GET", "/z/version"),
            ("GET", "/z/health/db"),
            ("GET", "/"),
        ],
    );
    // An error that is returned past the logger is not logged by actix-web's logger either.
    assert_eq!(lines(server, "refusing"), ["/z/version 401 -", "/ 200 -"]);
}

#[test]
fn in_scopes_endpoints_are_known_whatever_their_path() {
    capture();
    let management = orders().build().unwrap();
    let server = Server::start({
        let management = management.clone();
        move |listener| {
            HttpServer::new(move || {
                let inner = no_log(&management, Logger::new("%U").log_target("inner"));
                App::new()
                    .service(
                        web::scope("/{tenant}/api")
                            .service(health_actix::endpoints(&management))
                            .route("/page", web::get().to(|| async { "page" }))
                            .wrap(Compat::new(inner)),
                    )
                    .wrap(no_log(&management, Logger::new("%U").log_target("outer")))
            })
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run()
        }
    });
    let paths = [
        "/a/api/z/info",
        "/a/api/z/health",
        "/a/api/readyz",
        "/b/api/page",
        "/b/api/healthz/live",
        "/z/info",
    ];
    for path in paths {
        ask_all(&server, &[("GET", path)]);
    }
    assert_eq!(lines(server, "inner"), ["/a/api/z/health", "/b/api/page"]);
    let lines = LINES.0.lock().unwrap();
    let outer: Vec<_> = lines
        .iter()
        .filter(|(target, _, _)| target == "outer")
        .map(|(_, _, text)| text)
        .collect();
    assert_eq!(outer, ["/a/api/z/health", "/b/api/page", "/z/info"]);
}

#[test]
fn under_load_no_line_is_lost_and_every_answer_reaches_its_asker() {
    const CLIENTS: usize = 8;
    const ROUNDS: usize = 60;
    let waits = || async {
        sleep(Duration::from_micros(200)).await;
        true
    };
    let fails = || async {
        sleep(Duration::from_micros(200)).await;
        false
    };
    let management = Management::builder("orders")
        .check("up", waits)
        .check("down", fails)
        .build()
        .unwrap();
    let server = serve!(
        management,
        no_log(&management, Logger::new("%U %s %b").log_target("load"))
    );
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || {
                let mut connection = server.connect();
                for round in 0..ROUNDS {
                    let number = format!("{client}-{round}");
                    let echo = format!("/echo/{number}");
                    let up = r#"{"status":"UP"}"#;
                    let down = r#"{"status":"DOWN"}"#;
                    let cases = [
                        ("/z/health/up", 200, up),
                        (echo.as_str(), 200, number.as_str()),
                        ("/z/health/down", 503, down),
                        ("/z/health/liveness", 200, up),
                    ];
                    for (path, _, _) in cases {
                        connection.send("GET", path, &[]);
                    }
                    for (path, code, body) in cases {
                        let answer = connection.receive(false);
                        assert_eq!((answer.code, answer.body.as_str()), (code, body), "{path}");
                    }
                }
            });
        }
    });
    let mut found = lines(server, "load");
    let failing = |_| format!("/z/health/down 503 {}", r#"{"status":"DOWN"}"#.len());
    let page = |index| {
        let number = format!("{}-{}", index / ROUNDS, index % ROUNDS);
        format!("/echo/{number} 200 {}", number.len())
    };
    let requests = 0..CLIENTS * ROUNDS;
    let mut expected: Vec<_> = requests
        .clone()
        .map(failing)
        .chain(requests.map(page))
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(
        management.no_log().left_out(),
        (2 * CLIENTS * ROUNDS) as u64
    );
}
