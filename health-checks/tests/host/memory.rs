use std::fs;

use health_checks::{DEFAULT_MEMORY_THRESHOLD_PERCENT, Memory};
use health_core::Status;

use super::*;

#[tokio::test]
async fn the_memory_that_is_there_is_told() {
    let health = ask(Memory::new()).await;
    let (used, limit) = (number(&health, "used"), number(&health, "limit"));
    assert!(used > 0.0 && used < limit, "{health:?}");
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap();
    let total = meminfo
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap();
    let total = total.parse::<f64>().unwrap() * 1024.0;
    let source = detail(&health, "source");
    if source == "host" {
        assert_eq!(limit, total);
    } else {
        assert!(source.as_str().unwrap().starts_with("cgroup") && limit < total);
    }
    let percent = number(&health, "usedPercent");
    assert!((percent - used * 100.0 / limit).abs() < 0.1);
    assert_eq!(
        detail(&health, "thresholdPercent"),
        DEFAULT_MEMORY_THRESHOLD_PERCENT
    );
}

#[tokio::test]
async fn the_threshold_decides() {
    let health = ask(Memory::new().threshold_percent(101)).await;
    assert_eq!(*health.status(), Status::UP);
    let health = ask(Memory::new().threshold_percent(0)).await;
    assert_eq!(*health.status(), Status::DOWN);
    let error = detail(&health, "error");
    assert!(
        error
            .as_str()
            .unwrap()
            .contains("bytes are used, 0 % or more of"),
        "{error}"
    );
}
