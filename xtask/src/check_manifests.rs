//! `cargo xtask check-manifests`: what every crate must carry before it goes to a registry.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::workspace::{Member, Workspace};

/// The licence of every member: the convention of the Rust ecosystem.
const LICENSE: &str = "MIT OR Apache-2.0";

/// The most keywords and categories that crates.io accepts, inclusive.
///
/// Source: the Cargo book, "The Manifest Format".
const KEYWORDS_AT_MOST: usize = 5;

/// Makes the README of a crate the first page of its documentation, and its examples doctests.
const README_AS_DOCS: &str = r#"#![doc = include_str!("../README.md")]"#;

pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::load()?;
    let libraries = workspace.libraries()?.len();
    let mut problems = Vec::new();
    for member in &workspace.members {
        let found = problems_of(member, &Files::read(member)?);
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("{}: {problem}", member.name)),
        );
    }
    if problems.is_empty() {
        println!(
            "{} manifests are complete, {libraries} of libraries",
            workspace.members.len()
        );
        return Ok(());
    }
    Err(Error::Problems {
        found_by: "check-manifests",
        problems,
    })
}

/// What is looked at besides the metadata.
#[derive(Default)]
struct Files {
    manifest: String,
    /// Whether the file that `readme` names is there.
    named_readme: bool,
    readme: bool,
    changelog: bool,
    /// The root file of the library; empty for a member without one.
    library: String,
}

impl Files {
    fn read(member: &Member) -> Result<Self, Error> {
        let folder = member.folder();
        let read = |path: &Path| fs::read_to_string(path).map_err(Error::file(path));
        Ok(Self {
            manifest: read(&member.manifest)?,
            named_readme: member
                .readme
                .as_ref()
                .is_some_and(|name| folder.join(name).is_file()),
            readme: folder.join("README.md").is_file(),
            changelog: folder.join("CHANGELOG.md").is_file(),
            library: member
                .library
                .as_deref()
                .map(read)
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

/// Lists everything that `member` lacks.
fn problems_of(member: &Member, files: &Files) -> Vec<String> {
    let mut problems = Vec::new();
    let mut demand = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };

    demand(
        member.license.as_deref() == Some(LICENSE),
        &format!("the licence is not `{LICENSE}`; add `license.workspace = true`"),
    );
    demand(
        inherits_lints(&files.manifest),
        "the workspace's lints are not inherited; add a `[lints]` table with `workspace = true`",
    );
    if member.published {
        demand(
            member
                .description
                .as_ref()
                .is_some_and(|text| !text.trim().is_empty()),
            "no `description`",
        );
        demand(
            member.repository.is_some(),
            "no `repository`; add `repository.workspace = true`",
        );
        demand(
            member.rust_version.is_some(),
            "no `rust-version`; add `rust-version.workspace = true`",
        );
        demand(files.named_readme, "`readme` is missing or names no file");
        for (key, values) in [
            ("keywords", &member.keywords),
            ("categories", &member.categories),
        ] {
            demand(
                (1..=KEYWORDS_AT_MOST).contains(&values.len()),
                &format!(
                    "{} `{key}`; 1 to {KEYWORDS_AT_MOST} are accepted",
                    values.len()
                ),
            );
        }
    }
    if member.is_library() {
        demand(files.readme, "no README.md");
        demand(files.changelog, "no CHANGELOG.md");
        demand(
            files
                .library
                .lines()
                .any(|line| line.trim() == README_AS_DOCS),
            &format!("the root file of the library lacks `{README_AS_DOCS}`"),
        );
    }
    problems
}

/// Whether a manifest has `workspace = true` in its `[lints]` table, or `lints.workspace = true`.
///
/// Read from the text because `cargo metadata` says nothing about lints.
fn inherits_lints(manifest: &str) -> bool {
    let mut table = "";
    for line in manifest.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']').trim();
        } else if let Some((key, "true")) = line.split_once('=').map(|(k, v)| (k.trim(), v.trim()))
            && matches!(
                (table, key),
                ("lints", "workspace") | ("", "lints.workspace")
            )
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> (Member, Files) {
        let member = Member {
            name: "health-core".into(),
            published: true,
            library: Some("/w/health-core/src/lib.rs".into()),
            license: Some(LICENSE.into()),
            description: Some("Health checks".into()),
            repository: Some("https://example.org/health".into()),
            rust_version: Some("1.95".into()),
            keywords: vec!["health".into()],
            categories: vec!["web-programming".into()],
            ..Member::default()
        };
        let files = Files {
            manifest: "[package]\nname = \"health-core\"\n\n[lints]\nworkspace = true\n".into(),
            named_readme: true,
            readme: true,
            changelog: true,
            library: format!("{README_AS_DOCS}\n\nmod check;\n"),
        };
        (member, files)
    }

    #[test]
    fn a_complete_crate_has_no_problem() {
        let (member, files) = complete();
        assert_eq!(problems_of(&member, &files), <[&str; 0]>::default());
    }

    #[test]
    fn each_thing_lacking_is_named() {
        type Spoil = fn(&mut Member, &mut Files);
        let cases: [(&str, Spoil); 13] = [
            ("licence is not", |member, _| member.license = None),
            ("licence is not", |member, _| {
                member.license = Some("MIT".into())
            }),
            ("lints are not inherited", |_, files| {
                files.manifest = "[package]\n".into()
            }),
            ("no `description`", |member, _| {
                member.description = Some(" ".into())
            }),
            ("no `repository`", |member, _| member.repository = None),
            ("no `rust-version`", |member, _| member.rust_version = None),
            ("names no file", |_, files| files.named_readme = false),
            ("0 `keywords`", |member, _| member.keywords.clear()),
            ("6 `keywords`", |member, _| {
                member.keywords = vec!["health".into(); 6]
            }),
            ("0 `categories`", |member, _| member.categories.clear()),
            ("no README.md", |_, files| files.readme = false),
            ("no CHANGELOG.md", |_, files| files.changelog = false),
            ("include_str!", |_, files| {
                files.library = format!("// {README_AS_DOCS}")
            }),
        ];
        for (expected, spoil) in cases {
            let (mut member, mut files) = complete();
            spoil(&mut member, &mut files);
            let problems = problems_of(&member, &files);
            assert_eq!(problems.len(), 1, "{expected}: {problems:?}");
            assert!(problems[0].contains(expected), "{expected}: {problems:?}");
        }
    }

    #[test]
    fn everything_lacking_is_listed_at_once() {
        let member = Member {
            published: true,
            library: Some("lib.rs".into()),
            ..Member::default()
        };
        assert_eq!(problems_of(&member, &Files::default()).len(), 11);
    }

    #[test]
    fn an_unpublished_member_needs_only_licence_and_lints() {
        let problems = problems_of(&Member::default(), &Files::default());
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn lints_are_inherited_in_their_own_table_only() {
        let cases = [
            ("table", "[package]\n[lints]\nworkspace = true", true),
            (
                "spaces and a comment",
                "[ lints ] # all\n workspace=true # yes",
                true,
            ),
            (
                "dotted key at the top",
                "lints.workspace = true\n[package]",
                true,
            ),
            ("false", "[lints]\nworkspace = false", false),
            (
                "another table",
                "[lints]\n[package.version]\nworkspace = true",
                false,
            ),
            ("commented out", "[lints]\n# workspace = true", false),
            ("table of one tool", "[lints.rust]\nworkspace = true", false),
            ("empty", "", false),
        ];
        for (name, manifest, expected) in cases {
            assert_eq!(inherits_lints(manifest), expected, "{name}");
        }
    }
}
