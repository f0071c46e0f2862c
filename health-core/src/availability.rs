//! What the application declares of itself: whether it is broken, and whether it takes traffic.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use crate::Status;

/// Says whether the application can still do its work or must be restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivenessState {
    /// It works; UP.
    Correct,
    /// It cannot recover by itself; DOWN.
    Broken,
}

/// Says whether the application takes traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadinessState {
    /// It does; UP.
    AcceptingTraffic,
    /// It does not; OUT_OF_SERVICE.
    RefusingTraffic,
}

/// Sets and tells both states; a handle that is cheap to clone and to call from anywhere.
///
/// Starts as [`LivenessState::Correct`] and [`ReadinessState::AcceptingTraffic`]: an application
/// that has work to do before it takes traffic sets the second one before it starts its server.
#[derive(Clone, Debug, Default)]
pub struct Availability(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    broken: AtomicBool,
    refusing: AtomicBool,
    starting: AtomicBool,
    draining: AtomicBool,
    drain_begun: Notify,
}

impl Availability {
    /// Declares the liveness state.
    pub fn set_liveness(&self, state: LivenessState) {
        let is_broken = state == LivenessState::Broken;
        self.0.broken.store(is_broken, Ordering::Release);
    }

    /// Declares the readiness state.
    pub fn set_readiness(&self, state: ReadinessState) {
        let is_refusing = state == ReadinessState::RefusingTraffic;
        self.0.refusing.store(is_refusing, Ordering::Release);
    }

    /// Says that the start is over, where [`Builder::startup_gate`](crate::Builder::startup_gate)
    /// makes the endpoints wait for it.
    pub fn set_started(&self) {
        self.0.starting.store(false, Ordering::Release);
    }

    pub(crate) fn new(is_starting: bool) -> Self {
        let availability = Self::default();
        availability
            .0
            .starting
            .store(is_starting, Ordering::Release);
        availability
    }

    pub(crate) fn has_started(&self) -> bool {
        !self.0.starting.load(Ordering::Acquire)
    }

    /// Refuses traffic for good.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Release);
        self.0.drain_begun.notify_waiters();
    }

    /// Tells whether the application is about to end; see
    /// [`Management::drain`](crate::Management::drain).
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Acquire)
    }

    /// Waits until [`Management::drain`](crate::Management::drain) begins, or returns at once when
    /// it has: the moment to tell others that this instance goes.
    ///
    /// # Cancel safety
    /// Nothing is missed: the next call returns at once.
    pub async fn drain_begun(&self) {
        let mut begun = pin!(self.0.drain_begun.notified());
        begun.as_mut().enable();
        if !self.is_draining() {
            begun.await;
        }
    }

    /// Returns the liveness state.
    pub fn liveness(&self) -> LivenessState {
        if self.0.broken.load(Ordering::Acquire) {
            LivenessState::Broken
        } else {
            LivenessState::Correct
        }
    }

    /// Returns the readiness state.
    pub fn readiness(&self) -> ReadinessState {
        if self.is_draining() || self.0.refusing.load(Ordering::Acquire) {
            ReadinessState::RefusingTraffic
        } else {
            ReadinessState::AcceptingTraffic
        }
    }
}

impl From<LivenessState> for Status {
    fn from(state: LivenessState) -> Self {
        match state {
            LivenessState::Correct => Self::UP,
            LivenessState::Broken => Self::DOWN,
        }
    }
}

impl From<ReadinessState> for Status {
    fn from(state: ReadinessState) -> Self {
        match state {
            ReadinessState::AcceptingTraffic => Self::UP,
            ReadinessState::RefusingTraffic => Self::OUT_OF_SERVICE,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    #[tokio::test]
    async fn the_begin_of_the_drain_is_seen_by_all_who_wait_and_by_all_who_come_later() {
        let availability = Availability::default();
        let mut waiting = [availability.drain_begun(), availability.drain_begun()].map(Box::pin);
        for waiting in &mut waiting {
            assert_eq!(
                std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await,
                Poll::Pending
            );
        }
        availability.set_readiness(ReadinessState::RefusingTraffic);
        for waiting in &mut waiting {
            assert_eq!(
                std::future::poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx))).await,
                Poll::Pending
            );
        }
        availability.drain();
        for waiting in waiting {
            waiting.await;
        }
        availability.drain_begun().await;
    }
}
