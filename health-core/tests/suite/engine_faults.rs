//! Checks that fail or panic: DOWN of one component with a reason, and of nothing else.

use std::{error::Error, fmt, io};

use health_core::{CheckError, Health, Show, blocking};
use serde_json::json;

use crate::support::{Panics, Runs, ask, failing, get, management, ms};

#[tokio::test(start_paused = true)]
async fn a_panic_of_any_kind_is_down_of_one_component() {
    for kind in Panics::ALL {
        let runs = Runs::default();
        let with = |show| {
            management(|builder| {
                builder
                    .deadline(ms(100))
                    .check("panics", runs.count(kind))
                    .check("works", async || ())
                    .show_details(show)
            })
        };
        let management = with(Show::Always);
        for run in 1..=2 {
            let answer = get(&management, "/z/health").await;
            assert_eq!(answer.outcome(), (503, "DOWN".to_owned()), "{kind:?}");
            assert_eq!(
                answer.at("/components/works/status"),
                json!("UP"),
                "{kind:?}"
            );
            let reason = answer.text_at("/components/panics/details/error");
            let expected = match kind {
                Panics::OnDropAtTheDeadline => "gave no result within 100 ms",
                Panics::WithNoText => "panicked: no text",
                _ => "panicked: kaboom",
            };
            assert_eq!(reason, expected, "{kind:?}, run {run}");
            assert_eq!((runs.started(), runs.under_way()), (run, 0), "{kind:?}");
        }
        for path in ["/z/health", "/z/health/panics"] {
            let answer = get(&with(Show::Never), path).await;
            assert_eq!(answer.status, 503, "{kind:?}");
            assert!(!answer.body.contains(Panics::TEXT), "{kind:?}: {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_panicking_scope_is_no_failure_of_the_endpoint() {
    struct PanicsInScope;

    #[health_core::async_trait]
    impl health_core::Check for PanicsInScope {
        async fn check(&self) -> health_core::CheckResult {
            Ok(Health::up())
        }

        fn scope(&self) -> health_core::Scope {
            panic!("no scope")
        }
    }

    let management = management(|builder| builder.check("x", PanicsInScope));
    assert_eq!(get(&management, "/z/health").await.status, 200);
    // Then it counts as one that must not be asked in a loop.
    let nested = ask(&management, "GET", "/z/health")
        .header("health-trail", "orders")
        .await;
    assert_eq!(
        nested.text_at("/components/x/status"),
        "UNKNOWN",
        "{nested:?}"
    );
}

#[derive(Debug)]
struct Wrapped(&'static str, Option<Box<Self>>);

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1
            .as_deref()
            .map(|cause| cause as &(dyn Error + 'static))
    }
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn chain(texts: &[&'static str]) -> Wrapped {
    let (first, rest) = texts.split_first().expect("a text");
    Wrapped(first, (!rest.is_empty()).then(|| Box::new(chain(rest))))
}

#[derive(Debug)]
struct ItsOwnCause;

impl Error for ItsOwnCause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self)
    }
}

impl fmt::Display for ItsOwnCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("round and round")
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_its_own_cause_ends() {
    let management = management(|builder| {
        let fails = async || Err::<(), _>(ItsOwnCause);
        builder.show_details(Show::Always).check("x", fails)
    });
    let answer = get(&management, "/z/health").await;
    let error = answer.text_at("/components/x/details/error");
    assert_eq!(error, "round and round");
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_its_causes() {
    let cases: [(&[&'static str], &str); 4] = [
        (&["refused"], "refused"),
        (
            &["no connection", "tcp connect", "refused"],
            "no connection: tcp connect: refused",
        ),
        (
            &["no connection: refused", "refused"],
            "no connection: refused",
        ),
        (&["a", "b", "a"], "a: b: a"),
    ];
    for (texts, expected) in cases {
        let management = management(|builder| {
            builder
                .check("fails", move || async move { Err::<(), _>(chain(texts)) })
                .check("reports", move || async move {
                    Health::down().detail("a", 1).error(chain(texts))
                })
                .show_details(Show::Always)
        });
        let answer = get(&management, "/z/health").await;
        assert_eq!(
            answer.at("/components/fails"),
            json!({"status": "DOWN", "details": {"error": expected}})
        );
        assert_eq!(
            answer.at("/components/reports/details"),
            json!({"a": 1, "error": expected})
        );
    }
}

#[tokio::test(start_paused = true)]
async fn closures_return_what_is_natural() {
    let io_error = || io::Error::new(io::ErrorKind::NotFound, "no such spool");
    let management = management(|builder| {
        builder
            .check("a-true", async || true)
            .check("b-false", async || false)
            .check("c-unit", async || ())
            .check("d-ok", async || Ok::<(), io::Error>(()))
            .check("e-ok-false", async || Ok::<bool, io::Error>(false))
            .check("f-error", move || async move { Err::<(), _>(io_error()) })
            .check("g-health", async || Health::out_of_service().detail("a", 1))
            .check("h-blocking", blocking(|| true))
            .check(
                "i-blocking-error",
                blocking(move || Err::<(), _>(io_error())),
            )
            .check("j-text", failing("said so"))
            .check("k-nested", async || {
                Ok::<_, CheckError>(Ok::<bool, io::Error>(true))
            })
            .show_details(Show::Always)
    });
    let answer = get(&management, "/z/health").await;
    let down = |error: &str| json!({"status": "DOWN", "details": {"error": error}});
    for (name, expected) in [
        ("a-true", json!({"status": "UP"})),
        ("b-false", json!({"status": "DOWN"})),
        ("c-unit", json!({"status": "UP"})),
        ("d-ok", json!({"status": "UP"})),
        ("e-ok-false", json!({"status": "DOWN"})),
        ("f-error", down("no such spool")),
        (
            "g-health",
            json!({"status": "OUT_OF_SERVICE", "details": {"a": 1}}),
        ),
        ("h-blocking", json!({"status": "UP"})),
        ("i-blocking-error", down("no such spool")),
        ("j-text", down("said so")),
        ("k-nested", json!({"status": "UP"})),
    ] {
        assert_eq!(
            answer.at(&format!("/components/{name}")),
            expected,
            "{name}"
        );
    }
}
