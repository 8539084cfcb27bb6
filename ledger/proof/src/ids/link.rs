//! Links: an institution's own code for a person, and what is numbered on it.

use std::fmt;

use super::IdError;
use akashi_tlog::base64;

/// An institution's own code for a person (docs/DESIGN.md "Identity"): opaque to everybody but the
/// ledger.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkCode(String);

impl LinkCode {
    /// version 1 + generation 2 + SIV tag 16 + handle 16 bytes.
    pub const SEALED_LEN: usize = 35;

    /// Reads `lc_` + base64url; whether the ledger issued it is a later question.
    ///
    /// # Errors
    /// [`IdError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let sealed = text
            .strip_prefix("lc_")
            .and_then(|rest| base64::url::decode(rest).ok());
        match sealed {
            Some(bytes) if bytes.len() == Self::SEALED_LEN => Ok(Self(text.to_owned())),
            _ => Err(IdError {
                expected: "a link code: `lc_` and 47 characters of base64url",
            }),
        }
    }

    /// Writes the sealed bytes as a link code.
    pub fn from_sealed(sealed: &[u8; Self::SEALED_LEN]) -> Self {
        Self(format!("lc_{}", base64::url::encode(sealed)))
    }

    /// The sealed bytes: version, generation, AES-SIV output.
    pub fn sealed(&self) -> Vec<u8> {
        let sealed = self.0.strip_prefix("lc_").unwrap_or_default();
        base64::url::decode(sealed).unwrap_or_default()
    }

    /// The code as institutions store it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(..)")
    }
}

versions! {
    /// Which sealing key of its institution made a link code.
    KeyVersion(u8);
    /// Which of an institution's codes for a person this is: 0 for the first, one more each time it
    /// asks for a new one.
    Generation(u16);
}

ordinals! {
    /// Number of a permit on its link: m of [`crate::gate`].
    GateNumber;
}
