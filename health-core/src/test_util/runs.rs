//! Counting the runs of checks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use crate::{Check, CheckResult, Scope, async_trait};

/// Counts the runs of all checks that were given to it; clones count together.
#[derive(Clone, Debug, Default)]
pub struct Runs(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    started: AtomicUsize,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
    completed: AtomicUsize,
}

impl Runs {
    /// Wraps a check so that its runs are counted here.
    pub fn count<C: Check>(&self, check: C) -> impl Check + use<C> {
        Counted {
            counts: Arc::clone(&self.0),
            check,
        }
    }

    /// Returns how many have started.
    pub fn started(&self) -> usize {
        self.0.started.load(SeqCst)
    }

    /// Returns how many have started and neither ended nor been dropped.
    pub fn under_way(&self) -> usize {
        self.0.under_way.load(SeqCst)
    }

    /// Returns how many were under way at once at the most.
    pub fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(SeqCst)
    }

    /// Returns how many ran to their end, instead of being dropped or panicking on the way.
    pub fn completed(&self) -> usize {
        self.0.completed.load(SeqCst)
    }
}

struct Counted<C> {
    counts: Arc<Counts>,
    check: C,
}

struct UnderWay<'a>(&'a Counts);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, SeqCst);
    }
}

#[async_trait]
impl<C: Check> Check for Counted<C> {
    async fn check(&self) -> CheckResult {
        let counts = &self.counts;
        counts.started.fetch_add(1, SeqCst);
        let now = counts.under_way.fetch_add(1, SeqCst) + 1;
        counts.most_at_once.fetch_max(now, SeqCst);
        let _under_way = UnderWay(counts);
        let result = self.check.check().await;
        counts.completed.fetch_add(1, SeqCst);
        result
    }

    fn scope(&self) -> Scope {
        self.check.scope()
    }

    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        let check = self.check.for_group(group)?;
        Some(Arc::new(Counted {
            counts: Arc::clone(&self.counts),
            check,
        }))
    }
}
