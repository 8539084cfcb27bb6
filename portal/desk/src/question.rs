//! Questions to a person: what she is being asked, in full, and her answer.
//!
//! | | whoever holds her phone | she herself |
//! |---|---|---|
//! | see, refuse, refuse and report | yes | yes |
//! | allow, where the pack says low-risk | with the message's code | with the message's code |
//! | allow, otherwise | no | with the message's code |
//!
//! The code in the message is a MAC over exactly what is asked, so it cannot approve anything else;
//! a sign-in code cannot approve at all. Refusing must never be harder than allowing, and needs
//! neither. Her phone does not ring for all questions (the same again, too many at a time), so she
//! can have the message sent.

use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;

pub use akashi_ledger::command::Answer;
use akashi_ledger::command::AnswerApproval;
use akashi_ledger::{LedgerError, Reader, StoredRecord};
use akashi_proof::decision::Policies;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{LeafIndex, Timestamp};
use akashi_proof::record::kind::{AccessDecided, AnsweredBy, Assurance, Event};
use akashi_proof::state::{PendingAsk, Person};

use crate::app::{App, SharedApp};
use crate::consent::wording::Wording;
use crate::declined::Declined;
use crate::history::walk::{Records, own_record};
use crate::identity::principal::Principal;
use crate::reading::Work;
use crate::words::names::Names;

/// An open question, with everything she must see before she answers.
#[derive(Clone, Debug)]
pub struct Question {
    /// How it stands.
    pub ask: PendingAsk,
    /// What was asked for.
    pub asked: AccessDecided,
}

impl Question {
    /// The open question to her about this access; `None` where it is answered or its time is over.
    ///
    /// # Errors
    /// [`Declined::Overtaken`] where the record of it can no longer be read: what cannot be shown
    /// cannot be answered.
    pub fn open(
        records: &dyn Records,
        person: &Person,
        access: LeafIndex,
        now: Timestamp,
    ) -> Result<Option<Self>, Declined> {
        let ask = person.ask(access).filter(|ask| ask.is_open(now));
        ask.map(|ask| Self::read(records, person, ask)).transpose()
    }

    fn read(records: &dyn Records, person: &Person, ask: &PendingAsk) -> Result<Self, Declined> {
        let stored = own_record(records, person, ask.access)?.ok_or(Declined::NotThere)?;
        let stored = stored.if_open().ok_or(Declined::Overtaken)?;
        let Event::AccessAsked(asked) = stored.record.event else {
            return Err(Declined::NotThere);
        };
        Ok(Self {
            ask: ask.clone(),
            asked: asked.decided,
        })
    }

    /// The words she answers.
    pub fn wording(&self, names: &Names) -> Wording {
        Wording::question(names, &self.asked, &self.ask)
    }

    /// Whether somebody known so surely must be known more surely to allow it.
    pub fn needs_more_than(&self, assurance: Assurance) -> bool {
        let granted = self.ask.may_be_granted(AnsweredBy::Portal, assurance);
        granted.is_err()
    }
}

/// The open questions to these persons, the next to end first; those whose record can no longer be
/// read cannot be shown.
///
/// # Errors
/// [`Declined`] when a record that must be there is not, or cannot be read.
pub fn waiting(
    records: &dyn Records,
    people: &[Arc<Person>],
    now: Timestamp,
) -> Result<Vec<Question>, Declined> {
    let mut questions = Vec::new();
    for person in people {
        for ask in person.asks.iter().filter(|ask| ask.is_open(now)) {
            match Question::read(records, person, ask) {
                Err(Declined::Overtaken) => {}
                question => questions.push(question?),
            }
        }
    }
    questions.sort_by_key(|question| question.ask.expires);
    Ok(questions)
}

/// Which of these persons was asked about this access, or whose record it is where that can no
/// longer be read. Anything else is not there.
///
/// # Errors
/// [`LedgerError`] when the record cannot be read.
pub fn whom(
    records: &dyn Records,
    who: &Principal,
    people: &[Arc<Person>],
    access: LeafIndex,
) -> Result<Option<Arc<Person>>, LedgerError> {
    for person in people {
        let was_asked = own_record(records, person, access)?.is_some_and(|stored| match stored {
            StoredRecord::Open(open) => matches!(open.record.event, Event::AccessAsked(_)),
            StoredRecord::Closed(_) => who.is_person() || person.ask(access).is_some(),
        });
        if was_asked {
            return Ok(Some(Arc::clone(person)));
        }
    }
    Ok(None)
}

/// What she says.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Yes, no, or no and it looks odd.
    pub answer: Answer,
    /// The digest of the words she has seen.
    pub seen: Option<Digest>,
    /// The code of the message, as it was typed; needed to allow only.
    pub code: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was recorded; after an approval a new decision was, too.
    Recorded,
    /// It was answered before, or its time is over.
    NotOpen,
    /// The words read otherwise now: the language was switched in another window, or names have
    /// changed. She must see what she answers.
    WordsChanged,
    /// It is not the code of this question's message.
    WrongCode,
}

/// Answers a question. An approval grants nothing by itself: a full new decision follows.
///
/// # Errors
/// [`Declined`]: nobody who is there was asked about this access, she must be known more surely to
/// allow it, or the ledger did not take it.
pub async fn answer(
    app: &SharedApp,
    who: &Principal,
    access: LeafIndex,
    reply: Reply,
) -> Result<Answered, Declined> {
    let read = app.read(Work::Pages, {
        let (app, who) = (Arc::clone(app), who.clone());
        move |reader| {
            let Some((person, question)) = open_to(&app, reader, &who, access)? else {
                return Ok(Break(Answered::NotOpen));
            };
            prepared(&app, &who, &person, &question, &reply)
        }
    });
    let command = match read.await?? {
        Continue(command) => command,
        Break(other) => return Ok(other),
    };
    let subject = command.subject;
    match app.submit_for(who, subject, *command).await {
        Ok(_) => Ok(Answered::Recorded),
        // Whoever may no longer see her questions is not told what became of this one.
        Err(Declined::MoreSurely) => Err(Declined::MoreSurely),
        Err(declined) if is_open(app, who, access).await? => Err(declined),
        // Sent twice at once, or answered by SMS meanwhile: the other came first.
        Err(_) => Ok(Answered::NotOpen),
    }
}

/// Whom of those who are there this access asks, and what; `None` where it does not wait any more.
fn open_to(
    app: &App,
    reader: &Reader,
    who: &Principal,
    access: LeafIndex,
) -> Result<Option<(Arc<Person>, Question)>, Declined> {
    let people = who.found(reader, app.clock.wall());
    let person = whom(reader, who, &people, access)?.ok_or(Declined::NotThere)?;
    let question = Question::open(reader, &person, access, app.clock.wall())?;
    Ok(question.map(|question| (person, question)))
}

async fn is_open(app: &SharedApp, who: &Principal, access: LeafIndex) -> Result<bool, Declined> {
    let read = app.read_on(Work::Pages, {
        let (app, who) = (Arc::clone(app), who.clone());
        move |reader| open_to(&app, reader, &who, access)
    });
    Ok(read.await??.is_some())
}

fn prepared(
    app: &App,
    who: &Principal,
    person: &Person,
    question: &Question,
    reply: &Reply,
) -> Result<ControlFlow<Answered, Box<AnswerApproval>>, Declined> {
    let (language, assurance) = (who.language(), who.assurance());
    let wording = question.wording(&app.names(language)).digest();
    if reply.seen != Some(wording) {
        return Ok(Break(Answered::WordsChanged));
    }
    let ask = &question.ask;
    if reply.answer == Answer::Approve {
        if question.needs_more_than(assurance) {
            return Err(Declined::MoreSurely);
        }
        // Wrong ones are counted: it is asked last.
        if !app
            .notifier
            .approval_code_matches(person, ask.access, &reply.code)
        {
            return Ok(Break(Answered::WrongCode));
        }
    }
    Ok(Continue(Box::new(AnswerApproval {
        subject: person.subject,
        access: ask.access,
        approval_digest: ask.approval_digest,
        answer: reply.answer,
        answered_by: AnsweredBy::Portal,
        wording_digest: wording,
        language,
        assurance,
        policies: Arc::clone(&app.shelf) as Arc<dyn Policies>,
    })))
}

/// Has the message about an open question sent, because she asks for it. Returns whether the
/// question is open.
///
/// # Errors
/// [`Declined`]: nobody who is there was asked about this access, too many messages were sent, or
/// none can be sent now.
pub async fn send(app: &SharedApp, who: &Principal, access: LeafIndex) -> Result<bool, Declined> {
    let now = app.clock.wall();
    let read = app.read(Work::Pages, {
        let who = who.clone();
        move |reader| {
            let people = who.found(reader, now);
            let person = whom(reader, &who, &people, access)?.ok_or(Declined::NotThere)?;
            let question = Question::open(reader, &person, access, now)?;
            Ok::<_, Declined>(question.map(|_| person))
        }
    });
    let Some(person) = read.await?? else {
        return Ok(false);
    };
    app.notifier.send_question(&person, access).await?;
    Ok(true)
}
