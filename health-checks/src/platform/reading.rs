//! One pass over the variables: what was used, and what was wrong.

use std::collections::BTreeSet;

use health_core::Secret;

use super::{Host, Ignored, Problem, WebUrl, host, variables::Variables};

/// Reads variables by name, and remembers which were used and which could not be read.
pub(super) struct Reading<'a> {
    pub(super) variables: &'a Variables,
    used: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) ignored: Vec<Ignored>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(variables: &'a Variables) -> Self {
        Self {
            variables,
            used: BTreeSet::new(),
            problems: Vec::new(),
            ignored: Vec::new(),
        }
    }

    pub(super) fn mark_used(&mut self, name: &str) {
        self.used.insert(name.to_owned());
    }

    pub(super) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        self.mark_used(name);
        self.variables.get(name)
    }

    pub(super) fn string(&mut self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<Secret<String>> {
        self.string(name).map(Secret::new)
    }

    /// Reads a web address; one that cannot be read is a problem, and `Err`.
    pub(super) fn web_url(&mut self, name: &str) -> Result<Option<WebUrl>, Unreadable> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match WebUrl::read(text) {
            Ok(url) => Ok(Some(url)),
            Err(reason) => Err(self.problem(name, reason)),
        }
    }

    pub(super) fn port(&mut self, name: &str) -> Result<Option<u16>, Unreadable> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match host::port(text) {
            Some(port) => Ok(Some(port)),
            None => Err(self.problem(name, "it is not a port from 1 to 65535")),
        }
    }

    /// Reads hosts with commas between.
    pub(super) fn hosts(&mut self, name: &str, usual_port: u16) -> Vec<Host> {
        let Some(text) = self.text(name) else {
            return Vec::new();
        };
        match host::list(text, Some(usual_port)) {
            Ok(hosts) => hosts,
            Err(error) => {
                self.problem(name, error.reason());
                Vec::new()
            }
        }
    }

    /// Reads `true` or `false` in any case.
    pub(super) fn bool(&mut self, name: &str) -> Option<bool> {
        match self.text(name)?.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.problem(name, "it is neither `true` nor `false`");
                None
            }
        }
    }

    /// Reads a JSON array of strings; the word `null` is none.
    pub(super) fn strings(&mut self, name: &str) -> Vec<String> {
        let Some(text) = self.text(name) else {
            return Vec::new();
        };
        match serde_json::from_str::<Option<Vec<String>>>(text) {
            Ok(strings) => strings.unwrap_or_default(),
            Err(_) => {
                self.problem(name, "it is not a JSON array of strings");
                Vec::new()
            }
        }
    }

    pub(super) fn problem(&mut self, name: &str, reason: &'static str) -> Unreadable {
        self.problems.push(Problem::new(name, reason));
        Unreadable
    }

    /// Reports each variable that is missing although another one of its integration is there.
    pub(super) fn missing(&mut self, names: &[&str]) {
        for name in names {
            self.problem(
                name,
                "it is missing, though others of its integration are there",
            );
        }
    }
}

/// Says that a problem was noted.
#[derive(Debug)]
pub(super) struct Unreadable;
