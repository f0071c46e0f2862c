//! What the examples share: the services `orders` and `users` without their web framework, the
//! command line, and starting and stopping. An example adds what its framework does.

mod arguments;
mod both;
mod listen;
mod orders;
mod run;
mod settings;
mod stop;
mod users;

use std::error::Error;

pub use crate::{
    listen::{REQUEST_GRACE, Serving, Stopped},
    orders::{CustomerUnknown, Orders},
    run::run,
    users::Users,
};

/// Any failure that ends a service.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The commit that the example is built from, where the build found a git checkout; `/info` shows it.
pub const GIT_COMMIT: Option<&str> = option_env!("VERGEN_GIT_SHA");

/// Compiles the example that the README of the repository shows.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
