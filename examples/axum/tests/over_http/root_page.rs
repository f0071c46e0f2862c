//! The README of the repository is true: what it names is there.

use std::{fs, path::Path};

use crate::over_http::{client::get, program::Both};

const ROOT_PAGE: &str = include_str!("../../../../README.md");

#[test]
fn the_page_of_the_repository_lists_the_endpoints_that_are_there() {
    let both = Both::start();
    let rows = ROOT_PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let paths: Vec<&str> = rows
        .map(|(path, _)| path)
        .filter(|path| path.starts_with("/z"))
        .collect();
    for path in &paths {
        let path = path
            .replace("{component...}", "users/directory")
            .replace("{group}", "readiness");
        assert_eq!(get(both.orders, &path).code(), 200, "{path}");
    }
    let page = get(both.orders, "/z").body;
    let links = page
        .split(r#""href":""#)
        .skip(1)
        .filter_map(|rest| rest.split_once('"'));
    for (link, _) in links {
        let path = link
            .replace(&format!("http://{}", both.orders), "")
            .replace("{*path}", "{component...}");
        assert!(paths.contains(&path.as_str()), "{path} is not listed");
    }
}

#[test]
fn the_page_of_the_repository_names_every_crate_and_nothing_that_is_not_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let links = ROOT_PAGE
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let links: Vec<&str> = links.map(|(link, _)| link).collect();
    for link in links.iter().filter(|link| !link.contains("://")) {
        assert!(root.join(link).exists(), "{link}");
    }
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, members) = manifest.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    for member in members.split('"').skip(1).step_by(2) {
        assert!(links.contains(&member), "{member}");
    }
}
