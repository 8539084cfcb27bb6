//! What is done in a person's name counts by what was shown for it, as that counts when its turn
//! comes: a request is under way for seconds, and its sender may have been shut out meanwhile.

use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::Record;
use akashi_proof::state::Person;
use akashi_tlog::checkpoint::Origin;

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::Transaction;

/// What somebody has shown to be taken for a person, as her records stood then. Of one who has just
/// enrolled nothing stood yet: [`Showed::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Showed {
    block: Option<LeafIndex>,
    recovery: Option<Digest>,
}

impl Showed {
    /// Something that is sent to her: it counts until a phone of hers is blocked after this, and no
    /// more once that is unblocked.
    pub fn to(person: &Person) -> Self {
        Self {
            block: person.last_block(),
            recovery: None,
        }
    }

    /// The same, with the recovery code of this digest: it counts until she has another.
    #[must_use]
    pub const fn and_recovery(self, digest: Digest) -> Self {
        Self {
            recovery: Some(digest),
            ..self
        }
    }

    /// Whether it counts for her as she stands now.
    pub fn counts(&self, person: &Person) -> bool {
        let hers = |digest| person.recovery_digest == Some(digest);
        person.last_block() <= self.block && self.recovery.is_none_or(hers)
    }
}

/// A command of whoever has shown this to be taken for the person: refused where it counts no more,
/// also by a command of the same commit. Not for blocking a phone, which whoever holds it may, and
/// which ends what was shown before.
pub struct InHerName<C> {
    /// The person.
    pub subject: SubjectHandle,
    /// What was shown.
    pub showed: Showed,
    /// What is to be done.
    pub command: C,
}

impl<C: Command> Command for InHerName<C> {
    type Receipt = C::Receipt;

    fn payer(&self) -> Payer {
        self.command.payer()
    }

    fn lane(&self, reader: &Reader, now: Timestamp) -> Lane {
        self.command.lane(reader, now)
    }

    fn check_before(&self, reader: &Reader, now: Timestamp) -> Result<(), Refusal> {
        self.command.check_before(reader, now)
    }

    fn draft(&self, origin: &Origin, policy: &Digest) -> Option<Record> {
        self.command.draft(origin, policy)
    }

    fn keys(&self, reader: &Reader, now: Timestamp) -> NewKeys {
        self.command.keys(reader, now)
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<C::Receipt, Refusal> {
        let person = tx.need_person(&self.subject)?;
        if !self.showed.counts(&person) {
            let expected = "what counts since her phone was blocked, or her papers replaced";
            let code = FaultCode::NotAuthorised;
            return Err(Fault::new(code, "showed", expected, "what was shown before").into());
        }
        self.command.run(tx)
    }
}
