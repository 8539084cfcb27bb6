//! The server's log: standard error, one line an event. What is never in it, at any level: phone
//! numbers, addresses, codes, visible IDs, link codes, handles, keys, bodies, queries.

use std::io::stderr;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogConfig, LogFormat};

/// A part of the levels that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "log.level: expected `error`, `warn`, `info`, `debug`, `trace` or `off`, or `module=level`, separated by commas; \
     found `{found}`"
)]
pub struct LevelError {
    found: String,
}

/// Libraries whose own lines below `info` may hold whole messages - what is sent to phones and mail
/// servers: they speak from `info` up, whatever is asked for, of the library or of one of its
/// modules.
const QUIET: [&str; 8] = [
    "lettre",
    "ureq",
    "ureq_proto",
    "hyper",
    "hyper_util",
    "h2",
    "rustls",
    "askama",
];

/// Starts the log. A second start in one process does nothing.
///
/// # Errors
/// [`LevelError`].
pub fn start(config: &LogConfig) -> Result<(), LevelError> {
    let lines = fmt::layer().with_writer(stderr).with_ansi(false);
    let lines = match config.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry()
        .with(levels(&config.level)?)
        .with(filter_fn(may_be_said))
        .with(lines)
        .try_init();
    Ok(())
}

/// Reads `info,akashi_ledger=debug`: the level of everything, and of modules by the start of their
/// path. Errors of what nothing names are told all the same, unless `off` stands there.
fn levels(text: &str) -> Result<Targets, LevelError> {
    let wrong = |found: &str| LevelError {
        found: found.to_owned(),
    };
    let mut levels = Targets::new().with_default(LevelFilter::ERROR);
    for part in text.split(',').map(str::trim) {
        let (module, level) = match part.split_once('=') {
            Some((module, level)) => (Some(module), level),
            None => (None, part),
        };
        // An empty level would be read as `error`.
        let level: LevelFilter = match level.parse() {
            Ok(read) if !level.is_empty() => read,
            _ => return Err(wrong(part)),
        };
        levels = match module {
            None => levels.with_default(level),
            Some(module) if is_path(module) => levels.with_target(module, level),
            Some(_) => return Err(wrong(part)),
        };
    }
    Ok(levels)
}

/// Whether this can be the path of a module: `akashi_ledger::sequencer`.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

fn may_be_said(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::INFO || !QUIET.contains(&library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_have_the_level_named_for_them_and_everything_else_the_bare_one() {
        let levels = levels("info, akashi_ledger=debug,akashi_ledger::runs=off").unwrap();
        for (module, level, said) in [
            ("akashi", Level::INFO, true),
            ("akashi", Level::DEBUG, false),
            ("akashi_ledger::sequencer", Level::DEBUG, true),
            ("akashi_ledger::sequencer", Level::TRACE, false),
            ("akashi_ledger::runs::merge", Level::ERROR, false),
        ] {
            assert_eq!(
                levels.would_enable(module, &level),
                said,
                "{module} {level}"
            );
        }
        let one = super::levels("akashi_ledger=debug").unwrap();
        assert!(one.would_enable("akashi", &Level::ERROR));
        assert!(!one.would_enable("akashi", &Level::WARN));
    }

    #[test]
    fn what_is_no_level_is_refused_by_its_part() {
        for (text, part) in [
            ("", ""),
            ("inof", "inof"),
            ("info,", ""),
            ("info,akashi=loud", "akashi=loud"),
            ("info,=debug", "=debug"),
            ("akashi=info=debug", "akashi=info=debug"),
            ("info,akashi[span]=debug", "akashi[span]=debug"),
        ] {
            let found = part.to_owned();
            assert_eq!(levels(text).err(), Some(LevelError { found }), "{text}");
        }
    }
}
