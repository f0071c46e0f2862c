//! Cases of the info answer.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde_json::json;

use super::*;
use crate::info::{
    git_info::GitMode,
    testing::{Tree, warnings},
};

fn text(info: &Info) -> String {
    String::from_utf8(info.body()).unwrap()
}

/// Names of the top-level members, in their order. They are found by asking for each where its
/// text begins, because a parsed map is sorted.
fn keys(info: &Info) -> Vec<String> {
    let text = text(info);
    let parsed: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut keys: Vec<_> = parsed
        .iter()
        .map(|(key, value)| {
            let start = text.find(&format!("{}:", json!(key))).unwrap();
            assert!(!value.is_null());
            (start, key.clone())
        })
        .collect();
    keys.sort();
    keys.into_iter().map(|(_, key)| key).collect()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

#[test]
fn has_app_and_trace_alone_by_default() {
    let tree = Tree::new();
    let info = Info::builder("orders").build_from(tree.source());
    let expected = format!(
        r#"{{"app":{{"name":"orders"}},"trace.attributes":{}}}"#,
        info.resource().object()
    );
    assert_eq!(text(&info), expected);
    assert!(expected.contains(r#""trace.attributes":{"service.name":"orders","host.arch":"#));
}

#[test]
fn orders_members() {
    let tree = Tree::new();
    let info = Info::builder("orders")
        .version("1.2.3")
        .contributor("zebra", || 1)
        .merged_contributor("more", || map(json!({"a": {"x": [1, 2]}, "b": 1})))
        .contributor("ant", || "text")
        .process_info()
        .os_info()
        .git_info(GitInfo::default().branch("main").mode(GitMode::Full))
        .build_info(BuildInfo::default().version("1.2.3"))
        .build_from(tree.source());
    assert_eq!(
        keys(&info),
        [
            "app",
            "trace.attributes",
            "build",
            "git",
            "os",
            "process",
            "zebra",
            "a",
            "b",
            "ant"
        ]
    );
    assert!(
        text(&info)
            .starts_with(r#"{"app":{"name":"orders","version":"1.2.3"},"trace.attributes":{"#)
    );
}

#[test]
fn leaves_out_contributors_with_nothing_to_say() {
    let tree = Tree::new();
    let info = Info::builder("orders")
        .build_info(BuildInfo::default())
        .git_info(GitInfo::default())
        .contributor("null", || Value::Null)
        .merged_contributor("null too", || map(json!({"a": null})))
        .build_from(tree.source());
    assert_eq!(keys(&info), ["app", "trace.attributes"]);
}

#[test]
fn lets_the_application_replace_members() {
    let tree = Tree::new();
    let info = Info::builder("orders")
        .os_info()
        .contributor("app", || json!({"name": "mine"}))
        .contributor("x", || 1)
        .merged_contributor("more", || map(json!({"os": "mine", "x": 2})))
        .build_from(tree.source());
    let body: Value = serde_json::from_slice(&info.body()).unwrap();
    assert_eq!(body["app"], json!({"name": "mine"}));
    assert_eq!(body["os"], "mine");
    assert_eq!(body["x"], 2);
    assert_eq!(keys(&info), ["app", "trace.attributes", "os", "x"]);
}

#[test]
fn asks_contributors_for_each_answer_and_detects_once() {
    let tree = Tree::new();
    tree.write("/proc/sys/kernel/hostname", "first");
    let count = Arc::new(AtomicU32::new(0));
    let asked = Arc::clone(&count);
    let info = Info::builder("orders")
        .contributor("asked", move || asked.fetch_add(1, Ordering::Relaxed))
        .build_from(tree.source());
    tree.write("/proc/sys/kernel/hostname", "second");
    assert_eq!(count.load(Ordering::Relaxed), 0);
    for expected in 0..3 {
        let body: Value = serde_json::from_slice(&info.body()).unwrap();
        assert_eq!(body["asked"], expected);
        assert_eq!(body["trace.attributes"]["host.name"], "first");
    }
}

#[test]
fn refreshes_the_process() {
    let tree = Tree::new();
    let status = |kib: u32| format!("VmSize: {kib} kB\nVmRSS: {kib} kB\n");
    tree.write("/proc/self/status", status(1));
    let info = Info::builder("orders")
        .process_info()
        .build_from(tree.source());
    for kib in [1, 2] {
        tree.write("/proc/self/status", status(kib));
        let body: Value = serde_json::from_slice(&info.body()).unwrap();
        assert_eq!(body["process"]["memory"]["resident"], kib * 1024);
    }
}

#[test]
fn leaves_out_a_contributor_that_panics_and_names_it() {
    let tree = Tree::new();
    let info = Info::builder("orders")
        .contributor("good", || 1)
        .contributor("bad", || -> Value {
            panic!("contributor panics on purpose")
        })
        .merged_contributor("worse", || -> Map<String, Value> {
            panic!("contributor panics on purpose")
        })
        .contributor("last", || 2)
        .build_from(tree.source());
    let (found, warned) = warnings(|| keys(&info));
    assert_eq!(found, ["app", "trace.attributes", "good", "last"]);
    assert_eq!(warned.len(), 2);
    assert!(warned[0].contains(r#"contributor="bad""#), "{warned:?}");
    assert!(warned[1].contains(r#"contributor="worse""#), "{warned:?}");
    assert!(!warned.concat().contains("on purpose"));
}

#[test]
fn can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let info = Info::builder("orders").process_info().build();
    shared(&info);
    assert!(format!("{info:?}").starts_with("Info {"));
}
