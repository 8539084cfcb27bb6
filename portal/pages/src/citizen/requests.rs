//! `/me/requests`: what she is being asked, in full, and her answer.
//!
//! | | level 1 (SMS code) | level 2 (and recovery code) |
//! |---|---|---|
//! | see, refuse, refuse and report | yes | yes |
//! | allow, where the pack says low-risk | with the message's code | with the message's code |
//! | allow, otherwise | no | with the code of the message |
//!
//! The code in the SMS is a MAC over exactly what is asked, so it cannot approve anything else; a
//! sign-in code cannot approve at all. Refusing must never be harder than allowing, and needs
//! neither. Her phone does not ring for all requests (the same again, too many at a time), so she
//! can have the message sent from here.

use std::sync::Arc;

use akashi_desk::identity::plain::digits;
use akashi_ledger::command::{Answer as Said, AnswerApproval};
use akashi_ledger::{LedgerError, StoredRecord};
use akashi_notifier::CodeRefused;
use akashi_proof::decision::Policies;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{AccessDecided, AnsweredBy, Assurance, Event, YesNo};
use akashi_proof::state::{PendingAsk, Person};
use askama::Template;
use axum::extract::Path;

use crate::citizen::record;
use crate::frame::error::PageError;
use crate::frame::forms::{Fields, Mistakes};
use crate::frame::guard::{Holder, HolderPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, Then, form, go_to, page};
use crate::words::texts::Requests as Texts;
use crate::words::told::{Told, tell, tell_closed};
use akashi_desk::consent::wording::Wording;
use akashi_desk::history::walk::{HerRecords, own_record};
use akashi_desk::words::names::Names;

/// A request in a list.
pub(crate) struct Waiting {
    pub(crate) access: LeafIndex,
    /// Who signed the request, by its certified name.
    pub(crate) who: String,
    /// For whom that one says it asks, which nobody has checked.
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) reference: String,
    pub(crate) until: String,
    pub(crate) what: String,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    shell: Shell,
    t: Texts,
    waiting: Vec<Waiting>,
    several: bool,
}

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    shell: Shell,
    t: Texts,
    access: LeafIndex,
    who: String,
    until: String,
    reference: String,
    wording: Wording,
    wording_digest: String,
    /// Whether allowing needs the recovery code first.
    needs_step_up: bool,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "request_closed.html")]
struct ClosedPage {
    shell: Shell,
    t: Texts,
    told: Told,
    time: String,
    /// The decision that followed an approval.
    decision: Option<Told>,
    /// Log index of the record that closed it, to open where she may.
    index: LeafIndex,
}

/// The open questions to these persons, the next to end first.
pub(crate) fn waiting(
    books: &Books<'_>,
    people: &[Arc<Person>],
    names: &Names,
) -> Result<Vec<Waiting>, PageError> {
    let mut open: Vec<(&Arc<Person>, &PendingAsk)> = people
        .iter()
        .flat_map(|person| person.asks.iter().map(move |ask| (person, ask)))
        .collect();
    open.retain(|(_, ask)| ask.is_open(books.now()));
    open.sort_by_key(|(_, ask)| ask.expires);
    let show = |(person, ask): (&Arc<Person>, &PendingAsk)| {
        // What cannot be shown cannot be answered.
        let asked = match asked_about(books, person, ask.access) {
            Err(PageError::Conflict) => return Ok(None),
            asked => asked?,
        };
        Ok(Some(Waiting {
            access: ask.access,
            who: names.institution(&asked.requester),
            on_behalf_of: asked.on_behalf_of,
            reference: ask.reference.to_string(),
            until: names.when.say(ask.expires),
            what: names
                .under(&asked.policy_digest)
                .purpose_sentence(&asked.purpose),
        }))
    };
    open.into_iter()
        .filter_map(|one| show(one).transpose())
        .collect()
}

/// What she is asked.
///
/// # Errors
/// [`PageError::Conflict`] where the record of it can no longer be read.
fn asked_about(
    books: &Books<'_>,
    person: &Person,
    access: LeafIndex,
) -> Result<AccessDecided, PageError> {
    let stored = own_record(books.reader, person, access)?.ok_or(PageError::NotFound)?;
    let stored = stored.if_open().ok_or(PageError::Conflict)?;
    let Event::AccessAsked(asked) = stored.record.event else {
        return Err(PageError::NotFound);
    };
    Ok(asked.decided)
}

/// `GET /me/requests`.
pub(crate) async fn requests(holder: Holder) -> Answer {
    let shown = holder.read(|books, people| {
        let t = Texts(books.language);
        page(RequestsPage {
            shell: books.shell(t.title()).at("/me/requests").narrow(),
            t,
            waiting: waiting(books, people, &books.names())?,
            several: people.len() > 1,
        })
    });
    shown.await
}

/// `GET /me/requests/{access}`.
pub(crate) async fn request(holder: Holder, Path(access): Path<String>) -> Answer {
    let shown = holder.read(move |books, people| {
        let (person, access) = find(books, people, &access)?;
        if let Some(StoredRecord::Closed(closed)) = own_record(books.reader, &person, access)? {
            return record::show_closed(books, &closed, "/me/requests");
        }
        match open_ask(books, &person, access) {
            Some(ask) => show_open(books, &person, &ask, Mistakes::new()),
            None => show_closed(books, &person, access),
        }
    });
    shown.await
}

/// The one of these persons who is asked about this access, or whose record it is where it can no
/// longer be read; anything else is not there.
fn find(
    books: &Books<'_>,
    people: &[Arc<Person>],
    access: &str,
) -> Result<(Arc<Person>, LeafIndex), PageError> {
    let access = LeafIndex::parse(access).map_err(|_| PageError::NotFound)?;
    for person in people {
        if own_record(books.reader, person, access)?.is_some_and(|stored| match stored {
            StoredRecord::Open(open) => matches!(open.record.event, Event::AccessAsked(_)),
            StoredRecord::Closed(_) => books.level() == 2 || person.ask(access).is_some(),
        }) {
            return Ok((Arc::clone(person), access));
        }
    }
    Err(PageError::NotFound)
}

/// The question, while it can be answered.
fn open_ask(books: &Books<'_>, person: &Person, access: LeafIndex) -> Option<PendingAsk> {
    person
        .ask(access)
        .filter(|ask| ask.is_open(books.now()))
        .cloned()
}

fn show_open(books: &Books<'_>, person: &Person, ask: &PendingAsk, mistakes: Mistakes) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let asked = asked_about(books, person, ask.access)?;
    let wording = Wording::question(&names, &asked, ask);
    let who = names.institution(&asked.requester);
    let again = !mistakes.is_empty();
    let template = RequestPage {
        shell: books.shell(t.one_title()).at("/me/requests").narrow(),
        t,
        access: ask.access,
        who,
        until: names.when.say(ask.expires),
        reference: ask.reference.to_string(),
        wording_digest: wording.digest().to_string(),
        wording,
        needs_step_up: ask.low_risk == YesNo::No && books.level() < 2,
        mistakes,
    };
    form(template, again)
}

fn show_closed(books: &Books<'_>, person: &Person, access: LeafIndex) -> Answer {
    let (t, names, reader) = (Texts(books.language), books.names(), books.reader);
    let related = HerRecords::new(reader, person);
    let Some(index) = reader.find_closed(access)? else {
        // Its time is over, and the record that says so is about to be made.
        return Err(PageError::Conflict);
    };
    let stored = match own_record(reader, person, index)?.ok_or(PageError::NotFound)? {
        StoredRecord::Open(stored) => stored,
        StoredRecord::Closed(closed) => {
            return record::show_closed(books, &closed, "/me/requests");
        }
    };
    let approved = matches!(stored.record.event, Event::ApprovalGranted(_));
    let decision = if approved {
        match reader.decision_after(index) {
            Err(LedgerError::Closed { closed, .. }) => Some(tell_closed(closed, &names)),
            next => next?.map(|next| tell(&next.record, &names, &related)),
        }
    } else {
        None
    };
    page(ClosedPage {
        shell: books.shell(t.one_title()).at("/me/requests").narrow(),
        t,
        told: tell(&stored.record, &names, &related),
        time: names.when.say(stored.record.time),
        decision,
        index,
    })
}

/// `POST /me/requests/{access}`.
pub(crate) async fn answer(
    Path(access): Path<String>,
    HolderPosted { holder, fields }: HolderPosted,
) -> Answer {
    let read = holder.read(move |books, people| {
        let (person, access) = find(books, people, &access)?;
        let deed = deed(books, &person, access, &fields)?;
        Ok((person, access, deed))
    });
    let (person, access, deed) = read.await?;
    let app = &holder.visit.app;
    match deed {
        Then::Show(page) => return Ok(page),
        // Answered or ended meanwhile: the page says what became of it.
        Then::Do(Deed::Nothing) => {}
        Then::Do(Deed::Answer(command)) => {
            app.submit(*command).await?;
        }
        Then::Do(Deed::Send) => match app.notifier.send_question(&person, access).await {
            Ok(()) => {}
            Err(CodeRefused::TooMany) => {
                let again = holder.read(move |books, _| match open_ask(books, &person, access) {
                    Some(ask) => {
                        let mistake = Texts(books.language).too_many_codes();
                        show_open(books, &person, &ask, Mistakes::one("code", mistake))
                    }
                    None => Err(PageError::Conflict),
                });
                return again.await;
            }
            Err(_) => return Err(PageError::Stopped),
        },
    }
    go_to(&format!("/me/requests/{access}"))
}

/// What is to be done about a question.
enum Deed {
    /// Have its message sent.
    Send,
    /// Answer it.
    Answer(Box<AnswerApproval>),
    /// Nothing: it cannot be answered, now or any more.
    Nothing,
}

fn deed(
    books: &Books<'_>,
    person: &Person,
    access: LeafIndex,
    fields: &Fields,
) -> Result<Then<Deed>, PageError> {
    let t = Texts(books.language);
    let Some(ask) = open_ask(books, person, access) else {
        return Ok(Then::Do(Deed::Nothing));
    };
    let again = |field, mistake| {
        let mistakes = Mistakes::one(field, mistake);
        show_open(books, person, &ask, mistakes).map(Then::Show)
    };
    let answer = match fields.first("answer") {
        Some("send") => return Ok(Then::Do(Deed::Send)),
        Some("approve") => Said::Approve,
        Some("refuse") => Said::Refuse,
        Some("report") => Said::RefuseAndReport,
        _ => return Err(PageError::Conflict),
    };
    let asked = asked_about(books, person, access)?;
    let wording = Wording::question(&books.names(), &asked, &ask);
    // The language was switched in another window, or the names changed: she must see what she
    // answers.
    if fields.first("wording") != Some(wording.digest().to_string().as_str()) {
        return again("answer", t.changed());
    }
    if answer == Said::Approve {
        if ask.low_risk == YesNo::No && books.level() < 2 {
            return Err(PageError::StepUp);
        }
        let code = digits(fields.first("code").unwrap_or_default());
        let notifier = &books.app.notifier;
        if !notifier.approval_code_matches(person, access, &code) {
            return again("code", t.code_wrong());
        }
    }
    Ok(Then::Do(Deed::Answer(Box::new(AnswerApproval {
        subject: person.subject,
        access,
        approval_digest: ask.approval_digest,
        answer,
        answered_by: AnsweredBy::Portal,
        wording_digest: wording.digest(),
        language: books.language,
        assurance: if books.level() == 2 {
            Assurance::SmsAndRecovery
        } else {
            Assurance::Sms
        },
        policies: Arc::clone(&books.app.shelf) as Arc<dyn Policies>,
    }))))
}
