//! What is logged, and how often.

use std::{
    fmt::{self, Write},
    sync::{Arc, Mutex},
};

use health_core::{
    Component, Management,
    test_util::{Runs, Script},
};
use tokio::time::sleep;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};

use crate::support::{Dawdles, every, get, ms, secs, settle, with};

/// Keeps the lines that this thread logs, until it is dropped.
pub(crate) struct Logs {
    lines: Lines,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Logs {
    pub(crate) fn capture() -> Self {
        let lines = Lines::default();
        let _guard = tracing::subscriber::set_default(lines.clone());
        Self { lines, _guard }
    }

    /// Counts the lines that start with a level and a message.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.all()
            .iter()
            .filter(|line| line.starts_with(start))
            .count()
    }

    fn all(&self) -> Vec<String> {
        self.lines.0.lock().expect("not poisoned").clone()
    }

    /// Returns the lines so far and forgets them.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.0.lock().expect("not poisoned"))
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("health_core")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let line = format!(
            "{} {}{}",
            event.metadata().level(),
            line.message,
            line.fields
        );
        self.0.lock().expect("not poisoned").push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a string takes everything");
    }
}

#[tokio::test(start_paused = true)]
async fn one_line_for_each_change_with_its_cause_and_none_for_each_question() {
    let statuses = [
        "UP",
        "UP",
        "DOWN",
        "DOWN",
        "OUT_OF_SERVICE",
        "UNKNOWN",
        "UP",
        "UP",
    ];
    let expected = [
        "DEBUG UP at its first run component=\"db\"",
        "ERROR is DOWN component=\"db\" from=\"UP\" reason=\"not said\"",
        "WARN is OUT_OF_SERVICE component=\"db\" from=\"DOWN\" reason=\"not said\"",
        "WARN is UNKNOWN component=\"db\" from=\"OUT_OF_SERVICE\" reason=\"not said\"",
        "INFO is UP again component=\"db\" from=\"UNKNOWN\"",
    ];
    let logs = Logs::capture();
    let management = with(Component::new("db", Script::sequence(statuses)));
    assert_eq!(logs.take(), Vec::<String>::new());
    for _ in 0..100 {
        get(&management, "/z/health").await;
    }
    assert_eq!(logs.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_line_of_a_failure_names_the_cause() {
    let logs = Logs::capture();
    let management = with(Component::new("db", Script::error("connection refused")));
    get(&management, "/z/health").await;
    assert_eq!(
        logs.take(),
        ["ERROR is DOWN component=\"db\" from=\"nothing\" reason=\"connection refused\""]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_check_is_named_once_for_each_time_it_becomes_slow() {
    let logs = Logs::capture();
    let check = Dawdles::new([10, 100, 200, 300, 99, 100, 100]);
    let management = with(Component::new("db", check).slow_after(ms(100)));
    for _ in 0..8 {
        get(&management, "/z/health").await;
    }
    let slow = logs
        .take()
        .into_iter()
        .filter(|line| line.contains("slow"))
        .collect::<Vec<_>>();
    let expected = "WARN the check has become slow component=\"db\" duration_ms=100";
    assert_eq!(slow, [expected, expected]);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_never_returns_is_named_as_slow() {
    let logs = Logs::capture();
    let db = Component::new("db", Script::hang()).background(every(secs(1)));
    let _management = with(db);
    sleep(secs(10)).await;
    assert_eq!(
        logs.count("WARN the check has become slow component=\"db\" duration_ms=80"),
        1,
        "{logs:?}"
    );
    assert_eq!(logs.count("ERROR is DOWN"), 1, "{logs:?}");
}

#[tokio::test]
async fn a_check_that_blocks_its_thread_is_named_once() {
    let logs = Logs::capture();
    let management = with(Component::new("db", Script::up().blocking(ms(120))));
    for _ in 0..3 {
        assert_eq!(get(&management, "/z/health").await.code, 200);
    }
    assert_eq!(
        logs.count("WARN the check blocks its thread"),
        1,
        "{logs:?}"
    );
    assert!(
        logs.all()
            .iter()
            .any(|line| line.contains("blocked_ms=1") && line.contains("component=\"db\"")),
        "{logs:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_says_is_logged_if_it_holds() {
    let logs = Logs::capture();
    let runs = Runs::default();
    let management: Management = with(Component::new("db", runs.count(Script::up())));
    settle().await;
    management
        .take_out_of_service("nope", "moving", secs(1))
        .expect_err("unknown");
    management.put_back("nope").expect_err("unknown");
    assert_eq!(logs.take(), Vec::<String>::new());
    management
        .take_out_of_service("db", "moving", secs(60))
        .expect("is there");
    management.put_back("db").expect("is there");
    assert_eq!(
        logs.take(),
        [
            "WARN taken out of service component=\"db\" reason=\"moving\" seconds=60",
            "WARN put back into service component=\"db\"",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn each_finding_of_the_lint_is_warned_of_at_the_start() {
    let logs = Logs::capture();
    let db = Component::new("db", Script::up())
        .deadline(secs(2))
        .readiness();
    let management = with(db);
    let findings = management.lint();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(logs.take(), [format!("WARN {}", findings[0])]);
}
