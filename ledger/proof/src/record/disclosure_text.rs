//! A disclosure as lines of text, the same in every file that holds one (`docs/RECORD_FORMAT.md`).
//!
//! ```text
//! open <position> <name> <base64 value> <base64 salt>    opened fields, positions ascending
//! hash <position> <base64 field hash>                    then the closed ones, positions ascending
//! ```

use std::collections::BTreeMap;
use std::fmt;

use super::commitment::{Disclosure, OpenedField};
use crate::digest::{Digest, Secret};
use akashi_tlog::base64;

/// Most bytes of a line, its newline included: the base64 of a value of 64 KiB (87,384), position,
/// name and salt.
pub const LINE_LEN_MAX: usize = 88_000;
/// Most fields of a record: six times what the longest schema has.
const FIELDS_MAX: usize = 256;

impl fmt::Display for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode = base64::standard::encode;
        for (position, OpenedField { name, value, salt }) in &self.opened {
            writeln!(
                f,
                "open {position} {name} {} {}",
                encode(value),
                encode(salt.expose())
            )?;
        }
        for (position, hash) in &self.closed {
            writeln!(f, "hash {position} {}", encode(hash.as_bytes()))?;
        }
        Ok(())
    }
}

/// Reads the lines of a disclosure one by one; one spelling only. Nothing in it is believed before
/// [`Disclosure::verify`].
#[derive(Debug)]
pub struct DisclosureLines {
    disclosure: Disclosure,
    /// The least position the next `open` line may have; `None` after the first `hash` line.
    next_open: Option<u16>,
    next_hash: u16,
}

impl DisclosureLines {
    /// Before the first line.
    pub const fn new() -> Self {
        let disclosure = Disclosure {
            opened: BTreeMap::new(),
            closed: BTreeMap::new(),
        };
        Self {
            disclosure,
            next_open: Some(0),
            next_hash: 0,
        }
    }

    /// Takes a line, without its newline.
    ///
    /// # Errors
    /// What should stand there.
    pub fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if self.disclosure.opened.len() + self.disclosure.closed.len() >= FIELDS_MAX {
            return Err("no more fields than any kind has");
        }
        let mut parts = line.split(' ');
        let parts = [
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ];
        match parts {
            [
                Some("open"),
                Some(at),
                Some(name),
                Some(value),
                Some(salt),
                None,
            ] => self.open(at, name, value, salt).ok_or(
                "`open <position> <name> <base64 value> <base64 salt>`, positions ascending",
            ),
            [Some("hash"), Some(at), Some(hash), None, ..] => self
                .hash(at, hash)
                .ok_or("`hash <position> <base64>`, positions ascending"),
            _ => Err("`open` or `hash`"),
        }
    }

    fn open(&mut self, at: &str, name: &str, value: &str, salt: &str) -> Option<()> {
        let at = position(at, self.next_open?)?;
        let plain = name.len() <= 255 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let salt = Secret::from_bytes(base64::standard::decode(salt).ok()?.try_into().ok()?);
        let value = base64::standard::decode(value).ok()?;
        self.next_open = Some(at + 1);
        self.disclosure.opened.insert(
            at,
            OpenedField {
                name: plain.then(|| name.to_owned())?,
                value,
                salt,
            },
        );
        Some(())
    }

    fn hash(&mut self, at: &str, hash: &str) -> Option<()> {
        let at = position(at, self.next_hash)?;
        let hash: [u8; 32] = base64::standard::decode(hash).ok()?.try_into().ok()?;
        (self.next_open, self.next_hash) = (None, at + 1);
        self.disclosure.closed.insert(at, Digest::from_bytes(hash));
        Some(())
    }

    /// What was read.
    pub fn finish(self) -> Disclosure {
        self.disclosure
    }
}

impl Default for DisclosureLines {
    fn default() -> Self {
        Self::new()
    }
}

/// A position in decimal without leading zeros, not below `least`.
fn position(text: &str, least: u16) -> Option<u16> {
    let position = akashi_tlog::decimal::parse(text, u64::from(u16::MAX - 1)).ok()?;
    u16::try_from(position)
        .ok()
        .filter(|position| *position >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn read(lines: &[String]) -> Result<Disclosure, &'static str> {
        let mut reader = DisclosureLines::new();
        lines.iter().try_for_each(|line| reader.line(line))?;
        Ok(reader.finish())
    }

    #[test]
    fn lines_have_one_spelling_and_one_order() {
        let open = |at: &str| format!("open {at} role AQ== {HASH}");
        let hash = |at: &str| format!("hash {at} {HASH}");
        let good = [open("0"), open("2"), hash("1"), hash("65534")];
        let read_back = read(&good).unwrap();
        assert_eq!(read_back.to_string(), good.join("\n") + "\n");
        for bad in [
            vec![open("1"), open("1")],
            vec![open("2"), open("1")],
            vec![hash("1"), hash("1")],
            vec![hash("1"), open("2")],
            vec![open("01")],
            vec![open("65535")],
            vec![open("1") + " "],
            vec![hash("1") + " x"],
            vec![open("1").replace("role", "Role")],
            vec![open("1").replace("AQ==", "AQ")],
            vec![hash("1").replace("AAA=", "AAB=")],
            vec!["shut 1".to_owned()],
            vec![String::new()],
            (0..300).map(|at| hash(&at.to_string())).collect(),
        ] {
            assert!(read(&bad).is_err(), "{bad:?}");
        }
    }
}
