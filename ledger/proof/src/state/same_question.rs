//! Whether a question is one she was asked before: what her fold keeps of questions that have
//! ended, so that nobody need read her history for it.

use super::person::{PendingAsk, Person};
use crate::digest::Digest;
use crate::ids::{CategoryCode, InstitutionId, LeafIndex, ProcessId, PurposeCode, Timestamp};
use crate::limits::RESTS_MAX;
use crate::record::fields::{fields, frame, nested_items};
use crate::record::kind::AccessDecided;
use crate::record::value::Set;

/// How long her phone does not ring for what she has refused, reported or left unanswered: a week,
/// in milliseconds.
pub const REST_MILLIS: u64 = 7 * 24 * 3_600 * 1_000;

fields! {
    /// A question her phone does not ring for again: she refused or reported it, or let it pass.
    pub struct Rest {
        /// Which one: [`same_question`].
        question: Digest,
        /// When it ended.
        since: Timestamp,
    }

    /// What a person is asked, as far as two questions are the same to her. Not the digest of the
    /// query nor for whom the requester says it asks: both are the requester's to choose, and a new
    /// one would make her phone ring again.
    struct Asked {
        requester: InstitutionId,
        process: ProcessId,
        purpose: PurposeCode,
        holder: InstitutionId,
        categories: Set<CategoryCode>,
    }
}

nested_items!(Rest);

/// Digest of what two questions have in common that are the same to her. It stands in no record.
pub fn same_question(decided: &AccessDecided) -> Digest {
    let asked = Asked {
        requester: decided.requester.clone(),
        process: decided.process.clone(),
        purpose: decided.purpose.clone(),
        holder: decided.holder.clone(),
        categories: decided.categories.clone(),
    };
    Digest::of(&[b"akashi/same-question/v1", &frame(&asked)])
}

impl Rest {
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.since.plus_millis(REST_MILLIS)
    }
}

impl Person {
    /// Whether her phone may ring for this question: not while the same one waits, nor for a week
    /// after she refused or reported it or let it pass. Nobody is prompted until she gives in;
    /// after an approval the same may be asked again. Where [`RESTS_MAX`] others rest, it does not
    /// ring either: filling her history must not make it ring.
    pub fn may_ring(&self, access: LeafIndex, now: Timestamp) -> bool {
        let Some(new) = self.ask(access) else {
            return true;
        };
        let is_the_same = |open: &&PendingAsk| {
            open.access < access && open.granted.is_none() && open.same == new.same
        };
        if self.asks.iter().any(|open| is_the_same(&open)) {
            return false;
        }
        let resting = self.rests.iter().filter(|rest| !rest.is_over(now));
        resting.clone().count() < RESTS_MAX && resting.clone().all(|rest| rest.question != new.same)
    }

    /// Takes in that this question was refused, reported or left unanswered. The oldest makes room.
    pub(super) fn rest(&mut self, question: Digest, now: Timestamp) {
        self.rests
            .retain(|rest| rest.question != question && !rest.is_over(now));
        if self.rests.len() >= RESTS_MAX {
            self.rests.remove(0);
        }
        self.rests.push(Rest {
            question,
            since: now,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Reference, SubjectHandle};
    use crate::record::kind::{Language, YesNo};
    use crate::record::value::Bytes;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const ACCESS: LeafIndex = LeafIndex::new(9);

    fn question(n: usize) -> Digest {
        Digest::of(&[&n.to_be_bytes()])
    }

    /// A person who is asked question 0 at [`ACCESS`].
    fn asked() -> Person {
        let ask = PendingAsk {
            access: ACCESS,
            requester: InstitutionId::parse("city.minato").unwrap(),
            expires: NOW.plus_millis(1),
            approval_digest: question(0),
            same: question(0),
            reference: Reference::of(&question(0), |_| false),
            low_risk: YesNo::No,
            granted: None,
            statement: Bytes(Vec::new()),
            request_nonce: Bytes(Vec::new()),
        };
        Person {
            subject: SubjectHandle::from_bytes([1; 16]),
            epoch: crate::ids::Epoch::FIRST,
            seq: crate::ids::Seq::FIRST,
            last: ACCESS,
            qid_digest: None,
            recovery_digest: None,
            account: crate::record::kind::Account::Open,
            language: Language::Ja,
            contacts: Vec::new(),
            moved: None,
            links: Vec::new(),
            consents: Vec::new(),
            stopped: None,
            asks: vec![ask],
            permits: Vec::new(),
            statements: Vec::new(),
            rests: Vec::new(),
            gaps: YesNo::No,
            incomplete: YesNo::No,
        }
    }

    fn stored_again(person: &Person) -> Person {
        Person::from_bytes(&person.to_bytes()).unwrap()
    }

    #[test]
    fn what_rests_does_not_ring_for_a_week_and_anything_else_does() {
        let mut person = asked();
        assert!(person.may_ring(ACCESS, NOW));
        person.rest(question(1), NOW);
        assert!(person.may_ring(ACCESS, NOW), "another question");
        person.rest(question(0), NOW);
        let person = stored_again(&person);
        assert!(!person.may_ring(ACCESS, NOW));
        assert!(!person.may_ring(ACCESS, NOW.plus_millis(REST_MILLIS - 1)));
        assert!(person.may_ring(ACCESS, NOW.plus_millis(REST_MILLIS)));
    }

    #[test]
    fn filling_what_rests_makes_no_phone_ring_and_takes_no_memory_without_bound() {
        let mut person = asked();
        for n in 1..RESTS_MAX {
            person.rest(question(n), NOW);
        }
        assert!(stored_again(&person).may_ring(ACCESS, NOW), "one below");
        person.rest(question(0), NOW);
        for n in RESTS_MAX..3 * RESTS_MAX {
            person.rest(question(n), NOW.plus_millis(1));
            assert_eq!(person.rests.len(), RESTS_MAX);
            assert!(!person.may_ring(ACCESS, NOW.plus_millis(1)));
        }
        assert!(!stored_again(&person).may_ring(ACCESS, NOW.plus_millis(REST_MILLIS)));
        assert!(person.may_ring(ACCESS, NOW.plus_millis(REST_MILLIS + 1)));
    }

    #[test]
    fn the_same_question_that_waits_keeps_the_phone_silent() {
        let mut person = asked();
        let first = PendingAsk {
            access: LeafIndex::new(5),
            ..person.asks[0].clone()
        };
        person.asks.insert(0, first);
        assert!(person.may_ring(LeafIndex::new(5), NOW));
        assert!(!person.may_ring(ACCESS, NOW));
        person.asks[0].granted = Some(LeafIndex::new(7));
        assert!(person.may_ring(ACCESS, NOW));
    }
}
