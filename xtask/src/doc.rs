//! `cargo xtask doc`: the documentation of every member, warnings as errors.

use crate::cargo::Cargo;
use crate::error::Error;

pub(crate) fn run() -> Result<(), Error> {
    Cargo::new(["doc", "--workspace", "--all-features", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}
