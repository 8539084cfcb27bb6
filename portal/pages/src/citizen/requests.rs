//! `/me/requests`: what she is being asked, in full, and her answer
//! ([`akashi_desk::question`]).

use std::sync::Arc;

use akashi_desk::Declined;
use akashi_desk::consent::wording::Wording;
use akashi_desk::history::walk::own_record;
use akashi_desk::question::{self, Answered, Question, Reply};
use akashi_desk::words::names::Names;
use akashi_ledger::{LedgerError, StoredRecord};
use akashi_notifier::is_silent;
use akashi_proof::ids::{InstitutionId, LeafIndex};
use akashi_proof::record::kind::Event;
use akashi_proof::state::Person;
use askama::Template;
use axum::extract::Path;

use crate::citizen::record;
use crate::frame::error::PageError;
use crate::frame::forms::Mistakes;
use crate::frame::guard::{Holder, HolderPosted};
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Books, form, go_to, page};
use crate::words::bodies::Reach;
use crate::words::texts::Requests as Texts;
use crate::words::told::{Told, tell, tell_closed};

/// A request in a list.
pub(crate) struct Waiting {
    pub(crate) access: LeafIndex,
    pub(crate) requester: InstitutionId,
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
    reach: Reach,
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
    /// Whether no message was sent about it.
    is_silent: bool,
    wording: Wording,
    wording_digest: String,
    /// How to ask whether it is real.
    reach: Reach,
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
    reach: Reach,
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
    let questions = question::waiting(books.reader, people, books.now())?;
    let show = |Question { ask, asked }: Question| Waiting {
        access: ask.access,
        who: names.institution(&asked.requester),
        requester: asked.requester.clone(),
        on_behalf_of: asked.on_behalf_of,
        reference: ask.reference.to_string(),
        until: names.when.say(ask.expires),
        what: names
            .under(&asked.policy_digest)
            .purpose_sentence(&asked.purpose),
    };
    Ok(questions.into_iter().map(show).collect())
}

/// `GET /me/requests`.
pub(crate) async fn requests(holder: Holder) -> Answer {
    let shown = holder.read(|books, people| {
        let (t, names) = (Texts(books.language), books.names());
        let waiting = waiting(books, people, &names)?;
        page(RequestsPage {
            shell: books.shell(t.title()).at("/me/requests").narrow(),
            t,
            reach: Reach::of(waiting.iter().map(|ask| &ask.requester), &names),
            waiting,
            several: people.len() > 1,
        })
    });
    shown.await
}

/// `GET /me/requests/{access}`.
pub(crate) async fn request(holder: Holder, Path(access): Path<String>) -> Answer {
    let access = parse_index(&access)?;
    let shown = holder.read(move |books, people| {
        let person = find(books, people, access)?;
        if let Some(StoredRecord::Closed(closed)) = own_record(books.reader, &person, access)? {
            return record::show_closed(books, &closed, "/me/requests");
        }
        match Question::open(books.reader, &person, access, books.now())? {
            Some(question) => show_open(books, &question, Mistakes::new()),
            None => show_closed(books, &person, access),
        }
    });
    shown.await
}

/// The one of these persons who was asked about this access; anything else is not there.
fn find(
    books: &Books<'_>,
    people: &[Arc<Person>],
    access: LeafIndex,
) -> Result<Arc<Person>, PageError> {
    let who = books.who().ok_or(PageError::SignIn)?;
    let person = question::whom(books.reader, &who, people, access)?;
    person.ok_or(PageError::NotFound)
}

fn parse_index(access: &str) -> Result<LeafIndex, PageError> {
    LeafIndex::parse(access).map_err(|_| PageError::NotFound)
}

fn show_open(books: &Books<'_>, question: &Question, mistakes: Mistakes) -> Answer {
    let (t, names) = (Texts(books.language), books.names());
    let wording = question.wording(&names);
    let ask = &question.ask;
    let again = !mistakes.is_empty();
    let template = RequestPage {
        shell: books.shell(t.one_title()).at("/me/requests").narrow(),
        t,
        access: ask.access,
        who: names.institution(&question.asked.requester),
        until: names.when.say(ask.expires),
        reference: ask.reference.to_string(),
        is_silent: is_silent(books.reader, ask.access)?,
        wording_digest: wording.digest().to_string(),
        wording,
        reach: Reach::before_she_answers(&question.asked, &names),
        needs_step_up: books
            .who()
            .is_none_or(|who| question.needs_more_than(who.assurance())),
        mistakes,
    };
    form(template, again)
}

fn show_closed(books: &Books<'_>, person: &Person, access: LeafIndex) -> Answer {
    let (t, names, reader) = (Texts(books.language), books.names(), books.reader);
    let related = books.hers(person).related();
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
        reach: Reach::of_record(&stored.record, &related, &names),
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
    let t = Texts(holder.visit.language);
    let (app, who, access) = (&holder.visit.app, &holder.who, parse_index(&access)?);
    let reply = |answer| Reply {
        answer,
        seen: fields.seen(),
        code: fields.first("code").unwrap_or_default().to_owned(),
    };
    let reply = match fields.first("answer") {
        Some("approve") => reply(question::Answer::Approve),
        Some("refuse") => reply(question::Answer::Refuse),
        Some("report") => reply(question::Answer::RefuseAndReport),
        Some("send") => {
            return match question::send(app, who, access).await {
                Err(Declined::TooMany) => {
                    show_again(&holder, access, "code", t.too_many_codes()).await
                }
                sent => sent.map_err(PageError::from).and_then(|_| back_to(access)),
            };
        }
        _ => return Err(PageError::Conflict),
    };
    match question::answer(app, who, access, reply).await? {
        // Answered or ended meanwhile: the page says what became of it.
        Answered::Recorded | Answered::NotOpen => back_to(access),
        Answered::WordsChanged => show_again(&holder, access, "answer", t.changed()).await,
        Answered::WrongCode => show_again(&holder, access, "code", t.code_wrong()).await,
    }
}

fn back_to(access: LeafIndex) -> Answer {
    go_to(&format!("/me/requests/{access}"))
}

async fn show_again(
    holder: &Holder,
    access: LeafIndex,
    field: &'static str,
    mistake: &'static str,
) -> Answer {
    let shown = holder.read(move |books, people| {
        let person = find(books, people, access)?;
        let question = Question::open(books.reader, &person, access, books.now())?;
        let question = question.ok_or(PageError::Conflict)?;
        show_open(books, &question, Mistakes::one(field, mistake))
    });
    shown.await
}
