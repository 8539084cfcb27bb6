//! A person suspends her account, resumes it, or closes it for good.

use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::{Account, AccountChanged, Assurance, Event, Language};
use akashi_proof::state::Person;

use crate::error::Refusal;
use crate::keys::new_keys::NewKeys;
use crate::reader::Reader;
use crate::writer::sequencer::{Command, Lane, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Records that her account stands otherwise from now on. Closing ends her consents and the codes
/// institutions have for her; her history stays, and stays hers to read.
pub struct ChangeAccount {
    /// The person.
    pub subject: SubjectHandle,
    /// How it stands from now on.
    pub to: Account,
    /// How sure.
    pub assurance: Assurance,
    /// The language of the page.
    pub language: Language,
}

impl Command for ChangeAccount {
    /// Log index of the record.
    type Receipt = LeafIndex;

    fn payer(&self) -> Payer {
        Payer::Person(self.subject)
    }

    fn keys(&self, _reader: &Reader, now: Timestamp) -> NewKeys {
        NewKeys::of_person(self.subject, now)
    }

    fn lane(&self, _reader: &Reader, _now: Timestamp) -> Lane {
        match self.to {
            Account::Open => Lane::Regular,
            Account::Suspended | Account::Closed => Lane::Urgent,
        }
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<LeafIndex, Refusal> {
        let person = tx.need_person(&self.subject)?;
        if person.account == self.to || person.account == Account::Closed {
            let found = format!("`{}`", person.account);
            let expected = "an account that can turn so";
            return Err(Fault::new(FaultCode::Conflict, "account", expected, found).into());
        }
        let changed = AccountChanged {
            assurance: self.assurance,
            language: self.language,
        };
        let event = match self.to {
            Account::Open => Event::AccountResumed(changed),
            Account::Suspended => Event::AccountSuspended(changed),
            Account::Closed => Event::AccountClosed(changed),
        };
        tx.append_person(&self.subject, ENGINE, event)
    }
}

/// Refuses what begins something new for somebody whose account is not open.
pub(super) fn need_open(person: &Person) -> Result<(), Fault> {
    if person.account == Account::Open {
        return Ok(());
    }
    let found = format!("`{}`", person.account);
    Err(Fault::new(FaultCode::Conflict, "account", "`open`", found))
}
