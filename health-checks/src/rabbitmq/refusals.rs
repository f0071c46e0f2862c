//! What a broker refused on a connection of the application, and when it may be asked again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::failure::Failure;

/// The longest time for which a refusal over the application's connection is believed, before it is
/// asked for again.
pub const MAX_REFUSAL_PAUSE: Duration = Duration::from_secs(5 * 60);

/// How long the first refusal is believed; each one after it twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Believes refusals for a time, where each costs the connection one of its 2047 channels: lapin
/// lets nobody use the number of a channel again which the broker closed, so that in the end the
/// application could not open any.
#[derive(Default)]
pub(crate) struct Refusals {
    are_believed: bool,
    known: Mutex<BTreeMap<String, Refusal>>,
}

struct Refusal {
    code: u16,
    text: String,
    pause: Duration,
    until: Instant,
}

impl Refusals {
    /// For a connection that has to last as long as the application.
    pub(super) fn believed() -> Self {
        Self {
            are_believed: true,
            known: Mutex::default(),
        }
    }

    /// Asks for what has a name, unless that was refused a short time ago.
    pub(crate) async fn ask<T>(
        &self,
        name: &str,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if let Some(refusal) = self.believed_of(name) {
            return Err(refusal);
        }
        let answer = question.await;
        self.note(name, answer.as_ref().err());
        answer
    }

    fn believed_of(&self, name: &str) -> Option<Failure> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = known.get(name)?;
        (Instant::now() < refusal.until).then(|| Failure::Refused {
            code: refusal.code,
            text: refusal.text.clone(),
        })
    }

    fn note(&self, name: &str, failure: Option<&Failure>) {
        let failure = failure.filter(|failure| !failure.is_loss());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.remove(name);
        if let Some(Failure::Refused { code, text }) = failure
            && self.are_believed
        {
            let pause = before.map_or(FIRST_PAUSE, |before| before.pause * 2);
            let pause = pause.min(MAX_REFUSAL_PAUSE);
            let refusal = Refusal {
                code: *code,
                text: text.clone(),
                pause,
                until: Instant::now() + pause,
            };
            known.insert(name.to_owned(), refusal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(refusals: &Refusals, is_there: bool) -> (bool, Result<(), Failure>) {
        let mut is_asked = false;
        let question = async {
            is_asked = true;
            if is_there {
                return Ok(());
            }
            let text = "none".to_owned();
            Err(Failure::Refused { code: 404, text })
        };
        let answer = refusals.ask("q", question).await;
        (is_asked, answer)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_asked_for_less_and_less() {
        let refusals = Refusals::believed();
        let mut times = 0;
        for _ in 0..24 * 60 * 60 {
            let (is_asked, answer) = asked(&refusals, false).await;
            times += u32::from(is_asked);
            assert!(answer.unwrap_err().is(404));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(times, 10 + 286, "in a day");

        tokio::time::advance(MAX_REFUSAL_PAUSE).await;
        assert!(asked(&refusals, true).await.1.is_ok());
        assert!(
            asked(&refusals, false).await.0,
            "what is there is asked for"
        );
        tokio::time::advance(FIRST_PAUSE).await;
        assert!(asked(&refusals, true).await.1.is_ok(), "it begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn on_a_connection_of_its_own_nothing_is_believed() {
        let refusals = Refusals::default();
        for is_there in [false, false, true, false] {
            let (is_asked, answer) = asked(&refusals, is_there).await;
            assert!(is_asked);
            assert_eq!(answer.is_ok(), is_there);
        }
    }
}
