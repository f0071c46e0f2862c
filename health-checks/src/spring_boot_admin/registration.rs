//! The task that keeps the application registered, and the handle to it.

use std::{
    fmt,
    future::{pending, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use health_core::Availability;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::admin::Admin;

/// Keeps the application registered at Spring Boot Admin, as long as it is held.
///
/// When [`Management::drain`](health_core::Management::drain) begins, the application is
/// deregistered, and stays so. Dropping the handle ends the task and tells the admin nothing: it
/// shows an instance that is gone as OFFLINE.
#[must_use = "dropping it ends the registration"]
pub struct Registration {
    asked: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Registration {
    /// Starts a task for each list of admins, of which one is enough.
    pub(super) fn start(
        runtime: &Handle,
        lists: Vec<Vec<Admin>>,
        period: Duration,
        availability: &Availability,
    ) -> Self {
        let (asked, is_asked) = watch::channel(false);
        let end = End {
            availability: availability.clone(),
            is_asked,
        };
        let start = |admins| runtime.spawn(keep_registered(admins, period, end.clone()));
        let tasks = lists.into_iter().map(start).collect();
        Self { asked, tasks }
    }

    /// Deregisters, and returns when that has been tried everywhere. A registration under way is
    /// waited for, so that the deregistration comes after it.
    ///
    /// It need not be called where [`Management::drain`](health_core::Management::drain) is, but
    /// it may be, to wait for the end of what that began.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handle.
    pub async fn deregister(mut self) {
        self.asked.send_replace(true);
        for task in &mut self.tasks {
            // It fails where its runtime has ended: then nobody can deregister any more.
            _ = task.await;
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").finish_non_exhaustive()
    }
}

/// Registers at the first admin that works, in each period from the start of the last one on.
async fn keep_registered(mut admins: Vec<Admin>, period: Duration, mut end: End) {
    loop {
        let next = Instant::now() + period;
        for admin in &mut admins {
            if end.has_come() || admin.register().await {
                break;
            }
        }
        if timeout_at(next, end.come()).await.is_ok() {
            break;
        }
    }
    for admin in &mut admins {
        admin.deregister().await;
    }
}

/// Tells when the application is to be deregistered. It holds no `Management`, whose checks shall
/// end with the last handle of the application.
#[derive(Clone)]
struct End {
    availability: Availability,
    is_asked: watch::Receiver<bool>,
}

impl End {
    fn has_come(&self) -> bool {
        self.availability.is_draining() || *self.is_asked.borrow()
    }

    async fn come(&mut self) {
        let mut drained = pin!(self.availability.drain_begun());
        let is_asked = &mut self.is_asked;
        let mut asked = pin!(async move {
            if is_asked.wait_for(|is_asked| *is_asked).await.is_err() {
                // The handle is dropped, and with it this task.
                pending::<()>().await;
            }
        });
        poll_fn(|cx| match drained.as_mut().poll(cx) {
            Poll::Pending => asked.as_mut().poll(cx),
            ready => ready,
        })
        .await;
    }
}
