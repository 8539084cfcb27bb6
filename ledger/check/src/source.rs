//! Where a log's public files come from: everything below one prefix.
//!
//! A source is not believed. It says found, missing, or larger than such a file can be; a failed
//! read is an error and never "missing", so that a broken network cannot be mistaken for a
//! dishonest log or the other way round. This package reads no folder and no socket: sources are
//! handed in.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Gives the files below a log's prefix.
pub trait Source: Sync {
    /// Reads the file at `path` (below the prefix, parts joined by `/`) into `bytes`, which is
    /// emptied first. Reads no more than `len_max` bytes and one.
    ///
    /// # Errors
    /// [`FetchError`] when the source cannot say whether there is such a file, or cannot give it.
    fn fetch(&self, path: &str, len_max: usize, bytes: &mut Vec<u8>)
    -> Result<Fetched, FetchError>;

    /// How many fetches at the same time serve best.
    fn workers(&self) -> usize;

    /// How long after a head was signed a newer checkpoint may take to be here. A copy gets none.
    fn lag(&self) -> Duration {
        Duration::ZERO
    }
}

/// What a source answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// The file is there and has been read.
    Found,
    /// There is no such file.
    Missing,
    /// There is one, larger than was asked for. What was read of it is of no use.
    TooLarge,
}

/// Why a source could not answer.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The file system failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device where a file should be.
    #[error("is there but is not a file")]
    NotAFile,
    /// The server could not be reached, or broke off.
    #[error("cannot be fetched after {attempts} attempts: {cause}")]
    Network {
        /// How often it was tried.
        attempts: usize,
        /// What happened the last time.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Everything it gave came so slowly that the check would not end.
    #[error("the server gave {files} file(s) in {seconds} s: too slow to check")]
    TooSlow {
        /// Files it has given.
        files: u64,
        /// For how long it was asked.
        seconds: u64,
    },
    /// The server answered, neither with the file nor with 404 or 410.
    #[error("the server answers {status} after {attempts} attempt(s)")]
    Status {
        /// The HTTP status.
        status: u16,
        /// How often it was tried.
        attempts: usize,
    },
}
