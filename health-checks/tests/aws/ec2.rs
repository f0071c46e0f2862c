//! Instances: each state, pages, and refusals.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::post};
use check_testing::servers::moto::Moto;
use health_checks::{AwsCredentials, Ec2Instances};
use health_core::Status;

use crate::{
    keys,
    shared::{alone, ask, assert_down, assert_up, text},
    url,
};

fn instances(keys: AwsCredentials, address: SocketAddr) -> Ec2Instances {
    let check = Ec2Instances::new("eu-west-1", keys).unwrap();
    check.endpoint(&url(address)).unwrap()
}

#[test]
fn moto_tells_each_state_and_each_refusal() {
    alone(async {
        let moto = Moto::start();
        states(&moto).await;
        refusals(&moto).await;
    });
}

async fn states(moto: &Moto) {
    let all = || instances(keys(moto), moto.address());
    let workers = ask(&all().filter("tag:role", ["worker"])).await;
    assert_eq!(
        *workers.status(),
        Status::DOWN,
        "one is stopped: {workers:?}"
    );
    assert_eq!(workers.details().get("count").unwrap(), 3);
    let states: Vec<_> = ["running", "nameless", "stopped"]
        .map(|which| {
            let instance = &workers.components()[moto.made(which)];
            let name = instance.details().get("name").cloned().unwrap_or_default();
            (instance.status().clone(), name)
        })
        .into();
    assert_eq!(
        states,
        [
            (Status::UP, "web 1".into()),
            (Status::UP, serde_json::Value::Null),
            (Status::DOWN, "web 3".into()),
        ]
    );
    assert!(!workers.components().contains_key(moto.made("gone")));

    let running = ask(&all().ids([moto.made("running")])).await;
    assert_up("running", &running);
    let gone = ask(&all().ids([moto.made("gone")])).await;
    assert_eq!(*gone.status(), Status::DOWN, "{gone:?}");
}

async fn refusals(moto: &Moto) {
    let all = || instances(keys(moto), moto.address());
    let cases = [
        (
            all().filter("tag:role", ["no such"]),
            "0 instances, at least 1 are expected",
        ),
        (
            all().filter("tag:Name", ["web 1"]).min_instances(2),
            "1 instances, at least 2",
        ),
        (
            all().ids(["i-0123456789abcdef0"]),
            "InvalidInstanceID.NotFound",
        ),
        (
            instances(
                AwsCredentials::new(moto.made("id"), "wrong"),
                moto.address(),
            ),
            "AuthFailure",
        ),
    ];
    for (check, expected) in cases {
        assert_down(expected, &ask(&check).await, expected);
    }
}

/// Answers questions in turn, and keeps them.
async fn answering(answers: Vec<String>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let app = Router::new().route(
        "/",
        post(async move |body: String| {
            let mut asked = kept.lock().unwrap();
            asked.push(body);
            answers.get(asked.len() - 1).cloned().unwrap_or_default()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, asked)
}

fn known(ids: &[&str], next: &str) -> String {
    let items: String = ids
        .iter()
        .map(|id| {
            format!(
                "<item><instancesSet><item><instanceId>{id}</instanceId><instanceState>\
                 <name>running</name></instanceState></item></instancesSet></item>"
            )
        })
        .collect();
    format!(
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>\
         <nextToken>{next}</nextToken></DescribeInstancesResponse>"
    )
}

fn statuses(statuses: &[(&str, &str)]) -> String {
    let items: String = statuses
        .iter()
        .map(|(id, status)| {
            format!(
                "<item><instanceId>{id}</instanceId><instanceStatus><status>{status}</status>\
                 </instanceStatus><systemStatus><status>ok</status></systemStatus></item>"
            )
        })
        .collect();
    format!(
        "<DescribeInstanceStatusResponse><instanceStatusSet>{items}</instanceStatusSet>\
         </DescribeInstanceStatusResponse>"
    )
}

#[test]
fn pages_are_read_to_the_end_and_impaired_is_told_from_initializing() {
    alone(async {
        let keys = AwsCredentials::new("id", "secret");
        let (address, questions) = answering(vec![
            known(&["i-1", "i-2"], "more"),
            known(&["i-3"], ""),
            statuses(&[("i-1", "ok"), ("i-2", "initializing"), ("i-3", "impaired")]),
        ])
        .await;
        let health = ask(&instances(keys.clone(), address)).await;
        let found: Vec<_> = health
            .components()
            .iter()
            .map(|(id, instance)| (id.as_str(), instance.status().clone()))
            .collect();
        assert_eq!(
            found,
            [
                ("i-1", Status::UP),
                ("i-2", Status::OUT_OF_SERVICE),
                ("i-3", Status::DOWN)
            ]
        );
        assert_eq!(*health.status(), Status::DOWN);
        let questions = questions.lock().unwrap().clone();
        assert!(questions[1].contains("NextToken=more"), "{questions:?}");
        assert!(
            questions[2].contains("InstanceId.3=i-3")
                && questions[2].contains("IncludeAllInstances=true"),
            "{questions:?}"
        );

        let (address, _) = answering(vec![
            known(&["i-2"], ""),
            statuses(&[("i-2", "initializing")]),
        ])
        .await;
        let health = ask(&instances(keys, address)).await;
        assert_eq!(*health.status(), Status::OUT_OF_SERVICE);
    });
}

#[test]
fn an_odd_answer_is_down() {
    alone(async {
        let keys = || AwsCredentials::new("id", "secret");
        let cases: [(&str, Vec<String>, &str); 4] = [
            ("nothing", vec![], "the answer is not understood"),
            ("no XML", vec!["{}".into()], "the answer is not understood"),
            (
                "the same page again and again",
                vec![known(&["i-1"], "t"); 3],
                "the same page came twice",
            ),
            (
                "no status at all",
                vec![known(&["i-1"], ""), statuses(&[])],
                "",
            ),
        ];
        for (name, answers, expected) in cases {
            let (address, _) = answering(answers).await;
            let health = ask(&instances(keys(), address)).await;
            assert_eq!(*health.status(), Status::DOWN, "{name}");
            assert!(
                text(&health, "error").contains(expected),
                "{name}: {health:?}"
            );
        }
    });
}
