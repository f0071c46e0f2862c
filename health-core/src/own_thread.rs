//! Threads of our own, each with a small runtime of its own: they go on while the application's
//! runtime stands still.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tokio::{
    runtime::{self, Handle, Runtime},
    sync::oneshot,
};

/// How long to wait before work that panicked is started anew, so that one which always panics
/// costs a line of the log in a second and not a processor.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How many closures of the application that may block, such as those of `/info`, run at once.
pub(crate) const BLOCKING_THREADS: usize = 4;

/// How long [`OwnThread::end`] waits at the most: code of the application, called by the thread,
/// may block it.
const LONGEST_END: Duration = Duration::from_secs(1);

/// A thread that does one work until this is dropped.
#[derive(Debug)]
pub(crate) struct OwnThread {
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    /// Hangs up when the thread has let everything go.
    ended: Mutex<mpsc::Receiver<()>>,
    thread: thread::ThreadId,
}

impl OwnThread {
    /// Starts the thread; a work that panics is reported and made anew. Linux shows the first 15
    /// bytes of the name.
    pub(crate) fn start<F, Work>(name: &'static str, make: F) -> io::Result<Self>
    where
        F: Fn() -> Work + Send + Sync + 'static,
        Work: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let (started, start) = mpsc::channel();
        let (ending, ended) = mpsc::channel();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let _ending = ending;
                let runtime = match small_runtime() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(started.send(Err(error))),
                };
                _ = started.send(Ok(runtime.handle().clone()));
                runtime.spawn(supervise(name, make));
                _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })?;
        let runtime = start.recv().map_err(io::Error::other)??;
        let thread = thread.thread().id();
        Ok(Self {
            runtime,
            stop: Some(stop),
            ended: Mutex::new(ended),
            thread,
        })
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Ends the thread and waits, for a short while, until what it held is free again.
    pub(crate) fn end(&mut self) {
        self.stop = None;
        if thread::current().id() != self.thread {
            let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
            _ = ended.recv_timeout(LONGEST_END);
        }
    }
}

fn small_runtime() -> io::Result<Runtime> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
}

async fn supervise<F, Work>(name: &'static str, make: F)
where
    F: Fn() -> Work + Send + Sync + 'static,
    Work: Future<Output = ()> + Send + 'static,
{
    let make = Arc::new(make);
    loop {
        let make = Arc::clone(&make);
        match tokio::spawn(async move { make().await }).await {
            Err(error) if error.is_panic() => {
                tracing::error!(thread = name, %error, "panicked and is started anew");
            }
            _ => return,
        }
        tokio::time::sleep(RESTART_PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_panics_is_made_anew_after_a_pause() {
        let (starts, start) = (Arc::new(AtomicUsize::new(0)), tokio::time::Instant::now());
        let count = Arc::clone(&starts);
        supervise("test", move || {
            let nth = count.fetch_add(1, Ordering::Relaxed);
            assert!(nth != 1, "at making");
            async move { assert!(nth >= 2, "at work") }
        })
        .await;
        assert_eq!(starts.load(Ordering::Relaxed), 3);
        assert_eq!(start.elapsed(), RESTART_PAUSE * 2);
    }

    #[test]
    fn the_end_frees_what_the_work_held() {
        let held = Arc::new(());
        let make = {
            let held = Arc::clone(&held);
            move || {
                let held = Arc::clone(&held);
                async move {
                    std::future::pending::<()>().await;
                    drop(held);
                }
            }
        };
        let mut thread = OwnThread::start("test", make).unwrap();
        thread.end();
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
