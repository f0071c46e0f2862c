//! Hundreds of checks that misbehave in every way, for a while of real time, while probes hammer.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails loudly"
)]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use health_core::{
    Check, CheckError, CheckResult, Component, Health, Management, Refresh, async_trait,
    test_util::{Runs, ask},
};
use tokio::{runtime::Handle, task::JoinSet};

const CHECKS: usize = 500;
const TIME: Duration = Duration::from_secs(20);
const DEADLINE: Duration = Duration::from_millis(200);
const ANSWER_DEADLINE: Duration = Duration::from_millis(300);
/// What an answer may take longer than its deadline.
const SLACK: Duration = Duration::from_millis(50);
const STALE_AFTER: Duration = Duration::from_secs(2);
/// Blocked threads share this machine's few cores with the probes: only so many block at once.
const BLOCK: Duration = Duration::from_millis(5);

/// Succeeds, fails, flaps, hangs, panics, blocks and dawdles, as chance has it.
struct Chaotic {
    chance: Chance,
}

/// A small generator; what follows is the same in each test run, its order is not.
struct Chance(AtomicUsize);

impl Chance {
    fn next(&self) -> usize {
        let step = |x: usize| {
            Some(
                x.wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407),
            )
        };
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        before.unwrap_or_default() >> 33
    }
}

#[async_trait]
impl Check for Chaotic {
    async fn check(&self) -> CheckResult {
        match self.chance.next() % 100 {
            0..60 => Ok(Health::up()),
            60..75 => Ok(Health::down()),
            75..85 => Err(CheckError::new("as it happens")),
            85..90 => std::panic::panic_any("chaos"),
            90..95 => std::future::pending().await,
            95..97 => {
                std::thread::sleep(BLOCK);
                Ok(Health::up())
            }
            _ => {
                tokio::time::sleep(DEADLINE / 2).await;
                Ok(Health::up())
            }
        }
    }
}

/// Was UP once and never ends again: after its time, UP would be a stale answer.
struct UpOnce(AtomicBool);

#[async_trait]
impl Check for UpOnce {
    async fn check(&self) -> CheckResult {
        if self.0.swap(true, Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(Health::up())
    }
}

fn management(runs: &Runs) -> Management {
    let refresh = Refresh::every(Duration::from_millis(500)).stale_after(STALE_AFTER);
    let mut builder = Management::builder("chaos")
        .deadline(DEADLINE)
        .answer_deadline(ANSWER_DEADLINE);
    for index in 0..CHECKS {
        let check = Chaotic {
            chance: Chance(AtomicUsize::new(index)),
        };
        let component = Component::new(format!("check-{index}"), runs.count(check));
        builder = builder.component(match index % 2 {
            0 => component.background(refresh.clone()),
            _ => component.readiness(),
        });
    }
    let up_once = Component::new("up-once", UpOnce(AtomicBool::new(false)));
    builder
        .component(up_once.background(refresh))
        .build()
        .unwrap()
}

/// Measures by how much this machine is late: what no deadline of ours can make up for.
#[derive(Clone, Default)]
struct Machine(Arc<Lateness>);

#[derive(Default)]
struct Lateness {
    /// The worst wake-up of a thread that only sleeps, in microseconds.
    worst: AtomicUsize,
    /// How long our threads have waited for a processor so far, in microseconds.
    waited: AtomicUsize,
}

impl Machine {
    fn watch(&self) {
        let lateness = Arc::downgrade(&self.0);
        std::thread::spawn(move || {
            let nap = Duration::from_millis(5);
            while let Some(lateness) = lateness.upgrade() {
                let start = Instant::now();
                std::thread::sleep(nap);
                let late = start.elapsed().saturating_sub(nap);
                lateness.worst.fetch_max(micros(late), Ordering::Relaxed);
                lateness.waited.store(micros(waited()), Ordering::Relaxed);
            }
        });
    }

    fn worst(&self) -> Duration {
        from_micros(self.0.worst.load(Ordering::Relaxed))
    }

    fn waited(&self) -> Duration {
        from_micros(self.0.waited.load(Ordering::Relaxed))
    }
}

fn micros(duration: Duration) -> usize {
    usize::try_from(duration.as_micros()).unwrap()
}

fn from_micros(micros: usize) -> Duration {
    Duration::from_micros(micros.try_into().unwrap())
}

/// Returns how long all threads of this process were ready to run and did not. A thread that ends
/// meanwhile takes its time with it. Source: Linux, sched-stats.rst, the second number.
fn waited() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let nanoseconds = threads.filter_map(|thread| {
        let line = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

fn resident_kilobytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_that_checks_do_reaches_a_probe() {
    std::panic::set_hook(Box::new(|panic| {
        // What the checks throw is wanted; a failed assertion still speaks.
        if panic.payload_as_str() != Some("chaos") {
            eprintln!("{panic}");
        }
    }));
    let machine = Machine::default();
    machine.watch();
    let runs = Runs::default();
    let idle_tasks = Handle::current().metrics().num_alive_tasks();
    let management = management(&runs);
    let start = Instant::now();
    let answers = Arc::new(AtomicUsize::new(0));
    let mut probes = JoinSet::new();
    let paths = [
        "/z/health",
        "/z/health/readiness",
        "/z/health/liveness",
        "/z/health/check-7",
        "/z/health/up-once",
    ];
    for path in paths.into_iter().cycle().take(10) {
        let (management, answers, machine) =
            (management.clone(), Arc::clone(&answers), machine.clone());
        probes.spawn(async move {
            while start.elapsed() < TIME {
                let (asked, waited_before) = (Instant::now(), machine.waited());
                let answer = ask(&management, path).await;
                let took = asked.elapsed();
                if took > ANSWER_DEADLINE + SLACK {
                    let late = machine.worst() + waited().saturating_sub(waited_before);
                    assert!(
                        took <= ANSWER_DEADLINE + SLACK + late,
                        "{path} took {took:?}, machine {late:?}"
                    );
                }
                assert!([200, 503].contains(&answer.status), "{path}: {answer:?}");
                if path == "/z/health/liveness" {
                    assert_eq!(answer.status, 200);
                }
                if path == "/z/health/up-once"
                    && start.elapsed() > STALE_AFTER + Duration::from_secs(1)
                {
                    assert_eq!(answer.status, 503, "a stale UP: {answer:?}");
                }
                answers.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }
    let mut warm_kilobytes = 0;
    while let Some(probe) = probes.join_next().await {
        probe.unwrap();
        warm_kilobytes = resident_kilobytes();
    }
    assert!(
        answers.load(Ordering::Relaxed) > 1000,
        "the probes did not hammer"
    );
    assert!(runs.started() > CHECKS * 10, "the checks did not run");

    drop(management);
    for _ in 0..100 {
        if runs.under_way() == 0 && Handle::current().metrics().num_alive_tasks() <= idle_tasks {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(
        runs.under_way(),
        0,
        "runs are left after the handle is gone"
    );
    assert_eq!(
        Handle::current().metrics().num_alive_tasks(),
        idle_tasks,
        "tasks are left"
    );
    let left = resident_kilobytes();
    assert!(
        left <= warm_kilobytes + 1024,
        "{left} kB are resident, {warm_kilobytes} before the end"
    );
}
