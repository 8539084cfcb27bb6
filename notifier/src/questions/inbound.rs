//! Answers by SMS: which question a reply is about, what is recorded, and what she is told of it.
//!
//! A sender can be forged. So a reply may always refuse, may allow only what is low-risk and with
//! the code of its message, and is answered within a budget of its own: forged replies use up
//! nothing but the answers to replies.

use std::sync::Arc;

use akashi_ledger::command::{Answer, AnswerApproval};
use akashi_ledger::{Ledger, LedgerError, Reader, Refusal, StoredRecord};
use akashi_policies::Shelf;
use akashi_proof::decision::Policies;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, Reference, Timestamp};
use akashi_proof::record::kind::{AnsweredBy, Assurance, End, Ended, Event, Template, YesNo};
use akashi_proof::state::{PendingAsk, Person, REST_MILLIS};

use crate::address::{Address, Phone};
use crate::books::Books;
use crate::messages::compose::Messages;
use crate::messages::deliver::Delivery;
use crate::messages::message::Facts;
use crate::messages::outbox::{self, OutboxError};
use crate::questions::Questions;
use crate::questions::reply::{self, Reply, Word};
use crate::times::Times;

/// Records of a person looked through for a question she answered before: a week of most lives.
const ANSWERED_RECORDS: usize = 256;

/// What became of a person's reply by SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyOutcome {
    /// She refused; recorded.
    Refused,
    /// She refused and reported the request; recorded.
    RefusedAndReported,
    /// She approved; a new decision was made and recorded at this log index.
    Approved {
        /// Log index of the decision.
        decision: Option<LeafIndex>,
    },
    /// Nobody with this number is being asked anything.
    NothingOpen,
    /// No known word, or words that contradict each other.
    NotUnderstood,
    /// Several questions are open and the reply names none.
    ReferenceNeeded,
    /// No open question has this reference.
    UnknownReference,
    /// This question can be approved in the portal only.
    NotByReply,
    /// The code is missing, wrong, or was wrong too often.
    WrongCode,
    /// It was answered before: the question the reply names, or the one put last.
    AlreadyAnswered,
    /// The question was answered while the reply was read, or its time is over.
    TooLate,
}

/// A reply could not be dealt with; the sender may try again.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// The ledger did not take the answer.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// What a reply came to.
struct Heard {
    outcome: ReplyOutcome,
    /// The question it was about: whose, and its reference.
    about: Option<(Arc<Person>, Reference)>,
}

impl Heard {
    const fn of_nothing(outcome: ReplyOutcome) -> Self {
        Self {
            outcome,
            about: None,
        }
    }

    fn of(outcome: ReplyOutcome, (person, ask): Open<'_>) -> Self {
        Self {
            outcome,
            about: Some((Arc::clone(person), ask.reference.clone())),
        }
    }
}

/// An open question and whom it is put to.
type Open<'a> = (&'a Arc<Person>, &'a PendingAsk);

/// Which open question a reply means.
enum Meant<'a> {
    This(Open<'a>),
    /// Several could be meant.
    Several,
    /// None of those that are open; whether its reference says so.
    Other {
        by_reference: bool,
    },
}

/// What takes replies.
pub(crate) struct Replies {
    pub(crate) ledger: Ledger,
    pub(crate) books: Arc<Books>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) times: Times,
    pub(crate) questions: Arc<Questions>,
    pub(crate) messages: Arc<Messages>,
    pub(crate) delivery: Arc<Delivery>,
}

impl Replies {
    /// Takes an SMS a person sent, and answers it.
    ///
    /// # Errors
    /// [`ReplyError`] when the ledger could not take the answer now.
    pub(crate) async fn take(&self, from: &Phone, text: &str) -> Result<ReplyOutcome, ReplyError> {
        let from = Address::Phone(from.clone());
        // A phone that is blocked, or that somebody else has shown to be theirs, says nothing for
        // her; and of several who share one, nobody but her reference tells which of them speaks.
        let now = self.times.now().map_err(Refusal::Clock)?;
        let mut people = self.messages.people_of(&from, now);
        let shared = people.len() > 1;
        people.retain(|person| person.phone_speaks_for_her(now));
        let reply = reply::read(text);
        let heard = self.hear(&people, shared, &reply, now).await?;
        let person = heard
            .about
            .as_ref()
            .map(|(person, _)| person)
            .or(people.first());
        if let (Some(person), Some(template)) = (person, answer_to(heard.outcome, &reply)) {
            let facts = Facts {
                reference: heard
                    .about
                    .as_ref()
                    .map(|(_, reference)| reference.to_string())
                    .unwrap_or_default(),
                allowed: matches!(heard.outcome, ReplyOutcome::Approved { .. }),
                reported: heard.outcome == ReplyOutcome::RefusedAndReported,
                ..Facts::default()
            };
            if let Some(waiting) = self
                .messages
                .compose_reply_answer(template, &facts, person, &from, now)
                && let Err(refusal) = self.delivery.post(&waiting, Vec::new()).await
            {
                tracing::warn!(reason = refusal.reason(), "a reply was not answered");
            }
        }
        Ok(heard.outcome)
    }

    async fn hear(
        &self,
        people: &[Arc<Person>],
        shared: bool,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Heard, ReplyError> {
        let open: Vec<Open<'_>> = people
            .iter()
            .flat_map(|person| person.asks.iter().map(move |ask| (person, ask)))
            .filter(|(_, ask)| ask.is_open(now))
            .collect();
        let Some(word) = reply.word else {
            let nothing = if open.is_empty() {
                ReplyOutcome::NothingOpen
            } else {
                ReplyOutcome::NotUnderstood
            };
            return Ok(Heard::of_nothing(nothing));
        };
        if shared && reply.references.is_empty() && !open.is_empty() {
            return Ok(Heard::of_nothing(ReplyOutcome::ReferenceNeeded));
        }
        match self.meant(&open, reply).await? {
            Meant::This(question) => self.take_word(word, reply, question).await,
            Meant::Several => Ok(Heard::of_nothing(ReplyOutcome::ReferenceNeeded)),
            Meant::Other { by_reference } => {
                if let Some(about) = self.answered_before(people, reply, now).await? {
                    return Ok(Heard {
                        outcome: ReplyOutcome::AlreadyAnswered,
                        about: Some(about),
                    });
                }
                Ok(Heard::of_nothing(match (open.is_empty(), by_reference) {
                    (true, _) => ReplyOutcome::NothingOpen,
                    (false, true) => ReplyOutcome::UnknownReference,
                    (false, false) => ReplyOutcome::ReferenceNeeded,
                }))
            }
        }
    }

    /// Which of the open questions is meant. A bare word means one of which a message went out: she
    /// cannot mean one that she was never sent, nor must such a one keep her "no" from the one that
    /// rang.
    async fn meant<'a>(&self, open: &[Open<'a>], reply: &Reply) -> Result<Meant<'a>, ReplyError> {
        let by_reference = !reply.references.is_empty();
        let mut found = Vec::new();
        for question in open {
            let ask = question.1;
            let is_meant = if by_reference {
                reply.references.contains(&ask.reference)
            } else {
                self.was_put(ask.access).await?
            };
            if is_meant {
                found.push(*question);
            }
        }
        Ok(match found.as_slice() {
            [] => Meant::Other { by_reference },
            [only] => Meant::This(*only),
            _ => Meant::Several,
        })
    }

    /// Whether a message about a question was written, as [`outbox::was_put`].
    async fn was_put(&self, access: LeafIndex) -> Result<bool, OutboxError> {
        let reading = self
            .books
            .read(move |reader| Ok(outbox::was_put(reader, access)?));
        reading.await
    }

    /// The digest of the text a question was put in, as [`outbox::wording_of`]; nothing where that
    /// cannot be read. Her answer counts all the same.
    async fn wording_of(&self, access: LeafIndex) -> Result<Option<Digest>, OutboxError> {
        let reading = self
            .books
            .read(move |reader| outbox::wording_of(reader, access));
        match reading.await {
            Err(OutboxError::Damaged) => {
                self.books.lost_row();
                Ok(None)
            }
            read => read,
        }
    }

    async fn take_word(
        &self,
        word: Word,
        reply: &Reply,
        question: Open<'_>,
    ) -> Result<Heard, ReplyError> {
        let (person, ask) = question;
        let answer = match word {
            Word::Refuse => Answer::Refuse,
            Word::Report => Answer::RefuseAndReport,
            Word::Approve if ask.low_risk == YesNo::No => {
                return Ok(Heard::of(ReplyOutcome::NotByReply, question));
            }
            Word::Approve => {
                let typed = reply.code.as_deref().unwrap_or_default();
                let by = AnsweredBy::Reply;
                if !self.questions.takes_code(&self.books, ask, by, typed)? {
                    return Ok(Heard::of(ReplyOutcome::WrongCode, question));
                }
                Answer::Approve
            }
        };
        let outcome = self.record_answer(person, ask, answer).await?;
        Ok(Heard::of(outcome, question))
    }

    async fn record_answer(
        &self,
        person: &Person,
        ask: &PendingAsk,
        answer: Answer,
    ) -> Result<ReplyOutcome, ReplyError> {
        // Where no message went out, she answered no text at all; or which it was is lost.
        let wording = self.wording_of(ask.access).await?;
        let wording = wording.unwrap_or_else(|| Digest::of_wording(""));
        let command = AnswerApproval {
            subject: person.subject,
            access: ask.access,
            approval_digest: ask.approval_digest,
            answer,
            answered_by: AnsweredBy::Reply,
            wording_digest: wording,
            language: person.language,
            assurance: Assurance::Sms,
            policies: Arc::clone(&self.shelf) as Arc<dyn Policies>,
        };
        match self.ledger.submit(command).await {
            Ok(done) => Ok(match answer {
                Answer::Approve => ReplyOutcome::Approved {
                    decision: done.receipt,
                },
                Answer::Refuse => ReplyOutcome::Refused,
                Answer::RefuseAndReport => ReplyOutcome::RefusedAndReported,
            }),
            // Everything else about it was checked above: it was answered in the meantime, or is
            // over.
            Err(Refusal::Fault(_) | Refusal::Closed(_)) => Ok(ReplyOutcome::TooLate),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The question a reply comes too late for because it was answered: the one it names, or the
    /// one put last.
    async fn answered_before(
        &self,
        people: &[Arc<Person>],
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Option<(Arc<Person>, Reference)>, OutboxError> {
        let (people, references) = (people.to_vec(), reply.references.clone());
        let since = now.minus_millis(REST_MILLIS);
        let reading = self.books.read(move |reader| {
            for person in people {
                if let Some(reference) = last_answered(reader, &person, &references, since)? {
                    return Ok(Some((person, reference)));
                }
            }
            Ok(None)
        });
        reading.await
    }
}

fn last_answered(
    reader: &Reader,
    person: &Person,
    references: &[Reference],
    since: Timestamp,
) -> Result<Option<Reference>, LedgerError> {
    let mut ended = Vec::new();
    for index in reader.history(person, person.seq.next(), ANSWERED_RECORDS)? {
        let Some(stored) = reader.record(index)?.and_then(StoredRecord::if_open) else {
            continue;
        };
        if stored.record.time <= since {
            break;
        }
        let event = stored.record.event;
        ended.extend(event.ended());
        if let Event::AccessAsked(e) = event
            && (references.is_empty() || references.contains(&e.reference))
            && let Some(Ended { how, .. }) = ended.iter().find(|end| end.access == index)
        {
            return Ok((*how != End::Unanswered).then_some(e.reference));
        }
    }
    Ok(None)
}

/// What she is told of her reply. Whoever says yes or no too late must not believe that it counted;
/// a text that is no answer, when nobody was asked, gets none.
fn answer_to(outcome: ReplyOutcome, reply: &Reply) -> Option<Template> {
    match outcome {
        ReplyOutcome::Refused
        | ReplyOutcome::RefusedAndReported
        | ReplyOutcome::Approved { .. } => Some(Template::ReplyRecorded),
        ReplyOutcome::NotByReply => Some(Template::ReplyInPortal),
        ReplyOutcome::AlreadyAnswered => Some(Template::ReplyAnswered),
        ReplyOutcome::NotUnderstood
        | ReplyOutcome::ReferenceNeeded
        | ReplyOutcome::UnknownReference
        | ReplyOutcome::WrongCode => Some(Template::ReplyHelp),
        ReplyOutcome::NothingOpen | ReplyOutcome::TooLate => {
            reply.word.is_some().then_some(Template::ReplyLate)
        }
    }
}
