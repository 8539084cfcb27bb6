//! `/me/requests`: what she is being asked, in full, and her answer.
//!
//! | | level 1 (SMS code) | level 2 (and recovery code) |
//! |---|---|---|
//! | see, refuse, refuse and report | yes | yes |
//! | allow, where the pack marks the work low-risk | with the code of the message | with the code of the message |
//! | allow, otherwise | no | with the code of the message |
//!
//! The code in the SMS is a MAC over exactly what is asked, so it cannot approve anything else; a
//! sign-in code cannot approve at all. Refusing must never be harder than allowing, and needs
//! neither. Her phone does not ring for all requests (the same again, too many at a time), so she
//! can have the message sent from here.

use std::sync::Arc;

use akashi_ledger::command::{Answer as Said, AnswerApproval};
use akashi_notifier::CodeRefused;
use akashi_proof::decision::Decide;
use akashi_proof::ids::LeafIndex;
use akashi_proof::record::kind::{AccessDecided, AnsweredBy, Assurance, Event, YesNo};
use akashi_proof::state::{PendingAsk, Person};
use askama::Template;
use axum::extract::Path;

use super::consent_wording::Wording;
use super::error::PageError;
use super::forms::Mistakes;
use super::names::Names;
use super::shell::Shell;
use super::texts::Requests as Texts;
use super::told::{Told, tell};
use super::visit::{Answer, Visit, form, go_to, page};
use super::walk::{HerRecords, own_record};
use crate::auth::guard::{Holder, HolderPosted};
use crate::auth::plain::digits;

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
    /// Whether the question was put already: its message is on the way.
    is_put: bool,
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
    visit: &Visit,
    people: &[Arc<Person>],
    names: &Names,
) -> Result<Vec<Waiting>, PageError> {
    let mut open: Vec<(&Arc<Person>, &PendingAsk)> = people
        .iter()
        .flat_map(|person| person.asks.iter().map(move |ask| (person, ask)))
        .collect();
    open.retain(|(_, ask)| ask.granted.is_none() && visit.now() < ask.expires);
    open.sort_by_key(|(_, ask)| ask.expires);
    let show = |(person, ask): (&Arc<Person>, &PendingAsk)| {
        let asked = asked_about(visit, person, ask.access)?;
        Ok(Waiting {
            access: ask.access,
            who: names.institution(&asked.requester),
            on_behalf_of: asked.on_behalf_of,
            reference: ask.reference.clone(),
            until: names.when.say(ask.expires),
            what: names.purpose_sentence(&asked.purpose),
        })
    };
    open.into_iter().map(show).collect()
}

fn asked_about(
    visit: &Visit,
    person: &Person,
    access: LeafIndex,
) -> Result<AccessDecided, PageError> {
    let stored =
        own_record(visit.app.ledger.reader(), person, access)?.ok_or(PageError::NotFound)?;
    match stored.record.event {
        Event::AccessAsked(asked) => Ok(asked),
        _ => Err(PageError::NotFound),
    }
}

/// `GET /me/requests`.
pub(crate) async fn requests(Holder { visit, people }: Holder) -> Answer {
    let t = Texts(visit.language);
    let waiting = waiting(&visit, &people, &visit.names())?;
    page(RequestsPage {
        shell: visit.shell(t.title()).at("/me/requests").narrow(),
        t,
        waiting,
        several: people.len() > 1,
    })
}

/// `GET /me/requests/{access}`.
pub(crate) async fn request(
    Holder { visit, people }: Holder,
    Path(access): Path<String>,
) -> Answer {
    let (person, access) = find(&visit, &people, &access)?;
    match open_ask(&visit, &person, access) {
        Some(ask) => show_open(&visit, &person, &ask, Mistakes::new()),
        None => show_closed(&visit, &person, access),
    }
}

/// The one of these persons who is asked about this access; anything else is not there.
fn find(
    visit: &Visit,
    people: &[Arc<Person>],
    access: &str,
) -> Result<(Arc<Person>, LeafIndex), PageError> {
    let access = LeafIndex::parse(access).map_err(|_| PageError::NotFound)?;
    for person in people {
        if own_record(visit.app.ledger.reader(), person, access)?
            .is_some_and(|stored| matches!(stored.record.event, Event::AccessAsked(_)))
        {
            return Ok((Arc::clone(person), access));
        }
    }
    Err(PageError::NotFound)
}

/// The question, while it can be answered.
fn open_ask(visit: &Visit, person: &Person, access: LeafIndex) -> Option<PendingAsk> {
    person
        .ask(access)
        .filter(|ask| ask.granted.is_none() && visit.now() < ask.expires)
        .cloned()
}

fn show_open(visit: &Visit, person: &Person, ask: &PendingAsk, mistakes: Mistakes) -> Answer {
    let (t, names) = (Texts(visit.language), visit.names());
    let asked = asked_about(visit, person, ask.access)?;
    let wording = Wording::question(&names, &asked, ask);
    let who = names.institution(&asked.requester);
    let again = !mistakes.is_empty();
    let template = RequestPage {
        shell: visit.shell(t.one_title()).at("/me/requests").narrow(),
        t,
        access: ask.access,
        who,
        until: names.when.say(ask.expires),
        reference: ask.reference.clone(),
        wording_digest: wording.digest().to_string(),
        wording,
        is_put: ask.approval_digest.is_some(),
        needs_step_up: ask.low_risk == YesNo::No && visit.level() < 2,
        mistakes,
    };
    form(template, again)
}

fn show_closed(visit: &Visit, person: &Person, access: LeafIndex) -> Answer {
    let (t, names, reader) = (
        Texts(visit.language),
        visit.names(),
        visit.app.ledger.reader(),
    );
    let related = HerRecords::new(reader, person);
    let Some(index) = reader.find_closed(access)? else {
        // Its time is over, and the record that says so is about to be made.
        return Err(PageError::Conflict);
    };
    let stored = own_record(reader, person, index)?.ok_or(PageError::NotFound)?;
    let decision = match &stored.record.event {
        // The new decision stands right behind the approval.
        Event::ApprovalGranted(_) => own_record(reader, person, index.next())?
            .map(|next| tell(&next.record.event, &names, &related)),
        _ => None,
    };
    page(ClosedPage {
        shell: visit.shell(t.one_title()).at("/me/requests").narrow(),
        t,
        told: tell(&stored.record.event, &names, &related),
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
    let Holder { visit, people } = holder;
    let t = Texts(visit.language);
    let (person, access) = find(&visit, &people, &access)?;
    let back = format!("/me/requests/{access}");
    // Answered or ended meanwhile: the page says what became of it.
    let Some(ask) = open_ask(&visit, &person, access) else {
        return go_to(&back);
    };
    let Some(approval_digest) = ask.approval_digest else {
        return go_to(&back);
    };
    if fields.first("answer") == Some("send") {
        return match visit.app.notifier.send_question(&person, access).await {
            Ok(()) => go_to(&back),
            Err(CodeRefused::TooMany) => show_open(
                &visit,
                &person,
                &ask,
                Mistakes::one("code", t.too_many_codes()),
            ),
            Err(_) => Err(PageError::Stopped),
        };
    }
    let answer = match fields.first("answer") {
        Some("approve") => Said::Approve,
        Some("refuse") => Said::Refuse,
        Some("report") => Said::RefuseAndReport,
        _ => return Err(PageError::Conflict),
    };
    let asked = asked_about(&visit, &person, access)?;
    let wording = Wording::question(&visit.names(), &asked, &ask);
    // The language was switched in another window, or the names changed: she must see what she
    // answers.
    if fields.first("wording") != Some(wording.digest().to_string().as_str()) {
        return show_open(&visit, &person, &ask, Mistakes::one("answer", t.changed()));
    }
    if answer == Said::Approve {
        if ask.low_risk == YesNo::No && visit.level() < 2 {
            return Err(PageError::StepUp);
        }
        let code = digits(fields.first("code").unwrap_or_default());
        if !visit
            .app
            .notifier
            .approval_code_matches(&person, access, &code)
        {
            return show_open(&visit, &person, &ask, Mistakes::one("code", t.code_wrong()));
        }
    }
    let command = AnswerApproval {
        subject: person.subject,
        access,
        approval_digest,
        answer,
        answered_by: AnsweredBy::Portal,
        wording_digest: wording.digest(),
        language: visit.language,
        assurance: if visit.level() == 2 {
            Assurance::SmsAndRecovery
        } else {
            Assurance::Sms
        },
        decide: Arc::clone(&visit.app.policy) as Arc<dyn Decide>,
    };
    visit.app.ledger.submit(command).await?;
    go_to(&back)
}
