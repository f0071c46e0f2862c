//! Whole bodies in golden files, for those who see nothing, components, and details.
//!
//! `UPDATE_GOLDEN=1` rewrites them. Moments, ages and process facts are replaced by their kind.

use std::{collections::BTreeSet, fs, path::PathBuf};

use health_core::{Group, Show};

use crate::support::{Answer, Asker, HEALTH_JSON, ask, get, management, shop};

const UPDATE: &str = "UPDATE_GOLDEN";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/formats/golden")
}

#[derive(Default)]
struct Golden {
    names: BTreeSet<String>,
    problems: Vec<String>,
}

impl Golden {
    fn compare(&mut self, name: &str, answer: &Answer) {
        assert!(
            self.names.insert(name.to_owned()),
            "two cases are called {name}"
        );
        let content_type = answer.header("content-type").expect("a content type");
        let actual = format!(
            "{} {content_type}\n\n{}\n",
            answer.status,
            without_moments(&pretty(&answer.body))
        );
        let path = folder().join(name);
        if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
            fs::write(&path, actual).expect("writes");
            return;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != actual {
            self.problems
                .push(format!("{name} should be\n{expected}\nand is\n{actual}"));
        }
    }

    fn finish(self) {
        let files = fs::read_dir(folder()).expect("the folder");
        let files = files.map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        let unused: Vec<String> = files.filter(|file| !self.names.contains(file)).collect();
        assert!(unused.is_empty(), "no case is called {unused:?}");
        let problems = self.problems.join("\n");
        assert!(
            problems.is_empty(),
            "golden files differ ({UPDATE}=1 rewrites them):\n{problems}"
        );
    }
}

/// Breaks JSON into lines and leaves other text as it is; keeps the order of keys.
fn pretty(body: &str) -> String {
    if !body.starts_with('{') {
        return body.to_owned();
    }
    let (mut lines, mut depth, mut in_text, mut is_escaped) =
        (String::new(), 0_usize, false, false);
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    for c in body.chars() {
        if in_text {
            in_text = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
        } else if c == '"' {
            in_text = true;
        } else if ['}', ']'].contains(&c) {
            depth -= 1;
            lines.push_str(&line(depth));
        }
        lines.push(c);
        match c {
            '{' | '[' if !in_text => {
                depth += 1;
                lines.push_str(&line(depth));
            }
            ',' if !in_text => lines.push_str(&line(depth)),
            ':' if !in_text => lines.push(' '),
            _ => {}
        }
    }
    lines
}

/// Replaces what differs from run to run: moments in RFC 3339, and the seconds of runs.
fn without_moments(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if let Some(start) = line
            .find("\"20")
            .filter(|_| line.contains('T') && line.contains("Z\""))
        {
            return format!(
                "{}\"MOMENT\"{}",
                &line[..start],
                &line[start + "\"2026-11-21T01:26:00.250Z\"".len()..]
            );
        }
        match line.rsplit_once(' ') {
            Some((series, _)) if line.contains("_seconds") && !line.starts_with('#') => {
                format!("{series} SECONDS")
            }
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

const VISIBILITIES: [(&str, Show, Show); 3] = [
    ("hidden", Show::Never, Show::Never),
    ("components", Show::Always, Show::Never),
    ("details", Show::Always, Show::Always),
];

#[tokio::test]
async fn answers_are_those_of_the_golden_files() {
    let mut golden = Golden::default();
    for (visibility, components, details) in VISIBILITIES {
        let shop = management(|builder| {
            shop(builder)
                .plain_text()
                .show_components(components)
                .show_details(details)
                .group(
                    Group::new("readiness")
                        .show_components(components)
                        .additional_path("server:/readyz"),
                )
        });
        let ask = async |path, accept| {
            ask(&shop, "GET", path, &[("accept", accept)], Asker::Anonymous).await
        };
        for (name, accept) in [("health-json", HEALTH_JSON), ("text", "text/plain")] {
            golden.compare(
                &format!("{name}.{visibility}"),
                &ask("/z/health", accept).await,
            );
            golden.compare(
                &format!("{name}.group.{visibility}"),
                &ask("/z/health/data", accept).await,
            );
            if components == Show::Always {
                golden.compare(
                    &format!("{name}.leaf.{visibility}"),
                    &ask("/z/health/cluster", accept).await,
                );
            }
        }
        golden.compare(
            &format!("prometheus.{visibility}"),
            &get(&shop, "/z/prometheus").await,
        );
        golden.compare(
            &format!("openapi.{visibility}"),
            &get(&shop, "/z/openapi.json").await,
        );
    }
    let shop = management(|builder| shop(builder).show_details(Show::Always));
    let open_metrics = ask(
        &shop,
        "GET",
        "/z/prometheus",
        &[("accept", "application/openmetrics-text;version=1.0.0")],
        Asker::Anonymous,
    );
    golden.compare("open-metrics", &open_metrics.await);
    get(&shop, "/z/health/old%20db").await;
    golden.compare("discovery", &get(&shop, "/z").await);
    let once = management(|builder| {
        builder
            .check("db", async || false)
            .show_details(Show::Always)
    });
    get(&once, "/z/health").await;
    golden.compare("transitions", &get(&once, "/z/transitions").await);
    golden.finish();
}
