//! The two text formats that Prometheus reads.
//!
//! Source: Prometheus "Exposition formats", text format 0.0.4; OpenMetrics 1.0.0.

use std::fmt::Display;

use super::super::{Request, accept::Range};

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::endpoints) enum Exposition {
    Text,
    OpenMetrics,
}

const OPEN_METRICS: (&str, &str) = ("application", "openmetrics-text");
const OPEN_METRICS_VERSION: &str = "1.0.0";

impl Exposition {
    /// Chooses by the `Accept` header: OpenMetrics where it is named and plain text is not liked
    /// better; never an error, since a scraper has no use for one.
    pub(super) fn of(request: &Request<'_>) -> Self {
        let accept = request.header("accept").unwrap_or_default();
        Self::choose(&String::from_utf8_lossy(&accept))
    }

    fn choose(accept: &str) -> Self {
        let ranges = Range::parse_all(accept);
        let is_ours = |range: &&Range<'_>| {
            let version = range.parameter("version");
            range.names(OPEN_METRICS)
                && version.is_none_or(|version| version == OPEN_METRICS_VERSION)
        };
        let open_metrics = ranges.iter().filter(is_ours).map(Range::quality).max();
        let text = ranges
            .iter()
            .filter(|range| range.names(("text", "plain")))
            .map(Range::quality)
            .max();
        match open_metrics {
            Some(quality) if quality >= text.unwrap_or(0) => Self::OpenMetrics,
            _ => Self::Text,
        }
    }

    pub(in crate::endpoints) const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What the samples of a family mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only grows; the name ends in `_total`.
    Counter,
    /// Counts by bounds; the names of its samples end in `_bucket`, `_sum` and `_count`.
    Histogram,
    /// Is 1 and tells by its labels; the name ends in `_info`.
    Info,
}

pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// Writes families of metrics.
pub(super) struct Writer {
    exposition: Exposition,
    text: String,
}

impl Writer {
    pub(super) fn new(exposition: Exposition) -> Self {
        Self {
            exposition,
            text: String::new(),
        }
    }

    /// Starts a family; its samples follow.
    pub(super) fn family<'a>(
        &'a mut self,
        kind: Kind,
        name: &'static str,
        help: &str,
    ) -> Family<'a> {
        let (family, kind) = match (self.exposition, kind) {
            (_, Kind::Gauge) | (Exposition::Text, Kind::Info) => (name, "gauge"),
            (_, Kind::Histogram) => (name, "histogram"),
            (Exposition::Text, Kind::Counter) => (name, "counter"),
            (Exposition::OpenMetrics, Kind::Counter) => {
                (name.trim_end_matches("_total"), "counter")
            }
            (Exposition::OpenMetrics, Kind::Info) => (name.trim_end_matches("_info"), "info"),
        };
        self.text
            .push_str(&format!("# HELP {family} {help}\n# TYPE {family} {kind}\n"));
        Family { writer: self, name }
    }

    pub(super) fn finish(mut self) -> String {
        if self.exposition == Exposition::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

/// Writes the samples of one family.
pub(super) struct Family<'a> {
    writer: &'a mut Writer,
    name: &'static str,
}

impl Family<'_> {
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) {
        self.part("", labels, value);
    }

    /// Writes a sample whose name is that of the family with a suffix.
    pub(super) fn part(&mut self, suffix: &str, labels: Labels<'_>, value: impl Display) {
        let text = &mut self.writer.text;
        text.push_str(self.name);
        text.push_str(suffix);
        for (index, (name, value)) in labels.iter().enumerate() {
            text.push(if index == 0 { '{' } else { ',' });
            text.push_str(name);
            text.push_str("=\"");
            escape(value, text);
            text.push('"');
        }
        if !labels.is_empty() {
            text.push('}');
        }
        text.push_str(&format!(" {value}\n"));
    }
}

fn escape(value: &str, text: &mut String) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_decides_and_never_fails() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        let cases = [
            ("absent", "", Exposition::Text),
            ("anything", "*/*", Exposition::Text),
            ("text", "text/plain", Exposition::Text),
            ("something else", "image/png", Exposition::Text),
            ("unreadable", "garbage", Exposition::Text),
            (
                "named",
                "application/openmetrics-text",
                Exposition::OpenMetrics,
            ),
            ("Prometheus 2", prometheus_2, Exposition::OpenMetrics),
            ("Prometheus 3", prometheus_3, Exposition::OpenMetrics),
            (
                "another version",
                "application/openmetrics-text;version=2.0.0",
                Exposition::Text,
            ),
            (
                "text liked better",
                "application/openmetrics-text;q=0.2,text/plain;q=0.3",
                Exposition::Text,
            ),
            (
                "refused",
                "application/openmetrics-text;q=0",
                Exposition::Text,
            ),
        ];
        for (name, accept, expected) in cases {
            assert_eq!(Exposition::choose(accept), expected, "{name}");
        }
    }

    #[test]
    fn the_formats_differ_in_the_names_of_families_only() {
        let written = |exposition| {
            let mut writer = Writer::new(exposition);
            writer
                .family(Kind::Counter, "a_total", "Counts.")
                .sample(&[], 3);
            writer
                .family(Kind::Info, "b_info", "Tells.")
                .sample(&[("x", "\\ \" \n"), ("y", "")], 1);
            writer
                .family(Kind::Gauge, "c_seconds", "Measures.")
                .sample(&[("x", "ä")], 0.25);
            writer.finish()
        };
        let samples = [
            "a_total 3\n",
            "b_info{x=\"\\\\ \\\" \\n\",y=\"\"} 1\n",
            "c_seconds{x=\"ä\"} 0.25\n",
        ];
        let [a, b, c] = samples;
        assert_eq!(
            written(Exposition::Text),
            format!(
                "# HELP a_total Counts.\n# TYPE a_total counter\n{a}\
                 # HELP b_info Tells.\n# TYPE b_info gauge\n{b}\
                 # HELP c_seconds Measures.\n# TYPE c_seconds gauge\n{c}"
            )
        );
        assert_eq!(
            written(Exposition::OpenMetrics),
            format!(
                "# HELP a Counts.\n# TYPE a counter\n{a}\
                 # HELP b Tells.\n# TYPE b info\n{b}\
                 # HELP c_seconds Measures.\n# TYPE c_seconds gauge\n{c}# EOF\n"
            )
        );
    }
}
