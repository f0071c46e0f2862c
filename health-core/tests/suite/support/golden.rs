//! Golden files: whole answers, kept as files that a reviewer reads.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::Answer;

/// Set to rewrite all files.
const UPDATE: &str = "UPDATE_GOLDEN";

/// The files of one test; each of them belongs to one of its cases.
#[derive(Default)]
pub(crate) struct Golden {
    cases: BTreeSet<String>,
    differences: Vec<String>,
}

impl Golden {
    /// Compares an answer with the file of its case, or rewrites the file.
    pub(crate) fn compare(&mut self, case: &str, request: &str, answer: &Answer) {
        let is_new = self.cases.insert(format!("{case}.json"));
        assert!(is_new, "two cases are called {case}");
        let actual = page(request, answer);
        let path = folder().join(format!("{case}.json"));
        if is_updating() {
            fs::write(path, actual).expect("writes a golden file");
            return;
        }
        match fs::read_to_string(&path) {
            Ok(expected) if expected == actual => {}
            Ok(expected) => {
                self.differences
                    .push(format!("{case}.json\n{}", difference(&expected, &actual)));
            }
            Err(_) => self
                .differences
                .push(format!("{case}.json is missing; the answer is\n{actual}")),
        }
    }

    /// Fails for every file that differs, is missing, or that no case asks for.
    #[track_caller]
    pub(crate) fn finish(mut self) {
        for entry in fs::read_dir(folder()).expect("the folder of golden files") {
            let name = entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            if self.cases.contains(&name) {
                continue;
            }
            match is_updating() {
                true => fs::remove_file(folder().join(&name)).expect("removes a golden file"),
                false => self.differences.push(format!("{name} belongs to no case")),
            }
        }
        let differences = self.differences.join("\n");
        assert!(
            differences.is_empty(),
            "golden files differ ({UPDATE}=1 rewrites them):\n{differences}"
        );
    }
}

fn is_updating() -> bool {
    std::env::var_os(UPDATE).is_some_and(|value| value == "1")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The request and its answer as one JSON document, the body with its keys in their order.
fn page(request: &str, answer: &Answer) -> String {
    let content_type = answer.header("content-type").unwrap_or_default();
    let body = &answer.body;
    let page = format!(
        r#"{{"request":"{request}","code":{},"contentType":"{content_type}","body":{body}}}"#,
        answer.status
    );
    indented(&page) + "\n"
}

/// Breaks JSON into lines; unlike a parser it keeps the order of the keys.
fn indented(json: &str) -> String {
    let mut lines = String::new();
    let (mut depth, mut in_text, mut is_escaped) = (0, false, false);
    for c in json.chars() {
        if in_text {
            lines.push(c);
            in_text = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' => {
                depth += 1;
                lines.push(c);
                break_line(&mut lines, depth);
            }
            '}' | ']' => {
                depth -= 1;
                break_line(&mut lines, depth);
                lines.push(c);
            }
            ',' => {
                lines.push(c);
                break_line(&mut lines, depth);
            }
            ':' => lines.push_str(": "),
            c if c.is_whitespace() => {}
            c => {
                in_text = c == '"';
                lines.push(c);
            }
        }
    }
    lines
}

fn break_line(lines: &mut String, depth: usize) {
    lines.push('\n');
    lines.push_str(&"  ".repeat(depth));
}

/// Shows what differs between the common beginning and the common end, and a line around it.
fn difference(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<_>, Vec<_>) =
        (expected.lines().collect(), actual.lines().collect());
    let same_above = expected
        .iter()
        .zip(&actual)
        .take_while(|(a, b)| a == b)
        .count();
    let shorter = expected.len().min(actual.len()) - same_above;
    let from_the_end = expected.iter().rev().zip(actual.iter().rev());
    let same_below = from_the_end
        .take(shorter)
        .take_while(|(a, b)| a == b)
        .count();
    let changed = |lines: &[&str], sign| -> String {
        let lines = &lines[same_above..lines.len() - same_below];
        lines
            .iter()
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    let above = same_above
        .checked_sub(1)
        .map_or(String::new(), |last| format!("  {}\n", expected[last]));
    format!(
        "{above}{}{}",
        changed(&expected, '-'),
        changed(&actual, '+')
    )
}

#[test]
fn a_difference_shows_the_lines_that_changed() {
    let shown = difference("{\n  a\n  b\n  c\n}", "{\n  a\n  x\n  y\n  c\n}");
    assert_eq!(shown, "    a\n-   b\n+   x\n+   y\n");
}

#[test]
fn indenting_keeps_keys_and_texts() {
    let shown = indented(r#"{"b":{"x":"a,{\"}"},"a":[1,2]}"#);
    let expected =
        "{\n  \"b\": {\n    \"x\": \"a,{\\\"}\"\n  },\n  \"a\": [\n    1,\n    2\n  ]\n}";
    assert_eq!(shown, expected);
}
