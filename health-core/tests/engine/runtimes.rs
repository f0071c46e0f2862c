//! The same story on both kinds of runtime, in real time.

use health_core::{
    Component, Group, Impact, Management,
    test_util::{Runs, Script},
};
use tokio::{
    runtime::Builder,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::support::{every, get, ms, secs};

#[test]
fn everything_works_on_a_current_thread_runtime() {
    let mut builder = Builder::new_current_thread();
    builder
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(story());
}

#[test]
fn everything_works_on_a_multi_thread_runtime() {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    // The root future is no task: what it does happens beside the workers.
    runtime.block_on(story());
    runtime.block_on(async { tokio::spawn(story()).await.expect("ends") });
}

async fn story() {
    let [slow, refreshed] = [Runs::default(), Runs::default()];
    let management = Management::builder("orders")
        .component(Component::new("slow", slow.count(Script::up().after(ms(100)))).readiness())
        .component(
            Component::new("refreshed", refreshed.count(Script::up())).background(every(ms(50))),
        )
        .component(
            Component::new("hangs", Script::hang())
                .deadline(ms(50))
                .non_critical(),
        )
        .component(Component::new("fails", Script::down()).impact(Impact::FailsAfter(secs(3_600))))
        .component(Component::new("panics", Script::panic("no")).non_critical())
        .group(Group::new("data").include(["slow"]))
        .build()
        .expect("valid");
    sleep(ms(20)).await;
    let paths = ["/z/health/data", "/z/health/slow", "/z/health/readiness"];
    let asked = Instant::now();
    let mut asking = JoinSet::new();
    for number in 0..1_000 {
        let management = management.clone();
        asking.spawn(async move { get(&management, paths[number % 3]).await.code });
    }
    assert!(asking.join_all().await.iter().all(|code| *code == 200));
    assert_eq!(slow.most_at_once(), 1);
    // All were asked within the run, unless the machine was too busy to ask them in that time.
    assert!(
        slow.started() == 1 || asked.elapsed() > ms(200),
        "{} runs",
        slow.started()
    );

    let answer = get(&management, "/z/health").await;
    assert_eq!(answer.outcome(), (200, "DEGRADED"));
    let statuses = ["slow", "refreshed", "hangs", "fails", "panics"]
        .map(|name| answer.text(&format!("/components/{name}/status")));
    assert_eq!(statuses, ["UP", "UP", "DOWN", "DOWN", "DOWN"]);

    management
        .put(Component::new("fails", Script::up()))
        .expect("valid");
    management.remove("panics").expect("is there");
    assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));

    sleep(ms(300)).await;
    assert!(refreshed.started() >= 3, "{}", refreshed.started());
    assert_eq!(refreshed.most_at_once(), 1);
    drop(management);
    sleep(ms(20)).await;
    let started = refreshed.started();
    sleep(ms(200)).await;
    assert_eq!(
        (refreshed.started(), refreshed.under_way(), slow.under_way()),
        (started, 0, 0)
    );
}
