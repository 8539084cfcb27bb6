//! The server's log: standard error, one line an event. What is never in it, at any level: phone
//! numbers, addresses, codes, visible IDs, link codes, handles, keys, bodies, queries.

use std::io::stderr;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogFormat};

/// Levels that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "log.level: expected `error`, `warn`, `info`, `debug` or `trace`, or `module=level` separated by commas"
)]
pub struct LevelError;

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
    let filter = EnvFilter::try_new(&config.level).map_err(|_| LevelError)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    let _ = match config.format {
        LogFormat::Text => lines
            .with_ansi(false)
            .finish()
            .with(filter_fn(may_be_said))
            .try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .finish()
            .with(filter_fn(may_be_said))
            .try_init(),
    };
    Ok(())
}

fn may_be_said(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::INFO || !QUIET.contains(&library)
}
