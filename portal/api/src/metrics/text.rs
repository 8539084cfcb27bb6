//! How figures are written. What only rises is a counter and is called `_total`, by the one who
//! writes it; whoever names a figure says which of both it is, and cannot say both.

use std::fmt::{Display, Write};

/// Labels in braces, or nothing.
pub(super) type Labels = String;

/// Figures as they are written, one family after another.
pub(super) struct Text(String);

impl Default for Text {
    fn default() -> Self {
        Self(String::with_capacity(16 * 1_024))
    }
}

impl Text {
    /// What may rise and fall.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.gauges(name, help, [(Labels::new(), value)]);
    }

    /// The same by labels.
    pub(super) fn gauges(
        &mut self,
        name: &str,
        help: &str,
        each: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        self.family(name, "gauge", help, each);
    }

    /// What has happened since the start; `_total` is added to the name.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.counters(name, help, [(Labels::new(), value)]);
    }

    /// The same by labels.
    pub(super) fn counters(
        &mut self,
        name: &str,
        help: &str,
        each: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        self.family(&format!("{name}_total"), "counter", help, each);
    }

    fn family(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        each: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        self.head(name, kind, help);
        for (labels, value) in each {
            self.line(&format!("{name}{labels}"), value);
        }
    }

    /// What a family is; only a histogram is written by its lines.
    pub(super) fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(super) fn line(&mut self, sample: &str, value: impl Display) {
        let _ = writeln!(self.0, "{sample} {value}");
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// Labels as they are written; names and values are words of this program.
pub(super) fn labels(each: &[(&str, &str)]) -> Labels {
    let each = each
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""));
    format!("{{{}}}", each.collect::<Vec<_>>().join(","))
}
