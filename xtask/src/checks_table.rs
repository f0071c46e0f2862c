//! `cargo xtask checks-table`: the table of checks in the README of health-checks, made of the
//! checks' own doc comments and of what cargo says of their features.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::Cargo;
use crate::error::Error;
use crate::workspace::Workspace;

const CRATE: &str = "health-checks";
const BEGIN: &str = "<!-- checks: written by `cargo xtask checks-table --write` -->\n";
const END: &str = "<!-- end of checks -->";

/// The mark of a doc comment that is one of a check; the keys of its details follow in backticks.
const DETAILS: &str = "Details: ";

/// Compares the table with the one in the README, or writes it there.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    let writes = match arguments {
        [] => false,
        [flag] if flag == "--write" => true,
        _ => {
            return Err(Error::Usage(format!(
                "`checks-table` takes `--write` or nothing, got {arguments:?}"
            )));
        }
    };
    let workspace = Workspace::load()?;
    let folder = workspace.folder(CRATE)?;
    let readme = folder.join("README.md");
    let text = read(&readme)?;
    let Some((before, after)) = split(&text) else {
        return Err(problem(format!(
            "{} has no place for the table: a line `{}` and a line `{END}`",
            readme.display(),
            BEGIN.trim_end()
        )));
    };
    let wanted = format!("{before}{}{after}", table(folder)?);
    if wanted == text {
        return Ok(());
    }
    if writes {
        return fs::write(&readme, wanted).map_err(Error::file(readme));
    }
    Err(problem(format!(
        "the table in {} is not what the checks say of themselves; \
         `cargo xtask checks-table --write` writes it anew",
        readme.display()
    )))
}

fn problem(problem: String) -> Error {
    Error::Problems {
        found_by: "checks-table",
        problems: vec![problem],
    }
}

/// Splits a README into what is up to the table and what follows it.
fn split(readme: &str) -> Option<(&str, &str)> {
    let begin = readme.find(BEGIN)? + BEGIN.len();
    let end = begin + readme[begin..].find(END)?;
    Some((&readme[..begin], &readme[end..]))
}

fn table(folder: &Path) -> Result<String, Error> {
    let library = read(&folder.join("src/lib.rs"))?;
    let without_features = crates(None)?;
    let mut rows = Vec::new();
    for (feature, module) in modules(&library) {
        let checks = checks_of(&folder.join("src"), &module)?;
        if checks.is_empty() {
            continue;
        }
        let added = crates(Some(&feature))?
            .difference(&without_features)
            .count();
        rows.extend(checks.iter().map(|check| check.row(&feature, added)));
    }
    if rows.is_empty() {
        return Err(problem(format!("no check says `{DETAILS}` of itself")));
    }
    rows.sort();
    let rows = rows.concat();
    Ok(format!(
        "| check | feature | what it proves | details | crates |\n|---|---|---|---|---|\n{rows}"
    ))
}

/// The features and modules of the library, as its root says them; those that start with `_` are
/// no features for users.
fn modules(library: &str) -> Vec<(String, String)> {
    let mut attributes = String::new();
    let mut modules = Vec::new();
    for line in library.lines() {
        let item = line.strip_prefix("pub ").unwrap_or(line);
        let module = item
            .strip_prefix("mod ")
            .and_then(|item| item.strip_suffix(';'));
        if let Some(module) = module
            && let Some(feature) = feature(&attributes)
        {
            modules.push((feature.to_owned(), module.to_owned()));
        }
        match line.starts_with(['#', ' ', ')']) {
            true => attributes.push_str(line),
            false => attributes.clear(),
        }
    }
    modules
}

/// The first feature that the attributes of a module name.
fn feature(attributes: &str) -> Option<&str> {
    let (_, rest) = attributes.split_once("feature = \"")?;
    let (feature, _) = rest.split_once('"')?;
    (!feature.starts_with('_')).then_some(feature)
}

/// What the doc comment of a check says.
#[derive(Debug, PartialEq)]
struct CheckDoc {
    name: String,
    proves: String,
    details: Vec<String>,
}

impl CheckDoc {
    fn row(&self, feature: &str, added: usize) -> String {
        let Self {
            name,
            proves,
            details,
        } = self;
        let details = match details.is_empty() {
            true => "none".to_owned(),
            false => details.join(", "),
        };
        format!("| `{name}` | `{feature}` | {proves} | {details} | +{added} |\n")
    }
}

fn checks_of(src: &Path, module: &str) -> Result<Vec<CheckDoc>, Error> {
    let mut files = vec![src.join(format!("{module}.rs"))];
    let folder = src.join(module);
    if folder.is_dir() {
        for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
            files.push(entry.map_err(Error::file(&folder))?.path());
        }
    }
    let mut checks = Vec::new();
    for file in files.iter().filter(|file| is_source(file)) {
        checks.extend(checks_in(&read(file)?));
    }
    checks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(checks)
}

fn is_source(file: &Path) -> bool {
    file.is_file() && file.extension().is_some_and(|extension| extension == "rs")
}

/// Finds the public types whose doc comment names details.
fn checks_in(source: &str) -> Vec<CheckDoc> {
    let mut doc: Vec<&str> = Vec::new();
    let mut checks = Vec::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if let Some(rest) = line.strip_prefix("pub struct ") {
            let name = rest.split(|c: char| !c.is_alphanumeric()).next();
            checks.extend(name.and_then(|name| read_doc(name, &doc)));
            doc.clear();
        } else if !line.starts_with("#[") && !line.starts_with("    ") && !line.starts_with(')') {
            doc.clear();
        }
    }
    checks
}

fn read_doc(name: &str, doc: &[&str]) -> Option<CheckDoc> {
    let paragraph = |from: usize| {
        let lines = doc[from..].iter().take_while(|line| !line.is_empty());
        lines.copied().collect::<Vec<_>>().join(" ")
    };
    let details = doc.iter().position(|line| line.starts_with(DETAILS))?;
    let proves = sentence(&paragraph(0));
    let proves = proves
        .strip_prefix("Checks that ")
        .or_else(|| proves.strip_prefix("Checks "))
        .unwrap_or(&proves);
    let details = without_brackets(&sentence(&paragraph(details)));
    let keys = details.split('`').skip(1).step_by(2);
    let keys = keys.filter(|key| key.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut details: Vec<String> = Vec::new();
    for key in keys.map(|key| format!("`{key}`")) {
        if !details.contains(&key) {
            details.push(key);
        }
    }
    Some(CheckDoc {
        name: name.to_owned(),
        proves: proves.replace('|', "\\|"),
        details,
    })
}

/// The first sentence, without its full stop, and without links that lead nowhere in a README.
fn sentence(paragraph: &str) -> String {
    let first = paragraph.split(". ").next().unwrap_or_default();
    first
        .trim_end_matches('.')
        .replace("[`", "`")
        .replace("`]", "`")
}

/// The text without what stands in round brackets, such as the values that a detail may have.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let kept = text.chars().filter(|c| {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}

/// The crates in the tree of the library with one feature, or with none.
fn crates(feature: Option<&str>) -> Result<BTreeSet<String>, Error> {
    let mut arguments = vec![
        "tree",
        "--quiet",
        "--package",
        CRATE,
        "--no-default-features",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    arguments.extend(
        feature
            .into_iter()
            .flat_map(|feature| ["--features", feature]),
    );
    let tree = Cargo::new(arguments).read()?;
    Ok(crate::dependency_budget::parse(&tree))
}

fn read(path: &PathBuf) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_with_their_features() {
        let library = "#[cfg(feature = \"_web\")]\nmod web;\n#[cfg(feature = \"tcp\")]\nmod tcp;\n\
            mod setting;\n#[cfg(feature = \"platform\")]\npub mod platform;\n\
            #[cfg(all(\n    feature = \"command\",\n    unix,\n))]\nmod command;\n\
            #[cfg(feature = \"tcp\")]\npub use tcp::Tcp;\n";
        let pair = |feature: &str, module: &str| (feature.to_owned(), module.to_owned());
        assert_eq!(
            modules(library),
            [
                pair("tcp", "tcp"),
                pair("platform", "platform"),
                pair("command", "command")
            ]
        );
    }

    #[test]
    fn a_check_is_a_type_that_names_its_details() {
        let source = "\
//! A file.

/// Checks that a port\n/// is [`open`]. And more.\n///\n/// Details: `a` as it was (`x` or `y`), `b`\n\
/// where it is. `no` more.\n///\n/// Text.\n#[derive(Clone)]\npub struct Tcp {\n}\n
/// No check.\npub struct Other;\n";
        let expected = CheckDoc {
            name: "Tcp".into(),
            proves: "a port is `open`".into(),
            details: vec!["`a`".into(), "`b`".into()],
        };
        assert_eq!(checks_in(source), [expected]);
    }

    #[test]
    fn the_readme_is_split_around_the_table() {
        let readme = format!("a\n{BEGIN}| old |\n{END}\nb\n");
        let (before, after) = split(&readme).unwrap();
        assert!(before.ends_with(BEGIN) && after.starts_with(END));
        assert_eq!(split("nothing"), None);
    }
}
