//! Answers to `replSetGetStatus`, in the shape in which servers give them, and odd ones.

use std::time::Duration;

use health_core::{Health, Status};
use mongodb::bson::{Bson, DateTime, Document, doc};

use super::replica_set::{Expected, full_name};

/// A time at which the primary has applied its last change, in milliseconds since 1970.
const NOW_MS: i64 = 1_700_000_000_000;

fn member(name: &str, state: i32, state_name: &str, behind_ms: i64) -> Document {
    doc! {
        "_id": 0, "name": name, "health": 1.0, "state": state, "stateStr": state_name,
        "uptime": 9_000, "optimeDate": DateTime::from_millis(NOW_MS - behind_ms),
        "lastHeartbeat": DateTime::from_millis(NOW_MS), "pingMs": 3_i64,
        "syncSourceHost": "", "infoMessage": "", "configVersion": 1,
    }
}

fn unreachable(name: &str) -> Document {
    doc! {
        "_id": 2, "name": name, "health": 0.0, "state": 8, "stateStr": "(not reachable/healthy)",
        "uptime": 0, "optimeDate": DateTime::from_millis(0),
        "lastHeartbeatMessage": "Error connecting to m2:27017 :: caused by :: Connection refused",
    }
}

fn set(members: Vec<Document>) -> Document {
    let members: Vec<Bson> = members.into_iter().map(Bson::Document).collect();
    doc! { "set": "orders", "date": DateTime::from_millis(NOW_MS), "myState": 1, "members": members, "ok": 1.0 }
}

fn expected(members: &[&str], max_lag: Option<Duration>) -> Expected {
    Expected {
        members: members.iter().map(|name| full_name(name)).collect(),
        max_lag,
    }
}

fn health(expected: &Expected, status: &Document) -> (Option<String>, Health) {
    let found = expected.judge(status).unwrap();
    (
        found.problem().map(str::to_owned),
        found.add_to(Health::up()),
    )
}

fn detail(health: &Health, name: &str) -> String {
    health
        .details()
        .get(name)
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[test]
fn members_are_judged_by_state_and_health() {
    let primary = || member("m0:27017", 1, "PRIMARY", 0);
    let cases = [
        (
            "secondary",
            member("m1", 2, "SECONDARY", 1_500),
            Status::UP,
            "1500",
            "",
        ),
        (
            "ahead of the primary",
            member("m1", 2, "SECONDARY", -5),
            Status::UP,
            "0",
            "",
        ),
        ("arbiter", member("m1", 7, "ARBITER", 0), Status::UP, "", ""),
        (
            "starting",
            member("m1", 0, "STARTUP", 0),
            Status::OUT_OF_SERVICE,
            "",
            "it cannot serve yet: STARTUP",
        ),
        (
            "copying",
            member("m1", 5, "STARTUP2", 0),
            Status::OUT_OF_SERVICE,
            "",
            "it cannot serve yet: STARTUP2",
        ),
        (
            "recovering",
            member("m1", 3, "RECOVERING", 60_000),
            Status::OUT_OF_SERVICE,
            "60000",
            "it cannot serve yet: RECOVERING",
        ),
        (
            "rolling back",
            member("m1", 9, "ROLLBACK", 0),
            Status::OUT_OF_SERVICE,
            "",
            "it cannot serve yet: ROLLBACK",
        ),
        (
            "unknown",
            member("m1", 6, "UNKNOWN", 0),
            Status::DOWN,
            "",
            "its state is UNKNOWN",
        ),
        (
            "removed",
            member("m1", 10, "REMOVED", 0),
            Status::DOWN,
            "",
            "its state is REMOVED",
        ),
        (
            "of another version",
            member("m1", 77, "HUMMING", 0),
            Status::DOWN,
            "",
            "its state is HUMMING",
        ),
        (
            "unreachable",
            unreachable("m1"),
            Status::DOWN,
            "",
            "Error connecting to m2:27017 :: caused by :: Connection refused",
        ),
    ];
    for (name, member, status, lag, error) in cases {
        let (problem, health) = health(&Expected::default(), &set(vec![primary(), member]));
        let member = &health.components()["m1:27017"];
        assert_eq!(*member.status(), status, "{name}: {member:?}");
        assert_eq!(detail(member, "lagMs"), lag, "{name}");
        assert_eq!(detail(member, "error").trim_matches('"'), error, "{name}");
        assert_eq!(problem, None, "{name}");
        let not_up = if status == Status::UP {
            ""
        } else {
            r#"["m1:27017"]"#
        };
        assert_eq!(detail(&health, "membersNotUp"), not_up, "{name}");
        assert_eq!(detail(&health, "primary"), r#""m0:27017""#, "{name}");
    }
}

#[test]
fn lag_is_limited() {
    let limit = expected(&[], Some(Duration::from_secs(10)));
    let mut no_time = member("m1", 2, "SECONDARY", 0);
    no_time.remove("optimeDate");
    let cases = [
        ("at the limit", member("m1", 2, "SECONDARY", 10_000), ""),
        (
            "behind",
            member("m1", 2, "SECONDARY", 10_001),
            "it is 10001 ms behind the primary, at most 10000 ms are allowed",
        ),
        ("not told", no_time, "it is not known how far it is behind"),
    ];
    for (name, member_1, error) in cases {
        let (_, health) = health(&limit, &set(vec![member("m0", 1, "PRIMARY", 0), member_1]));
        let shown = detail(&health.components()["m1:27017"], "error");
        assert_eq!(shown.trim_matches('"'), error, "{name}");
    }
}

#[test]
fn a_set_needs_one_primary_and_its_expected_members() {
    let primary = || member("M0:27017", 1, "PRIMARY", 0);
    let secondary = || member("m1:27017", 2, "SECONDARY", 0);
    let mut unhealthy_primary = primary();
    unhealthy_primary.insert("health", 0);
    let cases = [
        (
            "all",
            vec!["m0", "m1:27017"],
            vec![primary(), secondary()],
            "",
        ),
        (
            "no primary",
            vec![],
            vec![secondary()],
            "the replica set has no primary",
        ),
        (
            "primary not healthy",
            vec![],
            vec![unhealthy_primary, secondary()],
            "the replica set has no primary",
        ),
        (
            "two primaries",
            vec![],
            vec![primary(), member("m1", 1, "PRIMARY", 0)],
            "2 members say that they are the primary",
        ),
        (
            "missing",
            vec!["m0", "m1", "m2"],
            vec![primary(), secondary()],
            "expected members are not UP: m2:27017",
        ),
        (
            "unreachable",
            vec!["m0", "m2"],
            vec![primary(), unreachable("m2")],
            "expected members are not UP: m2:27017",
        ),
        ("unexpected", vec!["m0"], vec![primary(), secondary()], ""),
        (
            "unexpected, unreachable",
            vec!["m0"],
            vec![primary(), unreachable("m2")],
            "",
        ),
    ];
    for (name, names, members, problem) in cases {
        let (told, health) = health(&expected(&names, None), &set(members));
        assert_eq!(told.unwrap_or_default(), problem, "{name}");
        let unexpected = detail(&health, "unexpectedMembers");
        assert_eq!(
            !unexpected.is_empty(),
            name.starts_with("unexpected"),
            "{name}: {unexpected}"
        );
        if name == "missing" {
            let missing = detail(&health.components()["m2:27017"], "error");
            assert_eq!(missing, r#""it is not a member of the replica set""#);
        }
    }
}

#[test]
fn odd_answers_never_pass() {
    let good = || member("m0", 1, "PRIMARY", 0);
    let without = |what: &str| {
        let mut member = good();
        member.remove(what);
        set(vec![member])
    };
    let with = |what: &str, value: Bson| {
        let mut member = good();
        member.insert(what, value);
        set(vec![member])
    };
    let cases = [
        ("nothing", doc! {}),
        ("another shape", doc! { "ok": 1, "result": [] }),
        ("members no list", doc! { "members": { "0": good() } }),
        ("no members", set(vec![])),
        ("member no document", doc! { "members": ["m0"] }),
        ("no name", without("name")),
        ("empty name", with("name", "".into())),
        ("no state", without("state")),
        ("state a text", with("state", "1".into())),
        ("state not whole", with("state", 1.5.into())),
        ("state not a number", with("state", f64::NAN.into())),
        ("no health", without("health")),
        ("health a truth", with("health", true.into())),
        ("a member twice", set(vec![good(), good()])),
        (
            "too many members",
            set((0..65)
                .map(|n| member(&format!("m{n}"), 2, "SECONDARY", 0))
                .collect()),
        ),
    ];
    for (name, status) in cases {
        let error = Expected::default().judge(&status).unwrap_err().to_string();
        assert!(
            error.starts_with("replSetGetStatus tells of "),
            "{name}: {error}"
        );
    }
}

#[test]
fn extreme_numbers_do_no_harm() {
    for time in [i64::MIN, -1, i64::MAX] {
        let mut other = member("m1", 2, "SECONDARY", 0);
        other.insert("optimeDate", DateTime::from_millis(time));
        other.insert("uptime", f64::INFINITY);
        other.insert("pingMs", i64::MIN);
        let mut primary = member("m0", 1, "PRIMARY", 0);
        primary.insert("optimeDate", DateTime::from_millis(i64::MAX));
        let (problem, _) = health(&Expected::default(), &set(vec![primary, other]));
        assert_eq!(problem, None);
    }
}

#[test]
fn names_are_compared_with_their_port() {
    let cases = [
        ("m0", "m0:27017"),
        ("M0.Example:27018", "m0.example:27018"),
        ("[::1]:1", "[::1]:1"),
        ("[::1]", "[::1]:27017"),
        ("::1", "[::1]:27017"),
        ("m0:", "m0::27017"),
    ];
    for (name, full) in cases {
        assert_eq!(full_name(name), full, "{name}");
    }
}
