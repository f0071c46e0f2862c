//! `cargo xtask adapter-shells`: that the adapters stay thin, and leave decisions to the core.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::workspace::Workspace;

const ADAPTERS: [&str; 3] = ["health-axum", "health-actix", "health-rocket"];

/// What is not part of a shell: the log filters and metrics that go around an application.
const MIDDLEWARE: &str = "middleware";

/// The lines of code that a shell must stay below, without tests, comments and blank lines.
const LINES_BELOW: usize = 300;

/// Starts what follows the production part of a file.
const TESTS: &str = "#[cfg(test)]";

pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::load()?;
    let mut problems = Vec::new();
    for adapter in ADAPTERS {
        let source = workspace.folder(adapter)?.join("src");
        let mut lines = 0;
        for path in files(&source)? {
            let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
            let code = code(&text);
            lines += code.len();
            let matches = matches_on_a_status(&code).into_iter();
            problems.extend(matches.map(|found| {
                let path = path.display();
                format!("{path} matches on a status, which the core decides: `{found}`")
            }));
        }
        println!("{adapter}: {lines} lines (below {LINES_BELOW})");
        if !(1..LINES_BELOW).contains(&lines) {
            problems.push(format!(
                "{adapter} has {lines} lines beside `{MIDDLEWARE}`, not 1 to {}; what does not \
                 name the framework belongs to health-core",
                LINES_BELOW - 1
            ));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::Problems {
        found_by: "adapter-shells",
        problems,
    })
}

/// Lists the files of a shell.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let path = entry.map_err(Error::file(folder))?.path();
        if path.is_file() {
            files.push(path);
        } else if !path.ends_with(MIDDLEWARE) {
            files.extend(self::files(&path)?);
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the lines of code before the tests, which are last in a file.
fn code(text: &str) -> Vec<&str> {
    text.lines()
        .take_while(|line| *line != TESTS)
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect()
}

/// Finds what is matched on where that is a status, and patterns that name one.
fn matches_on_a_status(code: &[&str]) -> Vec<String> {
    let code = code.join("\n");
    let matched = ["match ", "if let ", "matches!("].iter().flat_map(|start| {
        let after = code.split(start).skip(1);
        after.map(|after| after.split(['{', ';']).next().unwrap_or_default())
    });
    let patterns = code.lines().filter_map(|line| line.split_once("=>"));
    let found = matched
        .filter(|matched| matched.to_lowercase().contains("status"))
        .chain(
            patterns
                .map(|(pattern, _)| pattern)
                .filter(|pattern| pattern.contains("Status")),
        );
    found.map(|found| found.trim().replace('\n', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_tests_are_no_code() {
        let text = "//! Docs.\n\nuse a::b; // why\n\n/// Docs.\n    // Comment.\nfn f() {}\n\n\
                    #[cfg(test)]\nmod tests {}\n";
        assert_eq!(code(text), ["use a::b; // why", "fn f() {}"]);
    }

    #[test]
    fn matches_on_a_status_are_found() {
        let cases = [
            ("match answer.status() {", 1),
            ("match self\n.answer\n.status()\n.as_u16()\n{", 1),
            ("StatusCode::OK | StatusCode::NO_CONTENT => true,", 1),
            ("Status::Up => 200,", 1),
            ("if let Some(status) = health.status {", 1),
            ("matches!(health.status(), Status::Down);", 1),
            ("let status = StatusCode::from_u16(answer.status());", 0),
            ("match method {\nMethod::Get => status,\n}", 0),
            (
                "match route {\nExact(path) => Response::new(Status::Ok),\n}",
                0,
            ),
            ("for status in all {", 0),
        ];
        for (code, expected) in cases {
            let code: Vec<_> = code.lines().collect();
            let found = matches_on_a_status(&code);
            assert_eq!(found.len(), expected, "{code:?}: {found:?}");
        }
    }

    #[test]
    fn the_files_of_a_shell_are_all_but_its_middleware() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = package.join("../health-rocket/src");
        let files = files(&source).unwrap();
        assert!(files.contains(&source.join("lib.rs")), "{files:?}");
        assert!(source.join(MIDDLEWARE).is_dir());
        let is_middleware = |path: &PathBuf| path.starts_with(source.join(MIDDLEWARE));
        assert!(!files.iter().any(is_middleware), "{files:?}");
    }
}
