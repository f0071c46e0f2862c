//! The OpenAPI document, and the endpoints against it: valid by the schema of OpenAPI 3.1, and true
//! by what schemathesis finds when it asks the running endpoints.
//!
//! `cargo xtask setup` installs both tools; the environment variable `HEALTH_SCHEMATHESIS` names
//! another `schemathesis`, beside which `openapi-spec-validator` is looked for.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use axum::{Router, http::HeaderMap};
use health_axum::{
    Management,
    core::{Builder, Component, Group, Health, Request, Show, Status},
};
use tokio::{net::TcpListener, task::JoinSet};

/// How many inputs are made for each operation and phase.
const EXAMPLES: &str = "20";

/// Returns the path of a tool, or says how to get it.
fn tool(name: &str) -> PathBuf {
    let schemathesis = env::var_os("HEALTH_SCHEMATHESIS").map(PathBuf::from);
    let schemathesis = schemathesis.unwrap_or_else(|| {
        let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        workspace.join("target/test-tools/venv/bin/schemathesis")
    });
    let tool = schemathesis.with_file_name(name);
    assert!(
        tool.exists(),
        "{} is missing: run `cargo xtask setup`",
        tool.display()
    );
    tool
}

/// Runs a tool in a folder of its own, for it leaves files behind.
fn run(case: &str, command: &mut Command) {
    let output = command
        .current_dir(folder())
        .output()
        .expect("the tool starts");
    let said = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    assert!(output.status.success(), "{case}: {command:?} says:\n{said}");
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The endpoints of one set-up, served as long as this is there.
struct Served {
    case: &'static str,
    url: String,
    _server: JoinSet<()>,
}

impl Served {
    /// Serves the endpoints, of which the description is valid.
    async fn start(case: &'static str, change: impl FnOnce(Builder) -> Builder) -> Self {
        let management = change(Management::builder("orders").version("1.2.3"))
            .build()
            .expect("a valid set-up");
        let path = format!("{}/openapi.json", management.base_path());
        let document = management
            .respond(&Request::new("GET", &path, &HeaderMap::new()))
            .await
            .into_body();
        let file = format!("{case}.openapi.json");
        fs::write(folder().join(&file), document).expect("writes the document");
        run(
            case,
            Command::new(tool("openapi-spec-validator")).args(["--schema", "3.1", &file]),
        );

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!(
            "http://{}{path}",
            listener.local_addr().expect("an address")
        );
        let app: Router = Router::new().merge(health_axum::endpoints(&management));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.expect("serves") });
        Self {
            case,
            url,
            _server: server,
        }
    }

    /// Lets schemathesis ask for everything that is described, and for much that is not.
    fn exercise(&self, arguments: &[&str]) {
        let mut schemathesis = Command::new(tool("schemathesis"));
        schemathesis.args([
            "run",
            &self.url,
            "--checks",
            "all",
            "--max-examples",
            EXAMPLES,
        ]);
        schemathesis
            .args(["--generation-deterministic", "--no-color"])
            .args(arguments);
        run(self.case, &mut schemathesis);
    }

    /// Asks for `/health` and what is below it in one media type: the tool itself names none.
    fn exercise_in(&self, media_type: &str) {
        let accept = format!("accept: {media_type}");
        self.exercise(&[
            "--header",
            &accept,
            "--include-path-regex",
            "/health",
            "--phases",
            "coverage",
        ]);
    }
}

fn shop(builder: Builder) -> Builder {
    let nodes = || async {
        Health::up()
            .detail("leader", "a")
            .component("a", Health::up().component("disk", Health::up()))
    };
    builder
        .check("cluster", nodes)
        .check("größe, in m²", async || ())
        .component(Component::composite(
            "pair",
            [Component::new("one", async || ())],
        ))
        .component(Component::new("queue", async || ()).readiness())
        .group(
            Group::new("data")
                .include(["pair", "cluster/a"])
                .additional_path("server:/dataz"),
        )
        .probe_paths()
        .healthz("live", async || ())
}

const HEALTH_TYPES: [&str; 2] = [
    "application/health+json",
    "application/vnd.spring-boot.actuator.v2+json",
];

#[tokio::test(flavor = "multi_thread")]
async fn with_all_switches_on() {
    let change = |builder| {
        shop(builder)
            .show_details(Show::Always)
            .show_timings()
            .plain_text()
    };
    let served = Served::start("all-on", change).await;
    served.exercise(&[]);
    HEALTH_TYPES
        .into_iter()
        .chain(["text/plain"])
        .for_each(|media_type| served.exercise_in(media_type));
    let scraper = "accept: application/openmetrics-text;version=1.0.0";
    served.exercise(&["--header", scraper, "--include-path", "/z/prometheus"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_stable_bodies_on_the_root_and_little_to_be_seen() {
    let served = Served::start("stable", |builder| {
        shop(builder)
            .base_path("")
            .show_components(Show::Never)
            .stable_bodies()
            .without_prometheus()
    })
    .await;
    served.exercise(&[]);
    HEALTH_TYPES
        .into_iter()
        .for_each(|media_type| served.exercise_in(media_type));
}

/// A failing component is answered with 503, which is described, and which a tool that looks for
/// crashes takes for one.
#[tokio::test(flavor = "multi_thread")]
async fn with_failing_components() {
    let served = Served::start("failing", |builder| {
        let late = || async { tokio::time::sleep(Duration::from_secs(60)).await };
        shop(builder)
            .deadline(Duration::from_millis(5))
            .check("db", async || Health::new(Status::OUT_OF_SERVICE))
            .check("late", late)
            .healthz("ready", async || false)
            .show_details(Show::Always)
    })
    .await;
    served.exercise(&["--exclude-checks", "not_a_server_error"]);
}
