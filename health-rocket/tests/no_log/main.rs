//! The lines of successful probes, and of nothing else, are left out of Rocket's log.

#[cfg(test)]
mod captured;
#[cfg(test)]
mod load;
#[cfg(test)]
mod look;
#[cfg(test)]
mod requests;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
