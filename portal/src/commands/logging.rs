//! The server's log: standard error, one line an event. What is never in it, at any level: phone numbers, addresses,
//! codes, visible IDs, link codes, handles, keys, bodies, queries.

use std::io::stderr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogFormat};

/// Levels that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("log.level: expected `error`, `warn`, `info`, `debug` or `trace`, or `module=level` separated by commas")]
pub struct LevelError;

/// Libraries whose own lines at these levels hold whole messages - what is sent to phones and mail servers: they speak
/// from `info` up, whatever is asked for.
const QUIET: [&str; 7] = ["lettre", "reqwest", "hyper", "hyper_util", "h2", "rustls", "askama"];

/// Starts the log. A second start in one process does nothing.
///
/// # Errors
/// [`LevelError`].
pub fn start(config: &LogConfig) -> Result<(), LevelError> {
    let mut filter = EnvFilter::try_new(&config.level).map_err(|_| LevelError)?;
    for library in QUIET {
        filter = filter.add_directive(format!("{library}=info").parse().map_err(|_| LevelError)?);
    }
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let _ = match config.format {
        LogFormat::Text => lines.with_ansi(false).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    Ok(())
}
