//! Entry 0: what begins a log, through the same commit as every entry after it.

use std::sync::Arc;

use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::record::kind::{Event, LedgerOpened, Supervisor};
use akashi_proof::record::{Position, Record, RegistryPosition};
use akashi_proof::state::Registry;
use akashi_proof::stream;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::signed_note::VerifyingKey;

use crate::error::LedgerError;
use crate::keys::log_signers::LogSigners;
use crate::limits::RETENTION_MILLIS;
use crate::parts::Parts;
use crate::writer::commit;
use crate::writer::recover::Opened;
use crate::writer::transaction::{Beside, ENGINE, Transaction};

/// What entry 0 says.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The log's origin, for ever.
    pub origin: Origin,
    /// The supervisors: their keys, and how people reach them.
    pub supervisors: Vec<Supervisor>,
    /// How many of them must sign.
    pub threshold: u64,
    /// IANA name of the time zone.
    pub time_zone: String,
    /// Name of the policy pack in force.
    pub pack: String,
    /// Its digest.
    pub policy_digest: Digest,
}

/// Writes entry 0 into an empty store, for a log that begins to sign with this key. It is signed
/// when the ledger is opened.
///
/// # Errors
/// [`LedgerError`] if it cannot be written, or `opening` makes no valid first record.
pub fn write_entry_zero(
    mut parts: Parts,
    key: &VerifyingKey,
    opening: &Opening,
    clock: &dyn Clock,
) -> Result<(), LedgerError> {
    let time = clock.wall();
    let record = Record {
        origin: opening.origin.clone(),
        time,
        position: Position::Registry(RegistryPosition { seq: Seq::FIRST }),
        engine: ENGINE.to_owned(),
        retain_until: time.plus_millis(RETENTION_MILLIS),
        event: Event::LedgerOpened(LedgerOpened {
            format: 1,
            log_vkey: key.to_string(),
            supervisors: opening.supervisors.clone(),
            threshold: opening.threshold,
            tag_scheme: stream::TAG_SCHEME.into(),
            map_scheme: None,
            time_zone: opening.time_zone.clone(),
            pack: opening.pack.clone(),
            policy_digest: opening.policy_digest,
            predecessor: None,
        }),
    };
    let registry = Registry::open(&record).map_err(|error| LedgerError::Fold {
        index: LeafIndex::FIRST,
        error,
    })?;
    let mut state = Opened::empty(registry, &parts.store)?;
    let store = parts.store.as_ref();
    let beside = Beside {
        store,
        keyring: &parts.keyring,
        origin: &opening.origin,
        edge: &state.edge,
        signers: &LogSigners::new(Arc::clone(&parts.log_keys)),
        standstill: None,
    };
    let mut transaction = Transaction::new(&mut state.work, time, beside);
    let tag = stream::tag(&stream::registry_key(), Seq::FIRST);
    let ready = transaction.prepare(record, tag, None)?;
    transaction.stage(ready);
    commit::make_durable(&mut state, store, &parts.keyring, &mut parts.guard)?;
    Ok(())
}
