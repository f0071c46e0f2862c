//! What a question along a trail finds is less than the whole truth: it stays with those who ask
//! along the same trail.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use health_core::{
    Call, Check, CheckError, CheckResult, Component, Health, Impact, Management, Refresh, Reply,
    Scope, async_trait,
};
use http::HeaderMap;

use crate::support::{
    Answer, Ask, Hangs, Runs, Slow, ask, assert_took, failing, get, management, ms, of_scope, timed,
};

/// Fails, except towards those who ask it along a trail: it asks less for them.
struct DownBehindTheAsker;

#[async_trait]
impl Check for DownBehindTheAsker {
    async fn check(&self) -> CheckResult {
        let call = Call::current().ok_or_else(|| CheckError::new("no call"))?;
        let is_nested = call.headers().any(|(name, value)| {
            name == "health-trail" && value.to_str().is_ok_and(|trail| trail.contains(','))
        });
        Ok(if is_nested {
            Health::up()
        } else {
            Health::down()
        })
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }
}

/// Gives one status per run of those without a trail, and UP to the others.
struct Script(Vec<&'static str>, AtomicUsize);

impl Script {
    fn new(statuses: impl IntoIterator<Item = &'static str>) -> Self {
        Self(statuses.into_iter().collect(), AtomicUsize::new(0))
    }
}

#[async_trait]
impl Check for Script {
    async fn check(&self) -> CheckResult {
        if *DownBehindTheAsker.check().await?.status() == health_core::Status::UP {
            return Ok(Health::up());
        }
        let status = self.0.get(self.1.fetch_add(1, SeqCst));
        Ok(Health::new(*status.unwrap_or(&"DOWN")))
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }
}

fn with(component: Component) -> Management {
    management(|builder| builder.component(component))
}

fn along<'a>(management: &'a Management, trail: &str) -> Ask<'a> {
    ask(management, "GET", "/z/health").header("health-trail", trail)
}

#[tokio::test(start_paused = true)]
async fn a_restricted_result_is_not_the_last_one_for_everybody() {
    let management = with(Component::new("users", DownBehindTheAsker).ttl(ms(10_000)));
    assert_eq!(along(&management, "shop").await.status, 200);
    assert!(management.last_transitions().is_empty(), "nobody's news");
    assert_eq!(get(&management, "/z/health").await.status, 503);
    let other = along(&management, "cart").await;
    assert_eq!(
        other.status, 503,
        "within its TTL the whole truth is for all"
    );
    let transitions = management.last_transitions();
    assert_eq!(transitions.len(), 1);
    assert_eq!(transitions[0].to.code(), "DOWN");
}

#[tokio::test(start_paused = true)]
async fn a_restricted_run_is_joined_along_the_same_trail_only() {
    let runs = Runs::default();
    let slow = Slow {
        delay: ms(100),
        check: DownBehindTheAsker,
    };
    let management = with(Component::new(
        "users",
        runs.count(of_scope(Scope::Application, slow)),
    ));
    let replies: Vec<(Reply, u16, usize)> = vec![
        (along(&management, "shop").send(), 200, 1),
        (along(&management, "shop").send(), 200, 1),
        (ask(&management, "GET", "/z/health").send(), 503, 2),
        (along(&management, "shop,cart").send(), 200, 3),
        (along(&management, "cart,shop").send(), 200, 3),
        (along(&management, "cart").send(), 200, 4),
        (ask(&management, "GET", "/z/health").send(), 503, 4),
    ];
    let started: Vec<usize> = replies.iter().map(|(.., started)| *started).collect();
    tokio::task::yield_now().await;
    assert_eq!(runs.started(), *started.last().expect("some"));
    for (number, (reply, code, _)) in replies.into_iter().enumerate() {
        assert_eq!(reply.await.status(), code, "question {number}");
    }
    assert_eq!(runs.started(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_restricted_success_does_not_begin_the_count_of_failures_anew() {
    let script = Script::new(["UP", "DOWN", "DOWN"]);
    let management = with(Component::new("users", script).failure_threshold(2));
    assert_eq!(get(&management, "/z/health").await.status, 200);
    assert_eq!(get(&management, "/z/health").await.status, 200, "held back");
    assert_eq!(along(&management, "shop").await.status, 200);
    assert_eq!(get(&management, "/z/health").await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn restricted_runs_are_no_runs_of_the_metrics() {
    let management = with(Component::new("users", DownBehindTheAsker).ttl(ms(60_000)));
    for trail in ["shop", "cart", "shop,cart"] {
        assert_eq!(along(&management, trail).await.status, 200);
    }
    assert_eq!(get(&management, "/z/health").await.status, 503);
    let metrics = get(&management, "/z/prometheus").await.body;
    for line in [
        "health_component_runs_total{component=\"users\"} 1",
        "health_component_failures_total{component=\"users\"} 1",
        "health_component_coalesced_requests_total{component=\"users\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_wait_does_not_make_a_component_fail_before_its_run_has() {
    let users = Slow {
        delay: ms(100),
        check: failing("refused"),
    };
    let impact = Impact::FailsAfter(ms(10_000));
    let management = with(Component::new("users", users).impact(impact));
    let hasty = ask(&management, "GET", "/z/health").header("health-budget-ms", "1");
    let (answer, took) = timed(hasty).await;
    assert_took(took, ms(1));
    assert_eq!(answer.text_at("/components/users/status"), "DOWN");
    tokio::time::sleep(ms(9_900)).await;
    let answer = get(&management, "/z/health").await;
    let degraded = (200, "DEGRADED".to_owned());
    assert_eq!(answer.outcome(), degraded, "its run failed 9.9 s ago");
}

#[tokio::test(start_paused = true)]
async fn a_question_along_a_trail_waits_for_nobody_elses_run() {
    let users = Mutex::new(Some(Hangs));
    let users = move || {
        let hangs = users.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            match hangs {
                Some(hangs) => hangs.check().await,
                None => Ok(Health::up()),
            }
        }
    };
    let management = with(Component::new("users", of_scope(Scope::Application, users)));
    let plain = ask(&management, "GET", "/z/health").send();
    tokio::task::yield_now().await;
    let (answer, took) = timed(along(&management, "shop")).await;
    assert_took(took, ms(0));
    assert_eq!(answer.text_at("/components/users/status"), "UP");
    assert_eq!(plain.await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn questions_along_trails_take_no_turn_from_others_and_have_a_bound() {
    let runs = Runs::default();
    let users = of_scope(Scope::Application, Hangs);
    let management = management(|builder| {
        builder
            .concurrency(1)
            .check("users", runs.count(users))
            .check("db", async || ())
    });
    let trails: Vec<String> = (0..100).map(|number| format!("app{number}")).collect();
    let replies: Vec<Reply> = trails
        .iter()
        .map(|trail| along(&management, trail).send())
        .collect();
    tokio::time::sleep(ms(10)).await;
    assert_eq!(runs.started(), 16, "at once at the most");
    let (db, took) = timed(get(&management, "/z/health/db")).await;
    assert_eq!((db.status, took), (200, ms(0)), "has its turn");
    let mut descriptions = Vec::new();
    for reply in replies {
        let answer = Answer::read("GET", reply.await);
        descriptions.push(answer.text_at("/components/users/description"));
    }
    let refused = "not asked: too many questions come through other applications";
    let refused = descriptions.iter().filter(|text| *text == refused).count();
    assert_eq!(refused, 84);
    assert_eq!(runs.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_bound_the_last_result_answers_unless_it_rests_on_the_asker() {
    let last = Mutex::new(Some(Health::down().via(["users".to_owned()])));
    let users = move || {
        let last = last.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            match last {
                Some(last) => Ok(last),
                None => Hangs.check().await,
            }
        }
    };
    let users = of_scope(Scope::Application, users);
    let management = with(Component::new("users", users));
    assert_eq!(get(&management, "/z/health").await.status, 503);
    let trails: Vec<String> = (0..16).map(|number| format!("app{number}")).collect();
    let waiting: Vec<Reply> = trails
        .iter()
        .map(|trail| along(&management, trail).send())
        .collect();
    for (trail, status) in [("shop", "DOWN"), ("shop,users", "UNKNOWN")] {
        let (answer, took) = timed(along(&management, trail)).await;
        assert_eq!(
            answer.text_at("/components/users/status"),
            status,
            "{trail}"
        );
        assert_eq!(took, ms(0), "{trail}");
    }
    drop(waiting);
}

/// An application in a circle: it asks the next one, and has a check of its own that can be
/// switched.
struct Member {
    management: Management,
    is_well: Arc<AtomicBool>,
    /// How often it has asked the next one.
    asked: Runs,
}

#[derive(Clone, Default)]
struct Next(Arc<Mutex<Option<Management>>>);

/// The time on the way between two members.
const WAY: Duration = Duration::from_millis(1);

#[async_trait]
impl Check for Next {
    async fn check(&self) -> CheckResult {
        let next = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let next = next.ok_or_else(|| CheckError::new("not started"))?;
        let call = Call::current().ok_or_else(|| CheckError::new("no call"))?;
        let headers: HeaderMap = call.headers().collect();
        tokio::time::sleep(WAY).await;
        let reply = next.respond(&health_core::Request::new("GET", "/z/health", &headers));
        let answer = reply.await;
        let health = if answer.status() == 200 {
            Health::up()
        } else {
            Health::down()
        };
        Ok(Call::attribute(health, answer.headers()))
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }
}

fn circle(length: usize, tuned: impl Fn(Component) -> Component) -> (Vec<Member>, Vec<Next>) {
    let places: Vec<Next> = (0..length).map(|_| Next::default()).collect();
    let members: Vec<Member> = (0..length)
        .map(|number| {
            let next = places[(number + 1) % length].clone();
            let is_well = Arc::new(AtomicBool::new(true));
            let own = Arc::clone(&is_well);
            let asked = Runs::default();
            let management = Management::builder(format!("app{number}"))
                .component(tuned(Component::new("next", asked.count(next))))
                .check("own", move || {
                    let is_well = own.load(SeqCst);
                    async move { is_well }
                })
                .build()
                .expect("valid");
            Member {
                management,
                is_well,
                asked,
            }
        })
        .collect();
    for (place, member) in places.iter().zip(&members) {
        *place.0.lock().expect("not poisoned") = Some(member.management.clone());
    }
    (members, places)
}

/// Asks all members at once, many times, and returns the codes.
async fn probe(members: &[Member]) -> Vec<u16> {
    let replies: Vec<Reply> = (0..5 * members.len())
        .map(|number| {
            let management = &members[number % members.len()].management;
            ask(management, "GET", "/z/health").send()
        })
        .collect();
    let mut codes = Vec::new();
    for reply in replies {
        codes.push(reply.await.status().as_u16());
    }
    codes
}

type Tuned = fn(Component) -> Component;

#[tokio::test(start_paused = true)]
async fn a_circle_tells_a_failure_as_soon_as_all_results_are_newer_than_it() {
    let cases: [(&str, Tuned, u64); 4] = [
        ("on request", |component| component, 0),
        ("with a TTL", |component| component.ttl(ms(500)), 501),
        (
            "in the background",
            |component| {
                let refresh = Refresh::every(ms(1_000)).jitter_percent(0);
                component.background(refresh)
            },
            1_050,
        ),
        (
            "with a long deadline",
            |component| component.deadline(ms(10_000)),
            0,
        ),
    ];
    for (name, tuned, until_newer) in cases {
        for length in [2, 3, 5] {
            let (members, places) = circle(length, tuned);
            // In the background the first results find the others starting.
            tokio::time::sleep(ms(until_newer)).await;
            let all = |code: u16| vec![code; 5 * length];
            assert_eq!(probe(&members).await, all(200), "{name}, {length}");

            members[length - 1].is_well.store(false, SeqCst);
            tokio::time::sleep(ms(until_newer)).await;
            let before: Vec<usize> = members
                .iter()
                .map(|member| member.asked.started())
                .collect();
            let (codes, took) = timed(probe(&members)).await;
            assert_eq!(codes, all(503), "{name}, {length}");
            assert!(took < ms(100), "nobody waits around the circle: {took:?}");
            for (member, before) in members.iter().zip(before) {
                let asked = member.asked.started() - before;
                assert!(asked <= length, "once for each way at the most: {asked}");
            }

            members[length - 1].is_well.store(true, SeqCst);
            tokio::time::sleep(ms(until_newer)).await;
            assert_eq!(probe(&members).await, all(200), "{name}, {length}");
            for place in places {
                *place.0.lock().expect("not poisoned") = None;
            }
        }
    }
}
