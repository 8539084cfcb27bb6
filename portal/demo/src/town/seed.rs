//! `demo.seed`: 32 random bytes and the moment the demo was made. Everything else of the town
//! follows from it, so that a start that was killed goes on with the same keys, identifiers and
//! statements, byte for byte.
//!
//! ```text
//! akashi-demo-seed v1
//! <seed, base64url>
//! <made at, milliseconds since 1970>
//! ```

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use akashi_desk::enrolment::{self, QID_BYTES};
use akashi_ledger::files;
use akashi_ledger::random;
use akashi_proof::digest::Secret;
use akashi_proof::framing::len_u8;
use akashi_proof::ids::{
    ConsentId, ContactId, GroupId, Jti, NoticeId, Qid, SubjectHandle, Timestamp,
};
use akashi_proof::statement::RequestNonce;
use akashi_tlog::base64;
use akashi_tlog::decimal;

use crate::DemoError;

const HEADER: &str = "akashi-demo-seed v1";

/// What everything of the town is drawn from.
#[derive(Clone)]
pub struct Seed {
    secret: Secret,
    made: Timestamp,
}

impl Seed {
    /// A new seed for a town made at this time.
    pub fn draw(made: Timestamp) -> Self {
        Self {
            secret: random::draw_secret(),
            made,
        }
    }

    /// When the town was made: its past ends shortly before.
    pub const fn made(&self) -> Timestamp {
        self.made
    }

    /// Writes the seed into a file that is there whole or not at all.
    ///
    /// # Errors
    /// [`DemoError::File`].
    pub fn write(&self, path: &Path) -> Result<(), DemoError> {
        let seed = base64::url::encode(self.secret.expose());
        let text = format!("{HEADER}\n{seed}\n{}\n", self.made.as_millis());
        replace_private(path, text.as_bytes()).map_err(|error| DemoError::File {
            path: path.to_owned(),
            error,
        })
    }

    /// Reads the seed file.
    ///
    /// # Errors
    /// [`DemoError::File`] when it cannot be read, [`DemoError::NoSeed`] when it is something else.
    pub fn read(path: &Path) -> Result<Self, DemoError> {
        let text = fs::read_to_string(path).map_err(|error| DemoError::File {
            path: path.to_owned(),
            error,
        })?;
        Self::parse(&text).ok_or_else(|| DemoError::NoSeed(path.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (header, seed, made, none) =
            (lines.next()?, lines.next()?, lines.next()?, lines.next());
        if header != HEADER || none.is_some() {
            return None;
        }
        let secret = Secret::from_bytes(base64::url::decode(seed).ok()?.try_into().ok()?);
        Some(Self {
            secret,
            made: Timestamp::from_millis(decimal::parse(made, Timestamp::MAX.as_millis()).ok()?),
        })
    }

    /// 32 bytes for one use: `what` names the kind of thing, `of` which one.
    pub fn bytes(&self, what: &str, of: &str) -> [u8; 32] {
        self.secret.hmac(&[
            b"akashi/demo/v1",
            &[len_u8(what.as_bytes())],
            what.as_bytes(),
            of.as_bytes(),
        ])
    }

    fn bytes16(&self, what: &str, of: &str) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.bytes(what, of)[..16]);
        half
    }

    /// A 32-byte secret: link keys, evidence keys, signing keys.
    pub fn secret(&self, what: &str, of: &str) -> Secret {
        Secret::from_bytes(self.bytes(what, of))
    }

    /// A person's handle.
    pub fn subject(&self, of: &str) -> SubjectHandle {
        SubjectHandle::from_bytes(self.bytes16("subject", of))
    }

    /// A person's visible ID.
    pub fn qid(&self, of: &str) -> Qid {
        let (drawn, more) = (self.bytes("qid", of), self.bytes("qid-more", of));
        let mut bytes = [0; QID_BYTES];
        bytes[..32].copy_from_slice(&drawn);
        bytes[32..].copy_from_slice(&more[..QID_BYTES - 32]);
        enrolment::qid(bytes)
    }

    /// The identifier of a statement.
    pub fn jti(&self, of: &str) -> Jti {
        Jti::from_bytes(self.bytes16("jti", of))
    }

    /// The nonce of a request.
    pub fn nonce(&self, of: &str) -> RequestNonce {
        RequestNonce::from_bytes(self.bytes16("nonce", of))
    }

    /// A consent.
    pub fn consent(&self, of: &str) -> ConsentId {
        ConsentId::from_bytes(self.bytes16("consent", of))
    }

    /// The screen a consent was given on.
    pub fn group(&self, of: &str) -> GroupId {
        GroupId::from_bytes(self.bytes16("group", of))
    }

    /// A contact.
    pub fn contact(&self, of: &str) -> ContactId {
        ContactId::from_bytes(self.bytes16("contact", of))
    }

    /// A notice.
    pub fn notice(&self, of: &str) -> NoticeId {
        NoticeId::from_bytes(self.bytes16("notice", of))
    }
}

/// Writes a file only its owner can read beside its place and moves it there: a reader sees the old
/// one or the new one.
///
/// # Errors
/// What the system says.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    files::sync_folder_of(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_seed_file_read_again_makes_the_same_town() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.seed");
        let seed = Seed::draw(Timestamp::from_millis(1_790_000_000_123));
        seed.write(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let again = Seed::read(&path).unwrap();
        assert_eq!(again.made(), seed.made());
        assert_eq!(again.qid("citizen 1"), seed.qid("citizen 1"));
        assert_ne!(again.qid("citizen 1"), again.qid("citizen 2"));
        assert_ne!(again.bytes("a", "bc"), again.bytes("ab", "c"));
    }

    #[test]
    fn anything_else_is_no_seed() {
        let good = format!("{HEADER}\n{}\n1\n", base64::url::encode(&[7; 32]));
        assert!(Seed::parse(&good).is_some());
        for bad in [
            "",
            HEADER,
            &good[..good.len() - 1],
            &format!("{good}x\n"),
            &good.replace("\n1\n", "\n01\n"),
        ] {
            assert!(Seed::parse(bad).is_none(), "{bad:?}");
        }
    }
}
