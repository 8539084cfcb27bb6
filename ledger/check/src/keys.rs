//! Which keys a log may sign with: told by the user, or taken from the log itself, which proves
//! less.
//!
//! `<prefix>/vkey` has one line per valid key, oldest first, each ending in a newline.

use akashi_tlog::checkpoint::{LogKeys, LogKeysError};
use akashi_tlog::signed_note::{VerifyingKey, VkeyError};
use thiserror::Error;

/// The path of the published keys below a log's prefix.
pub const VKEY_PATH: &str = "vkey";
/// Longest file of keys: 16 lines of the longest vkey (309 characters) fit with room to spare.
pub const VKEY_FILE_LEN_MAX: usize = 8 * 1024;

/// Where the keys used for a check came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysFrom {
    /// The user named them: the check shows that *this* log is honest.
    Argument,
    /// The source itself: the check shows only that the source agrees with itself.
    Source,
}

/// Why a published file of keys is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VkeyFileError {
    /// Longer than any.
    #[error("has more than {VKEY_FILE_LEN_MAX} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("is not UTF-8 text")]
    NotUtf8,
    /// The last line has no newline.
    #[error("has a last line that does not end with a newline")]
    Unterminated,
    /// A line is not a vkey.
    #[error("line {line}: {cause}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: VkeyError,
    },
    /// The keys do not belong to one log.
    #[error(transparent)]
    Keys(#[from] LogKeysError),
}

impl KeysFrom {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Source => "source",
        }
    }
}

/// Reads a file of keys; one spelling only.
///
/// # Errors
/// [`VkeyFileError`] with the first line that is wrong.
pub fn parse_vkey_file(bytes: &[u8]) -> Result<LogKeys, VkeyFileError> {
    let text = str::from_utf8(bytes).map_err(|_| VkeyFileError::NotUtf8)?;
    let lines = text.strip_suffix('\n').ok_or(VkeyFileError::Unterminated)?;
    let key = |(line, text)| {
        VerifyingKey::parse(text).map_err(|cause| VkeyFileError::Line { line, cause })
    };
    Ok(LogKeys::new(
        (1..)
            .zip(lines.split('\n'))
            .map(key)
            .collect::<Result<_, _>>()?,
    )?)
}

#[cfg(test)]
mod tests {
    use super::{VkeyFileError, parse_vkey_file};

    const KEY: &str =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

    #[test]
    fn one_key_a_line() {
        assert_eq!(
            parse_vkey_file(format!("{KEY}\n").as_bytes())
                .unwrap()
                .keys()
                .len(),
            1
        );
        assert_eq!(
            parse_vkey_file(KEY.as_bytes()),
            Err(VkeyFileError::Unterminated)
        );
        assert_eq!(parse_vkey_file(b"\xff\n"), Err(VkeyFileError::NotUtf8));
        assert!(matches!(
            parse_vkey_file(b""),
            Err(VkeyFileError::Unterminated)
        ));
        let blank = parse_vkey_file(format!("{KEY}\n\n").as_bytes());
        assert!(matches!(blank, Err(VkeyFileError::Line { line: 2, .. })));
    }
}
