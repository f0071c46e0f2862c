//! The output of nagios plugins: text, long text and performance data.

use serde_json::{Map, Value};

/// The most values of performance data that are read.
const MOST_VALUES: usize = 100;

/// Parts of an output.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Output {
    pub(super) first_line: String,
    pub(super) long_output: String,
    pub(super) perfdata: Map<String, Value>,
}

/// Takes an output apart: what follows `|` on the first line is performance data, and what follows
/// a `|` on a later line is so to the end.
pub(super) fn read(output: &str) -> Output {
    let (first, rest) = output.split_once('\n').unwrap_or((output, ""));
    let (first_line, data) = first.split_once('|').unwrap_or((first, ""));
    let (long_output, more_data) = rest.split_once('|').unwrap_or((rest, ""));
    let mut perfdata = Map::new();
    for text in std::iter::once(data).chain(more_data.lines()) {
        read_values(text, &mut perfdata);
    }
    Output {
        first_line: first_line.trim().to_owned(),
        long_output: long_output.trim_end().to_owned(),
        perfdata,
    }
}

/// Reads `label=value[unit];[warn];[crit];[min];[max]` and so on; what is odd is left out.
fn read_values(text: &str, values: &mut Map<String, Value>) {
    let mut rest = text.trim_start();
    while !rest.is_empty() && values.len() < MOST_VALUES {
        let Some((label, after)) = label(rest) else {
            return;
        };
        let (fields, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        rest = after.trim_start();
        if let Some(value) = value(fields) {
            values.insert(label, value);
        }
    }
}

/// Reads a label up to its `=`. In quotes it may hold anything, and a quote as two.
fn label(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('\'') else {
        let (label, rest) = text.split_once('=')?;
        // A word without value stands before it.
        let label = label.split_whitespace().next_back().unwrap_or(label);
        return Some((label.to_owned(), rest));
    };
    let mut label = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        label.push_str(part);
        let Some(after) = after.strip_prefix('\'') else {
            return Some((label, after.strip_prefix('=')?));
        };
        label.push('\'');
        rest = after;
    }
}

fn value(fields: &str) -> Option<Value> {
    let mut fields = fields.split(';');
    let measured = fields.next()?;
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let unit_at = measured
        .find(|c| !is_of_number(c))
        .unwrap_or(measured.len());
    let (number, unit) = measured.split_at(unit_at);
    let mut value = Map::new();
    // `U` says that the value could not be determined.
    match number
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
    {
        Some(number) => value.insert("value".to_owned(), number.into()),
        None if measured == "U" => None,
        None => return None,
    };
    if measured != "U" && !unit.is_empty() {
        value.insert("unit".to_owned(), unit.into());
    }
    for (name, field) in ["warn", "crit", "min", "max"].into_iter().zip(fields) {
        if !field.is_empty() {
            value.insert(name.to_owned(), field.into());
        }
    }
    Some(Value::Object(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn performance_data_is_read_and_what_is_odd_left_out() {
        let cases = [
            ("none", "", json!({})),
            ("bare", "a=1", json!({"a": {"value": 1.0}})),
            (
                "all fields",
                "time=0.002s;1:5;@2;0;10.5",
                json!({"time": {"value": 0.002, "unit": "s", "warn": "1:5", "crit": "@2", "min": "0", "max": "10.5"}}),
            ),
            (
                "some fields",
                " /=2643MB;5948;;0;5958  a=-1.5%;;;; ",
                json!({
                    "/": {"value": 2643.0, "unit": "MB", "warn": "5948", "min": "0", "max": "5958"},
                    "a": {"value": -1.5, "unit": "%"},
                }),
            ),
            (
                "quoted label",
                "'it''s a = b'=3c 'x'=4",
                json!({"it's a = b": {"value": 3.0, "unit": "c"}, "x": {"value": 4.0}}),
            ),
            (
                "not determined",
                "a=U;1;2",
                json!({"a": {"warn": "1", "crit": "2"}}),
            ),
            (
                "odd value",
                "a=x b=1 c= d=--1 e=1e999",
                json!({"b": {"value": 1.0}, "e": {"value": 1.0, "unit": "e999"}}),
            ),
            ("word before", "oops a=1", json!({"a": {"value": 1.0}})),
            ("open quote", "'a=1 b=2", json!({})),
            ("quote without value", "'a' b=2", json!({})),
            (
                "more fields than there are",
                "a=1;2;3;4;5;6;7",
                json!({"a": {"value": 1.0, "warn": "2", "crit": "3", "min": "4", "max": "5"}}),
            ),
            (
                "letters beyond ASCII",
                "größe=1µs",
                json!({"größe": {"value": 1.0, "unit": "µs"}}),
            ),
        ];
        for (name, text, expected) in cases {
            let mut values = Map::new();
            read_values(text, &mut values);
            assert_eq!(Value::Object(values), expected, "{name}");
        }
    }

    #[test]
    fn an_output_is_taken_apart() {
        let output = read("DISK OK | /=1MB\nline 1\nline 2 | /boot=2MB\n/home=3MB\n");
        assert_eq!(output.first_line, "DISK OK");
        assert_eq!(output.long_output, "line 1\nline 2");
        let labels: Vec<&String> = output.perfdata.keys().collect();
        assert_eq!(labels, ["/", "/boot", "/home"]);
        assert_eq!(read(""), Output::default());
    }

    #[test]
    fn no_more_values_are_read_than_there_may_be() {
        let many: String = (0..1000).map(|number| format!("a{number}=1 ")).collect();
        let mut values = Map::new();
        read_values(&many, &mut values);
        assert_eq!(values.len(), MOST_VALUES);
    }

    #[test]
    fn no_output_is_too_odd() {
        let letters = ["'", "=", "|", ";", " ", "\n", "1", "\u{e9}"];
        for number in 0..letters.len().pow(6) {
            let digit = |place: u32| letters[number / letters.len().pow(place) % letters.len()];
            let text: String = (0..6).map(digit).collect();
            for (label, value) in read(&text).perfdata {
                assert!(value.is_object(), "{text:?} {label:?}");
            }
        }
    }
}
