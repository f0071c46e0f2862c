//! The application's own parts of the info answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};

use super::object::Object;

type Contribute = Box<dyn Fn(&mut Object) + Send + Sync>;

/// One closure of the application, run for each answer.
pub(super) struct Contributor {
    name: String,
    contribute: Contribute,
}

impl Contributor {
    /// Sets one top-level member; null leaves no trace.
    pub(super) fn of_value<V: Into<Value>>(
        key: String,
        value: impl Fn() -> V + Send + Sync + 'static,
    ) -> Self {
        let member = key.clone();
        Self {
            name: key,
            contribute: Box::new(move |info| set(info, &member, value().into())),
        }
    }

    /// Sets any number of top-level members; the name is for the log alone.
    pub(super) fn of_map(
        name: String,
        members: impl Fn() -> Map<String, Value> + Send + Sync + 'static,
    ) -> Self {
        let contribute = move |info: &mut Object| {
            for (key, value) in members() {
                set(info, &key, value);
            }
        };
        Self {
            name,
            contribute: Box::new(contribute),
        }
    }

    /// Runs the closure. When it panics the answer stays as it was, and a warning names it.
    pub(super) fn contribute_to(&self, info: &mut Object) {
        // A closure is called before anything is set, so a panic leaves no half of its members.
        if catch_unwind(AssertUnwindSafe(|| (self.contribute)(info))).is_err() {
            tracing::warn!(
                contributor = self.name,
                "an info contributor panicked and is left out of this answer"
            );
        }
    }
}

fn set(info: &mut Object, key: &str, value: Value) {
    if !value.is_null() {
        info.set(key, value);
    }
}
