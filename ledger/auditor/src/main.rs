//! `akashi-audit`: arguments in, a report and an exit code out. 0 good, 1 dishonest or broken, 2
//! could not check.

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::string_slice,
        clippy::unreachable,
        reason = "a test fails by panicking"
    )
)]

mod arguments;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use akashi_audit::limits::QUERY_BODY_LEN_MAX;
use akashi_audit::report;
use akashi_audit::source;
use akashi_check::earlier::Earlier;
use akashi_check::fsck::{self, Progress};
use akashi_check::history;
use akashi_check::keys::{KeysFrom, VKEY_FILE_LEN_MAX, VKEY_PATH, parse_vkey_file};
use akashi_check::source::{Fetched, Source};
use akashi_check::verdict::Verdict;
use akashi_check::verify::{self, HolderKey};
use akashi_proof::gate::{
    CATCH_UP_LEN_MAX, KEPT_LEN_MAX, KeptGates, NotTheFormat, SEEN_LOG_FILE, SEEN_LOG_LEN_MAX,
    SeenLog, kept_gates_file,
};
use akashi_proof::history_key::{HISTORY_KEY_LEN_MAX, HistoryKey};
use akashi_proof::ids::Timestamp;
use akashi_proof::jws::STATEMENT_LEN_MAX;
use akashi_tlog::checkpoint::LogKeys;
use clap::Parser as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::{Arguments, Command, Fsck, History, Verify};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (command, what, form) = match &arguments.command {
        Command::Fsck(fsck) => ("fsck", fsck.source.clone(), fsck.common.form()),
        Command::Verify(verify) => (
            "verify",
            verify.file.display().to_string(),
            verify.common.form(),
        ),
        Command::History(history) => (
            "history",
            history.file.display().to_string(),
            history.common.form(),
        ),
    };
    let outcome = match arguments.command {
        Command::Fsck(arguments) => arguments.run(),
        Command::Verify(arguments) => arguments.run(),
        Command::History(arguments) => arguments.run(),
    };
    let (verdict, text) = outcome.unwrap_or_else(|problem| {
        (
            Verdict::CouldNotCheck,
            report::not_begun(command, &what, &problem, form),
        )
    });
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::from(verdict.exit_code()),
        // Whoever closed the pipe has seen enough; a verdict nobody could read is no verdict.
        Err(_) => ExitCode::from(Verdict::CouldNotCheck.exit_code()),
    }
}

impl Fsck {
    fn run(self) -> Result<(Verdict, String), String> {
        let given = self.common.keys()?;
        let supervisors = self.whole.supervisors()?;
        let earlier = self.earlier.iter().map(|path| earlier(path));
        let earlier = earlier.collect::<Result<Vec<_>, _>>()?;
        let source = source::open(&self.source).map_err(|error| error.to_string())?;
        let started = Instant::now();
        let bar = Bar::new();
        let report = fsck::run(&fsck::Request {
            keys: given.as_ref(),
            supervisors: &supervisors,
            earlier: &earlier,
            entries_max: self.whole.entries_max,
            progress: &bar,
            ..fsck::Request::of(source.as_ref())
        });
        bar.0.finish_and_clear();
        Ok((
            report.verdict(),
            report::of_fsck(&self.source, &report, started.elapsed(), self.common.form()),
        ))
    }
}

impl Verify {
    fn run(self) -> Result<(Verdict, String), String> {
        let log = self.log.as_deref().map(source::open).transpose();
        let log = log.map_err(|error| format!("--log: {error}"))?;
        let (keys, keys_from) = match (self.common.keys()?, &log) {
            (Some(keys), _) => (keys, KeysFrom::Argument),
            (None, Some(log)) => (published_keys(log.as_ref())?, KeysFrom::Source),
            (None, None) => {
                return Err(
                    "the file does not say whom to trust: give the log's key with --vkey KEY, or the log itself \
                            with --log URL-or-FOLDER"
                        .to_owned(),
                );
            }
        };
        let bytes = read_beginning(&self.file, verify::FILE_LEN_MAX + 1)?;
        let holder_keys = self
            .holder_key
            .iter()
            .map(|path| holder_key(path))
            .collect::<Result<Vec<_>, _>>()?;
        let kept = self
            .kept
            .as_ref()
            .map(|folder| kept(folder, &holder_keys))
            .transpose()?;
        let gates = self
            .gates
            .as_ref()
            .map(|path| read(path, CATCH_UP_LEN_MAX))
            .transpose()?;
        let presented = self
            .presented
            .as_ref()
            .map(|path| read(path, STATEMENT_LEN_MAX + 1))
            .transpose()?;
        let body = self
            .body
            .as_ref()
            .map(|path| read(path, QUERY_BODY_LEN_MAX))
            .transpose()?;
        let query = self.query.as_deref().unwrap_or_default();
        let (method, path) = query.split_once(' ').unwrap_or((query, ""));
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let report = verify::run(&verify::Request {
            bytes: &bytes,
            keys: &keys,
            holder_keys: &holder_keys,
            now: Timestamp::from_unix(now),
            kept: kept.as_ref().map(|(log, links)| verify::Kept {
                log,
                links,
                catch_up: gates.as_deref(),
            }),
            release: self.release,
            presented: presented.as_deref().map(|text| verify::Asked {
                presentation: text.trim_ascii_end(),
                method,
                path,
                body: body.as_deref().unwrap_or_default(),
            }),
            log: log.as_deref().map(|log| fsck::Request {
                keys: Some(&keys),
                ..fsck::Request::of(log)
            }),
            whole: self.whole,
        });
        let file = self.file.display().to_string();
        Ok((
            report.verdict(),
            report::of_verify(&file, &report, keys_from, self.common.form()),
        ))
    }
}

impl History {
    fn run(self) -> Result<(Verdict, String), String> {
        let given = self.common.keys()?;
        let key = self.key()?;
        let supervisors = self.whole.supervisors()?;
        let entries_max = self.whole.entries_max;
        let log = self
            .log
            .unwrap_or_else(|| format!("https://{}", key.origin));
        let source = source::open(&log).map_err(|error| format!("--log: {error}"))?;
        let name = self.file.display().to_string();
        let file =
            File::open(&self.file).map_err(|error| format!("{name}: cannot be read: {error}"))?;
        let bar = Bar::new();
        let report = history::run(history::Request {
            file: &mut BufReader::new(file),
            key: &key,
            log: fsck::Request {
                keys: given.as_ref(),
                supervisors: &supervisors,
                entries_max,
                progress: &bar,
                ..fsck::Request::of(source.as_ref())
            },
        });
        bar.0.finish_and_clear();
        Ok((
            report.verdict(),
            report::of_history(&name, &report, self.common.form()),
        ))
    }

    fn key(&self) -> Result<HistoryKey, String> {
        let name = self.key_file.display();
        let bytes = if self.key_file.as_os_str() == "-" {
            read_bounded(io::stdin(), "standard input", HISTORY_KEY_LEN_MAX)?
        } else {
            read(&self.key_file, HISTORY_KEY_LEN_MAX)?
        };
        // Copied from paper it may have been broken into lines.
        let text: String = String::from_utf8_lossy(&bytes).split_whitespace().collect();
        // What was found is not shown: it may be another secret.
        HistoryKey::parse(&text).map_err(|error| format!("--key-file {name}: {error}"))
    }
}

fn published_keys(source: &dyn Source) -> Result<LogKeys, String> {
    let mut bytes = Vec::new();
    match source.fetch(VKEY_PATH, VKEY_FILE_LEN_MAX, &mut bytes) {
        Ok(Fetched::Found) => {
            parse_vkey_file(&bytes).map_err(|error| format!("--log: vkey: {error}"))
        }
        Ok(Fetched::Missing) => Err("--log: vkey: is not there".to_owned()),
        Ok(Fetched::TooLarge) => Err(format!(
            "--log: vkey: has more than {VKEY_FILE_LEN_MAX} bytes"
        )),
        Err(error) => Err(format!("--log: vkey: {error}")),
    }
}

/// What the log signed before, out of a file somebody kept.
fn earlier(path: &Path) -> Result<Earlier, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: cannot be read: {error}"))?;
    Earlier::read(&name, &mut BufReader::new(file)).map_err(|error| format!("{name}: {error}"))
}

fn holder_key(path: &Path) -> Result<HolderKey, String> {
    let bytes = read(path, verify::HOLDER_KEY_LEN_MAX)?;
    HolderKey::parse(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// What a holder keeps in this folder: of the log, and of the links whose keys are given.
fn kept(folder: &Path, holder_keys: &[HolderKey]) -> Result<(SeenLog, Vec<KeptGates>), String> {
    let parsed = |path: &Path, error: NotTheFormat| format!("{}: {error}", path.display());
    let path = folder.join(SEEN_LOG_FILE);
    let log =
        SeenLog::parse(&read(&path, SEEN_LOG_LEN_MAX)?).map_err(|error| parsed(&path, error))?;
    let mut links = Vec::new();
    for link in holder_keys.iter().filter_map(|key| key.link.as_ref()) {
        let path = folder.join(kept_gates_file(&link.code));
        if path.exists() {
            let bytes = read(&path, KEPT_LEN_MAX)?;
            links.push(KeptGates::parse(&bytes).map_err(|error| parsed(&path, error))?);
        }
    }
    Ok((log, links))
}

fn read(path: &Path, len_max: usize) -> Result<Vec<u8>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: cannot be read: {error}"))?;
    read_bounded(file, &name, len_max)
}

/// At most so many bytes: what kind of file it is can be told of a longer one too.
fn read_beginning(path: &Path, len: usize) -> Result<Vec<u8>, String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: cannot be read: {error}"))?;
    take(file, &name, len)
}

fn take(from: impl Read, name: &str, len: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let done = from.take(len as u64).read_to_end(&mut bytes);
    done.map_err(|error| format!("{name}: cannot be read: {error}"))?;
    Ok(bytes)
}

fn read_bounded(from: impl Read, name: &str, len_max: usize) -> Result<Vec<u8>, String> {
    let bytes = take(from, name, len_max + 1)?;
    if bytes.len() > len_max {
        return Err(format!("{name}: has more than {len_max} bytes"));
    }
    Ok(bytes)
}

/// Shown on the error stream where that is a terminal, else not at all.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(
            "{msg:>14} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
        ) {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn begin(&self, step: &str, total: u64) {
        self.0.reset();
        self.0.set_length(total);
        self.0.set_message(step.to_owned());
    }

    fn advance(&self, parts: u64) {
        self.0.inc(parts);
    }
}
