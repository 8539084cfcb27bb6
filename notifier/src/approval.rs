//! Questions to people: the code of a message, and the end of waiting.
//!
//! ```text
//! access.asked ─► approval.requested ─► approval.granted ─► a new decision
//!      │                 ├────────────► approval.refused      (portal or reply)
//!      └─────────────────┴────────────► approval.expired      (silence is never consent)
//! ```
//! What is open stands in the people's folds, so that a restart forgets no question.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use akashi_ledger::command::{ChangeOutbox, ExpireApproval};
use akashi_ledger::keyring::KeyOf;
use akashi_ledger::{LedgerError, Reader, Refusal};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{LeafIndex, SubjectHandle, Timestamp};
use akashi_proof::record::kind::AnsweredBy;
use akashi_proof::state::{PendingAsk, Person};

use crate::inner::Inner;
use crate::one_time_code::CodeRefused;
use crate::outbox;
use crate::pause::{Backoff, Stop};
use crate::text::six_digits;

/// How often questions are looked at whose time may be over.
const EXPIRE_EVERY: Duration = Duration::from_millis(250);

/// A question the ledger did not find over yet is looked at again after this.
const AGAIN_MILLIS: u64 = 1_000;

/// Wrong codes taken for one question and one way of answering. By reply a number can be forged, so
/// that way closes without closing the portal.
const CODE_TRIES: u8 = 5;

/// Open questions in the order of their ends.
#[derive(Default)]
pub(crate) struct Questions {
    ends: Mutex<BTreeSet<(Timestamp, SubjectHandle, LeafIndex)>>,
    /// Wrong codes by question: through the portal, by reply. Only open questions get in, and leave
    /// at their end.
    wrong: Mutex<HashMap<LeafIndex, [u8; 2]>>,
}

impl Questions {
    /// All that are open now.
    pub(crate) fn of(people: &[Arc<Person>]) -> Self {
        let questions = Self::default();
        for person in people {
            person
                .asks
                .iter()
                .for_each(|ask| questions.watch(ask.expires, person.subject, ask.access));
        }
        questions
    }

    pub(crate) fn watch(&self, expires: Timestamp, subject: SubjectHandle, access: LeafIndex) {
        self.ends().insert((expires, subject, access));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends().len()
    }

    fn over(&self, now: Timestamp) -> Option<(SubjectHandle, LeafIndex)> {
        let mut ends = self.ends();
        let (expires, subject, access) = *ends.first().filter(|(expires, ..)| *expires <= now)?;
        ends.remove(&(expires, subject, access));
        Some((subject, access))
    }

    fn forget(&self, access: LeafIndex) {
        self.wrong
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&access);
    }

    /// Whether `typed` is `code`, unless too many others were tried before.
    pub(crate) fn matches(
        &self,
        access: LeafIndex,
        by: AnsweredBy,
        code: &str,
        typed: &str,
    ) -> bool {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let way = usize::from(by == AnsweredBy::Reply);
        let tries = wrong.get(&access).map_or(0, |tries| tries[way]);
        if tries >= CODE_TRIES {
            return false;
        }
        let typed = six_digits(typed).unwrap_or_default();
        // Digests of both, compared in constant time.
        let spread = |code: &str| {
            Secret::from_bytes(*Digest::of(&[b"akashi/typed-code/v1", code.as_bytes()]).as_bytes())
        };
        let matches = spread(&typed) == spread(code);
        if !matches {
            wrong.entry(access).or_default()[way] = tries + 1;
        }
        matches
    }

    fn ends(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, SubjectHandle, LeafIndex)>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of the message about a question: six digits of a MAC over the digest of exactly what is
/// asked.
pub(crate) fn code_of(reader: &Reader, approval_digest: &Digest) -> Result<String, LedgerError> {
    let key = reader.keyring().need(&KeyOf::ApprovalCode)?;
    let mac = key.hmac(&[b"akashi/approval-code/v1", approval_digest.as_bytes()]);
    let mut first = [0; 8];
    first.copy_from_slice(&mac[..8]);
    Ok(format!("{:06}", u64::from_be_bytes(first) % 1_000_000))
}

/// Records the end of questions nobody answered, until told to stop.
pub(crate) async fn expire(inner: Arc<Inner>, mut stop: Stop) {
    let mut backoff = Backoff::for_ledger();
    loop {
        let wait = match inner.expire_one().await {
            Ok(true) => {
                backoff = Backoff::for_ledger();
                continue;
            }
            Ok(false) => EXPIRE_EVERY,
            Err(Refusal::Stopped) => return,
            Err(refusal) => {
                tracing::warn!(
                    reason = refusal.reason(),
                    "the end of a question is not recorded yet"
                );
                backoff.next()
            }
        };
        if stop.pause(wait).await {
            return;
        }
    }
}

impl Inner {
    /// Deals with one question whose time is over. Whether there was one.
    async fn expire_one(&self) -> Result<bool, Refusal> {
        let now = self.clock.wall();
        let Some((subject, access)) = self.questions.over(now) else {
            return Ok(false);
        };
        let open = || {
            self.ledger
                .reader()
                .person(&subject)
                .is_some_and(|person| person.ask(access).is_some())
        };
        if !open() {
            self.questions.forget(access);
            return Ok(true);
        }
        match self.ledger.submit(ExpireApproval { subject, access }).await {
            Ok(_) => self.questions.forget(access),
            Err(Refusal::Fault(_)) if !open() => self.questions.forget(access),
            // The writer's clock may stand a little behind ours.
            Err(Refusal::Fault(_)) => {
                self.questions
                    .watch(now.plus_millis(AGAIN_MILLIS), subject, access)
            }
            Err(refusal) => {
                self.questions
                    .watch(now.plus_millis(AGAIN_MILLIS), subject, access);
                return Err(refusal);
            }
        }
        Ok(true)
    }

    pub(crate) fn approval_code_matches(
        &self,
        person: &Person,
        access: LeafIndex,
        typed: &str,
    ) -> bool {
        let digest = person
            .ask(access)
            .filter(|ask| self.is_open(ask))
            .and_then(|ask| ask.approval_digest);
        let Some(code) = digest.and_then(|digest| code_of(self.ledger.reader(), &digest).ok())
        else {
            return false;
        };
        self.questions
            .matches(access, AnsweredBy::Portal, &code, typed)
    }

    pub(crate) fn is_open(&self, ask: &PendingAsk) -> bool {
        ask.approval_digest.is_some() && ask.granted.is_none() && self.clock.wall() < ask.expires
    }

    /// Sends the message about an open question because the person asked for it.
    pub(crate) async fn send_question(
        &self,
        person: &Person,
        access: LeafIndex,
    ) -> Result<(), CodeRefused> {
        let waiting = self.compose_asked_for(person, access)?;
        let wording = outbox::wording_row(access, Some(waiting.text.digest()));
        let changes = vec![wording, outbox::message_row(&waiting)];
        self.ledger
            .submit(ChangeOutbox { changes })
            .await
            .map_err(|_| CodeRefused::Unavailable)?;
        self.queue.push([outbox::message_key(&waiting)]);
        Ok(())
    }
}
