//! The Python of the tests, with the packages that `cargo xtask setup` installs.

use std::{env, path::Path};

/// Names another virtual environment than that of the workspace.
const VARIABLE: &str = "HEALTH_TEST_VENV";

/// Returns the path of the interpreter.
///
/// # Panics
/// When there is none.
pub fn python() -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let venv =
        env::var(VARIABLE).map_or_else(|_| workspace.join("target/test-tools/venv"), Into::into);
    let python = venv.join("bin/python");
    assert!(
        python.is_file(),
        "{} is missing; `cargo xtask setup` makes it",
        python.display()
    );
    python.to_str().unwrap().to_owned()
}
