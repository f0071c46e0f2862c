//! How JSON values are compared: by type and value.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::condition::{Condition, Seen};

/// The body is JSON that holds this value.
pub(super) struct Holds(pub(super) Value);

impl Condition for Holds {
    fn subject(&self) -> String {
        "the body".to_owned()
    }

    fn expected(&self) -> String {
        format!("to hold {}", self.0)
    }

    fn look(&self, seen: &Seen<'_>) -> Result<(), String> {
        let found = seen.json()?;
        if holds(found, &self.0) {
            Ok(())
        } else {
            Err(found.to_string())
        }
    }
}

/// Tells whether `found` has all that `part` has: of objects the members that are named, of all
/// else the whole.
fn holds(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::Object(found), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| found.get(name).is_some_and(|found| holds(found, part))),
        _ => equals(found, part),
    }
}

/// Compares two values whole, numbers by value.
pub(super) fn equals(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => compare(a, b) == Some(Ordering::Equal),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equals(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| equals(a, b)))
        }
        _ => a == b,
    }
}

/// Compares by value and without rounding, also an integer with a fraction. Nothing compares with
/// what is no number.
pub(super) fn compare(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        (Some(a), None) => compare_with_float(a, b.as_f64()?),
        (None, Some(b)) => compare_with_float(b, a.as_f64()?).map(Ordering::reverse),
        (None, None) => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn compare_with_float(integer: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let whole = float.trunc();
    // The conversion is exact within the range of `i128`, and ends at its bounds beyond; no
    // integer of JSON comes near these.
    let ordering = integer.cmp(&(whole as i128));
    Some(ordering.then_with(|| whole.partial_cmp(&float).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_is_found_in_objects_and_nothing_else_is_cut() {
        let cases = [
            ("same", r#"{"a":1}"#, json!({"a": 1}), true),
            ("more members", r#"{"a":1,"b":2}"#, json!({"a": 1}), true),
            (
                "deep",
                r#"{"a":{"b":{"c":1,"d":2}}}"#,
                json!({"a": {"b": {"c": 1}}}),
                true,
            ),
            ("nothing expected", r#"{"a":1}"#, json!({}), true),
            ("missing", r#"{"a":1}"#, json!({"b": 1}), false),
            (
                "missing deep",
                r#"{"a":{}}"#,
                json!({"a": {"b": null}}),
                false,
            ),
            ("null is a value", r#"{"a":null}"#, json!({"a": null}), true),
            ("null is no missing value", "{}", json!({"a": null}), false),
            ("float", r#"{"a":1.0}"#, json!({"a": 1}), true),
            ("exponent", r#"{"a":1e2}"#, json!({"a": 100}), true),
            ("negative zero", r#"{"a":-0.0}"#, json!({"a": 0}), true),
            ("text for a number", r#"{"a":"1"}"#, json!({"a": 1}), false),
            ("true for a number", r#"{"a":true}"#, json!({"a": 1}), false),
            ("array", r#"{"a":[1,2.0]}"#, json!({"a": [1.0, 2]}), true),
            (
                "longer array",
                r#"{"a":[1,2,3]}"#,
                json!({"a": [1, 2]}),
                false,
            ),
            ("other order", r#"{"a":[2,1]}"#, json!({"a": [1, 2]}), false),
            (
                "more in an array",
                r#"{"a":[{"b":1,"c":2}]}"#,
                json!({"a": [{"b": 1}]}),
                false,
            ),
            ("top is an array", "[1]", json!([1]), true),
            ("object for an array", "{}", json!([]), false),
            ("array for an object", "[]", json!({}), false),
            ("top is null", "null", json!({}), false),
            (
                "last digit",
                r#"{"a":18446744073709551615}"#,
                json!({"a": 18_446_744_073_709_551_614_u64}),
                false,
            ),
            (
                "beyond f64",
                r#"{"a":9007199254740993}"#,
                json!({"a": 9_007_199_254_740_992_f64}),
                false,
            ),
            ("empty name", r#"{"":{"":1}}"#, json!({"": {"": 1}}), true),
        ];
        for (name, found, part, expected) in cases {
            let found: Value = serde_json::from_str(found).unwrap();
            assert_eq!(holds(&found, &part), expected, "{name}");
        }
    }

    #[test]
    fn numbers_compare_by_value() {
        use Ordering::{Equal, Greater, Less};
        let cases = [
            ("0", "-0.0", Equal),
            ("1", "1.5", Less),
            ("2", "1.5", Greater),
            ("-1", "-1.5", Greater),
            ("-2", "-1.5", Less),
            ("1.25", "1.5", Less),
            ("9007199254740993", "9007199254740992.0", Greater),
            ("18446744073709551615", "1e300", Less),
            ("-9223372036854775808", "-1e300", Greater),
            ("18446744073709551615", "9223372036854775807", Greater),
            ("1e-300", "0", Greater),
        ];
        for (a, b, expected) in cases {
            let [a, b]: [Number; 2] = [a, b].map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(compare(&a, &b), Some(expected), "{a} {b}");
            assert_eq!(compare(&b, &a), Some(expected.reverse()), "{b} {a}");
        }
    }
}
