//! The body of `text/plain`: made to be read on a terminal and filtered by `grep`.
//!
//! The first line is the status of what was asked, each further one a component: its path, its
//! status and, where it may be seen, the reason, separated by blanks.

use crate::{
    Health, Status,
    report::{Content, Report},
    visibility::Shown,
};

pub(super) fn body(report: &Report, shown: Shown) -> String {
    let mut page = Page {
        shown,
        text: String::new(),
    };
    page.line(None, &report.status, page.reason_of(report));
    if shown.components {
        page.below(report, "");
    }
    page.text
}

struct Page {
    shown: Shown,
    text: String,
}

impl Page {
    fn line(&mut self, path: Option<&str>, status: &Status, reason: Option<&str>) {
        if let Some(path) = path {
            escape(path, &mut self.text);
            self.text.push(' ');
        }
        escape(status.code(), &mut self.text);
        if let Some(reason) = reason {
            self.text.push(' ');
            self.text
                .extend(reason.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        self.text.push('\n');
    }

    fn below(&mut self, report: &Report, path: &str) {
        match &report.content {
            Content::Composite(children) => {
                for (name, child) in children {
                    let path = format!("{path}{name}");
                    self.line(Some(&path), &child.status, self.reason_of(child));
                    self.below(child, &format!("{path}/"));
                }
            }
            Content::Leaf(outcome) => self.reported(&outcome.health, path),
        }
    }

    fn reported(&mut self, health: &Health, path: &str) {
        for (name, child) in &health.components {
            let path = format!("{path}{name}");
            self.line(Some(&path), &child.status, self.reason(child));
            self.reported(child, &format!("{path}/"));
        }
    }

    fn reason_of<'a>(&self, report: &'a Report) -> Option<&'a str> {
        match &report.content {
            Content::Leaf(outcome) => self.reason(&outcome.health),
            Content::Composite(_) => report.description.as_deref(),
        }
    }

    /// Returns the error for those who see details, and else the description, which is part of the
    /// status.
    fn reason<'a>(&self, health: &'a Health) -> Option<&'a str> {
        match self.shown.details {
            true => health.reason(),
            false => health.description.as_deref(),
        }
    }
}

/// Writes a word so that it stays one: what would end it, or the line, is percent-encoded.
fn escape(word: &str, text: &mut String) {
    for c in word.chars() {
        if c == '%' || c.is_control() || c.is_whitespace() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        } else {
            text.push(c);
        }
    }
}
