//! Questions to people: the code of a message, the end of waiting, and answers by SMS.
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

use akashi_ledger::command::{Answer, AnswerApproval, ChangeOutbox, ExpireApproval};
use akashi_ledger::keyring::KeyOf;
use akashi_ledger::{LedgerError, Reader, Refusal};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{SubjectHandle, Timestamp};
use akashi_proof::record::event::{AnsweredBy, Assurance, YesNo};
use akashi_proof::state::{PendingAsk, Person};

use crate::address::{Address, Phone};
use crate::compose::Addressee;
use crate::follow::reason_of;
use crate::inner::Inner;
use crate::message::{Facts, Template, wording_digest};
use crate::notifier::{ReplyError, ReplyOutcome};
use crate::one_time_code::CodeRefused;
use crate::outbox;
use crate::pause::{Backoff, Stop};
use crate::reply::{self, Word};
use crate::text::six_digits;

/// How often questions are looked at whose time may be over.
const EXPIRE_EVERY: Duration = Duration::from_millis(250);

/// A question the ledger did not find over yet is looked at again after this.
const AGAIN_MILLIS: u64 = 1_000;

/// Wrong codes taken for one question and one way of answering. By reply a number can be forged, so that way closes
/// without closing the portal.
const CODE_TRIES: u8 = 5;

/// Open questions in the order of their ends.
#[derive(Default)]
pub(crate) struct Questions {
    ends: Mutex<BTreeSet<(Timestamp, SubjectHandle, u64)>>,
    /// Wrong codes by question: through the portal, by reply. Only open questions get in, and leave at their end.
    wrong: Mutex<HashMap<u64, [u8; 2]>>,
}

impl Questions {
    /// All that are open now.
    pub(crate) fn of(people: &[Arc<Person>]) -> Self {
        let questions = Self::default();
        for person in people {
            person.asks.iter().for_each(|ask| questions.watch(ask.expires, person.subject, ask.access));
        }
        questions
    }

    pub(crate) fn watch(&self, expires: Timestamp, subject: SubjectHandle, access: u64) {
        self.ends().insert((expires, subject, access));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends().len()
    }

    fn over(&self, now: Timestamp) -> Option<(SubjectHandle, u64)> {
        let mut ends = self.ends();
        let (expires, subject, access) = *ends.first().filter(|(expires, ..)| *expires <= now)?;
        ends.remove(&(expires, subject, access));
        Some((subject, access))
    }

    fn forget(&self, access: u64) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).remove(&access);
    }

    /// Whether `typed` is `code`, unless too many others were tried before.
    fn matches(&self, access: u64, by: AnsweredBy, code: &str, typed: &str) -> bool {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let way = usize::from(by == AnsweredBy::Reply);
        let tries = wrong.get(&access).map_or(0, |tries| tries[way]);
        if tries >= CODE_TRIES {
            return false;
        }
        let typed = six_digits(typed).unwrap_or_default();
        // Digests of both, compared in constant time.
        let spread =
            |code: &str| Secret::from_bytes(*Digest::of(&[b"akashi/typed-code/v1", code.as_bytes()]).as_bytes());
        let matches = spread(&typed) == spread(code);
        if !matches {
            wrong.entry(access).or_default()[way] = tries + 1;
        }
        matches
    }

    fn ends(&self) -> MutexGuard<'_, BTreeSet<(Timestamp, SubjectHandle, u64)>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of the message about a question: six digits of a MAC over the digest of exactly what is asked.
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
                tracing::warn!(reason = reason_of(&refusal), "the end of a question is not recorded yet");
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
        let Some((subject, access)) = self.questions.over(now) else { return Ok(false) };
        let open = || self.ledger.reader().person(&subject).is_some_and(|person| person.ask(access).is_some());
        if !open() {
            self.questions.forget(access);
            return Ok(true);
        }
        match self.ledger.submit(ExpireApproval { subject, access }).await {
            Ok(_) => self.questions.forget(access),
            Err(Refusal::Fault(_)) if !open() => self.questions.forget(access),
            // The writer's clock may stand a little behind ours.
            Err(Refusal::Fault(_)) => self.questions.watch(now.plus_millis(AGAIN_MILLIS), subject, access),
            Err(refusal) => {
                self.questions.watch(now.plus_millis(AGAIN_MILLIS), subject, access);
                return Err(refusal);
            }
        }
        Ok(true)
    }

    pub(crate) fn approval_code_matches(&self, person: &Person, access: u64, typed: &str) -> bool {
        let digest = person.ask(access).filter(|ask| self.is_open(ask)).and_then(|ask| ask.approval_digest);
        let Some(code) = digest.and_then(|digest| code_of(self.ledger.reader(), &digest).ok()) else { return false };
        self.questions.matches(access, AnsweredBy::Portal, &code, typed)
    }

    fn is_open(&self, ask: &PendingAsk) -> bool {
        ask.approval_digest.is_some() && ask.granted.is_none() && self.clock.wall() < ask.expires
    }

    pub(crate) async fn inbound_sms(&self, from: &Phone, text: &str) -> Result<ReplyOutcome, ReplyError> {
        let people = self.contacts.people_of(self.ledger.reader(), &Address::Phone(from.clone()));
        let outcome = self.answer(&people, text).await?;
        if let (Some(person), Some(template)) = (people.first(), answer_to(outcome, text)) {
            self.answer_reply(template, person, &Address::Phone(from.clone())).await;
        }
        Ok(outcome)
    }

    async fn answer(&self, people: &[Arc<Person>], text: &str) -> Result<ReplyOutcome, ReplyError> {
        let open: Vec<(&Arc<Person>, &PendingAsk)> = people
            .iter()
            .flat_map(|p| p.asks.iter().map(move |ask| (p, ask)))
            .filter(|(_, a)| self.is_open(a))
            .collect();
        if open.is_empty() {
            return Ok(ReplyOutcome::NothingOpen);
        }
        let reply = reply::read(text);
        let Some(word) = reply.word else { return Ok(ReplyOutcome::NotUnderstood) };
        let (person, ask) = if reply.references.is_empty() {
            let [only] = open.as_slice() else { return Ok(ReplyOutcome::ReferenceNeeded) };
            *only
        } else {
            let named: Vec<_> = open.iter().filter(|(_, ask)| reply.references.contains(&ask.reference)).collect();
            match named.as_slice() {
                [only] => **only,
                [] => return Ok(ReplyOutcome::UnknownReference),
                _ => return Ok(ReplyOutcome::ReferenceNeeded),
            }
        };
        let Some(approval_digest) = ask.approval_digest else { return Ok(ReplyOutcome::NothingOpen) };
        let answer = match word {
            Word::Refuse => Answer::Refuse,
            Word::Report => Answer::RefuseAndReport,
            Word::Approve if ask.low_risk == YesNo::No => return Ok(ReplyOutcome::NotByReply),
            Word::Approve => {
                let code = code_of(self.ledger.reader(), &approval_digest)?;
                let typed = reply.code.unwrap_or_default();
                if !self.questions.matches(ask.access, AnsweredBy::Reply, &code, &typed) {
                    return Ok(ReplyOutcome::WrongCode);
                }
                Answer::Approve
            }
        };
        // Where no message went out, she answered no text at all.
        let wording = outbox::wording_of(self.ledger.reader(), ask.access)?.unwrap_or_else(|| wording_digest(""));
        let command = AnswerApproval {
            subject: person.subject,
            access: ask.access,
            approval_digest,
            answer,
            answered_by: AnsweredBy::Reply,
            wording_digest: wording,
            language: person.language,
            assurance: Assurance::Sms,
            decide: self.policy.clone(),
        };
        match self.ledger.submit(command).await {
            Ok(done) => Ok(match answer {
                Answer::Approve => ReplyOutcome::Approved { decision: done.receipt },
                Answer::Refuse => ReplyOutcome::Refused,
                Answer::RefuseAndReport => ReplyOutcome::RefusedAndReported,
            }),
            // Everything else about it was checked above: it was answered in the meantime, or is over.
            Err(Refusal::Fault(_)) => Ok(ReplyOutcome::TooLate),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Sends the message about an open question because the person asked for it.
    pub(crate) async fn send_question(&self, person: &Person, access: u64) -> Result<(), CodeRefused> {
        let waiting = self.compose_asked_for(person, access)?;
        let wording = outbox::wording_row(access, Some(waiting.text.digest()));
        let changes = vec![wording, outbox::message_row(&waiting)];
        self.ledger.submit(ChangeOutbox { changes }).await.map_err(|_| CodeRefused::Unavailable)?;
        self.queue.push([outbox::message_key(&waiting)]);
        Ok(())
    }

    /// One message in answer to a reply, within the budget of the number.
    async fn answer_reply(&self, template: Template, person: &Person, to: &Address) {
        let contacts = self.contacts.contacts_of(to);
        let Some(contact) = contacts.iter().find(|contact| contact.subject == person.subject) else { return };
        let now = self.clock.wall();
        if !self.spent().notices.take(to.clone(), now) {
            return;
        }
        let until = now.plus_millis(self.stale_after_millis());
        let addressee = Addressee { subject: person.subject, language: person.language, contact };
        let message = self.message(template, &addressee, &Facts::default(), None, None, until);
        let Some(waiting) = message else { return };
        let changes = vec![outbox::message_row(&waiting)];
        match self.ledger.submit(ChangeOutbox { changes }).await {
            Ok(_) => self.queue.push([outbox::message_key(&waiting)]),
            Err(refusal) => tracing::warn!(reason = reason_of(&refusal), "a reply was not answered"),
        }
    }
}

/// What a reply that did nothing is answered with. Whoever says yes or no too late must not believe that it counted; a
/// text that is no answer, when nobody was asked, gets none.
fn answer_to(outcome: ReplyOutcome, text: &str) -> Option<Template> {
    match outcome {
        ReplyOutcome::Refused | ReplyOutcome::RefusedAndReported | ReplyOutcome::Approved { .. } => None,
        ReplyOutcome::NotUnderstood
        | ReplyOutcome::ReferenceNeeded
        | ReplyOutcome::UnknownReference
        | ReplyOutcome::NotByReply
        | ReplyOutcome::WrongCode => Some(Template::ReplyHelp),
        ReplyOutcome::NothingOpen | ReplyOutcome::TooLate => {
            reply::read(text).word.is_some().then_some(Template::ReplyLate)
        }
    }
}
