//! Which keys the log signs with, by its own registry, and whether whoever knows one of them may
//! believe the others (docs/decisions/0019).
//!
//! A tree that a known key has signed names the keys that sign larger trees. So from one key to the
//! next leads a checkpoint that the known key has signed and that holds the record of the next: the
//! one the record of its end carries. Nothing is believed on the way that no known key has signed:
//! whoever founds a log can write any key he has ever seen into its entry 0.

use akashi_proof::ids::LeafIndex;
use akashi_proof::log_key::RegisteredLogKey;
use akashi_proof::state::{Registry, Resumption};
use akashi_tlog::checkpoint::{LogKey, LogKeys, LogKeysError, VerifiedCheckpoint, VerifyError};
use akashi_tlog::merkle::consistency::TreeHead;
use akashi_tlog::merkle::{Hash, TreeSize};
use akashi_tlog::signed_note::{Note, VerifyingKey};

use super::problem::{Place, Problem};
use super::{Check, Opened};

/// A step from keys that were known to keys that sign larger trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The known key that vouches.
    pub by: VerifyingKey,
    /// The checkpoint it has signed, and with it all that leads to other keys.
    pub head: TreeHead,
}

/// What came of it.
pub(super) struct Vouched {
    /// The keys of the registry, with their sizes.
    pub(super) keys: LogKeys,
    /// Those heads of earlier days count by: the keys that were known, each for the sizes they and
    /// the registry say, and the others of the registry. What a known key has signed counts, even
    /// where this registry does not name it.
    pub(super) for_earlier: LogKeys,
    /// The checkpoint of today, opened with all of the registry.
    pub(super) checkpoint: VerifiedCheckpoint,
    /// How they were reached, if not at once.
    pub(super) followed: Vec<Followed>,
}

/// Whether a key that was known has signed today's tree, or has vouched for one that did; what is
/// wrong beside that is reported. `root_of_first` gives the root over as many of the first entries.
///
/// # Errors
/// Why nobody who was known vouches for this tree: then it accuses nobody either.
pub(super) fn vouched(
    check: &Check<'_>,
    opened: &Opened,
    given: Option<&LogKeys>,
    registry: &Registry,
    root_of_first: impl Fn(TreeSize) -> Option<Hash>,
) -> Result<Vouched, VerifyError> {
    let of_log = registry.keys_of_log();
    let note = opened.checkpoint.note();
    check_handovers(check, registry, &root_of_first);
    check_resumptions(check, registry, &root_of_first);
    let known = among(&opened.known, &of_log);
    if known.is_empty() && opened.unvouched.is_none() {
        // The key that was meant has signed a tree that does not know it.
        let found = registry.log_keys().first().map(|one| one.key().key());
        let found = found.map(ToString::to_string).unwrap_or_default();
        let problem = Problem::OpenedUnderOtherKey { found };
        check.findings.add(Place::Entry(LeafIndex::FIRST), problem);
        return Ok(Vouched {
            keys: opened.known.clone(),
            for_earlier: opened.known.clone(),
            checkpoint: opened.checkpoint.clone(),
            followed: vec![],
        });
    }
    let for_earlier = counting(&opened.known, &of_log);
    let followed = follow(note, &known, registry, &root_of_first)?;
    let checkpoint = VerifiedCheckpoint::from_note(note.clone(), &of_log, &[])?;
    if let Some(given) = given {
        check_given(check, given, &of_log);
    }
    let size = checkpoint.checkpoint().size();
    for key in of_log
        .keys()
        .iter()
        .filter(|key| key.sizes().contains(size))
    {
        let has_signed = checkpoint
            .signatures()
            .iter()
            .any(|one| one.key() == key.key());
        if !has_signed {
            let key = Box::new(key.clone());
            check
                .findings
                .add(Place::Checkpoint, Problem::LacksSignature { key });
        }
    }
    Ok(Vouched {
        for_earlier: for_earlier.unwrap_or_else(|_| of_log.clone()),
        keys: of_log,
        checkpoint,
        followed,
    })
}

/// Each key that was given and that the registry of this tree does not name, is reported. Whoever
/// has stolen one of several keys forks the log before the others are added, and leaves them out.
fn check_given(check: &Check<'_>, given: &LogKeys, of_log: &LogKeys) {
    for key in given
        .keys()
        .iter()
        .filter(|one| !of_log.contains(one.key()))
    {
        let key = Box::new(key.clone());
        check
            .findings
            .add(Place::Vkey, Problem::KeyNotNamed { key });
    }
}

/// From the known keys to one that has signed this note. A key that was known counts all the way
/// for no other sizes than it was known for.
fn follow(
    note: &Note,
    given: &[LogKey],
    registry: &Registry,
    root_of_first: &impl Fn(TreeSize) -> Option<Hash>,
) -> Result<Vec<Followed>, VerifyError> {
    let has_signed = |known: &[LogKey]| {
        let known = LogKeys::of(known.to_vec()).map_err(|_| VerifyError::NoLogSignature {
            origin: registry.origin.clone(),
        })?;
        VerifiedCheckpoint::from_note(note.clone(), &known, &[]).map(|_| ())
    };
    let mut known = given.to_vec();
    let Err(mut why) = has_signed(&known) else {
        return Ok(vec![]);
    };
    let mut ends: Vec<_> = registry
        .log_keys()
        .iter()
        .filter_map(RegisteredLogKey::ended)
        .collect();
    ends.sort_by_key(|end| end.seq);
    let mut followed = Vec::new();
    for handover in ends.into_iter().filter_map(|end| end.handover.as_ref()) {
        let Ok(keys) = LogKeys::of(known.clone()) else {
            break;
        };
        let head = handover.head();
        let Ok(signed) = handover.signed_by(&keys) else {
            continue;
        };
        if root_of_first(head.size) != Some(head.root) {
            continue;
        }
        let is_new = |one: &&LogKey| {
            let is_given = given.iter().any(|given| given.key() == one.key());
            one.sizes().first() <= head.size && !is_given
        };
        let named = registry.log_keys().iter().map(RegisteredLogKey::key);
        known = given.iter().chain(named.filter(is_new)).cloned().collect();
        let by = signed.signatures().iter().map(|one| one.key().clone());
        followed.extend(by.take(1).map(|by| Followed { by, head }));
        match has_signed(&known) {
            Ok(()) => return Ok(followed),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// Those of the keys that were known which the registry names, each with the sizes both say.
fn among(known: &LogKeys, of_log: &LogKeys) -> Vec<LogKey> {
    let both = |known: &LogKey| {
        let named = of_log.keys().iter().find(|one| one.key() == known.key())?;
        let sizes = named.sizes().narrowed(known.sizes());
        Some(LogKey::new(known.key().clone(), sizes))
    };
    known.keys().iter().filter_map(both).collect()
}

/// The keys that were known, narrowed where the registry names them, and the others it names.
fn counting(known: &LogKeys, of_log: &LogKeys) -> Result<LogKeys, LogKeysError> {
    let unnamed = known.keys().iter();
    let unnamed = unnamed.filter(|one| !of_log.contains(one.key())).cloned();
    let others = of_log.keys().iter();
    let others = others.filter(|one| !known.contains(one.key())).cloned();
    let named = among(known, of_log).into_iter();
    LogKeys::of(named.chain(unnamed).chain(others).collect())
}

/// The log begins with every tree of which supervisors have said that it stood still.
fn check_resumptions(
    check: &Check<'_>,
    registry: &Registry,
    root_of_first: &impl Fn(TreeSize) -> Option<Hash>,
) {
    for Resumption { seq, head, .. } in registry.resumptions() {
        let then = *head;
        if let Some(found) = root_of_first(then.size).filter(|root| *root != then.root) {
            let problem = Problem::Resumption { then, found };
            check.findings.add(Place::Registry(*seq), problem);
        }
    }
}

/// The log begins with every tree by which it was handed over.
fn check_handovers(
    check: &Check<'_>,
    registry: &Registry,
    root_of_first: &impl Fn(TreeSize) -> Option<Hash>,
) {
    for end in registry
        .log_keys()
        .iter()
        .filter_map(RegisteredLogKey::ended)
    {
        let Some(then) = end.handover.as_ref().map(|handover| handover.head()) else {
            continue;
        };
        if let Some(found) = root_of_first(then.size).filter(|root| *root != then.root) {
            let problem = Problem::Handover { then, found };
            check.findings.add(Place::Registry(end.seq), problem);
        }
    }
}
