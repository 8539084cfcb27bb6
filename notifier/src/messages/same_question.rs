//! Whether a question is one she was asked before.

use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::ids::{
    CategoryCode, InstitutionId, LeafIndex, ProcessId, PurposeCode, Timestamp,
};
use akashi_proof::record::kind::{End, Ended, Event};
use akashi_proof::record::value::Set;
use akashi_proof::state::Person;

/// How long her phone does not ring for what she has refused, reported or left unanswered.
pub(crate) const REST_MILLIS: u64 = 7 * 24 * 3_600 * 1_000;

/// Records of a person that are looked through for the same question: a week of most lives, read in
/// a moment. Where there are more, her phone stays silent: filling her history must not make it
/// ring.
const SAME_QUESTION_RECORDS: usize = 1_024;

/// Whether her phone may ring for this question: not while the same one waits, nor for a week
/// after she refused or reported it or let it pass. Nobody is prompted until she gives in;
/// after an approval the same may be asked again.
pub(crate) fn may_ring(
    reader: &Reader,
    person: &Person,
    access: LeafIndex,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let Some(new) = asked(reader, access)? else {
        return Ok(true);
    };
    for open in person
        .asks
        .iter()
        .filter(|open| open.access < access && open.granted.is_none())
    {
        if asked(reader, open.access)?.as_ref() == Some(&new) {
            return Ok(false);
        }
    }
    let since = now.minus_millis(REST_MILLIS);
    let newest_first = reader.history(person, person.seq.next(), SAME_QUESTION_RECORDS)?;
    let read_all = newest_first.len() < SAME_QUESTION_RECORDS;
    for index in newest_first {
        // A closed one may have been about the same: when it was is not known, nor what it said.
        let Some(stored) = reader.record(index)?.and_then(StoredRecord::if_open) else {
            continue;
        };
        if stored.record.time <= since {
            return Ok(true);
        }
        if let Some(Ended { access, how }) = stored.record.event.ended()
            && asked(reader, access)?.as_ref() == Some(&new)
        {
            return Ok(how == End::Approved);
        }
    }
    Ok(read_all)
}

fn asked(reader: &Reader, access: LeafIndex) -> Result<Option<Asked>, LedgerError> {
    let stored = reader.record(access)?;
    Ok(stored.and_then(StoredRecord::if_open).and_then(|stored| {
        let Event::AccessAsked(asked) = stored.record.event else {
            return None;
        };
        let e = asked.decided;
        Some(Asked {
            requester: e.requester,
            process: e.process,
            purpose: e.purpose,
            holder: e.holder,
            categories: e.categories,
        })
    }))
}

/// What a person is asked, as far as two questions are the same to her. Not the digest of the query
/// nor for whom the requester says it asks: both are the requester's to choose, and a new one would
/// make her phone ring again.
#[derive(PartialEq, Eq)]
struct Asked {
    requester: InstitutionId,
    process: ProcessId,
    purpose: PurposeCode,
    holder: InstitutionId,
    categories: Set<CategoryCode>,
}
