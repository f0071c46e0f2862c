//! How much runs at once, and how much a check may say.

use health_core::{CheckError, Component, DEFAULT_DETAILS_LIMIT_BYTES, Health, Management, Show};
use serde_json::json;

use crate::support::{Answer, Hangs, Runs, after, assert_took, get, holds, management, ms, timed};

#[tokio::test(start_paused = true)]
async fn no_more_checks_run_at_once_than_allowed() {
    for (concurrency, expected) in [(1, 400), (3, 100), (4, 100), (usize::MAX, 50)] {
        let runs = Runs::default();
        let builder = Management::builder("orders").concurrency(concurrency);
        let builder = (0..8).fold(builder, |builder, number| {
            builder.check(format!("c{number}"), runs.count(after(ms(50))))
        });
        let management = builder.build().expect("valid");
        let (answer, took) = timed(get(&management, "/z/health")).await;
        assert_eq!(answer.status, 200);
        assert!(runs.most_at_once() <= concurrency, "{runs:?}");
        let waves = 8usize.div_ceil(concurrency.min(8)) as u64;
        assert_took(took, ms(50 * waves));
        assert!(took >= ms(expected), "{concurrency}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_its_turn_counts_against_the_deadline() {
    let late = Runs::default();
    let management = management(|builder| {
        builder
            .concurrency(1)
            .deadline(ms(200))
            .show_details(Show::Always)
            .component(Component::new("a-hangs", Hangs).deadline(ms(300)))
            .check("b-late", late.count(async || ()))
    });
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_took(took, ms(300));
    let reason = answer.text_at("/components/b-late/details/error");
    assert_eq!(
        reason,
        "did not get its turn within 200 ms: too many checks are under way"
    );
    assert_eq!(late.started(), 0);
    assert_eq!(
        get(&management, "/z/health/b-late").await.status,
        200,
        "the turn is given back"
    );
}

async fn reported(health: Health, limit_bytes: usize) -> Answer {
    let management = management(|builder| {
        builder
            .details_limit_bytes(limit_bytes)
            .show_details(Show::Always)
            .check("other", async || ())
            .check("large", holds(health))
    });
    get(&management, "/z/health").await
}

#[tokio::test(start_paused = true)]
async fn details_over_the_limit_are_left_out_and_the_rest_stays() {
    let text = "x".repeat(2_000);
    let entries: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    let cases = [
        ("a long value", Health::up().detail("a", text.clone())),
        (
            "many values",
            (0..200).fold(Health::up(), |health, number| {
                health.detail(format!("d{number}"), 1)
            }),
        ),
        ("a long name", Health::up().detail(text.clone(), 1)),
        (
            "a nested value",
            Health::up().detail("a", json!({"b": {"c": [entries]}})),
        ),
        (
            "a component",
            Health::up().component("c", Health::up().detail("a", text.clone())),
        ),
        (
            "many components",
            (0..200).fold(Health::up(), |health, number| {
                health.component(format!("c{number}"), Health::up())
            }),
        ),
    ];
    for (name, health) in cases {
        let answer = reported(health.clone(), 1_000).await;
        assert_eq!(answer.outcome(), (200, "UP".to_owned()), "{name}");
        let large = answer.at("/components/large");
        assert!(large.get("components").is_none(), "{name}: {large}");
        let error = large
            .pointer("/details/error")
            .and_then(|error| error.as_str());
        let error = error.unwrap_or_default();
        assert!(
            error.starts_with("details of ") && error.ends_with("the limit is 1000 bytes"),
            "{name}: {large}"
        );

        let whole = reported(health, DEFAULT_DETAILS_LIMIT_BYTES).await;
        assert!(!whole.body.contains("the limit is"), "{name}: {whole:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_a_check_says_gets_past_the_limit() {
    let long = "ü".repeat(4_000);
    let error = CheckError::new(long.clone());
    let cases = [
        ("a description", Health::down().description(long.clone())),
        ("an error as detail", Health::down().error(error)),
    ];
    for (name, health) in cases {
        let answer = reported(health, 1_000).await;
        assert_eq!(answer.outcome(), (503, "DOWN".to_owned()), "{name}");
        assert!(
            answer.body.len() < 3_000,
            "{name}: {} bytes",
            answer.body.len()
        );
    }
    let builder = || {
        Management::builder("orders")
            .details_limit_bytes(1_000)
            .show_details(Show::Always)
    };
    let (text, other) = (long.clone(), long);
    let fails = builder().check("large", move || {
        let text = text.clone();
        async move { Err::<(), _>(CheckError::new(text)) }
    });
    let panics = builder().check("large", move || {
        let text = other.clone();
        async move {
            if !text.is_empty() {
                panic!("{text}")
            }
        }
    });
    for (name, builder) in [("an error", fails), ("a panic", panics)] {
        let answer = get(&builder.build().expect("valid"), "/z/health").await;
        assert_eq!(answer.outcome(), (503, "DOWN".to_owned()), "{name}");
        assert!(
            answer.body.len() < 3_000,
            "{name}: {} bytes",
            answer.body.len()
        );
        let reason = answer.text_at("/components/large/details/error");
        assert!(
            reason.contains("üüüü"),
            "{name}: the beginning says enough: {reason}"
        );
    }
}
