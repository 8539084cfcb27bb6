//! Why files are not a policy pack.

/// What is wrong with a pack: the file, the key, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// A file every pack has is not there.
    #[error("`{file}` is missing from the pack")]
    Missing {
        /// Its name.
        file: &'static str,
    },
    /// A file no pack has: it would be in the digest and in nothing else.
    #[error("`{file}`: expected only {}, found another file", crate::files::FILES.map(|name| format!("`{name}`")).join(", "))]
    Unexpected {
        /// Its name.
        file: String,
    },
    /// A file is larger than a person can review.
    #[error(
        "`{file}`: expected at most {} bytes, found {found}",
        crate::files::FILE_LEN_MAX
    )]
    TooLarge {
        /// Its name.
        file: String,
        /// Its length in bytes.
        found: usize,
    },
    /// A file is not TOML, or not of its shape: unknown, missing or repeated keys, wrong types.
    #[error("`{file}` line {line}: {message}")]
    Shape {
        /// The file.
        file: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected and found.
        message: String,
    },
    /// A value is of the right type and means nothing, or contradicts another.
    #[error("`{file}`: `{key}`: expected {expected}, found {found}")]
    Value {
        /// The file.
        file: &'static str,
        /// The key, as a path: `process[care.consult].allow[1].roles`.
        key: String,
        /// What was expected there.
        expected: String,
        /// What was found.
        found: String,
    },
}
