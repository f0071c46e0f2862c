//! Applications that ask each other: chains, circles, and what comes back over them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use health_core::{DEFAULT_DEADLINE, Management, Show, TRAIL_HEADER};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    dependency_at,
    server::{Refusing, Server, listener},
};

/// One application: its endpoints on a port, a check of its own that can be switched, and the next
/// application as its dependency `next`.
struct App {
    server: Server,
    is_well: Arc<AtomicBool>,
}

impl App {
    fn nested_calls(&self) -> usize {
        self.server
            .heads()
            .iter()
            .filter(|head| head.headers.contains_key(TRAIL_HEADER))
            .count()
    }
}

/// Starts applications `app0`, `app1`, ..., each depending on the next one, the last on `end`, or
/// on the first one where nothing is said.
async fn row(length: usize, end: Option<String>, deadline: Duration) -> Vec<App> {
    let mut listeners = Vec::new();
    for _ in 0..length {
        listeners.push(listener().await);
    }
    let addresses: Vec<String> = listeners
        .iter()
        .map(|listener| listener.local_addr().unwrap().to_string())
        .collect();
    let end = end.unwrap_or_else(|| addresses[0].clone());
    let targets = addresses.into_iter().skip(1).chain([end]);
    let apps = listeners
        .into_iter()
        .zip(targets)
        .enumerate()
        .map(|(index, (listener, next))| {
            let is_well = Arc::new(AtomicBool::new(true));
            let own = Arc::clone(&is_well);
            let management = Management::builder(format!("app{index}"))
                .check("own", move || {
                    let own = Arc::clone(&own);
                    async move { own.load(Ordering::SeqCst) }
                })
                .check("next", dependency_at(next))
                .deadline(deadline)
                .show_details(Show::Always)
                .build()
                .unwrap();
            App {
                server: Server::of(&management, listener),
                is_well,
            }
        });
    apps.collect()
}

/// Asks an application over its port, as a probe does.
fn probe(
    client: &reqwest::Client,
    app: &App,
) -> impl Future<Output = (u16, Value, Duration)> + use<> {
    let request = client.get(app.server.url("/z/health"));
    async move {
        let started = Instant::now();
        let answer = request.send().await.unwrap();
        let code = answer.status().as_u16();
        let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (code, body, started.elapsed())
    }
}

fn prober() -> reqwest::Client {
    let tls = crate::tls::trusting_nobody();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .unwrap()
}

/// Returns the answer of the application so many hops behind the one that was asked.
fn behind(body: &Value, hops: usize) -> &Value {
    (0..hops).fold(body, |body, _| &body["components"]["next"])
}

#[tokio::test]
async fn a_circle_ends_at_once_and_says_so() {
    for length in [1, 2, 3, 5] {
        let apps = row(length, None, DEFAULT_DEADLINE).await;
        let (code, body, took) = probe(&prober(), &apps[0]).await;
        assert_eq!(
            (code, &body["status"]),
            (200, &"UP".into()),
            "{length}: {body}"
        );
        assert!(took < DEFAULT_DEADLINE, "{length}: {took:?}");
        let mut way: Vec<String> = (0..length).map(|index| format!("app{index}")).collect();
        way.push("app0".to_owned());
        let end = &behind(&body, length)["components"]["next"];
        assert_eq!(end["status"], "UNKNOWN", "{length}: {body}");
        let expected = format!(
            "not asked: the question came round in a loop, {}",
            way.join(" -> ")
        );
        assert_eq!(end["description"], expected.as_str(), "{length}: {body}");
        for app in &apps {
            assert_eq!(app.nested_calls(), 1, "{length}");
        }
    }
}

#[tokio::test]
async fn a_chain_that_is_too_long_ends_at_the_cap() {
    let dead = Refusing::new();
    let apps = row(8, Some(dead.address.to_string()), DEFAULT_DEADLINE).await;
    let (code, body, _) = probe(&prober(), &apps[0]).await;
    assert_eq!(code, 200, "what is too far away is not asked: {body}");
    let hops = health_core::DEFAULT_MAX_HOPS;
    let end = &behind(&body, hops)["components"]["next"];
    assert_eq!(end["status"], "UNKNOWN", "{body}");
    let expected = format!(
        "not asked: the question already came over {hops} hops, app0 -> app1 -> app2 -> app3 -> app4"
    );
    assert_eq!(end["description"], expected.as_str());
    let asked: Vec<usize> = apps.iter().map(App::nested_calls).collect();
    assert_eq!(asked, [0, 1, 1, 1, 1, 1, 0, 0]);
}

#[tokio::test]
async fn the_reason_comes_back_over_the_whole_chain() {
    let dead = Refusing::new();
    let apps = row(3, Some(dead.address.to_string()), DEFAULT_DEADLINE).await;
    let (code, body, _) = probe(&prober(), &apps[0]).await;
    assert_eq!((code, &body["status"]), (503, &"DOWN".into()));
    let near = &behind(&body, 1);
    assert_eq!(near["status"], "DOWN");
    assert_eq!(near["details"]["error"], "answered DOWN with the code 503");
    assert_eq!(near["details"]["url"], apps[1].server.url("/z/health"));
    let cause = &behind(&body, 3);
    assert_eq!(cause["status"], "DOWN", "{body}");
    assert_eq!(
        cause["details"]["error"],
        format!("{} refused the connection", dead.address)
    );
    assert_eq!(body["components"]["own"]["status"], "UP");
}

const PROBES: usize = 20;

/// Long enough for all probes to be served by a machine that has other things to do.
const STORM_DEADLINE: Duration = Duration::from_secs(2);

/// How much later than it left an answer may be read by the test itself.
const SLACK: Duration = Duration::from_secs(1);

/// Asks every member of a circle many times at once; returns the codes by member.
///
/// The bound on calls: one probe starts at most one run at the member that it asks, and the
/// question of one run is passed on at most once by each member, since it carries its trail and
/// ends where it began. So each member is called at most once for each probe anywhere in the
/// circle. Runs that questions share make it fewer, never more.
async fn storm(apps: &[App]) -> Vec<Vec<u16>> {
    let before: Vec<usize> = apps.iter().map(App::nested_calls).collect();
    let client = prober();
    let mut probes = JoinSet::new();
    for _ in 0..PROBES {
        for (index, app) in apps.iter().enumerate() {
            let asking = probe(&client, app);
            probes.spawn(async move { (index, asking.await) });
        }
    }
    let mut codes = vec![Vec::new(); apps.len()];
    for (index, (code, body, took)) in probes.join_all().await {
        assert!(took < STORM_DEADLINE + SLACK, "{took:?}: {body}");
        codes[index].push(code);
    }
    for (app, before) in apps.iter().zip(before) {
        let calls = app.nested_calls() - before;
        assert!(calls <= PROBES * apps.len(), "{calls} calls");
    }
    codes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn circles_survive_a_storm_and_recover() {
    for length in [3, 5] {
        let apps = row(length, None, STORM_DEADLINE).await;
        for (is_well, code) in [(true, 200), (false, 503), (true, 200)] {
            apps[1].is_well.store(is_well, Ordering::SeqCst);
            let codes = storm(&apps).await;
            assert_eq!(codes, vec![vec![code; PROBES]; length], "{length}");
        }
    }
}
