//! A file that is touched as long as the application is well: the probe of workers that serve no
//! HTTP.

mod beat;
mod file;

use std::{io, path::PathBuf, time::Duration};

use self::beat::Beat;
use crate::{LIVENESS, Management, own_thread::OwnThread};

pub(crate) use self::file::read;

/// The distance between two writes: twice within a Kubernetes probe's default period. Set by
/// [`HeartbeatFile::interval`].
pub const DEFAULT_FILE_INTERVAL: Duration = Duration::from_secs(5);

/// The age from which on a heartbeat file is not believed: three writes may be missed, not four.
/// Used by [`heartbeat_file_is_fresh`](crate::probe::heartbeat_file_is_fresh).
pub const DEFAULT_FILE_MAX_AGE: Duration = Duration::from_secs(20);

const THREAD: &str = "health-file";

/// Keeps a heartbeat file up to date.
///
/// While a probe of the group would be answered with success, the file holds the time and the
/// status, such as `2026-11-21T01:26:00.250Z UP`, and is as old as its last write. When it would
/// not, the file holds the status and keeps the time at which the group was last well, so that a
/// probe by its age, such as `find /run/worker.health -mmin -1 | grep -q .`, fails too. When this
/// ends, the file is removed. [`heartbeat_file_is_fresh`](crate::probe::heartbeat_file_is_fresh)
/// reads it.
///
/// ```
/// use health_core::Management;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let file = std::env::temp_dir().join(format!("doc-{}.health", std::process::id()));
/// let management = Management::builder("worker").build()?;
/// let heartbeat = management.heartbeat_file(file).start()?; // for as long as the worker works
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is written until `start` is called"]
pub struct HeartbeatFile {
    management: Management,
    path: PathBuf,
    group: String,
    interval: Duration,
}

impl Management {
    /// Begins to set up a file heartbeat.
    pub fn heartbeat_file(&self, path: impl Into<PathBuf>) -> HeartbeatFile {
        HeartbeatFile {
            management: self.clone(),
            path: path.into(),
            group: LIVENESS.to_owned(),
            interval: DEFAULT_FILE_INTERVAL,
        }
    }
}

impl HeartbeatFile {
    /// Sets the group that is asked; default [`LIVENESS`].
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    /// Sets the distance between two writes, at least 1 ms; default [`DEFAULT_FILE_INTERVAL`].
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Writes from now on, on a thread of its own, until what is returned is dropped. Where the
    /// checks run, and that the runtime is watched, is as for `Management::serve_on`.
    ///
    /// A write that fails is reported once, until one succeeds.
    ///
    /// # Errors
    /// There is no such group, the path does not name a file in a folder that exists, or a thread
    /// cannot be started.
    pub fn start(self) -> io::Result<FileHeartbeat> {
        let Self {
            management,
            path,
            group,
            interval,
        } = self;
        if !management.plan().groups.contains_key(&group) {
            let reason =
                format!("the heartbeat file cannot show the group `{group}`: there is none");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        file::folder_exists(&path)?;
        management.prepare_for_outside()?;
        let beat = Beat::new(management, path.clone(), &group, interval);
        let thread = OwnThread::start(THREAD, move || beat.clone().run())?;
        Ok(FileHeartbeat { path, thread })
    }
}

/// A file heartbeat under way; dropping it ends it and removes the file.
#[derive(Debug)]
#[must_use = "dropping it ends the heartbeat"]
pub struct FileHeartbeat {
    path: PathBuf,
    thread: OwnThread,
}

impl Drop for FileHeartbeat {
    fn drop(&mut self) {
        self.thread.end();
        _ = std::fs::remove_file(&self.path);
    }
}
