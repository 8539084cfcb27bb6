//! Whether the public log holds what was acknowledged: every entry is fetched and hashed again,
//! from the first on, and the root compared at the size of every checkpoint that came with an
//! acknowledgement. So each record is found at its place, the log extends all those checkpoints,
//! and the published checkpoint covers it.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use akashi_tlog::checkpoint::{LogKeys, VerifiedCheckpoint};
use akashi_tlog::merkle::{Frontier, Hash, TreeSize};
use akashi_tlog::signed_note::VerifyingKey;
use akashi_tlog::tile::{entry_bundle, entry_bundles};

use crate::load::acknowledged::Acknowledged;
use crate::load::client::Connection;

/// How long the published checkpoint may take to cover the last acknowledged record: it moves once
/// a second.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(15);

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Of them, found at their place.
    pub found: u64,
    /// Of them, another entry stands at their place.
    pub different: u64,
    /// Of them, beyond the end of the log.
    pub missing: u64,
    /// Signed checkpoints that came with them.
    pub checkpoints: u64,
    /// Of them, those the log extends.
    pub extended: u64,
    /// Entries the log has.
    pub size: u64,
}

/// Why nothing could be checked, or what is dishonest about the log as a whole.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The server could not be read.
    #[error("the log could not be read: {0}")]
    Read(#[from] io::Error),
    /// It answered with another status.
    #[error("`{path}` answered {status}")]
    Status {
        /// What was asked for.
        path: String,
        /// The status.
        status: u16,
    },
    /// The key given is none.
    #[error("the log's key is not a vkey line of a log")]
    Key,
    /// A checkpoint does not verify.
    #[error("a checkpoint of the log does not verify: {0}")]
    Checkpoint(String),
    /// An entry bundle cannot be read.
    #[error("`{path}`: {what}")]
    Bundle {
        /// Which.
        path: String,
        /// Why not.
        what: String,
    },
    /// The entries do not make the published root.
    #[error("the entries of the log do not make the root of its published checkpoint")]
    Root,
}

impl Findings {
    /// Whether everything acknowledged is there and the log has only grown.
    pub const fn is_good(&self) -> bool {
        self.found == self.acknowledged && self.extended == self.checkpoints
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acknowledged,
            found,
            different,
            missing,
            checkpoints,
            extended,
            size,
        } = self;
        write!(
            f,
            "{found} of {acknowledged} acknowledged records found in {size} entries"
        )?;
        if !self.is_good() {
            write!(f, " ({missing} MISSING, {different} DIFFERENT)")?;
        }
        write!(
            f,
            "; {extended} of {checkpoints} acknowledged checkpoints extended"
        )
    }
}

/// Checks everything acknowledged against the public log.
///
/// # Errors
/// [`CheckError`] when the log cannot be read or contradicts its own checkpoint.
pub async fn check(
    connection: &mut Connection,
    vkey: &str,
    acknowledged: &Acknowledged,
) -> Result<Findings, CheckError> {
    let keys = VerifyingKey::parse(vkey)
        .ok()
        .and_then(|key| LogKeys::new(vec![key]).ok())
        .ok_or(CheckError::Key)?;
    let mut records = acknowledged.records.clone();
    records.sort_unstable();
    let mut heads = Vec::new();
    for (size, note) in &acknowledged.checkpoints {
        let checkpoint = verified(note.as_bytes(), &keys)?;
        heads.push((*size, *checkpoint.checkpoint().root()));
    }
    let needed = records
        .last()
        .map_or(TreeSize::EMPTY, |record| TreeSize::up_to(record.index))
        .max(heads.last().map_or(TreeSize::EMPTY, |head| head.0));
    let published = published(connection, &keys, needed).await?;
    let (size, root) = (
        published.checkpoint().size(),
        *published.checkpoint().root(),
    );

    let mut findings = Findings {
        acknowledged: records.len() as u64,
        checkpoints: heads.len() as u64,
        size: size.value(),
        ..Findings::default()
    };
    let mut frontier = Frontier::new();
    let mut records = records.into_iter().peekable();
    let mut heads = heads.into_iter().peekable();
    for tile in entry_bundles(size) {
        let path = format!("/log/{tile}");
        let answer = connection.get(&path).await?;
        if answer.status != 200 {
            return Err(CheckError::Status {
                path,
                status: answer.status,
            });
        }
        let entries = entry_bundle::decode(answer.body, tile.width()).map_err(|error| {
            CheckError::Bundle {
                path,
                what: error.to_string(),
            }
        })?;
        for entry in entries {
            let leaf = Hash::leaf(entry);
            let index = frontier.push(leaf);
            while let Some(record) = records.next_if(|record| record.index == index) {
                if record.leaf == leaf {
                    findings.found += 1
                } else {
                    findings.different += 1
                }
            }
            if let Some((_, root)) = heads.next_if(|head| head.0 == frontier.size()) {
                findings.extended += u64::from(root == frontier.root());
            }
        }
    }
    findings.missing = records.count() as u64;
    if frontier.size() == TreeSize::EMPTY || frontier.root() != root {
        return Err(CheckError::Root);
    }
    Ok(findings)
}

/// The published checkpoint, once it covers this size, or as it stands after [`PUBLISHED_WITHIN`].
async fn published(
    connection: &mut Connection,
    keys: &LogKeys,
    needed: TreeSize,
) -> Result<VerifiedCheckpoint, CheckError> {
    let began = Instant::now();
    loop {
        let path = "/log/checkpoint";
        let answer = connection.get(path).await?;
        if answer.status != 200 {
            return Err(CheckError::Status {
                path: path.to_owned(),
                status: answer.status,
            });
        }
        let checkpoint = verified(answer.body, keys)?;
        if checkpoint.checkpoint().size() >= needed || began.elapsed() > PUBLISHED_WITHIN {
            return Ok(checkpoint);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

fn verified(note: &[u8], keys: &LogKeys) -> Result<VerifiedCheckpoint, CheckError> {
    VerifiedCheckpoint::open(note, keys, &[])
        .map_err(|error| CheckError::Checkpoint(error.to_string()))
}
