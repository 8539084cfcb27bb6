//! One run of `cargo check`: the places it names, and the arms it would add there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::copy::{read, write};
use crate::{Trouble, variants};

/// The compiler over one copy.
pub struct Compiler {
    copy: PathBuf,
    target: PathBuf,
}

/// What a run came to.
pub enum Round {
    /// Nothing is missing any more.
    Compiles,
    /// So much is.
    Missing(Vec<Missing>),
}

/// A match that does not think of a variant.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// Below the copy.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// Which of ours.
    pub variants: Vec<&'static str>,
    /// Where the compiler would add an arm, in bytes, and the arm.
    arm: (usize, usize, String),
}

impl Compiler {
    /// Nothing is run yet.
    pub fn new(copy: &Path, target: &Path) -> Self {
        Self {
            copy: copy.to_owned(),
            target: target.to_owned(),
        }
    }

    /// Checks every library and binary; tests may pick single records.
    pub fn check(&self) -> Result<Round, Trouble> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["check", "--workspace", "--lib", "--bins", "--keep-going"]);
        command.args(["--locked", "--quiet", "--message-format=json"]);
        command.arg("--target-dir").arg(&self.target);
        command.current_dir(&self.copy).stdin(Stdio::null());
        let output = command.output().map_err(|error| Trouble::Command {
            command: "cargo check".to_owned(),
            what: error.to_string(),
        })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let errors = lines
            .filter_map(|line: Line| line.message)
            .filter(Message::is_error);
        let mut missing = Vec::new();
        for error in errors {
            let one = error.missing()?;
            // A file that two targets share is told of twice.
            if !missing.contains(&one) {
                missing.push(one);
            }
        }
        match (output.status.success(), missing.is_empty()) {
            (true, true) => Ok(Round::Compiles),
            (_, false) => Ok(Round::Missing(missing)),
            (false, true) => Err(Trouble::Command {
                command: "cargo check".to_owned(),
                what: String::from_utf8_lossy(&output.stderr).into_owned(),
            }),
        }
    }
}

/// Adds the arms the compiler would add.
pub fn add_arms(copy: &Path, missing: &[Missing]) -> Result<(), Trouble> {
    let mut by_file: BTreeMap<&str, Vec<&Missing>> = BTreeMap::new();
    for one in missing {
        by_file.entry(&one.file).or_default().push(one);
    }
    for (file, mut places) in by_file {
        let path = copy.join(file);
        let mut text = read(&path)?;
        // From the end, so that what stands before keeps its place.
        places.sort_by_key(|one| std::cmp::Reverse(one.arm.0));
        for Missing { arm, .. } in places {
            text.replace_range(arm.0..arm.1, &arm.2);
        }
        write(&path, &text)?;
    }
    Ok(())
}

/// A line of `--message-format=json`, as far as it is read here.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    code: Option<Code>,
    level: String,
    message: String,
    rendered: Option<String>,
    spans: Vec<Span>,
    children: Vec<Self>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    line_start: usize,
    is_primary: bool,
    suggested_replacement: Option<String>,
}

impl Message {
    fn is_error(&self) -> bool {
        // "aborting due to 3 previous errors" stands nowhere.
        self.level == "error" && !self.spans.is_empty()
    }

    fn missing(self) -> Result<Missing, Trouble> {
        let rendered = self.rendered.unwrap_or_else(|| self.message.clone());
        let variants = variants::named_in(&self.message);
        if self.code.is_none_or(|code| code.code != "E0004") || variants.is_empty() {
            return Err(Trouble::OtherError(rendered));
        }
        let place = self.spans.into_iter().find(|span| span.is_primary);
        let suggested = self.children.into_iter().flat_map(|child| child.spans);
        let arm = suggested.into_iter().find_map(|span| {
            let Span {
                byte_start,
                byte_end,
                ..
            } = span;
            Some((byte_start, byte_end, span.suggested_replacement?))
        });
        match (place, arm) {
            (Some(place), Some(arm)) => Ok(Missing {
                file: place.file_name,
                line: place.line_start,
                variants,
                arm,
            }),
            _ => Err(Trouble::NoSuggestion(rendered)),
        }
    }
}
