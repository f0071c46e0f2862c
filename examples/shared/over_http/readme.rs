//! The pages that users read are true: what they show is run, and what they name is there.

use std::{env, fs, ops::Range};

use example_shared::GIT_COMMIT;

use super::{
    client::{ask, get},
    program::{Both, Program},
};

/// The page of the example.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Rewrites the page instead of comparing it, as the other golden files.
const UPDATE: &str = "UPDATE_GOLDEN";

/// Where the services listen on the page.
const ORDERS: &str = "127.0.0.1:8080";
const USERS: &str = "127.0.0.1:8081";

/// What `/z/info` says of the commit, where the build knew one.
const COMMIT: &str = r#","git":{"branch":"<branch>","commit":{"id":"<id>","time":"<time>"}}"#;

const START_BOTH: &str = concat!("cargo run -p ", env!("CARGO_PKG_NAME"));
const START_USERS: &str = concat!("cargo run -p ", env!("CARGO_PKG_NAME"), " -- users");
const HEALTHCHECK: &str = concat!(
    "cargo run -p ",
    env!("CARGO_PKG_NAME"),
    " -- healthcheck orders"
);

#[test]
fn the_page_of_the_example_is_true_word_by_word() {
    let page = fs::read_to_string(PAGE).unwrap();
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let steps = steps(&lines);
    assert!(steps.len() > 20, "{} commands", steps.len());
    let mut reader = Reader::default();
    let came: Vec<String> = steps.iter().map(|step| reader.run(&step.command)).collect();
    for (Step { command, output }, came) in steps.iter().zip(came).rev() {
        let shown = &lines[output.clone()];
        let came = in_order_of(shown, &came);
        let is_true = shown.len() == came.len()
            && shown
                .iter()
                .zip(&came)
                .all(|(shown, came)| fits(shown, came));
        if is_true {
            continue;
        }
        assert!(
            is_updating(),
            "$ {command}\nthe page shows:\n{}\nthere came:\n{}\n`{UPDATE}=1` rewrites the page",
            shown.join("\n"),
            came.join("\n"),
        );
        let kept = |(at, came): (usize, &String)| match shown.get(at) {
            Some(shown) if fits(shown, came) => shown.clone(),
            _ => came.clone(),
        };
        let corrected: Vec<String> = came.iter().enumerate().map(kept).collect();
        lines.splice(output.clone(), corrected);
    }
    if is_updating() {
        fs::write(PAGE, lines.join("\n") + "\n").unwrap();
    }
}

/// Brings the headers of an answer into the order that the page shows: not every framework sends
/// them in the same order each time.
fn in_order_of(shown: &[String], came: &str) -> Vec<String> {
    let mut lines: Vec<String> = came.lines().map(str::to_owned).collect();
    let end = lines.iter().position(String::is_empty);
    if let (true, Some(end)) = (came.starts_with("HTTP/"), end) {
        let name = |line: &str| line.split(':').next().map(str::to_owned);
        lines[1..end].sort_by_key(|line| {
            let place = shown.iter().position(|shown| name(shown) == name(line));
            (place.unwrap_or(usize::MAX), line.clone())
        });
    }
    lines
}

fn is_updating() -> bool {
    env::var_os(UPDATE).is_some_and(|value| value == "1")
}

/// A command on the page, and which lines show its output.
struct Step {
    command: String,
    output: Range<usize>,
}

fn steps(lines: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for (number, line) in lines.iter().enumerate() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let (true, Some(command)) = (is_console, line.strip_prefix("$ ")) {
            steps.push(Step {
                command: command.to_owned(),
                output: number + 1..number + 1,
            });
        } else if is_console {
            steps
                .last_mut()
                .expect("a command stands above its output")
                .output
                .end = number + 1;
        }
    }
    steps
}

/// Tells whether a line is the one that is shown, where each `<...>` stands for some text.
fn fits(shown: &str, came: &str) -> bool {
    if GIT_COMMIT.is_none() && shown.contains(COMMIT) {
        return fits(&shown.replace(COMMIT, ""), came);
    }
    let gap = shown
        .split_once('<')
        .and_then(|(before, rest)| Some((before, rest.split_once('>')?.1)));
    let Some((before, after)) = gap else {
        return shown == came;
    };
    let Some(came) = came.strip_prefix(before) else {
        return false;
    };
    let ends = came
        .char_indices()
        .skip(1)
        .map(|(end, _)| end)
        .chain([came.len()]);
    !came.is_empty() && ends.into_iter().any(|end| fits(after, &came[end..]))
}

#[test]
fn a_gap_stands_for_some_text() {
    let cases = [
        ("no gap", "a", "a", true),
        ("another text", "a", "b", false),
        ("longer", "a", "ab", false),
        ("gap", "a<x>c", "abbbc", true),
        ("two gaps", "<x>-<y>", "1-2-3", true),
        ("at the end", "a<x>", "ab", true),
        ("nothing in the gap", "a<x>c", "ac", false),
        ("more behind", "a<x>c", "abcd", false),
    ];
    for (name, shown, came, expected) in cases {
        assert_eq!(fits(shown, came), expected, "{name}");
    }
}

/// Does what a reader does at the terminals, on ports that are free.
#[derive(Default)]
struct Reader {
    both: Option<Both>,
    is_users_draining: bool,
    users_again: Option<Program>,
}

impl Reader {
    fn run(&mut self, command: &str) -> String {
        match command {
            START_BOTH => {
                let both = self.both.insert(Both::start_with(&[]));
                let printed = as_on_the_page(&(both.lines.join("\n") + "\n"), both);
                printed.replace(&format!(" --listen {USERS}"), "")
            }
            START_USERS => {
                let both = self.both();
                let again = both.start_users_again();
                let printed = format!("listening on http://{USERS}\n");
                self.users_again = Some(again);
                printed
            }
            "kill <pid of users>" => {
                self.both().signal_users();
                let users = self.both().users;
                while get(users, "/z/health/readiness").code() == 200 {}
                self.is_users_draining = true;
                String::new()
            }
            HEALTHCHECK => {
                let orders = self.both().orders.to_string();
                let arguments = ["healthcheck", "orders", "--listen", &orders];
                Program::start(&arguments).ended().1
            }
            curl => self.curl(curl),
        }
    }

    fn both(&self) -> &Both {
        self.both
            .as_ref()
            .expect("the page starts both services first")
    }

    /// Does what `curl` does with the options that the page uses.
    fn curl(&mut self, command: &str) -> String {
        let words = command
            .strip_prefix("curl ")
            .unwrap_or_else(|| panic!("unknown command: {command}"));
        let (with_head, words) = match words.strip_prefix("-i ") {
            Some(words) => (true, words),
            None => (false, words),
        };
        let (header, url) = match words.strip_prefix("-H '") {
            Some(words) => words
                .split_once("' ")
                .map(|(header, url)| (header.split_once(": "), url))
                .unwrap(),
            None => (None, words),
        };
        // The reader asks orders when users has ended.
        if self.is_users_draining && url.contains(ORDERS) {
            self.both().users_have_ended();
            self.is_users_draining = false;
        }
        let both = self.both();
        let (host, path) = url
            .strip_prefix("http://")
            .and_then(|url| url.split_at_checked(USERS.len()))
            .unwrap();
        let server = match host {
            ORDERS => both.orders,
            USERS => both.users,
            _ => panic!("unknown host: {command}"),
        };
        let answer = ask(server, "GET", path, header.as_slice());
        let body = as_on_the_page(&answer.body, both);
        let head = match with_head {
            true => answer.head.replace("\r\n", "\n") + "\n\n",
            false => String::new(),
        };
        let prompt_below = if body.is_empty() { "" } else { "\n" };
        head + &body + prompt_below
    }
}

fn as_on_the_page(text: &str, both: &Both) -> String {
    let text = text.replace(&both.orders.to_string(), ORDERS);
    text.replace(&both.users.to_string(), USERS)
}
