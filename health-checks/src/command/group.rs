//! The processes of one run.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use rustix::{
    io::Errno,
    process::{
        Pid, Signal, WaitId, WaitIdOptions, WaitOptions, WaitStatus, kill_process_group, waitid,
        waitpgid, waitpid,
    },
};

use super::gone::wait_until_gone;

/// A process group with the program as its leader.
///
/// The id of a process belongs to it until it is reaped. So nobody signals the group after its
/// leader was reaped: by then the id may be somebody else's.
#[derive(Clone)]
pub(super) struct Group {
    leader: Pid,
    is_reaped: Arc<Mutex<bool>>,
}

impl Group {
    pub(super) fn new(leader: Pid) -> Self {
        Self {
            leader,
            is_reaped: Arc::new(Mutex::new(false)),
        }
    }

    /// Blocks until the leader is dead, kills what is left of the group, and returns how the leader
    /// ended.
    pub(super) fn wait(&self) -> io::Result<WaitStatus> {
        let leader = WaitId::Pid(self.leader);
        let until_dead = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let died = again(|| waitid(leader.clone(), until_dead));
        let mut is_reaped = self
            .is_reaped
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *is_reaped = true;
        died?;
        _ = kill_process_group(self.leader, Signal::KILL);
        let reaped = again(|| waitpid(Some(self.leader), WaitOptions::empty()))?;
        reaped
            .map(|(_, status)| status)
            .ok_or_else(|| Errno::CHILD.into())
    }

    /// Blocks until nothing of the group is alive, after its leader was reaped.
    ///
    /// The orphans of the leader are ours where this is process 1 of a container, and then have to
    /// be reaped; elsewhere they are those of `init`.
    pub(super) fn wait_for_orphans(&self) {
        while let Ok(Some(_)) = again(|| waitpgid(self.leader, WaitOptions::empty())) {}
        wait_until_gone(self.leader);
    }

    /// Kills all of the group.
    pub(super) fn kill(&self) {
        let is_reaped = self
            .is_reaped
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !*is_reaped {
            _ = kill_process_group(self.leader, Signal::KILL);
        }
    }
}

/// Kills the group when it is dropped.
pub(super) struct KillOnDrop(pub(super) Group);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill();
    }
}

fn again<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}
