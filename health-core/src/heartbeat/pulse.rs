//! What the beats that came, and those that did not, mean.

use std::time::{Duration, Instant};

use super::RuntimeWatch;

/// Holds when the runtime last beat, and the episode of starvation under way, if any.
#[derive(Debug)]
pub(super) struct Pulse {
    watch: RuntimeWatch,
    last_beat: Instant,
    last_look: Instant,
    /// By how much the last beat was late.
    late: Duration,
    episode: Option<Episode>,
}

#[derive(Debug)]
struct Episode {
    longest: Duration,
    is_wedged: bool,
}

/// Something to be said once in an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The runtime starves, with this lag so far.
    Starved(Duration),
    /// The runtime has not run for longer than the budget.
    Wedged(Duration),
    /// The runtime keeps its times again; the longest lag was this.
    Over(Duration),
}

impl Pulse {
    pub(super) fn new(watch: RuntimeWatch, now: Instant) -> Self {
        Self {
            watch,
            last_beat: now,
            last_look: now,
            late: Duration::ZERO,
            episode: None,
        }
    }

    /// Notes a beat. One that came in time ends an episode.
    pub(super) fn beat(&mut self, now: Instant) -> Option<Event> {
        self.late = self.overdue(now);
        self.last_beat = now;
        if self.late >= self.watch.starved_after {
            return self.starve(self.late);
        }
        let over = self.episode.take()?;
        Some(Event::Over(over.longest))
    }

    /// Looks from outside whether a beat is missing.
    ///
    /// Time in which this was not called in its turn does not count: then the whole process stood
    /// still, stopped or frozen or without a processor, and that is not the runtime's fault.
    pub(super) fn look(&mut self, now: Instant) -> Option<Event> {
        self.last_beat = (self.last_beat + self.unseen(now)).min(now);
        self.last_look = now;
        let overdue = self.overdue(now);
        if overdue < self.watch.starved_after {
            return None;
        }
        let starved = self.starve(overdue);
        match &mut self.episode {
            Some(episode) if overdue >= self.watch.wedged_after && !episode.is_wedged => {
                episode.is_wedged = true;
                Some(Event::Wedged(overdue))
            }
            _ => starved,
        }
    }

    fn starve(&mut self, lag: Duration) -> Option<Event> {
        if let Some(episode) = &mut self.episode {
            episode.longest = episode.longest.max(lag);
            return None;
        }
        self.episode = Some(Episode {
            longest: lag,
            is_wedged: false,
        });
        Some(Event::Starved(lag))
    }

    /// Returns by how much the next beat is late by now.
    pub(super) fn overdue(&self, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.last_beat);
        since
            .saturating_sub(self.watch.interval)
            .saturating_sub(self.unseen(now))
    }

    /// Returns by how much a timer of the runtime is late: that of the next beat, or of the last.
    pub(super) fn lag(&self, now: Instant) -> Duration {
        self.overdue(now).max(self.late)
    }

    /// Returns for how long the runtime has not run, if that is beyond its budget.
    pub(super) fn wedged_for(&self, now: Instant) -> Option<Duration> {
        let overdue = self.overdue(now);
        (overdue >= self.watch.wedged_after).then_some(overdue)
    }

    /// Returns the time for which nobody looked, beyond what a thread may be late.
    fn unseen(&self, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.last_look);
        since
            .saturating_sub(self.watch.interval)
            .saturating_sub(self.watch.starved_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    enum Step {
        Beat(u32),
        Look(u32),
    }
    use Step::{Beat, Look};

    fn pulse() -> (Pulse, Instant) {
        let watch = RuntimeWatch::default()
            .interval(100 * MS)
            .starved_after(200 * MS)
            .wedged_after(1000 * MS);
        let start = Instant::now();
        (Pulse::new(watch, start), start)
    }

    /// Returns what was said, each with its lag in milliseconds.
    fn said(steps: &[Step]) -> Vec<String> {
        let (mut pulse, start) = pulse();
        let events = steps.iter().filter_map(|step| match step {
            Beat(at) => pulse.beat(start + *at * MS),
            Look(at) => pulse.look(start + *at * MS),
        });
        let text = |event| match event {
            Event::Starved(lag) => format!("starved {}", lag.as_millis()),
            Event::Wedged(lag) => format!("wedged {}", lag.as_millis()),
            Event::Over(lag) => format!("over {}", lag.as_millis()),
        };
        events.map(text).collect()
    }

    fn looks(from: u32, to: u32) -> impl Iterator<Item = Step> {
        (from..=to).step_by(100).map(Look)
    }

    #[test]
    fn each_episode_is_told_once() {
        let wedged: Vec<Step> = looks(100, 2000)
            .chain([Beat(2050), Look(2100), Beat(2150), Beat(2250)])
            .collect();
        let cases: [(&str, &[Step], &[&str]); 6] = [
            (
                "in time",
                &[Look(100), Beat(110), Look(200), Beat(215)],
                &[],
            ),
            (
                "a little late",
                &[Look(100), Look(200), Beat(290), Beat(400)],
                &[],
            ),
            (
                "seen from outside",
                &[
                    Look(100),
                    Look(200),
                    Look(300),
                    Look(400),
                    Beat(450),
                    Beat(550),
                ],
                &["starved 200", "over 350"],
            ),
            (
                "told by the beat itself",
                &[Look(290), Beat(330), Beat(430)],
                &["starved 230", "over 230"],
            ),
            (
                "wedged",
                &wedged,
                &["starved 200", "wedged 1000", "over 1950"],
            ),
            (
                "late twice in one episode",
                &[
                    Look(100),
                    Beat(300),
                    Look(350),
                    Look(450),
                    Beat(650),
                    Beat(750),
                ],
                &["starved 200", "over 250"],
            ),
        ];
        for (name, steps, expected) in cases {
            assert_eq!(said(steps), expected, "{name}");
        }
    }

    #[test]
    fn a_process_that_was_stopped_is_not_wedged() {
        let (mut pulse, start) = pulse();
        pulse.beat(start + 100 * MS);
        pulse.look(start + 100 * MS);
        let resumed = start + 60_000 * MS;
        assert_eq!(
            pulse.wedged_for(resumed),
            None,
            "asked before anything else"
        );
        assert_eq!(
            pulse.look(resumed),
            Some(Event::Starved(200 * MS)),
            "not 59 s"
        );
        assert_eq!(pulse.wedged_for(resumed), None);
        assert_eq!(pulse.beat(resumed + 50 * MS), None);
        assert_eq!(pulse.beat(resumed + 150 * MS), Some(Event::Over(250 * MS)));
    }

    #[test]
    fn the_lag_is_that_of_the_beat_which_is_due() {
        let (mut pulse, start) = pulse();
        pulse.look(start + 250 * MS);
        assert_eq!(pulse.lag(start + 100 * MS), Duration::ZERO);
        assert_eq!(pulse.lag(start + 250 * MS), 150 * MS);
        pulse.beat(start + 300 * MS);
        assert_eq!(
            pulse.lag(start + 310 * MS),
            200 * MS,
            "until the next beat tells better"
        );
        pulse.beat(start + 400 * MS);
        assert_eq!(pulse.lag(start + 410 * MS), Duration::ZERO);
    }

    #[test]
    fn no_budget_is_too_long_for_the_clock() {
        let start = Instant::now();
        let watch = RuntimeWatch::default()
            .interval(Duration::MAX)
            .starved_after(Duration::MAX)
            .wedged_after(Duration::MAX);
        let mut pulse = Pulse::new(watch, start);
        assert_eq!(pulse.look(start + 100 * MS), None);
        assert_eq!(pulse.wedged_for(start + 200 * MS), None);
    }
}
