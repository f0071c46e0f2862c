//! What is told of a server that answers.

use health_checks::{DeadpoolPostgres, Postgres};
use health_core::Check;
use serde_json::{Value, json};

use crate::{
    SERVER, deadpool, pool,
    sql::{alone, ask},
};

fn both(query: Option<&str>) -> [(&'static str, Box<dyn Check>); 2] {
    let address = SERVER.address();
    let mut sqlx = Postgres::new(pool(address, 4));
    let mut deadpool = DeadpoolPostgres::new(deadpool(address, 4));
    if let Some(query) = query {
        sqlx = sqlx.query(query);
        deadpool = deadpool.query(query);
    }
    [("sqlx", Box::new(sqlx)), ("deadpool", Box::new(deadpool))]
}

async fn ask_boxed(check: Box<dyn Check>) -> crate::sql::Answer {
    let check: std::sync::Arc<dyn Check> = check.into();
    ask(check).await
}

#[tokio::test(flavor = "multi_thread")]
async fn details_are_those_of_spring_and_ours() {
    let _alone = alone().await;
    for (name, check) in both(None) {
        let answer = ask_boxed(check).await;
        answer.assert(name, "UP", &[]);
        let details = answer.details.as_object().unwrap();
        let keys: Vec<&str> = details.keys().map(String::as_str).collect();
        let expected = [
            "database",
            "version",
            "role",
            "validationQuery",
            "acquireMs",
            "queryMs",
            "pool",
        ];
        let sorted = |mut keys: Vec<&str>| {
            keys.sort_unstable();
            keys.join(" ")
        };
        assert_eq!(sorted(keys), sorted(expected.into()), "{name}");
        assert_eq!(details["database"], "PostgreSQL", "{name}");
        assert_eq!(details["role"], "primary", "{name}");
        let version = SERVER.query("SHOW server_version");
        assert_eq!(details["version"], version, "{name}");
        assert_eq!(details["pool"]["size"], 1, "{name}");
        assert_eq!(details["pool"]["max"], 4, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_ones_own_has_to_return_one_value() {
    let _alone = alone().await;
    let cases = [
        ("number", "SELECT 42", Ok(json!(42))),
        ("text", "SELECT 'hello'", Ok(json!("hello"))),
        ("semicolon", "SELECT 1;", Ok(json!(1))),
        ("comment", "SELECT 1 -- one", Ok(json!(1))),
        (
            "timestamp",
            "SELECT '2026-01-01'::date",
            Ok(json!("2026-01-01")),
        ),
        ("no row", "SELECT 1 WHERE false", Err("returned no row")),
        ("NULL", "SELECT NULL", Err("returned NULL")),
        ("two columns", "SELECT 1, 2", Err("2 columns")),
        (
            "many rows",
            "SELECT generate_series(1, 1000000)",
            Err("more than one row"),
        ),
        (
            "no such table",
            "SELECT count(*) FROM nowhere",
            Err("(42P01): relation \"nowhere\" does not exist"),
        ),
        ("no SQL", "SELEC", Err("(42601)")),
    ];
    for (name, query, expected) in cases {
        for (pool, check) in both(Some(query)) {
            let name = format!("{name}, {pool}");
            let answer = ask_boxed(check).await;
            assert_eq!(answer.details["validationQuery"], query, "{name}");
            match &expected {
                Ok(value) => {
                    answer.assert(&name, "UP", &[]);
                    assert_eq!(&answer.details["result"], value, "{name}");
                }
                Err(part) => {
                    answer.assert(&name, "DOWN", &[part]);
                    assert_eq!(answer.details["result"], Value::Null, "{name}");
                    assert!(answer.details["version"].is_string(), "{name}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_the_connection_stay_what_they_were() {
    let _alone = alone().await;
    let pool = pool(SERVER.address(), 1);
    sqlx::raw_sql("SET statement_timeout = 12345")
        .execute(&pool)
        .await
        .unwrap();
    let check = Postgres::new(pool.clone()).query("SELECT current_setting('statement_timeout')");
    let answer = ask(check).await;
    answer.assert("within", "UP", &[]);
    assert_ne!(answer.details["result"], "12345ms");
    let after: String = sqlx::query_scalar("SELECT current_setting('statement_timeout')")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(after, "12345ms");
}
