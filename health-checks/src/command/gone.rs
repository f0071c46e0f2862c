//! Waiting until killed processes are dead, which takes a while: one that is being killed still has
//! its locks, its ports and its memory.

use std::{fs, thread, time::Duration};

use rustix::process::{Pid, test_kill_process_group};

/// How long is waited between two looks, at first and at the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Blocks until those that are in the group now are dead. Who reaps them does not matter: `init`
/// may do so late, or never. On Linux only: elsewhere nobody tells who is in a group.
pub(super) fn wait_until_gone(group: Pid) {
    // In most cases this says that there is nobody.
    if test_kill_process_group(group).is_err() {
        return;
    }
    let mut members = members(group);
    let mut pause = FIRST_PAUSE;
    loop {
        members.retain(|process| is_alive_in(group, process));
        if members.is_empty() {
            return;
        }
        thread::sleep(pause);
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

fn members(group: Pid) -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| process.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|process| is_alive_in(group, process))
        .collect()
}

fn is_alive_in(group: Pid, process: &str) -> bool {
    let stat = fs::read(format!("/proc/{process}/stat")).unwrap_or_default();
    tells_of_life(&String::from_utf8_lossy(&stat), &group.to_string())
}

/// Reads `pid (name) state parent group ...`, of which the name may be anything. What is dead as a
/// process may still have a thread that is dying.
///
/// Source: `proc_pid_stat(5)`, fields 3, 5 and 20.
fn tells_of_life(stat: &str, group: &str) -> bool {
    let words = stat.rsplit(") ").next().unwrap_or_default();
    let words: Vec<&str> = words.split(' ').collect();
    let is_dead = match words.first() {
        Some(&("Z" | "X")) => matches!(words.get(17), Some(&"0" | &"1")),
        _ => false,
    };
    words.get(2) == Some(&group) && !is_dead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_and_strangers_are_not_waited_for() {
        let threads = |state, count| format!("7 (sh) {state} 1 42 1{} {count} 0", " 0".repeat(13));
        let cases = [
            ("runs", threads("R", 1), true),
            ("hangs", threads("D", 1), true),
            ("dead", threads("Z", 1), false),
            ("dead but for a thread", threads("Z", 2), true),
            ("an odd name", "7 (a) Z 1 2 (b)) S 1 42 1".to_owned(), true),
            ("another group", "7 (sh) R 1 43 1".to_owned(), false),
            (
                "a name that looks like it",
                "7 (42 42) R 42 43 42".to_owned(),
                false,
            ),
            ("not there", String::new(), false),
        ];
        for (name, stat, is_alive) in cases {
            assert_eq!(tells_of_life(&stat, "42"), is_alive, "{name}");
        }
    }
}
