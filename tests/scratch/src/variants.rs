//! The variants, and where they are put: behind the last one that is there, so that order and
//! numbers of the others stay.

use std::path::{Path, PathBuf};

use crate::Trouble;
use crate::copy::{read, write};

/// Where closed words are declared.
const FOLDER: &str = "ledger/proof/src";

/// A variant as it is added.
struct Added {
    /// Its name, found nowhere else in the workspace: what the compiler names is told apart by it.
    name: &'static str,
    /// What stands before the list it is added to, up to and with the brace.
    before: &'static str,
    /// The row.
    row: &'static str,
}

const ADDED: &[Added] = &[
    Added {
        name: "ScratchRegistryKind",
        before: "Registry as RegistryEvent {",
        row: "/// Scratch.\nScratchRegistryKind(Scratch) = \"scratch.registry\", 1;\n",
    },
    Added {
        name: "ScratchInstitutionKind",
        before: "Institution as InstitutionEvent {",
        row: "/// Scratch.\nScratchInstitutionKind(Scratch) = \"scratch.institution\", 1;\n",
    },
    Added {
        name: "ScratchPersonKind",
        before: "Person as PersonEvent {",
        row: "/// Scratch.\nScratchPersonKind(Scratch) = \"scratch.person\", 1;\n",
    },
    Added {
        name: "ScratchReason",
        before: "pub enum Reason {",
        row: "/// Scratch.\nScratchReason = \"scratch\",\n",
    },
    Added {
        name: "ScratchDutyWord",
        before: "pub enum DutyKind {",
        row: "/// Scratch.\nScratchDutyWord = \"scratch\",\n",
    },
    Added {
        name: "ScratchDuty",
        before: "pub enum Duty {",
        row: "/// Scratch.\nScratchDuty(Timestamp),\n",
    },
    Added {
        name: "ScratchRule",
        before: "pub enum Rule {",
        row: "/// Scratch.\nScratchRule = \"scratch\",\n",
    },
    Added {
        name: "ScratchReleaseReason",
        before: "pub enum ReleaseReason {",
        row: "/// Scratch.\nScratchReleaseReason = \"scratch\",\n",
    },
    Added {
        name: "ScratchTemplate",
        before: "pub enum Template {",
        row: "/// Scratch.\nScratchTemplate = \"scratch\",\n",
    },
];

/// The fields of the three kinds, declared where they are listed.
const FIELDS: &str = "
super::fields::fields! {
    /// Scratch.
    pub struct Scratch {
        /// Scratch.
        scratch: u64,
    }
}
";

/// Names of the variants, as headings of the list.
pub fn names() -> impl Iterator<Item = &'static str> {
    ADDED.iter().map(|added| added.name)
}

/// The variants that a message of the compiler names.
pub fn named_in(message: &str) -> Vec<&'static str> {
    let is_word = |word: &str| names().find(|name| *name == word);
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter_map(is_word).collect()
}

/// Puts all of them into a copy.
pub fn add(copy: &Path) -> Result<(), Trouble> {
    let sources = sources(&copy.join(FOLDER))?;
    for added in ADDED {
        let mut places = Vec::new();
        for path in &sources {
            let text = read(path)?;
            places.extend(
                text.match_indices(added.before)
                    .map(|(at, _)| (path.clone(), at)),
            );
        }
        let [(path, at)] = &places[..] else {
            return Err(Trouble::Anchor {
                variant: added.name,
                before: added.before,
                folder: FOLDER,
                found: places.len(),
            });
        };
        let mut text = read(path)?;
        let end = closing_brace(&text, at + added.before.len());
        text.insert_str(end, added.row);
        if added.row.contains("(Scratch)") && !text.contains(FIELDS) {
            text.push_str(FIELDS);
        }
        write(path, &text)?;
    }
    Ok(())
}

/// Where the brace closes that was opened just before.
fn closing_brace(text: &str, from: usize) -> usize {
    let mut depth = 1;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < from) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let failed = |error| Trouble::File {
        path: folder.to_owned(),
        error,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::Copy;

    #[test]
    fn each_variant_has_one_place_to_be_put() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let folder = tempfile::tempdir().unwrap();
        let copy = Copy::of(root, &folder.path().join("copy")).unwrap();
        add(copy.folder()).unwrap();
        let texts = sources(&copy.folder().join(FOLDER)).unwrap();
        let text: String = texts.iter().map(|path| read(path).unwrap()).collect();
        for added in ADDED {
            assert_eq!(text.matches(added.row).count(), 1, "{}", added.name);
        }
        assert_eq!(text.matches(FIELDS).count(), 1);
    }

    #[test]
    fn a_message_names_whole_words() {
        let message = "non-exhaustive patterns: `&Event::ScratchRegistryKind(_)` and \
            `Duty::ScratchDuty(_)` not covered";
        assert_eq!(named_in(message), ["ScratchRegistryKind", "ScratchDuty"]);
        assert_eq!(named_in("`DutyKind::ScratchDutyWord`"), ["ScratchDutyWord"]);
        assert!(named_in("`Event::RoleEnded(_)` not covered").is_empty());
    }
}
