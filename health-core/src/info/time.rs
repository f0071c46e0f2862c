//! Instants and durations as text: RFC 3339 in UTC, and ISO 8601 durations.

use std::time::{Duration, SystemTime};

const SECONDS_PER_DAY: u64 = 86_400;

/// The last second of the year 9999, in seconds since 1970: RFC 3339 has four digits for a year.
const LAST_SECOND: u64 = 253_402_300_799;

/// Writes an instant to the millisecond, such as `2026-11-21T01:26:00.250Z`.
///
/// Instants before 1970 and after 9999 are moved to the nearest end.
///
/// Source: RFC 3339 5.6.
pub fn rfc3339(instant: SystemTime) -> String {
    let since_epoch = instant
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .min(Duration::new(LAST_SECOND, 999_999_999));
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let of_day = seconds % SECONDS_PER_DAY;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        since_epoch.subsec_millis()
    )
}

/// Writes a duration in hours, minutes and seconds to the millisecond, such as `PT1H2.5S`.
///
/// Days are counted in hours and trailing zeros are dropped.
///
/// Source: the text of Java's `Duration`, which Spring sends.
pub(super) fn iso_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut text = String::from("PT");
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    for (amount, unit) in [(hours, 'H'), (minutes, 'M')] {
        if amount > 0 {
            text.push_str(&format!("{amount}{unit}"));
        }
    }
    let millis = format!(".{:03}", duration.subsec_millis());
    let fraction = millis.trim_end_matches('0').trim_end_matches('.');
    if seconds > 0 || !fraction.is_empty() || text == "PT" {
        text.push_str(&format!("{seconds}{fraction}S"));
    }
    text
}

/// Turns days since 1970-01-01 into year, month and day of the month.
fn date(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let february = days_of_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

/// Counts the days of a Gregorian year.
fn days_of_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_instants() {
        for (seconds, millis, expected) in [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (86_399, 999, "1970-01-01T23:59:59.999Z"),
            (68_169_600, 0, "1972-02-29T00:00:00.000Z"),
            (951_782_399, 0, "2000-02-28T23:59:59.000Z"),
            (951_782_400, 0, "2000-02-29T00:00:00.000Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000Z"),
            (1_234_567_890, 0, "2009-02-13T23:31:30.000Z"),
            (1_735_689_599, 5, "2024-12-31T23:59:59.005Z"),
            (1_735_689_600, 0, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
            (LAST_SECOND, 999, "9999-12-31T23:59:59.999Z"),
            (LAST_SECOND + 1, 0, "9999-12-31T23:59:59.999Z"),
        ] {
            let since_epoch = Duration::from_secs(seconds) + Duration::from_millis(millis);
            let instant = SystemTime::UNIX_EPOCH + since_epoch;
            assert_eq!(rfc3339(instant), expected);
        }
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(before), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn writes_durations() {
        for (millis, expected) in [
            (0, "PT0S"),
            (1, "PT0.001S"),
            (500, "PT0.5S"),
            (59_999, "PT59.999S"),
            (60_000, "PT1M"),
            (61_010, "PT1M1.01S"),
            (3_600_000, "PT1H"),
            (3_602_500, "PT1H2.5S"),
            (3_660_000, "PT1H1M"),
            (90_061_000, "PT25H1M1S"),
        ] {
            assert_eq!(iso_duration(Duration::from_millis(millis)), expected);
        }
        assert_eq!(iso_duration(Duration::from_micros(999)), "PT0S");
    }
}
