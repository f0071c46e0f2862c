//! `cargo xtask test`: all tests and doctests of the workspace.

use crate::cargo::Cargo;
use crate::error::Error;
use crate::setup;

/// Installs what the tests need and runs `cargo test` over the workspace with all features; `arguments` are appended.
///
/// A test that fails does not keep others from running: a whole run takes long, and tells all.
///
/// `--package` among them selects crates instead of the whole workspace.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    setup::run()?;
    let fixed: &[&str] = if selects_packages(arguments) {
        &["test", "--no-fail-fast", "--all-features"]
    } else {
        &["test", "--no-fail-fast", "--workspace", "--all-features"]
    };
    Cargo::new(
        fixed
            .iter()
            .copied()
            .chain(arguments.iter().map(String::as_str)),
    )
    .run()
}

/// Whether a `--package` stands before `--`, behind which the test binaries' arguments begin.
///
/// Cargo itself lets `--workspace` win over `--package` without a word.
fn selects_packages(arguments: &[String]) -> bool {
    arguments
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| {
            argument == "--package"
                || argument.starts_with("--package=")
                || argument.starts_with("-p")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_before_the_arguments_of_the_test_binaries() {
        let cases: [(&str, &[&str], bool); 7] = [
            ("nothing", &[], false),
            ("a filter", &["deadline"], false),
            ("short", &["-p", "health-core"], true),
            ("short, glued", &["-phealth-core"], true),
            ("long", &["--package", "health-core"], true),
            ("long, glued", &["--package=health-core"], true),
            ("for the test binary", &["--", "-p"], false),
        ];
        for (name, arguments, expected) in cases {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            assert_eq!(selects_packages(&arguments), expected, "{name}");
        }
    }
}
