//! Workers on Redis.

use std::{net::SocketAddr, sync::Arc};

use check_testing::{
    Authority, Subject, Suite, eventually,
    servers::{
        celery::{Application, Fleet},
        redis::Redis,
    },
};
use health_checks::{Celery, Tls};

use crate::{DEADLINE, NAMES, PATIENT, RUNS, SHORT, ask, workers};

const DATABASE: u8 = 3;

fn url(address: SocketAddr) -> String {
    format!("redis://:s3cret@{address}/{DATABASE}")
}

fn check(address: SocketAddr) -> Celery {
    Celery::new(url(address)).unwrap()
}

/// The keys of kombu that belong to answers.
fn left(server: &Redis, prefix: &str) -> Vec<String> {
    let database = DATABASE.to_string();
    let pattern = format!("{prefix}*reply.*");
    let found = server.command(&[
        "-a",
        "s3cret",
        "--no-auth-warning",
        "-n",
        &database,
        "KEYS",
        &pattern,
    ]);
    found
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(crate) async fn workers() {
    let mut server = Redis::start(&["--requirepass", "s3cret"]);
    let address = server.address();
    let application = Application::new(url(address));

    let answer = ask(SHORT, check(address)).await;
    let error = &answer["details"]["error"];
    assert_eq!(error, "no worker is connected to the broker", "{answer}");

    let [first, second] = application.start(NAMES);
    workers::are_well(|| check(address)).await;
    let answer = ask(PATIENT, check(address)).await;
    assert_eq!(answer["details"]["connectedWorkers"], 2, "{answer}");
    let other = Celery::new(format!("redis://:s3cret@{address}/4")).unwrap();
    let answer = ask(SHORT, other).await;
    assert_eq!(answer["details"]["connectedWorkers"], 0, "{answer}");
    least_permissions(&server).await;
    workers::one_is_stopped(|| check(address), &second, "no answer within ").await;
    let both = [first, second];
    let told = "2 connected, and no worker answered within ";
    workers::all_are_stopped(|| check(address), &both, told).await;
    let [first, second] = both;
    second.process().signal("STOP");
    strange_answers(&server).await;
    drop(second);
    workers::one_is_dead(|| check(address)).await;
    named().await;
    tls().await;

    let [second] = application.start([NAMES[1]]);
    let fleet = [first, second];
    workers::are_there(|| check(address), 2).await;
    let make = async |address: SocketAddr| {
        Arc::new(check(address).worker(NAMES[0]).worker(NAMES[1])) as Arc<dyn Subject>
    };
    let wrong = Celery::new(format!("redis://:s3cret-and-wrong@{address}/3")).unwrap();
    let secured = Celery::new(format!("rediss://:s3cret@{address}/3")).unwrap();
    Suite::new(address, make)
        .secret("s3cret")
        .deadline(DEADLINE)
        .runs(RUNS)
        .down("wrong password", wrong)
        .down("TLS towards none", secured)
        .restart(&mut Fleet::new(&mut server, &fleet))
        .run()
        .await;
    assert_eq!(left(&server, ""), [""; 0]);
}

/// The permissions that the documentation names are enough, and without them it is said.
async fn least_permissions(server: &Redis) {
    let check = || {
        let url = format!("redis://watcher:s3cret@{}/{DATABASE}", server.address());
        Celery::new(url).unwrap().min_workers(2)
    };
    let user = [
        "-a",
        "s3cret",
        "--no-auth-warning",
        "ACL",
        "SETUSER",
        "watcher",
    ];
    let set = |rules: &[&str]| server.command(&[&user, rules].concat());
    set(&["on", ">s3cret", "+select"]);
    let answer = ask(SHORT, check()).await;
    let error = &answer["details"]["error"];
    assert_eq!(
        error, "the user may not run this command (NOPERM)",
        "{answer}"
    );
    let channel = format!("&/{DATABASE}.celery.pidbox");
    set(&[
        "~*reply.celery.pidbox",
        &channel,
        "+del",
        "+sadd",
        "+srem",
        "+brpop",
        "+publish",
    ]);
    let answer = ask(PATIENT, check()).await;
    assert_eq!(answer["status"], "UP", "{answer}");
}

/// What else is put into the queue of answers is no answer.
async fn strange_answers(server: &Redis) {
    let check = check(server.address()).worker(NAMES[0]).worker("w3@here");
    let (answer, ()) = tokio::join!(ask(SHORT, check), put_strange_answers(server));
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(
        answer["components"]["w3@here"]["status"], "DOWN",
        "{answer}"
    );
    assert_eq!(answer["details"]["notUnderstood"], 4, "{answer}");
}

async fn put_strange_answers(server: &Redis) {
    let database = DATABASE.to_string();
    let command = |words: &[&str]| {
        let fixed = ["-a", "s3cret", "--no-auth-warning", "-n", &database];
        server.command(&[&fixed, words].concat())
    };
    let bindings = "_kombu.binding.reply.celery.pidbox";
    let mut binding = String::new();
    eventually("the question is asked", SHORT, async || {
        binding = command(&["SMEMBERS", bindings]);
        !binding.trim().is_empty()
    })
    .await;
    let queue = binding.trim().rsplit('\u{16}').next().unwrap();
    let forged =
        r#"{"body": "{\"w3@here\": {\"ok\": \"pong\"}}", "headers": {"ticket": "forged"}}"#;
    let unreadable = r#"{"body": "%%", "headers": {"ticket": 1}}"#;
    for strange in ["", "no JSON", "[]", unreadable, forged] {
        command(&["LPUSH", queue, strange]);
    }
}

async fn named() {
    let server = Redis::start(&[]);
    let url = format!("redis://{}/0", server.address());
    let application = Application::new(&url).named("ctl", "shop:");
    let _workers = application.start([NAMES[0]]);
    let check = || Celery::new(&url).unwrap().control_exchange("ctl");
    workers::are_there(|| check().key_prefix("shop:").worker(NAMES[0]), 1).await;
    assert_eq!(left(&server, "shop:"), [""; 0]);
    let answer = ask(SHORT, check()).await;
    let error = &answer["details"]["error"];
    assert_eq!(error, "no worker is connected to the broker", "{answer}");
}

async fn tls() {
    let authority = Authority::new("private");
    let identity = authority.sign(&["127.0.0.1"]);
    let server = Redis::start_tls(&identity, authority.pem(), &["--tls-auth-clients", "no"]);
    let check = || Celery::new(format!("rediss://{}/0", server.address())).unwrap();
    let trusting = check()
        .tls(Tls::new().ca(authority.pem()).unwrap())
        .unwrap();
    let cases = [
        ("trusting", trusting, "no worker is connected to the broker"),
        ("not trusting", check(), "TLS failed"),
    ];
    for (name, check, expected) in cases {
        let answer = ask(PATIENT, check).await;
        let error = answer["details"]["error"].as_str().unwrap();
        assert!(error.contains(expected), "{name}: {answer}");
    }
}
