//! Calls that may block for ever, such as those to a file system whose server is gone.

use std::{
    error::Error,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::patience::within;

const THREAD: &str = "health-blocking";

/// Makes blocking calls on threads of their own, never two at a time: who asks while a call is
/// under way waits for that one, so that a call that never ends holds one thread and not one for
/// each run.
///
/// The threads are not those of the runtime, which waits for its own before it ends: a file system
/// that hangs would keep the application from ending too. So tokio's paused clock does not wait for
/// them either.
pub(crate) struct Flight<T> {
    under_way: Mutex<Option<UnderWay<T>>>,
}

struct UnderWay<T> {
    since: Instant,
    landing: watch::Receiver<Option<Arc<T>>>,
}

impl<T> Clone for UnderWay<T> {
    fn clone(&self) -> Self {
        Self {
            since: self.since,
            landing: self.landing.clone(),
        }
    }
}

impl<T> UnderWay<T> {
    fn is_over(&self) -> bool {
        self.landing.borrow().is_some() || self.landing.has_changed().is_err()
    }
}

impl<T: Send + Sync + 'static> Flight<T> {
    pub(crate) fn new() -> Self {
        Self {
            under_way: Mutex::new(None),
        }
    }

    /// Waits for the call under way, or for `call`, as long as there is patience.
    ///
    /// # Errors
    /// Fails when nothing came in time, with how long the call has been under way.
    pub(crate) async fn run(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Arc<T>, NoLanding> {
        let UnderWay { since, mut landing } = self.join_or_start(call)?;
        let landed = within("answer", landing.wait_for(Option::is_some)).await;
        match landed {
            Ok(Ok(value)) => value.clone().ok_or(NoLanding::Panicked),
            Ok(Err(_)) => Err(NoLanding::Panicked),
            Err(_) => Err(NoLanding::Hangs(since.elapsed())),
        }
    }

    fn join_or_start(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<UnderWay<T>, NoLanding> {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(call) = under_way.as_ref().filter(|call| !call.is_over()) {
            return Ok(call.clone());
        }
        let (land, landing) = watch::channel(None);
        thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(move || _ = land.send(Some(Arc::new(call()))))
            .map_err(NoLanding::NoThread)?;
        let started = UnderWay {
            since: Instant::now(),
            landing,
        };
        Ok(under_way.insert(started).clone())
    }
}

/// Says why there is no answer.
#[derive(Debug)]
pub(crate) enum NoLanding {
    Hangs(Duration),
    Panicked,
    NoThread(io::Error),
}

impl fmt::Display for NoLanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hangs(since) => write!(f, "no answer for {} ms: it hangs", since.as_millis()),
            Self::Panicked => f.write_str("looking at it panicked"),
            Self::NoThread(_) => f.write_str("no thread could be started"),
        }
    }
}

impl Error for NoLanding {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoThread(error) => Some(error),
            Self::Hangs(_) | Self::Panicked => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_not_made_a_second_time() {
        let flight = Flight::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let (release, released) = mpsc::channel::<()>();
        let mut released = Some(released);
        let mut call = || {
            let calls = Arc::clone(&calls);
            let released = released.take();
            move || {
                calls.fetch_add(1, Ordering::SeqCst);
                _ = released.map(|released| released.recv());
            }
        };
        for _ in 0..100 {
            let error = flight.run(call()).await.unwrap_err().to_string();
            assert!(error.starts_with("no answer for "), "{error}");
        }
        let is_called = || calls.load(Ordering::SeqCst) > 0;
        check_testing::wait_until("it is called", Duration::from_secs(10), is_called);
        assert_eq!(calls.load(Ordering::SeqCst), 1);

        let waiting = flight.join_or_start(|| ()).unwrap();
        release.send(()).unwrap();
        tokio::time::resume();
        assert!(flight.run(|| ()).await.is_ok());
        assert!(waiting.is_over());
        flight.run(call()).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 2, "once it is over, anew");
    }

    #[tokio::test]
    async fn a_panic_is_told_and_the_next_call_is_made() {
        let flight = Flight::new();
        #[allow(clippy::panic, reason = "that is what is tested")]
        let error = flight.run(|| panic!("odd")).await.unwrap_err();
        assert_eq!(error.to_string(), "looking at it panicked");
        assert_eq!(*flight.run(|| 7).await.unwrap(), 7);
    }
}
