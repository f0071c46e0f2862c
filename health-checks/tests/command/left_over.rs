//! What is left of a command: nothing.

use std::time::Instant;

use check_testing::Folder;

use super::*;

#[test]
fn a_grandchild_is_dead_after_the_time_is_over() {
    alone(async {
        let check = sh("sleep 600 & echo $!; wait").time_limit(Duration::from_millis(400));
        let answer = ask(check).await;
        assert_eq!(answer["status"], "DOWN");
        wait_until_gone(answer["details"]["output"].as_str().unwrap());
    });
}

#[test]
fn a_grandchild_is_dead_after_its_check_was_dropped() {
    let folder = Folder::new("command");
    let pids = folder.file("pids");
    alone(async {
        let check = sh("(sleep 600 & echo $$ $! > $PIDS.new; mv $PIDS.new $PIDS; wait); :")
            .env("PIDS", &pids);
        let mut run = Box::pin(check.check());
        let is_running = async || fs::exists(&pids).unwrap();
        tokio::select! {
            _ = &mut run => unreachable!("it sleeps"),
            () = check_testing::eventually("it runs", PATIENTLY, is_running) => {}
        }
        drop(run);
        for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
            wait_until_gone(pid);
        }
        wait_until_nothing_is_left();
    });
}

#[test]
fn a_check_that_was_dropped_before_its_program_started_leaves_none() {
    let folder = Folder::new("command");
    let ran = folder.file("ran");
    alone(async {
        let check = sh("sleep 5; echo > $RAN").env("RAN", &ran);
        for _ in 0..50 {
            let run = check.check();
            // Polled once: the thread that starts the program is on its way.
            _ = tokio::time::timeout(Duration::ZERO, run).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        wait_until_nothing_is_left();
        assert!(!fs::exists(&ran).unwrap());
    });
}

#[test]
fn a_child_that_keeps_the_output_open_keeps_nobody_waiting_and_is_killed() {
    alone(async {
        let start = Instant::now();
        let answer = ask(sh("sleep 600 & echo $!")).await;
        assert_eq!(answer["status"], "UP", "{answer}");
        assert!(start.elapsed() < Duration::from_secs(10));
        wait_until_gone(answer["details"]["output"].as_str().unwrap());
    });
}

#[test]
fn a_process_that_left_the_group_keeps_nobody_waiting() {
    alone(async {
        let start = Instant::now();
        let script = "setsid sh -c 'echo $$; exec sleep 600' & sleep 0.3";
        let answer = ask(sh(script)).await;
        assert_eq!(answer["status"], "UP", "{answer}");
        assert!(start.elapsed() < Duration::from_secs(10));
        let pid = answer["details"]["output"].as_str().unwrap();
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap();
    });
}

#[test]
fn orphans_that_become_ours_are_reaped() {
    alone(async {
        let script = "for i in 1 2 3 4 5; do (sleep 600 &); done; sleep 600 & echo $!";
        for _ in 0..20 {
            assert_eq!(ask(sh(script)).await["status"], "UP");
        }
        wait_until_nothing_is_left();
    });
}

#[test]
fn runs_that_are_dropped_do_not_pile_up() {
    alone(async {
        let check = sh("sleep 600");
        for _ in 0..20 {
            _ = tokio::time::timeout(Duration::from_millis(5), check.check()).await;
            // A look takes its time: it may see one that goes and the one that comes after it.
            let seen = children();
            assert!(seen.len() <= 2, "{seen:?}");
        }
        wait_until_nothing_is_left();
    });
}

/// Holds a lock, and so much memory that it takes a while to die.
const HEAVY: &str = "
import fcntl, sys, time
lock = open(sys.argv[1], 'w')
fcntl.flock(lock, fcntl.LOCK_EX)
memory = bytearray(b'x') * 400_000_000
open(sys.argv[2], 'w').close()
time.sleep(600)";

/// Is asked, gives up when there is a file, and is asked again at once.
struct Twice {
    check: Command,
    file: String,
}

#[health_core::async_trait]
impl Check for Twice {
    async fn check(&self) -> health_core::CheckResult {
        let file_is_there = async {
            while !fs::exists(&self.file).unwrap() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            first = self.check.check() => return first,
            () = file_is_there => {}
        }
        self.check.check().await
    }
}

#[test]
fn a_run_starts_when_nothing_of_the_one_before_is_alive() {
    // The first run has a grandchild that takes the lock, the second one wants it at once.
    let script = "[ -e $HOLDS ] && exec flock -n $LOCK true\n\
                  python3 -c \"$HEAVY\" $LOCK $HOLDS & wait";
    for inherits_orphans in [true, false].repeat(3) {
        let folder = Folder::new("command");
        let (lock, holds) = (folder.file("lock"), folder.file("holds"));
        let check = sh(script)
            .env("HEAVY", HEAVY)
            .env("LOCK", &lock)
            .env("HOLDS", &holds)
            .memory_limit_bytes(None);
        let twice = Twice { check, file: holds };
        alone(async {
            let own = rustix::process::getpid();
            rustix::process::set_child_subreaper(inherits_orphans.then_some(own)).unwrap();
            let answer = ask(twice).await;
            let name = format!("inherits orphans: {inherits_orphans}");
            assert_eq!(answer["status"], "UP", "{name}: {answer}");
        });
    }
}

#[test]
fn the_end_of_the_runtime_is_not_waited_for() {
    alone(async {
        let start = Instant::now();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let management = management(sh("sleep 600"));
        runtime.spawn(async move {
            let reply = {
                let headers = axum::http::HeaderMap::new();
                management.respond(&Request::new("GET", "/z/health/it", &headers))
            };
            reply.await
        });
        wait_until("it runs", PATIENTLY, || keepers() > 0);
        tokio::task::spawn_blocking(move || drop(runtime))
            .await
            .unwrap();
        assert!(start.elapsed() < PATIENTLY);
        wait_until_nothing_is_left();
    });
}

#[test]
fn a_thousand_runs_leave_nothing() {
    alone(async {
        let check = Command::new("true");
        let management = management(check);
        let headers = axum::http::HeaderMap::new();
        let mut before = usize::MAX;
        for number in 0..1000 {
            let request = Request::new("GET", "/z/health/it", &headers);
            let reply = management.respond(&request).await;
            let body = String::from_utf8_lossy(reply.body()).into_owned();
            assert!(body.contains("\"UP\""), "run {number}: {body}");
            if number == 2 {
                wait_until_nothing_is_left();
                before = descriptors();
            }
        }
        wait_until_nothing_is_left();
        let is_as_before = || descriptors() <= before;
        wait_until("no descriptor is left", PATIENTLY, is_as_before);
    });
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}
