//! The endpoints over real HTTP, in Rocket applications.

#[cfg(test)]
mod app;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod mounting;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod wire;
