//! A connection of the check's own, opened when it is needed and kept while it works.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use futures_util::{FutureExt, Stream, StreamExt};
use lapin::{Connection, Event};

use super::{endpoint::Endpoint, greeting::Server, refusals::Refusals, transport::Leash};
use crate::net::shown;

type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// A connection that ends when it is dropped: by the leave that AMQP prescribes, or a moment later
/// without it.
pub(crate) struct Open {
    pub(crate) connection: Connection,
    pub(super) server: Server,
    blocked: Mutex<(Events, Option<String>)>,
    _leash: Leash,
}

impl Open {
    pub(super) fn new(connection: Connection, leash: Leash, server: Server) -> Self {
        let events: Events = Box::pin(connection.events_listener());
        Self {
            connection,
            server,
            blocked: Mutex::new((events, None)),
            _leash: leash,
        }
    }

    /// Returns why the broker takes no messages, where it has said so.
    pub(crate) fn blocked_because(&self) -> Option<String> {
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        let (events, reason) = &mut *blocked;
        while let Some(Some(event)) = events.next().now_or_never() {
            match event {
                Event::ConnectionBlocked(why) => *reason = Some(shown(why.as_bytes())),
                Event::ConnectionUnblocked => *reason = None,
                _ => {}
            }
        }
        reason.clone()
    }
}

/// Holds the connection between two runs. A run takes it out, so that one which is cut short does
/// not leave behind a connection on which nobody answers.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Open>>);

impl Kept {
    /// Takes the connection out when it is still there.
    pub(crate) fn take(&self) -> Option<Open> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.filter(|open| open.connection.status().connected())
    }

    /// Keeps a connection, unless it is lost.
    pub(crate) fn put(&self, open: Open) {
        if !open.connection.status().connected() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.replace(open);
        drop(kept);
        drop(before);
    }
}

/// A broker and the connection to it.
pub(crate) struct Own {
    pub(crate) endpoint: Endpoint,
    pub(crate) kept: Kept,
    pub(crate) refusals: Refusals,
}

impl Own {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            kept: Kept::default(),
            refusals: Refusals::default(),
        }
    }
}
