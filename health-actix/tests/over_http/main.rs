//! The endpoints over real HTTP, mounted in applications in every way there is.

#[cfg(test)]
mod mounting;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod workers;
