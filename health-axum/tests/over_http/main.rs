//! The endpoints over real HTTP, mounted in applications in every way there is.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod mounting;
#[cfg(test)]
mod support;
#[cfg(test)]
mod timing;
#[cfg(test)]
mod wire;
