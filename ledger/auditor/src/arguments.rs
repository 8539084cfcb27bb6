//! What `akashi-audit` is told on its command line.

use std::path::PathBuf;

use akashi_audit::report::Form;
use akashi_check::limits::ENTRIES_MAX;
use akashi_tlog::checkpoint::{LogKey, LogKeys};
use akashi_tlog::signed_note::VerifyingKey;
use clap::{Args, Parser, Subcommand};

/// Checks an Akashi ledger from outside: trusts the keys you name and the published formats,
/// nothing else.
///
/// Exit code: 0 good, 1 dishonest or broken (or not to be released on), 2 could not check.
#[derive(Parser)]
#[command(name = "akashi-audit", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Re-derive a whole log from its public files: every entry, tile and registry record.
    Fsck(Fsck),
    /// Check an `.akashi-evidence` or `.tlog-proof` file: offline, or with --log against the log of
    /// today.
    Verify(Verify),
    /// Check with a person's own key that her history is complete: no record hidden, no permit
    /// filed elsewhere.
    History(History),
}

#[derive(Args)]
pub(crate) struct Fsck {
    /// The prefix that has `checkpoint`, `vkey`, `tile/` and `registry/`: an http(s) URL or a
    /// folder.
    #[arg(value_name = "URL-or-FOLDER")]
    pub(crate) source: String,
    /// What the log signed before and somebody kept: a checkpoint, a proof, evidence, a history.
    /// The log must begin with that tree. Once for each file.
    #[arg(long, value_name = "FILE")]
    pub(crate) earlier: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) whole: Whole,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The file; its kind is told from its first line.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) common: Common,
    /// The log of today: it must begin with the tree the file was made from. Without --vkey its key
    /// is taken from there too, which proves less.
    #[arg(long, value_name = "URL-or-FOLDER")]
    pub(crate) log: Option<String>,
    /// Read that log whole, as `fsck` does. Of evidence its registry must then say that the key
    /// that presents it was the requester's, and that the pack that decided was in force.
    #[arg(long, requires = "log")]
    pub(crate) whole: bool,
    /// A JSON file with `evidence_key` and, optionally, `link_code` and `link_key` of one link:
    /// opens the sealed part and checks the gate. Shows the holder's code for the person.
    #[arg(long, value_name = "FILE")]
    pub(crate) holder_key: Vec<PathBuf>,
    /// The folder in which a holder keeps what it released on: its numbers are not released on
    /// twice.
    #[arg(long, value_name = "FOLDER", requires = "holder_key")]
    pub(crate) kept: Option<PathBuf>,
    /// Gates in the log, from `GET /v1/links/{code}/gates`: the holder moves on over permits that
    /// were never shown to it. Reads only.
    #[arg(long, value_name = "FILE", requires = "kept")]
    pub(crate) gates: Option<PathBuf>,
    /// What the requester showed beside the evidence, an `akashi-present+jws`: that it is the one
    /// who may see the data.
    #[arg(long, value_name = "FILE", requires = "query")]
    pub(crate) presented: Option<PathBuf>,
    /// The query it came with, as `GET /path?query`.
    #[arg(long, value_name = "METHOD PATH", requires = "presented")]
    pub(crate) query: Option<String>,
    /// The body of that query, where it has one.
    #[arg(long, value_name = "FILE", requires = "query")]
    pub(crate) body: Option<PathBuf>,
    /// Data is to be released on this evidence now: it must open, be presented with this query, be
    /// valid at this moment and carry an unused gate. Reads only; the release itself is reported to
    /// the ledger.
    #[arg(long, requires = "holder_key")]
    pub(crate) release: bool,
}

#[derive(Args)]
pub(crate) struct History {
    /// The `.akashi-history` file she downloaded.
    pub(crate) file: PathBuf,
    /// A file with her history key, the text that begins with `ahk:`; `-` for standard input. Not
    /// an argument, since others on the machine can read those.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
    /// The public log; without it, `https://` and the log's name in her key.
    #[arg(long, value_name = "URL-or-FOLDER")]
    pub(crate) log: Option<String>,
    #[command(flatten)]
    pub(crate) whole: Whole,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Of commands that read a whole log.
#[derive(Args)]
pub(crate) struct Whole {
    /// A supervisor's key, from a source you trust; once for each the log has ever had. Another
    /// one, or one fewer, is a lie.
    #[arg(long, value_name = "VKEY")]
    pub(crate) supervisor: Vec<String>,
    /// Read a log of at most so many entries; each takes 16 bytes of memory.
    #[arg(long, value_name = "N", default_value_t = ENTRIES_MAX)]
    pub(crate) entries_max: u64,
}

#[derive(Args)]
pub(crate) struct Common {
    /// A key of the log, from a source you trust; several where it has changed its key. With the
    /// sizes of the trees it signs, as far as they are known: KEY@FIRST-LAST.
    #[arg(long, value_name = "KEY")]
    pub(crate) vkey: Vec<String>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    pub(crate) const fn form(&self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }

    /// The keys named, `None` if there are none.
    pub(crate) fn keys(&self) -> Result<Option<LogKeys>, String> {
        if self.vkey.is_empty() {
            return Ok(None);
        }
        let keys = self
            .vkey
            .iter()
            .map(|vkey| vkey.parse::<LogKey>())
            .collect::<Result<Vec<_>, _>>();
        let keys = keys.map_err(|error| format!("--vkey: {error}"))?;
        LogKeys::of(keys)
            .map(Some)
            .map_err(|error| format!("--vkey: {error}"))
    }
}

impl Whole {
    /// The supervisors named.
    pub(crate) fn supervisors(&self) -> Result<Vec<VerifyingKey>, String> {
        self.supervisor
            .iter()
            .map(|vkey| VerifyingKey::parse(vkey))
            .collect::<Result<_, _>>()
            .map_err(|error| format!("--supervisor: {error}"))
    }
}
