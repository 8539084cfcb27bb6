//! The list of places, `places.txt`: for each variant a heading, and a line for each place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::copy::{read, write};
use crate::{Trouble, variants};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/places.txt");

/// Places by variant.
#[derive(Default)]
pub struct Places(BTreeMap<String, BTreeSet<String>>);

/// What two lists differ in, by variant and place.
pub struct Difference {
    /// How many places stand in both.
    pub same: usize,
    /// Only in the first.
    pub gone: Vec<(String, String)>,
    /// Only in the second.
    pub new: Vec<(String, String)>,
}

impl Places {
    /// Reads the list.
    pub fn listed() -> Result<Self, Trouble> {
        Self::parse(&read(Path::new(LIST))?)
    }

    fn parse(list: &str) -> Result<Self, Trouble> {
        let mut listed = Self::default();
        let mut heading = None;
        for (line, text) in (1..).zip(list.lines()) {
            match (text.strip_prefix("# "), heading) {
                _ if text.is_empty() => {}
                (Some(name), _) if variants::names().any(|known| known == name) => {
                    heading = variants::names().find(|known| *known == name);
                }
                // The last is the number of a second match in the function.
                (None, Some(variant)) if (2..=3).contains(&text.split(' ').count()) => {
                    listed.insert(variant, text);
                }
                _ => {
                    return Err(Trouble::List {
                        line,
                        found: text.to_owned(),
                    });
                }
            }
        }
        Ok(listed)
    }

    /// One more. The second match of a function is a place of its own, with its number behind it.
    pub fn insert(&mut self, variant: &str, place: &str) {
        let places = self.0.entry(variant.to_owned()).or_default();
        if places.contains(place) {
            let numbered = (2..).map(|number| format!("{place} {number}"));
            places.extend(numbered.into_iter().find(|place| !places.contains(place)));
        } else {
            places.insert(place.to_owned());
        }
    }

    /// Writes the list.
    pub fn write(&self) -> Result<(), Trouble> {
        write(Path::new(LIST), &self.to_text())
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for variant in variants::names() {
            let _ = writeln!(text, "# {variant}");
            for place in self.0.get(variant).into_iter().flatten() {
                let _ = writeln!(text, "{place}");
            }
            text.push('\n');
        }
        text.trim_end().to_owned() + "\n"
    }

    /// What was found, held against this list.
    pub fn difference(&self, found: &Self) -> Difference {
        let (listed, found) = (self.rows(), found.rows());
        Difference {
            same: listed.intersection(&found).count(),
            gone: listed.difference(&found).cloned().collect(),
            new: found.difference(&listed).cloned().collect(),
        }
    }

    fn rows(&self) -> BTreeSet<(String, String)> {
        let rows = self.0.iter().flat_map(|(variant, places)| {
            places.iter().map(|place| (variant.clone(), place.clone()))
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written_and_every_variant_has_a_heading_there() {
        let text = read(Path::new(LIST)).unwrap();
        assert_eq!(Places::parse(&text).unwrap().to_text(), text);
        for variant in variants::names() {
            let heading = format!("# {variant}\n");
            let (_, places) = text.split_once(&heading).unwrap();
            let first = places.lines().next().unwrap_or_default();
            assert!(first.contains(".rs "), "{variant} is asked for nowhere");
        }
    }

    #[test]
    fn a_place_that_is_gone_and_one_that_is_new_are_told_apart() {
        let mut before = Places::default();
        for place in ["a.rs f", "a.rs f", "b.rs g"] {
            before.insert("ScratchRule", place);
        }
        let mut after = Places::default();
        for place in ["a.rs f", "b.rs g", "c.rs h"] {
            after.insert("ScratchRule", place);
        }
        let Difference { same, gone, new } = before.difference(&after);
        let row = |place: &str| vec![("ScratchRule".to_owned(), place.to_owned())];
        assert_eq!((same, gone, new), (2, row("a.rs f 2"), row("c.rs h")));
    }

    #[test]
    fn what_is_neither_heading_nor_place_is_refused_with_its_line() {
        for (text, line) in [
            ("a.rs f", 1),
            ("# ScratchRule\n\na.rs", 3),
            ("# Unknown", 1),
        ] {
            let refused = Places::parse(text).err();
            assert!(
                matches!(refused, Some(Trouble::List { line: found, .. }) if found == line),
                "{text}"
            );
        }
    }
}
