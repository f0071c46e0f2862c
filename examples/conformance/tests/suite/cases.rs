//! The cases in `cases/*.json`, each sent to all four servers: the same answers, byte for byte.
//!
//! With the environment variable `CONFORMANCE_WRITE=1` the expectations are written instead, as the
//! server `core` answers; read the difference before it is committed.

use std::{collections::BTreeMap, fs, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    http::{self, Answer},
    server::{Server, wait_until, with_each_framework},
};

/// What may differ: when an answer was made, and how the server delimits bodies and connections.
const FREE: [&str; 4] = ["connection", "content-length", "date", "transfer-encoding"];

/// What a framework adds to every answer and cannot be told to leave out.
const ADDED: [(&str, &[&str]); 4] = [
    ("core", &[]),
    ("axum", &[]),
    ("actix", &[]),
    ("rocket", &[]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    fixture: Box<RawValue>,
    cases: Vec<Case>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// Method and target; `{x*100}` stands for a hundred times `x`, here and everywhere below.
    send: String,
    /// Header lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    with: Vec<String>,
    /// The body to send.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    payload: String,
    /// To the listener for management only.
    #[serde(default, skip_serializing_if = "is_false")]
    to_management: bool,
    /// The answer is awaited, where time has to pass first.
    #[serde(default, skip_serializing_if = "is_false")]
    eventually: bool,
    /// The application has no such page: only the status is compared, the rest is the framework's.
    #[serde(default, skip_serializing_if = "is_false")]
    not_ours: bool,
    /// The frameworks that refuse the request before it reaches any application, with the status;
    /// the server must live on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refused_by: BTreeMap<String, u16>,
    #[serde(default)]
    status: u16,
    /// All of them, but for [`FREE`] and [`ADDED`].
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Makes a test of each file, and one that fails for a file that has none.
macro_rules! case_files {
    ($($file:ident)*) => {
        $(#[test]
        fn $file() {
            run_file(stringify!($file));
        })*

        #[test]
        fn each_file_has_a_test() {
            let mut files: Vec<String> = fs::read_dir(folder()).unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($file)),*]);
        }
    };
}

case_files! {
    availability background base_path groups healthz hostile management_listener methods model
    negotiation noncritical pages paths probe_paths root_base runtime slow stale statuses
    visibility visibility_hidden visibility_open
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn run_file(name: &str) {
    let path = folder().join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap();
    let file: CaseFile =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    if std::env::var_os("CONFORMANCE_WRITE").is_some_and(|value| value == "1") {
        fs::write(path, rewritten(&text, file)).unwrap();
    } else {
        with_each_framework(|framework| check(framework, &file));
    }
}

fn check(framework: &str, file: &CaseFile) {
    let server = start(framework, file);
    let mut failures = Vec::new();
    for case in &file.cases {
        let expected = case.expected(framework);
        let mut actual = case.ask(&server);
        if case.eventually {
            wait_until(&case.name, || {
                actual = case.ask(&server);
                actual == expected
            });
        }
        if actual != expected {
            failures.push(format!(
                "{}:\n  expected {expected:?}\n  answered {actual:?}",
                case.name
            ));
        }
    }
    let ping = http::get(server.address, "/bare");
    assert_eq!(ping.status, 200, "{framework} still answers");
    assert!(failures.is_empty(), "{framework}: {}", failures.join("\n"));
}

fn start(framework: &str, file: &CaseFile) -> Server {
    let has_management = file.cases.iter().any(|case| case.to_management);
    let start = if has_management {
        Server::start_with_management
    } else {
        Server::start
    };
    start(framework, file.fixture.get())
}

impl Case {
    fn ask(&self, server: &Server) -> Answer {
        let address = if self.to_management {
            server.management.unwrap()
        } else {
            server.address
        };
        let request = expand(&self.send);
        let with: Vec<String> = self.with.iter().map(|line| expand(line)).collect();
        let with: Vec<&str> = with.iter().map(String::as_str).collect();
        let answer = http::ask(address, &request, &with, &expand(&self.payload));
        if let Some(target) = request.strip_prefix("HEAD ") {
            compare_with_get(address, target, &with, &answer);
        }
        self.comparable(answer)
    }

    /// Leaves what may differ: of a page that is the framework's own, everything but the status.
    fn comparable(&self, mut answer: Answer) -> Answer {
        let is_refused = self
            .refused_by
            .values()
            .any(|status| *status == answer.status);
        if self.not_ours || is_refused {
            return Answer {
                status: answer.status,
                headers: BTreeMap::new(),
                body: String::new(),
            };
        }
        answer
            .headers
            .retain(|name, _| !FREE.contains(&name.as_str()));
        answer
    }

    fn expected(&self, framework: &str) -> Answer {
        if let Some(status) = self.refused_by.get(framework) {
            return Answer {
                status: *status,
                headers: BTreeMap::new(),
                body: String::new(),
            };
        }
        let mut headers = self.headers.clone();
        let added = ADDED
            .iter()
            .filter(|(name, _)| *name == framework)
            .flat_map(|(_, added)| *added);
        for line in added {
            let (name, value) = line.split_once(": ").unwrap();
            headers.insert(name.to_owned(), value.to_owned());
        }
        Answer {
            status: self.status,
            headers,
            body: expand(&self.body),
        }
    }
}

/// The length that `HEAD` tells is that of the body which `GET` has.
fn compare_with_get(server: SocketAddr, target: &str, with: &[&str], head: &Answer) {
    let get = http::ask(server, &format!("GET {target}"), with, "");
    assert_eq!(get.status, head.status, "HEAD {target}");
    if let Some(length) = head.header("content-length") {
        assert_eq!(length, get.body.len().to_string(), "HEAD {target}");
    }
}

/// Replaces `{x*100}` by a hundred times `x`.
fn expand(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else {
        return text.to_owned();
    };
    let Some((inside, after)) = rest.split_once('}') else {
        return text.to_owned();
    };
    let repeated = inside
        .rsplit_once('*')
        .and_then(|(part, times)| Some(part.repeat(times.parse().ok()?)));
    match repeated {
        Some(repeated) => format!("{before}{repeated}{}", expand(after)),
        None => format!("{before}{{{}", expand(rest)),
    }
}

/// Writes the answers of `core` into the lines that are cases, one to a line.
fn rewritten(text: &str, file: CaseFile) -> String {
    let server = start("core", &file);
    let mut cases = file.cases.into_iter();
    let lines = text.lines().map(|line| {
        let is_case = line.trim_start().starts_with(r#"{"name""#);
        let Some(mut case) = is_case.then(|| cases.next()).flatten() else {
            return line.to_owned();
        };
        if case.eventually {
            wait_until(&case.name, || case.ask(&server) == case.expected("core"));
        } else if !case.refused_by.contains_key("core") {
            let Answer {
                status,
                headers,
                body,
            } = case.ask(&server);
            (case.status, case.headers) = (status, headers);
            if expand(&case.body) != body {
                case.body = body;
            }
        }
        let comma = if line.ends_with(',') { "," } else { "" };
        format!("    {}{comma}", serde_json::to_string(&case).unwrap())
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn repetitions_are_expanded_and_other_braces_stay() {
    let cases = [
        ("/z/{ab*3}/x", "/z/ababab/x"),
        (r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#),
        ("/z/health/{*path}", "/z/health/{*path}"),
        ("{x*2}{y*1}", "xxy"),
    ];
    for (text, expected) in cases {
        assert_eq!(expand(text), expected);
    }
}
