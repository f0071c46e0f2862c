//! Which spans an exporter receives, with tracing-actix-web in front of the endpoints.

#![cfg(test)]

mod support;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, Once},
    thread,
};

use actix_web::{App, HttpMessage, HttpServer, web};
use health_actix::{
    Endpoints, Management,
    core::{Builder, CheckError},
    no_span,
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_actix_web::{RequestId, TracingLogger};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use support::{Answer, Server};

type Fields = BTreeMap<&'static str, String>;

/// Receives spans when they close, as exporters do.
struct Exporter;

static SPANS: Mutex<Vec<Fields>> = Mutex::new(Vec::new());

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Exporter {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::from([("name", attributes.metadata().name().to_owned())]);
        attributes.record(&mut Collect(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(&mut Collect(span.extensions_mut().get_mut().unwrap()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        SPANS
            .lock()
            .unwrap()
            .extend(span.extensions_mut().remove::<Fields>());
    }
}

fn orders() -> Builder {
    Management::builder("orders")
        .version("1.2.3")
        .check("db", || async { true })
        .check("queue", || async {
            Err::<(), _>(CheckError::new("no route"))
        })
        .healthz("live", || async { true })
}

/// Serves the endpoints and some pages, also in a scope.
fn serve(management: &Management) -> Server {
    serve_endpoints(management, Endpoints::new(management))
}

fn serve_endpoints(management: &Management, endpoints: Endpoints) -> Server {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::registry().with(Exporter);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    let management = management.clone();
    Server::start(move |listener| {
        HttpServer::new(move || {
            let echo = |number: web::Path<String>| async move { number.into_inner() };
            let id = |id: RequestId| async move { id.to_string() };
            App::new()
                .service(endpoints.clone())
                .service(web::scope("/api/{tenant}").service(endpoints.clone()))
                .route("/zebra", web::get().to(|| async { "stripes" }))
                .route("/id", web::get().to(id))
                .route("/echo/{number}", web::get().to(echo))
                .wrap(no_span(&management, TracingLogger::default()))
        })
        .workers(2)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run()
    })
}

fn ask(server: &Server, test: &str, paths: &[&str]) -> Vec<Answer> {
    let mut connection = server.connect();
    let ask = |path: &&str| connection.ask("GET", path, &[("user-agent", test)]);
    paths.iter().map(ask).collect()
}

/// Ends the server, since a span closes when the body has gone, and returns what was exported.
fn spans(server: Server, test: &str) -> Vec<Fields> {
    drop(server);
    let spans = SPANS.lock().unwrap();
    spans
        .iter()
        .filter(|span| span["http.user_agent"] == test)
        .cloned()
        .collect()
}

fn field<'a>(spans: &'a [Fields], name: &str) -> Vec<&'a str> {
    spans
        .iter()
        .map(|span| span[name].trim_matches('"'))
        .collect()
}

#[test]
fn successful_probes_have_no_span_and_all_others_their_own() {
    let management = orders().build().unwrap();
    let server = serve(&management);
    let silent = [
        "/z",
        "/z/health/liveness",
        "/z/info",
        "/healthz/live",
        "/api/a/z/health/db",
    ];
    let traced = [
        "/zebra",
        "/z/health",
        "/lost",
        "/z/nowhere",
        "/api/a/z/health/queue",
        "/echo/1",
    ];
    for path in traced {
        ask(&server, "paths", &silent);
        ask(&server, "paths", &[path]);
    }
    let spans = spans(server, "paths");
    assert_eq!(field(&spans, "http.target"), traced);
    assert_eq!(
        field(&spans, "http.status_code"),
        ["200", "503", "404", "404", "503", "200"]
    );
    let routes = [
        "/zebra",
        "/z",
        "default",
        "/z",
        "/api/{tenant}/z",
        "/echo/{number}",
    ];
    assert_eq!(field(&spans, "http.route"), routes);
    assert!(field(&spans, "request_id").iter().all(|id| !id.is_empty()));
    assert_eq!(
        management.no_log().left_out(),
        (traced.len() * silent.len()) as u64
    );
}

#[test]
fn what_is_answered_is_the_same() {
    let management = orders().build().unwrap();
    let server = serve(&management);
    let answers = ask(
        &server,
        "answers",
        &["/z/version", "/z/health/queue", "/zebra", "/id"],
    );
    let bodies: Vec<_> = answers.iter().map(|answer| answer.body.as_str()).collect();
    assert_eq!(bodies[..3], ["1.2.3", r#"{"status":"DOWN"}"#, "stripes"]);
    assert_eq!(answers[1].code, 503);
    let spans = spans(server, "answers");
    assert_eq!(
        field(&spans, "request_id")[2],
        bodies[3],
        "pages have what the middleware leaves them"
    );
}

#[test]
fn switched_off_at_run_time_it_lets_probes_through_as_ever() {
    let management = orders().build().unwrap();
    let has_id: Arc<Mutex<Vec<bool>>> = Arc::default();
    let endpoints = Endpoints::new(&management).identify({
        let has_id = has_id.clone();
        move |request| {
            let extensions = request.extensions();
            has_id
                .lock()
                .unwrap()
                .push(extensions.contains::<RequestId>());
            None
        }
    });
    let server = serve_endpoints(&management, endpoints);
    ask(&server, "switch", &["/z/version"]);
    management.no_log().set_enabled(false);
    ask(&server, "switch", &["/z/info", "/z/health/queue"]);
    management.no_log().set_enabled(true);
    ask(&server, "switch", &["/z/version"]);
    let spans = spans(server, "switch");
    assert_eq!(field(&spans, "http.target"), ["/z/info", "/z/health/queue"]);
    assert_eq!(field(&spans, "http.status_code"), ["200", "503"]);
    assert_eq!(*has_id.lock().unwrap(), [false, true, true, false]);
}

#[test]
fn under_load_each_request_has_its_span_and_its_answer() {
    const CLIENTS: usize = 8;
    const ROUNDS: usize = 40;
    let management = orders().build().unwrap();
    let server = serve(&management);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let echo = format!("/echo/{client}-{round}");
                    let paths = [
                        "/z/health/db",
                        echo.as_str(),
                        "/z/health/queue",
                        "/z/version",
                    ];
                    let answers = ask(server, "load", &paths);
                    let bodies: Vec<_> =
                        answers.iter().map(|answer| answer.body.as_str()).collect();
                    let expected = [
                        r#"{"status":"UP"}"#,
                        &echo[6..],
                        r#"{"status":"DOWN"}"#,
                        "1.2.3",
                    ];
                    assert_eq!(bodies, expected);
                }
            });
        }
    });
    let spans = spans(server, "load");
    let mut targets = field(&spans, "http.target");
    targets.sort();
    targets.dedup();
    assert_eq!(spans.len(), 2 * CLIENTS * ROUNDS);
    assert_eq!(targets.len(), CLIENTS * ROUNDS + 1);
}
