//! What is told of a server that answers.

use health_checks::MySql;
use health_core::Status;
use serde_json::{Value, json};

use crate::{
    SERVER, Server, pool,
    sql::{alone, ask},
};

#[tokio::test(flavor = "multi_thread")]
async fn details_are_those_of_spring_and_ours() {
    let _alone = alone().await;
    let answer = ask(MySql::new(pool(SERVER.address(), 4))).await;
    answer.assert("plain", "UP", &[]);
    let details = &answer.details;
    assert_eq!(details["database"], "MariaDB");
    assert!(
        details["version"].as_str().unwrap().contains("MariaDB"),
        "{answer}"
    );
    assert_eq!(details["role"], "primary");
    assert_eq!(
        details["validationQuery"],
        "SELECT @@version, @@GLOBAL.read_only"
    );
    assert_eq!(details["result"], Value::Null);
    assert!(
        details["acquireMs"].is_u64() && details["queryMs"].is_u64(),
        "{answer}"
    );
    assert_eq!(details["pool"]["size"], 1);
    assert_eq!(details["pool"]["max"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_ones_own_has_to_return_one_value() {
    let _alone = alone().await;
    let cases = [
        ("number", "SELECT 42", Ok(json!(42))),
        ("text", "SELECT 'hello'", Ok(json!("hello"))),
        ("semicolon", "SELECT 1;", Ok(json!(1))),
        ("decimal", "SELECT 1.50", Ok(json!("1.50"))),
        ("not text", "SELECT x'ff'", Err("decoding")),
        (
            "no row",
            "SELECT 1 FROM dual WHERE false",
            Err("returned no row"),
        ),
        ("NULL", "SELECT NULL", Err("returned NULL")),
        ("two columns", "SELECT 1, 2", Err("2 columns")),
        (
            "many rows",
            "SELECT seq FROM seq_1_to_1000000",
            Err("more than one row"),
        ),
        (
            "no such table",
            "SELECT count(*) FROM nowhere",
            Err("(42S02)"),
        ),
        ("no SQL", "SELEC", Err("(42000)")),
    ];
    for (name, query, expected) in cases {
        let answer = ask(MySql::new(pool(SERVER.address(), 2)).query(query)).await;
        assert_eq!(answer.details["validationQuery"], query, "{name}");
        match &expected {
            Ok(value) => {
                answer.assert(name, "UP", &[]);
                assert_eq!(&answer.details["result"], value, "{name}");
            }
            Err(part) => {
                answer.assert(name, "DOWN", &[part]);
                assert_eq!(answer.details["result"], Value::Null, "{name}");
                assert_eq!(answer.details["database"], "MariaDB", "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_read_only_is_a_replica() {
    let _alone = alone().await;
    let server = Server::start(&["--read-only=ON"]);
    let check = MySql::new(pool(server.address(), 2));
    let answer = ask(check.clone()).await;
    answer.assert("any", "UP", &[]);
    assert_eq!(answer.details["role"], "replica");
    let error = ["the server is a replica, a primary is required"];
    let strict = check.require_primary();
    ask(strict.clone())
        .await
        .assert("strict", "OUT_OF_SERVICE", &error);
    let strict = strict.replica_status(Status::DOWN);
    ask(strict.clone())
        .await
        .assert("strict, DOWN", "DOWN", &error);
    server.query("SET GLOBAL read_only = OFF");
    let answer = ask(strict).await;
    answer.assert("promoted", "UP", &[]);
    assert_eq!(answer.details["role"], "primary");
}
