//! Answers of the operating system through the `sysinfo` crate, where `/proc` and `/etc` are
//! silent (macOS, Windows).

use std::time::{Duration, SystemTime};

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, get_current_pid};

use super::source::{Memory, Native, System, SystemProcess};

impl System for Native {
    fn host_name(&self) -> Option<String> {
        sysinfo::System::host_name().ok()
    }

    fn os_version(&self) -> Option<String> {
        sysinfo::System::os_version().ok()
    }

    fn os_description(&self) -> Option<String> {
        sysinfo::System::long_os_version().ok()
    }

    fn process(&self) -> Option<SystemProcess> {
        let pid = get_current_pid().ok()?;
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[pid]),
            false,
            ProcessRefreshKind::nothing().with_memory(),
        );
        let process = system.process(pid)?;
        Some(SystemProcess {
            parent_pid: process.parent().map(|parent| parent.as_u32()),
            started: SystemTime::UNIX_EPOCH
                .checked_add(Duration::from_secs(process.start_time()))?,
            memory: Memory {
                resident_bytes: process.memory(),
                virtual_bytes: process.virtual_memory(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_this_process() {
        let process = Native.process().unwrap();
        assert!(process.memory.resident_bytes > 0);
        assert!(process.memory.virtual_bytes >= process.memory.resident_bytes);
        assert!(process.started <= SystemTime::now());
        assert!(process.started > SystemTime::UNIX_EPOCH);
        assert!(Native.host_name().is_some_and(|name| !name.is_empty()));
        assert!(Native.os_version().is_some_and(|text| !text.is_empty()));
        assert!(Native.os_description().is_some_and(|text| !text.is_empty()));
    }
}
