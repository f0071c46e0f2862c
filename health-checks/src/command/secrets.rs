//! What must not be seen of the output.

use health_core::{MASK, Secret};

#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<Secret<String>>);

impl Secrets {
    /// Adds one; the longest comes first, so that one within another is hidden with it.
    pub(super) fn add(&mut self, secret: Secret<String>) {
        if !secret.expose().is_empty() {
            self.0.push(secret);
            self.0
                .sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        }
    }

    /// Returns the length of the longest one, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.0.first().map_or(0, |secret| secret.expose().len())
    }

    pub(super) fn hide(&self, text: String) -> String {
        self.0
            .iter()
            .fold(text, |text, secret| text.replace(secret.expose(), MASK))
    }
}
