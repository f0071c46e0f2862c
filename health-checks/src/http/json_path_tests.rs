use super::*;
use crate::http::JsonType;

use reqwest::{StatusCode, header::HeaderMap};

use crate::web::{Answer, Timings};

fn look(body: &str, path: &str, is: JsonIs) -> Result<(), String> {
    let answer = Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: body.as_bytes().to_vec(),
        is_whole: true,
        timings: Timings::default(),
    };
    let check = Http::new("http://h").unwrap();
    let check = check.expect_json_path(path, is).unwrap();
    check.conditions[0].look(&Seen::new(&answer, 0))
}

#[test]
fn values_are_compared_by_their_type() {
    const BODY: &str = r#"{"n": 5, "f": 5.5, "s": "b", "z": null, "t": true, "a": [1, 2, 3], "o": {"k": 1, "l": 2},
        "x": [{"n": 1}, {"n": 9}], "big": 18446744073709551615}"#;
    let ok = Ok(());
    let no = |found: &str| Err(found.to_owned());
    let cases = [
        ("equal", "$.n", JsonIs::equal_to(5), ok.clone()),
        ("equal by value", "$.n", JsonIs::equal_to(5.0), ok.clone()),
        ("other number", "$.n", JsonIs::equal_to(6), no("5")),
        ("text for a number", "$.n", JsonIs::equal_to("5"), no("5")),
        ("true for a number", "$.t", JsonIs::equal_to(1), no("true")),
        ("null", "$.z", JsonIs::equal_to(Value::Null), ok.clone()),
        ("not equal", "$.n", JsonIs::not_equal_to(6), ok.clone()),
        (
            "not equal to another type",
            "$.n",
            JsonIs::not_equal_to("5"),
            ok.clone(),
        ),
        ("not not equal", "$.n", JsonIs::not_equal_to(5.0), no("5")),
        ("missing", "$.m", JsonIs::equal_to(5), no("nothing")),
        (
            "missing, negated",
            "$.m",
            JsonIs::not_equal_to(5),
            no("nothing"),
        ),
        ("missing, present", "$.m", JsonIs::present(), no("nothing")),
        (
            "missing, all",
            "$.m",
            JsonIs::not_equal_to(5).for_all(),
            no("nothing"),
        ),
        (
            "missing, any",
            "$.m",
            JsonIs::not_equal_to(5).for_any(),
            no("nothing"),
        ),
        ("null is present", "$.z", JsonIs::present(), ok.clone()),
        ("less", "$.f", JsonIs::less_than(6), ok.clone()),
        ("not less", "$.n", JsonIs::less_than(5), no("5")),
        ("at most", "$.n", JsonIs::at_most(5.0), ok.clone()),
        ("greater", "$.f", JsonIs::greater_than(5), ok.clone()),
        ("not greater", "$.n", JsonIs::greater_than(5), no("5")),
        (
            "at least",
            "$.big",
            JsonIs::at_least(18_446_744_073_709_551_615_u64),
            ok.clone(),
        ),
        ("text before", "$.s", JsonIs::less_than("c"), ok.clone()),
        (
            "text not before",
            "$.s",
            JsonIs::less_than("a"),
            no("\"b\""),
        ),
        (
            "text is no number",
            "$.s",
            JsonIs::greater_than(0),
            no("\"b\""),
        ),
        ("null is no number", "$.z", JsonIs::less_than(1), no("null")),
        ("true is no number", "$.t", JsonIs::less_than(2), no("true")),
        ("type", "$.a", JsonIs::of_type(JsonType::Array), ok.clone()),
        (
            "other type",
            "$.a",
            JsonIs::of_type(JsonType::Object),
            no("[1,2,3]"),
        ),
        (
            "whole object",
            "$.o",
            JsonIs::equal_to(serde_json::json!({"k": 1})),
            no(r#"{"k":1,"l":2}"#),
        ),
        (
            "several",
            "$.a[*]",
            JsonIs::less_than(9),
            no("3 values, and neither all nor any was asked for"),
        ),
        ("all", "$.a[*]", JsonIs::less_than(9).for_all(), ok.clone()),
        ("not all", "$.a[*]", JsonIs::less_than(3).for_all(), no("3")),
        ("any", "$.a[*]", JsonIs::equal_to(2).for_any(), ok.clone()),
        (
            "not any",
            "$.a[*]",
            JsonIs::equal_to(7).for_any(),
            no("1, 2, 3"),
        ),
        (
            "all of one",
            "$.n",
            JsonIs::equal_to(5).for_all(),
            ok.clone(),
        ),
        ("filter", "$.x[?@.n > 5].n", JsonIs::equal_to(9), ok.clone()),
        (
            "function",
            "$.x[?length(@) == 1]",
            JsonIs::present().for_all(),
            ok.clone(),
        ),
        (
            "descendants",
            "$..n",
            JsonIs::of_type(JsonType::Number).for_all(),
            ok,
        ),
    ];
    for (name, path, is, expected) in cases {
        assert_eq!(look(BODY, path, is), expected, "{name}");
    }
}

#[test]
fn what_is_no_json_passes_nothing() {
    let deep = "[".repeat(100_000);
    let deep_and_closed = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let bodies = [
        ("empty", ""),
        ("text", "ok"),
        ("cut", r#"{"n": 5"#),
        ("two documents", "{} {}"),
        ("deep", &deep),
        ("deep and closed", &deep_and_closed),
        ("out of range", r#"{"n": 1e999}"#),
        ("name twice", r#"{"n": 1, "n": 2}"#),
        ("NaN", r#"{"n": NaN}"#),
        ("infinite", r#"{"n": -Infinity}"#),
        ("leading zero", r#"{"n": 05}"#),
        ("lone surrogate", r#"{"n": "\ud800"}"#),
        ("raw line feed", "{\"n\": \"\n\"}"),
    ];
    for (name, body) in bodies {
        for is in [
            JsonIs::present().for_any(),
            JsonIs::not_equal_to(1).for_any(),
        ] {
            let found = look(body, "$..*", is).unwrap_err();
            assert!(
                found == "nothing" || found.starts_with("no JSON: "),
                "{name}: {found}"
            );
        }
    }
}

#[test]
fn wrong_settings_are_refused() {
    let set = |path, is| {
        Http::new("http://h")
            .unwrap()
            .expect_json_path(path, is)
            .unwrap_err()
            .to_string()
    };
    let error = set("$.a[", JsonIs::present());
    assert!(
        error.starts_with("JSONPath `$.a[`: it cannot be read: "),
        "{error}"
    );
    let error = set("$.a", JsonIs::less_than(true));
    assert!(
        error.contains("only numbers and texts have an order"),
        "{error}"
    );
}
