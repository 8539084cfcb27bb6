//! What the server has acknowledged: kept in memory for the check after a run and, where asked for,
//! in a file that survives the end of this process at any moment, so that the check can follow a
//! crash.
//!
//! ```text
//! akashi-acknowledged v1
//! vkey <line>
//! c <signed checkpoint, base64url>                    before the first record it covers
//! r <index> <entry, base64> <size of its checkpoint> <id>
//! ```
//! Lines are appended with one write each and no buffer of our own: what was written is in the
//! system's hands. A last line without its end is one that was cut off, and is left out.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use akashi_proof::entry::ENTRY_LEN;
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_tlog::base64;
use akashi_tlog::merkle::Hash;
use akashi_tlog::tlog_proof;

const HEADER: &str = "akashi-acknowledged v1";

/// An acknowledged record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Where the server says it is.
    pub index: LeafIndex,
    /// The leaf hash of the entry the server gave.
    pub leaf: Hash,
}

/// Everything acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    /// The records.
    pub records: Vec<Record>,
    /// The signed checkpoints they came with, by size.
    pub checkpoints: BTreeMap<TreeSize, String>,
}

/// Collects acknowledgements while the load runs.
pub struct Collector {
    kept: Mutex<(Acknowledged, Option<File>)>,
}

/// What an answer's proof says, as far as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Proof<'a> {
    entry: Vec<u8>,
    size: TreeSize,
    note: &'a str,
}

/// Why a file is not one of acknowledgements.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What the system says.
    #[error(transparent)]
    File(#[from] io::Error),
    /// Another file.
    #[error("line {0} is not what `akashi load --acked` writes")]
    Line(usize),
}

impl<'a> Proof<'a> {
    /// Takes a `.tlog-proof` apart, as far as it is kept; `None` if it lacks the entry or its
    /// checkpoint.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.len() > tlog_proof::MAX_PROOF_LEN {
            return None;
        }
        let (head, note) = text.split_once("\n\n")?;
        let entry = head.lines().find_map(|line| line.strip_prefix("extra "))?;
        let entry = base64::standard::decode(entry)
            .ok()
            .filter(|entry| entry.len() == ENTRY_LEN)?;
        let size = TreeSize::parse(note.lines().nth(1)?).ok()?;
        Some(Self { entry, size, note })
    }
}

impl Collector {
    /// Collects in memory, and in this file where one is named. The file must not be there yet.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(file: Option<&Path>, vkey: &str) -> io::Result<Self> {
        let file = file
            .map(|path| OpenOptions::new().append(true).create_new(true).open(path))
            .transpose()?;
        if let Some(mut file) = file.as_ref() {
            file.write_all(format!("{HEADER}\nvkey {vkey}\n").as_bytes())?;
        }
        Ok(Self {
            kept: Mutex::new((Acknowledged::default(), file)),
        })
    }

    /// Keeps an acknowledgement.
    ///
    /// # Errors
    /// What the system says of the file: an acknowledgement that is not kept must not count.
    pub fn keep(&self, index: LeafIndex, proof: &Proof<'_>, id: &str) -> io::Result<()> {
        let leaf = Hash::leaf(&proof.entry);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (acknowledged, file) = &mut *kept;
        let new = !acknowledged.checkpoints.contains_key(&proof.size);
        if let Some(file) = file {
            let mut lines = String::new();
            if new {
                lines = format!("c {}\n", base64::url::encode(proof.note.as_bytes()));
            }
            lines.push_str(&format!(
                "r {index} {} {} {id}\n",
                base64::standard::encode(&proof.entry),
                proof.size
            ));
            file.write_all(lines.as_bytes())?;
        }
        if new {
            acknowledged
                .checkpoints
                .insert(proof.size, proof.note.to_owned());
        }
        acknowledged.records.push(Record { index, leaf });
        Ok(())
    }

    /// Everything kept so far.
    pub fn take(&self) -> Acknowledged {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept.0)
    }
}

/// Reads a file of acknowledgements: the log's key when they were given, and what they say.
///
/// # Errors
/// [`ReadError`] naming the first line that is wrong.
pub fn read(path: &Path) -> Result<(String, Acknowledged), ReadError> {
    parse(&std::fs::read_to_string(path)?).map_err(ReadError::Line)
}

fn parse(text: &str) -> Result<(String, Acknowledged), usize> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let mut lines = (1usize..).zip(whole.lines());
    if lines.next().is_none_or(|(_, line)| line != HEADER) {
        return Err(1);
    }
    let vkey = lines
        .next()
        .and_then(|(_, line)| line.strip_prefix("vkey "))
        .ok_or(2usize)?
        .to_owned();
    let mut acknowledged = Acknowledged::default();
    for (number, line) in lines {
        acknowledged.add_line(line).ok_or(number)?;
    }
    Ok((vkey, acknowledged))
}

impl Acknowledged {
    fn add_line(&mut self, line: &str) -> Option<()> {
        if let Some(note) = line.strip_prefix("c ") {
            let note = String::from_utf8(base64::url::decode(note).ok()?).ok()?;
            self.checkpoints
                .insert(TreeSize::parse(note.lines().nth(1)?).ok()?, note);
            return Some(());
        }
        let mut parts = line.strip_prefix("r ")?.split(' ');
        let (index, entry, size, _id) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (index, size) = (LeafIndex::parse(index).ok()?, TreeSize::parse(size).ok()?);
        let entry = base64::standard::decode(entry).ok()?;
        if parts.next().is_some() || !self.checkpoints.contains_key(&size) {
            return None;
        }
        self.records.push(Record {
            index,
            leaf: Hash::leaf(&entry),
        });
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> String {
        let entry = base64::standard::encode(&[0xA1; ENTRY_LEN]);
        format!(
            "c2sp.org/tlog-proof@v1\nextra {entry}\nindex 4\nAAAA\n\nlog\n5\nroot\n\n\u{2014} log AAAA\n"
        )
    }

    #[test]
    fn the_file_reads_back_and_survives_a_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acked");
        let collector = Collector::new(Some(&path), "log+00000000+AAAA").unwrap();
        let text = proof();
        let proof = Proof::parse(&text).unwrap();
        collector.keep(LeafIndex::new(4), &proof, "one").unwrap();
        collector.keep(LeafIndex::new(3), &proof, "two").unwrap();
        let kept = collector.take();
        let (vkey, read_back) = read(&path).unwrap();
        assert_eq!(vkey, "log+00000000+AAAA");
        assert_eq!(
            (&read_back.records, &read_back.checkpoints),
            (&kept.records, &kept.checkpoints)
        );
        assert_eq!(
            read_back.checkpoints[&TreeSize::new(5)],
            "log\n5\nroot\n\n\u{2014} log AAAA\n"
        );
        let whole = std::fs::read_to_string(&path).unwrap();
        let cut = parse(&whole[..whole.len() - 1]).unwrap().1;
        assert_eq!(
            cut.records,
            kept.records[..1],
            "the line that was cut off is left out"
        );
        assert_eq!(parse(&whole.replace("r 3", "r x")).unwrap_err(), 5);
        assert!(parse("").is_err());
        assert!(
            Collector::new(Some(&path), "v").is_err(),
            "an earlier file is never added to"
        );
    }

    #[test]
    fn a_proof_without_its_entry_is_none() {
        assert!(Proof::parse(&proof().replace("extra", "other")).is_none());
        assert!(Proof::parse("").is_none());
    }
}
