//! Files of lines that a holder reads and writes: one spelling, nothing unknown.

use akashi_tlog::{base64, decimal};

/// Bytes that are not the format that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}, found something else")]
pub struct NotTheFormat {
    /// Number of the line, from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: String,
}

/// Lines that are taken one by one.
pub(super) struct Lines<'a> {
    rest: &'a str,
    taken: usize,
}

impl<'a> Lines<'a> {
    /// Of at most so many bytes, which are text.
    pub(super) fn of(bytes: &'a [u8], most: usize) -> Result<Self, NotTheFormat> {
        let wrong = |expected: String| NotTheFormat { line: 1, expected };
        if bytes.len() > most {
            return Err(wrong(format!("at most {most} bytes")));
        }
        let rest = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 text".into()))?;
        Ok(Self { rest, taken: 0 })
    }

    /// Whether there are no more.
    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// The word the next line begins with; empty at the end.
    pub(super) fn next_word(&self) -> &'a str {
        self.rest.split([' ', '\n']).next().unwrap_or_default()
    }

    /// All that is left.
    pub(super) const fn rest(self) -> &'a str {
        self.rest
    }

    fn line(&mut self) -> Result<&'a str, NotTheFormat> {
        self.taken += 1;
        let (line, rest) = self
            .rest
            .split_once('\n')
            .ok_or_else(|| self.wrong("a line that ends"))?;
        self.rest = rest;
        Ok(line)
    }

    /// A line that is this text.
    pub(super) fn literal(&mut self, expected: &str) -> Result<(), NotTheFormat> {
        if self.line()? == expected {
            Ok(())
        } else {
            Err(self.wrong(format!("`{expected}`")))
        }
    }

    /// The fields behind this word, each after one space.
    pub(super) fn fields<const N: usize>(
        &mut self,
        word: &str,
    ) -> Result<[&'a str; N], NotTheFormat> {
        let mut fields = self.line()?.split(' ');
        let named = fields.next() == Some(word);
        let fields: Vec<&str> = fields.collect();
        match fields.try_into() {
            Ok(fields) if named => Ok(fields),
            _ => Err(self.wrong(format!("`{word}` and {N} fields"))),
        }
    }

    /// A decimal number in its one spelling.
    pub(super) fn number(&self, text: &str) -> Result<u64, NotTheFormat> {
        decimal::parse(text, u64::MAX).map_err(|_| self.wrong("a decimal number"))
    }

    /// So many bytes in base64.
    pub(super) fn bytes<const N: usize>(&self, text: &str) -> Result<[u8; N], NotTheFormat> {
        let bytes = base64::standard::decode(text).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| self.wrong(format!("{N} bytes in base64")))
    }

    /// That the line taken last is wrong.
    pub(super) fn wrong(&self, expected: impl Into<String>) -> NotTheFormat {
        NotTheFormat {
            line: self.taken,
            expected: expected.into(),
        }
    }
}
