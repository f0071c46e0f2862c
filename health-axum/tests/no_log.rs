//! Successful probes leave no trace; failing ones and pages leave theirs.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::Response,
    routing::get,
};
use health_axum::Management;
use tower_http::trace::{DefaultOnRequest, DefaultOnResponse, TraceLayer};
use tower_service::Service;
use tracing::{Instrument, Level, span};
use tracing_subscriber::{
    Layer,
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// Keeps what is logged, one line each.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn with(&self, needle: &str) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(needle)).count()
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Counts the spans of requests that an exporter would get.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let name = context.span(&id).unwrap().name();
        self.0.lock().unwrap().push(name.to_owned());
    }
}

struct Orders {
    management: Management,
    is_up: Arc<AtomicBool>,
}

fn service() -> Orders {
    let is_up = Arc::new(AtomicBool::new(true));
    let state = Arc::clone(&is_up);
    let management = Management::builder("orders")
        .check("db", move || {
            let is_up = state.load(Ordering::Relaxed);
            async move { is_up }
        })
        .healthz("live", || async { true })
        .probe_paths()
        .build()
        .unwrap();
    Orders { management, is_up }
}

fn trace() -> TraceLayer<tower_http::trace::HttpMakeClassifier> {
    TraceLayer::new_for_http()
        .make_span_with(tower_http::trace::DefaultMakeSpan::new().level(Level::INFO))
        .on_request(DefaultOnRequest::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}

fn routes(management: &Management) -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/zebra", get(|| async { "stripes" }))
        .merge(health_axum::endpoints(management))
}

async fn ask(app: &Router, path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response: Response = app.clone().call(request).await.unwrap();
    response.status()
}

#[tokio::test]
async fn the_layer_leaves_neither_lines_nor_spans_of_successful_probes() {
    let (lines, spans) = (Lines::default(), Spans::default());
    let subscriber = tracing_subscriber::registry()
        .with(
            tracing_subscriber::fmt::layer()
                .with_writer(lines.clone())
                .with_ansi(false),
        )
        .with(spans.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let service = service();
    let app = routes(&service.management).layer(health_axum::no_log(&service.management, trace()));

    for path in [
        "/z",
        "/z/health",
        "/z/health/liveness",
        "/z/info",
        "/z/version",
        "/livez",
        "/healthz/live",
    ] {
        assert_eq!(ask(&app, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(lines.with("request"), 0);
    assert_eq!(spans.0.lock().unwrap().len(), 0);
    assert_eq!(service.management.no_log().left_out(), 7);

    for path in ["/", "/zebra", "/zebra?x=/z/health"] {
        assert_eq!(ask(&app, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(lines.with("finished processing request"), 3);
    assert_eq!(lines.with("started processing request"), 3);
    assert_eq!(spans.0.lock().unwrap().len(), 3);

    lines.clear();
    service.is_up.store(false, Ordering::Relaxed);
    assert_eq!(
        ask(&app, "/z/health").await,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(ask(&app, "/z/health/nobody").await, StatusCode::NOT_FOUND);
    assert_eq!(lines.with("started processing request"), 2);
    assert_eq!(lines.with("finished processing request"), 2);
    assert_eq!(lines.with("status=503"), 1);
    assert_eq!(lines.with("status=404"), 1);

    lines.clear();
    service.management.no_log().set_enabled(false);
    ask(&app, "/livez").await;
    assert_eq!(
        lines.with("finished processing request"),
        1,
        "switched back on"
    );
}

#[cfg(feature = "subscriber")]
#[tokio::test]
async fn the_filter_leaves_no_lines_of_successful_probes() {
    let lines = Lines::default();
    let service = service();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(lines.clone())
        .with_ansi(false);
    let filtered = layer.with_filter(health_axum::no_log_filter(&service.management));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(filtered));
    let trace = TraceLayer::new_for_http()
        .make_span_with(tower_http::trace::DefaultMakeSpan::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO));
    let app = routes(&service.management).layer(trace);

    ask(&app, "/z/health").await;
    ask(&app, "/livez").await;
    assert_eq!(lines.with("processing request"), 0);
    ask(&app, "/zebra").await;
    assert_eq!(lines.with("finished processing request"), 1);

    service.is_up.store(false, Ordering::Relaxed);
    ask(&app, "/z/health").await;
    assert_eq!(lines.with("status=503"), 1);

    service.management.no_log().set_enabled(false);
    ask(&app, "/livez").await;
    assert_eq!(lines.with("finished processing request"), 3);
}

#[cfg(feature = "subscriber")]
#[tokio::test]
async fn the_filter_leaves_out_what_comes_after_the_success_is_known() {
    use axum::body::{Bytes, to_bytes};

    let lines = Lines::default();
    let service = service();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(lines.clone())
        .with_ansi(false);
    let filtered = layer.with_filter(health_axum::no_log_filter(&service.management));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(filtered));
    let trace = TraceLayer::new_for_http()
        .make_span_with(tower_http::trace::DefaultMakeSpan::new().level(Level::INFO))
        .on_body_chunk(|_: &Bytes, _: Duration, _: &tracing::Span| {
            tracing::info!("a chunk");
            tracing::warn!("a warning");
        });
    let app = routes(&service.management).layer(trace);
    for (path, chunks) in [("/z/info", 0), ("/z/health/liveness", 0), ("/", 1)] {
        lines.clear();
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = app.clone().call(request).await.unwrap();
        to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(lines.with("a chunk"), chunks, "{path}");
        assert_eq!(lines.with("a warning"), 1, "{path}");
    }
    service.is_up.store(false, Ordering::Relaxed);
    lines.clear();
    let request = Request::get("/z/health").body(Body::empty()).unwrap();
    let response = app.clone().call(request).await.unwrap();
    to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!(lines.with("a chunk"), 1, "of a probe that failed");
}

#[cfg(feature = "subscriber")]
#[tokio::test]
async fn the_filters_of_two_managements_decide_on_their_own_probes() {
    use tracing_subscriber::filter::FilterExt;

    let lines = Lines::default();
    let [orders, users] = ["/orders", "/users"].map(|base| {
        let builder = Management::builder("both").base_path(base);
        builder.build().unwrap()
    });
    users.no_log().set_enabled(false);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(lines.clone())
        .with_ansi(false);
    let filter = health_axum::no_log_filter(&orders).and(health_axum::no_log_filter(&users));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter));
    let _guard = tracing::subscriber::set_default(subscriber);
    let trace = TraceLayer::new_for_http()
        .make_span_with(tower_http::trace::DefaultMakeSpan::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO));
    let app = Router::new()
        .merge(health_axum::endpoints(&orders))
        .merge(health_axum::endpoints(&users))
        .layer(trace);
    for path in ["/orders/info", "/users/info"] {
        assert_eq!(ask(&app, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(lines.with("/orders/info"), 0);
    assert_eq!(lines.with("finished processing request"), 1);
    assert_eq!(orders.no_log().left_out(), 1);
}

#[tokio::test]
async fn with_a_nested_router_the_layer_is_within_or_the_base_path_is_whole() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(
        tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .with_ansi(false),
    );
    let _guard = tracing::subscriber::set_default(subscriber);
    let zebra = || Router::new().route("/zebra", get(|| async { "stripes" }));

    let service = service();
    let within = routes(&service.management);
    let within = within.layer(health_axum::no_log(&service.management, trace()));
    let within = Router::new().nest("/api", within);

    let whole = Management::builder("orders").base_path("/api/z");
    let whole = whole.build().unwrap();
    let beside = Router::new()
        .nest("/api", zebra())
        .merge(health_axum::endpoints(&whole))
        .layer(health_axum::no_log(&whole, trace()));

    let nested = Router::new()
        .nest("/api", zebra())
        .nest_service("/api/z", health_axum::nested(&whole))
        .layer(health_axum::no_log(&whole, trace()));

    for (name, app) in [("within", within), ("beside", beside), ("nested", nested)] {
        lines.clear();
        for path in ["/api/z", "/api/z/health", "/api/z/health/liveness"] {
            assert_eq!(ask(&app, path).await, StatusCode::OK, "{name}: {path}");
        }
        assert_eq!(lines.with("processing request"), 0, "{name}");
        assert_eq!(ask(&app, "/api/zebra").await, StatusCode::OK);
        assert_eq!(lines.with("finished processing request"), 1, "{name}");
    }
}

#[tokio::test]
async fn a_base_path_at_the_root_silences_nothing_else() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(
        tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .with_ansi(false),
    );
    let _guard = tracing::subscriber::set_default(subscriber);
    let management = Management::builder("orders")
        .base_path("/")
        .build()
        .unwrap();
    let app = routes(&management).layer(health_axum::no_log(&management, trace()));
    for path in ["/health", "/health/liveness", "/info"] {
        assert_eq!(ask(&app, path).await, StatusCode::OK, "{path}");
    }
    assert_eq!(lines.with("finished processing request"), 0);
    for path in ["/", "/zebra"] {
        ask(&app, path).await;
    }
    assert_eq!(ask(&app, "/healthy").await, StatusCode::NOT_FOUND);
    assert_eq!(lines.with("finished processing request"), 3);
}

#[tokio::test]
async fn a_summary_says_how_many_were_left_out_and_is_of_no_request() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(
        tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .with_ansi(false),
    );
    let _guard = tracing::subscriber::set_default(subscriber);
    let silent = Management::builder("orders").build().unwrap();
    let summing = Management::builder("orders").log_summary_interval(Duration::from_millis(1));
    let summing = summing.build().unwrap();
    for management in [&silent, &summing] {
        let app = routes(management).layer(health_axum::no_log(management, trace()));
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let span = tracing::info_span!("around the application");
            ask(&app, "/z/info").instrument(span).await;
        }
    }
    assert_eq!(lines.with("left_out=1"), 1);
    assert_eq!(lines.with("left_out=2"), 1);
    assert_eq!(lines.with(""), 2);
    assert_eq!(lines.with("around the application"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_line_is_lost_and_none_is_too_many() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(
        tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .with_ansi(false),
    );
    let dispatch = tracing::Dispatch::new(subscriber);
    let service = service();
    let app = routes(&service.management).layer(health_axum::no_log(&service.management, trace()));
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..300 {
        let (app, dispatch) = (app.clone(), dispatch.clone());
        let path = ["/livez", "/z/health/nobody", "/zebra"][index % 3];
        tasks.spawn(tracing::instrument::WithSubscriber::with_subscriber(
            async move { ask(&app, path).await },
            dispatch,
        ));
    }
    tasks.join_all().await;
    assert_eq!(lines.with("finished processing request"), 200);
    assert_eq!(lines.with("status=404"), 100);
    assert_eq!(lines.with("/livez"), 0);
}
