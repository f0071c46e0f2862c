//! The start and the end of an application, as its probes see them.

use health_core::{Component, LivenessState, ReadinessState, test_util::Script};
use tokio::time::{Instant, sleep};

use crate::support::{every, get, management, ms, secs, settle};

const OUT: (u16, &str) = (503, "OUT_OF_SERVICE");
const UP: (u16, &str) = (200, "UP");

#[tokio::test(start_paused = true)]
async fn the_startup_gate_refuses_readiness_until_the_application_says_so() {
    let management = management(|builder| builder.startup_gate());
    for path in ["readiness", "startup", "readinessState"] {
        let answer = get(&management, &format!("/z/health/{path}")).await;
        assert_eq!(answer.outcome(), OUT, "{path}");
        assert_eq!(answer.text("/description"), "starting", "{path}");
    }
    assert_eq!(get(&management, "/z/health/liveness").await.outcome(), UP);

    management.availability().set_started();
    for path in ["readiness", "startup", "liveness"] {
        assert_eq!(
            get(&management, &format!("/z/health/{path}"))
                .await
                .outcome(),
            UP,
            "{path}"
        );
    }
    management
        .availability()
        .set_readiness(ReadinessState::RefusingTraffic);
    assert_eq!(get(&management, "/z/health/readiness").await.outcome(), OUT);
    assert_eq!(
        get(&management, "/z/health/startup").await.outcome(),
        UP,
        "started for good"
    );
}

#[tokio::test(start_paused = true)]
async fn before_the_first_full_run_readiness_is_refused_and_later_checks_do_not_close_it() {
    let slow =
        |name: &str| Component::new(name, Script::up().after(ms(300))).background(every(secs(10)));
    let delayed =
        Component::new("delayed", Script::up()).background(every(secs(10)).initial_delay(secs(60)));
    let management = management(|builder| builder.component(slow("first")).component(delayed));
    sleep(ms(299)).await;
    for path in ["readiness", "startup"] {
        assert_eq!(
            get(&management, &format!("/z/health/{path}"))
                .await
                .outcome(),
            OUT,
            "{path}"
        );
    }
    assert_eq!(get(&management, "/z/health/liveness").await.outcome(), UP);

    sleep(ms(3)).await;
    let check_all = async |moment: &str| {
        for path in ["readiness", "startup"] {
            let answer = get(&management, &format!("/z/health/{path}")).await;
            assert_eq!(answer.outcome(), UP, "{path} {moment}");
        }
    };
    check_all("after the first run").await;
    management.put(slow("second")).expect("valid");
    check_all("after an addition").await;
    settle().await;
    check_all("while that runs").await;
}

#[tokio::test(start_paused = true)]
async fn draining_refuses_readiness_for_good_and_leaves_the_rest() {
    let management = management(|builder| builder.drain_grace(secs(7)).probe_paths());
    let started = Instant::now();
    let draining = tokio::spawn({
        let management = management.clone();
        async move { management.drain().await }
    });
    settle().await;
    assert!(management.availability().is_draining());
    for (path, outcome) in [
        ("/z/health/readiness", OUT),
        ("/readyz", OUT),
        ("/z/health", OUT),
        ("/z/health/liveness", UP),
        ("/livez", UP),
        ("/z/health/startup", UP),
        ("/z/health/ping", UP),
    ] {
        let answer = get(&management, path).await;
        assert_eq!(answer.outcome(), outcome, "{path}");
        let description = if outcome == OUT { "draining" } else { "" };
        assert_eq!(answer.text("/description"), description, "{path}");
    }
    assert_eq!(get(&management, "/z/version").await.code, 200);
    draining.await.expect("ends");
    assert!(
        (secs(7)..ms(7_005)).contains(&started.elapsed()),
        "{:?}",
        started.elapsed()
    );

    management
        .availability()
        .set_readiness(ReadinessState::AcceptingTraffic);
    management.availability().set_started();
    assert_eq!(
        get(&management, "/z/health/readiness").await.outcome(),
        OUT,
        "for good"
    );
    assert_eq!(get(&management, "/z/health/liveness").await.outcome(), UP);
}

#[tokio::test(start_paused = true)]
async fn a_broken_application_is_down_also_while_it_starts_or_drains() {
    let management = management(|builder| builder.startup_gate().drain_grace(ms(1)));
    management
        .availability()
        .set_liveness(LivenessState::Broken);
    assert_eq!(
        get(&management, "/z/health/liveness").await.outcome(),
        (503, "DOWN")
    );
    management.drain().await;
    assert_eq!(
        get(&management, "/z/health/liveness").await.outcome(),
        (503, "DOWN")
    );
    assert_eq!(get(&management, "/z/health").await.outcome(), (503, "DOWN"));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_drain_hears_of_it_at_once_and_later() {
    let management = management(|builder| builder.drain_grace(secs(60)));
    let availability = management.availability().clone();
    let waiting = tokio::spawn(async move {
        availability.drain_begun().await;
        Instant::now()
    });
    sleep(secs(1)).await;
    assert!(!waiting.is_finished());
    let begun = Instant::now();
    let draining = tokio::spawn({
        let management = management.clone();
        async move { management.drain().await }
    });
    assert_eq!(waiting.await.expect("ends"), begun);
    management.availability().drain_begun().await;
    assert!(!draining.is_finished());
}
