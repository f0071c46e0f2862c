//! What a server and a replica set tell.

use health_checks::MongoDb;
use mongodb::{
    Client,
    bson::{DateTime, Document, doc},
};

use crate::{
    alone, ask, assert_down, assert_up,
    server::{Server, error},
    text,
};

const NOW_MS: i64 = 1_700_000_000_000;

fn direct(server: &Server) -> MongoDb {
    MongoDb::connect(format!(
        "mongodb://{}/?directConnection=true",
        server.address()
    ))
    .unwrap()
}

fn member(name: &str, state: i32, state_name: &str, behind_ms: i64) -> Document {
    doc! {
        "_id": 0, "name": name, "health": 1.0, "state": state, "stateStr": state_name,
        "uptime": 9_000, "optimeDate": DateTime::from_millis(NOW_MS - behind_ms), "pingMs": 3_i64,
    }
}

fn status() -> Document {
    doc! {
        "set": "orders", "date": DateTime::from_millis(NOW_MS), "myState": 1, "term": 4_i64,
        "heartbeatIntervalMillis": 2000_i64, "ok": 1.0,
        "members": [
            member("m0:27017", 1, "PRIMARY", 0),
            member("m1:27017", 2, "SECONDARY", 250),
            member("m2:27017", 3, "RECOVERING", 90_000),
        ],
    }
}

#[test]
fn a_server_tells_its_databases_and_version() {
    alone(async {
        let server = Server::start();
        let health = ask(&direct(&server)).await;
        assert_up(&health);
        let detail = |name: &str| health.details().get(name).unwrap().to_string();
        assert_eq!(detail("databases"), r#"["admin","orders"]"#);
        assert_eq!(detail("maxWireVersion"), "21");
        let of_set = ask(&direct(&server).replica_set()).await;
        assert_down(&of_set, "the server is not a member of a replica set");
    });
}

#[test]
fn answers_that_are_odd_never_pass() {
    alone(async {
        let server = Server::start();
        let unlisted = [
            (
                "privilege",
                error(
                    13,
                    "Unauthorized",
                    "not authorized on admin to execute command",
                ),
                None,
            ),
            (
                "command",
                error(59, "CommandNotFound", "no such command"),
                None,
            ),
            (
                "login",
                error(
                    13,
                    "Unauthorized",
                    "command listDatabases requires authentication",
                ),
                Some("authentication is required"),
            ),
            (
                "stepping down",
                error(11_600, "InterruptedAtShutdown", "interrupted at shutdown"),
                Some(""),
            ),
            ("shape", doc! { "ok": 1.0 }, Some("without `databases`")),
            (
                "type",
                doc! { "ok": 1.0, "databases": "x" },
                Some("without `databases`"),
            ),
        ];
        for (name, databases, problem) in unlisted {
            server.change(|answers| answers.databases = databases);
            let health = ask(&direct(&server)).await;
            match problem {
                None => assert_up(&health),
                Some(problem) => assert_down(&health, problem),
            }
            assert_eq!(health.details().get("databases"), None, "{name}");
        }
    });
}

#[test]
fn members_are_components() {
    alone(async {
        let server = Server::start_replica_set(status());
        let uri = format!("mongodb://{}/?replicaSet=orders", server.address());
        let client = Client::with_uri_str(&uri).await.unwrap();
        for check in [
            MongoDb::new(client.clone()).replica_set(),
            MongoDb::connect(&uri).unwrap().replica_set(),
        ] {
            let health = ask(&check).await;
            assert_up(&health);
            assert_eq!(text(&health, "setName"), "orders");
            assert_eq!(text(&health, "primary"), "m0:27017");
            let second = &health.components()["m1:27017"];
            assert_eq!(second.details().get("lagMs").unwrap().to_string(), "250");
            assert_eq!(
                health.components()["m2:27017"].status().to_string(),
                "OUT_OF_SERVICE"
            );
        }
        let expected = MongoDb::new(client.clone()).members(["m0", "m1", "m3:27018"]);
        let health = ask(&expected).await;
        assert_down(&health, "expected members are not UP: m3:27018");
        assert_down(&health.components()["m3:27018"], "not a member");
        let unexpected = health
            .details()
            .get("unexpectedMembers")
            .unwrap()
            .to_string();
        assert_eq!(unexpected, r#"["m2:27017"]"#);

        server.change(|answers| {
            answers.status = error(
                13,
                "Unauthorized",
                "not authorized on admin to execute command",
            );
        });
        assert_down(&ask(&expected).await, "the user may not ask this");
        server.change(|answers| answers.status = doc! { "ok": 1, "result": [] });
        assert_down(
            &ask(&expected).await,
            "replSetGetStatus tells of no members",
        );
    });
}

#[test]
fn a_set_without_a_primary_is_asked_by_a_secondary() {
    alone(async {
        let server = Server::start_replica_set(status());
        server.change(|answers| {
            answers
                .hello
                .extend(doc! { "isWritablePrimary": false, "ismaster": false, "secondary": true });
            answers.hello.remove("primary");
            let members = answers.status.get_array_mut("members").unwrap();
            members.remove(0);
        });
        let uri = format!("mongodb://{}/?replicaSet=orders", server.address());
        let health = ask(&MongoDb::connect(&uri).unwrap().replica_set()).await;
        assert_down(&health, "the replica set has no primary");
        assert_up(&health.components()["m1:27017"]);
        assert_up(&ask(&MongoDb::connect(&uri).unwrap()).await);
    });
}

#[test]
fn why_there_is_no_server_is_told() {
    alone(async {
        let address = Server::start().address();
        let direct = |query: &str| {
            MongoDb::connect(format!("mongodb://{address}/?directConnection=true{query}")).unwrap()
        };
        let health = ask(&direct("")).await;
        assert_down(&health, "no server can be used");
        assert_down(&health, &format!("{address}: Connection refused"));
        let uri = format!("mongodb://{address}/?directConnection=true");
        let waits_longer = MongoDb::new(Client::with_uri_str(uri).await.unwrap());
        let health = ask(&waits_longer).await;
        assert_down(&health, "no answer within");
        assert_down(&health, "`serverSelectionTimeout`");
        let named = MongoDb::connect("mongodb://nowhere.invalid/?directConnection=true").unwrap();
        let health = ask(&named).await;
        assert_down(&health, "nowhere.invalid");
        let alone = Server::start();
        let uri = format!("mongodb://{}/?replicaSet=orders", alone.address());
        let health = ask(&MongoDb::connect(uri).unwrap()).await;
        assert_down(&health, "none of the hosts is a member of the replica set");
    });
}

#[test]
fn a_connection_string_that_is_wrong_is_told_without_its_text() {
    for text in [
        "",
        "http://s3cret",
        "mongodb://u:s3/cret@h",
        "mongodb://h/?s3cret=1&tls=s3cret",
    ] {
        let Err(error) = MongoDb::connect(text) else {
            continue;
        };
        let error = error.to_string();
        assert!(
            error.starts_with("connection string of the MongoDB check: "),
            "{error}"
        );
        assert!(!error.contains("s3"), "{error}");
    }
    assert!(MongoDb::connect("http://s3cret").is_err());
    let check = MongoDb::connect("mongodb://u:s3cret@h:1,i:2/?replicaSet=r").unwrap();
    assert_eq!(format!("{check:?}"), r#"MongoDb { place: "h:1, i:2" }"#);
}
