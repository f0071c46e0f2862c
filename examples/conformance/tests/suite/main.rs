//! The conformance suite: the same requests to all four servers, over real HTTP, and real clients.

#[cfg(test)]
mod bodies;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod http;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod server;
