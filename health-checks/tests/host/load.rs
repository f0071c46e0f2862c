use std::fs;

use health_checks::{LoadAverage, LoadWindow};
use health_core::Status;

use super::*;

#[tokio::test]
async fn the_load_of_this_host_is_told() {
    let health = ask(LoadAverage::new()
        .window(LoadWindow::FifteenMinutes)
        .limit_per_cpu(1e9))
    .await;
    assert_eq!(*health.status(), Status::UP, "{health:?}");
    let online = fs::read_to_string("/proc/cpuinfo").unwrap();
    let online = online
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    assert_eq!(detail(&health, "cpus"), online);
    let per_cpu = number(&health, "load15") / number(&health, "cpus");
    assert!((number(&health, "perCpu") - per_cpu).abs() < 0.01);
    let health = ask(LoadAverage::new().limit_per_cpu(-1.0)).await;
    assert_eq!(*health.status(), Status::DOWN);
}
