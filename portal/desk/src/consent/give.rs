//! Giving a consent: what she wants, checked; the exact words of it, shown; and only what was
//! agreed to in those words, recorded.
//!
//! Whoever agrees says the digest of the words she has seen. If they would read otherwise now - a
//! name has changed, another language was chosen - they are shown again instead of being agreed to
//! unseen.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

use akashi_ledger::command::GiveConsent;
use akashi_ledger::random::drawn;
use akashi_proof::consent::Terms;
use akashi_proof::decision::Policies;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, ConsentId, GroupId, InstitutionId, LeafIndex, PurposeCode, SubjectHandle,
    Timestamp,
};
use akashi_proof::record::kind::{Assurance, ConsentGiven, Shown};
use akashi_proof::record::value::Set;
use akashi_proof::state::{Consent, Person};
use akashi_tlog::checkpoint::Origin;
use jiff::civil::Date;

use crate::app::SharedApp;
use crate::consent::offer::{self, Offer};
use crate::consent::overlaps::overlapping;
use crate::consent::standing;
use crate::consent::wording::Wording;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;
use crate::words::names::Names;

/// What she wants to agree to.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who would use the data.
    pub recipient: InstitutionId,
    /// Where it is kept.
    pub holder: InstitutionId,
    /// What for.
    pub purposes: Set<PurposeCode>,
    /// Which data.
    pub categories: Set<CategoryCode>,
    /// The last day; `None` where what she wrote is no day.
    pub until: Option<Date>,
}

/// What is wrong with what she wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No purpose.
    NoPurpose,
    /// No data.
    NoCategory,
    /// Some of this data may not be used for all of these purposes.
    NotTogether,
    /// For some of this data she must be known more surely.
    MoreSurely,
    /// The last day is none.
    NoDay,
    /// The last day is over.
    Past,
    /// The last day is later than the pack allows.
    TooLate,
}

impl Wanted {
    /// The terms she would agree to.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn terms(
        &self,
        names: &Names,
        offer: &Offer<'_>,
        assurance: Assurance,
        now: Timestamp,
    ) -> Result<Terms, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if self.purposes.is_empty() {
            mistakes.push(Mistake::NoPurpose);
        }
        if self.categories.is_empty() {
            mistakes.push(Mistake::NoCategory);
        }
        let sectors = (
            offer.recipient.sector.as_str(),
            offer.holder.sector.as_str(),
        );
        let (purposes, categories) = (&self.purposes, &self.categories);
        if mistakes.is_empty()
            && let Err(fault) = names
                .pack
                .check_consent(sectors, purposes, categories, assurance)
        {
            mistakes.push(if fault.field == "assurance" {
                Mistake::MoreSurely
            } else {
                Mistake::NotTogether
            });
        }
        let until = self.end(names, now).map_err(|why| mistakes.push(why));
        let until = until.ok().filter(|_| mistakes.is_empty()).ok_or(mistakes)?;
        Ok(Terms::to_view(
            (self.recipient.clone(), self.holder.clone()),
            self.categories.clone(),
            self.purposes.clone(),
            (now, until),
        ))
    }

    /// The end of the last day, which may be any that begins within the time the pack allows.
    fn end(&self, names: &Names, now: Timestamp) -> Result<Timestamp, Mistake> {
        let date = self.until.ok_or(Mistake::NoDay)?;
        let until = names.when.end_of(date).ok_or(Mistake::NoDay)?;
        if until <= now {
            Err(Mistake::Past)
        } else if date > names.when.last_day(offer::latest(names, now)) {
            Err(Mistake::TooLate)
        } else {
            Ok(until)
        }
    }
}

/// What is to be shown before she agrees.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What she would agree to.
    pub terms: Terms,
    /// In these words.
    pub wording: Wording,
    /// Consents of hers that allow some of it already.
    pub overlaps: Vec<Consent>,
}

/// What came of it.
#[derive(Debug)]
pub enum Giving {
    /// It was recorded, at this log index.
    Given(LeafIndex),
    /// She has to see the words first.
    ToShow(Box<Draft>),
    /// It cannot be agreed to.
    Mistaken(Vec<Mistake>),
}

/// Records that she agrees, if `seen` is the digest of the words it would be in.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, nothing may be agreed to between these
/// institutions, or the ledger did not take it.
pub async fn give(
    app: &SharedApp,
    who: &Principal,
    wanted: Wanted,
    seen: Option<Digest>,
) -> Result<Giving, Declined> {
    let (subject, assurance) = (who.subject()?, who.assurance());
    let names = app.names(who.language());
    let (now, origin) = (app.clock.wall(), app.origin().clone());
    let read = app.read(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let offer = Offer::between(&names, &wanted.recipient, &wanted.holder);
        let offer = offer.ok_or(Declined::NotThere)?;
        let terms = match wanted.terms(&names, &offer, assurance, now) {
            Ok(terms) => terms,
            Err(mistakes) => return Ok(Break(Giving::Mistaken(mistakes))),
        };
        let draft = draft(&person, &names, terms, now);
        if seen != Some(draft.wording.digest()) {
            return Ok(Break(Giving::ToShow(Box::new(draft))));
        }
        if let Some(index) = same(&person, &draft.terms, now) {
            return Ok(Break(Giving::Given(index)));
        }
        let ids = (ConsentId::from_bytes(drawn()), GroupId::from_bytes(drawn()));
        let given = agreed(&names, ids, draft.terms, assurance, &origin);
        Ok::<_, Declined>(Continue(given))
    });
    let given = match read.await?? {
        Continue(given) => given,
        Break(other) => return Ok(other),
    };
    let terms = given.terms.clone();
    let command = GiveConsent {
        subject,
        consents: vec![given],
        policies: Arc::clone(&app.shelf) as Arc<dyn Policies>,
    };
    let done = app.submit_for(who, subject, command);
    let first = match done.await {
        Ok(done) => done.receipt.first().copied(),
        Err(declined) => Some(given_first(app, subject, terms, declined).await?),
    };
    let index = first.ok_or(Declined::Broken("a consent was given and not recorded"))?;
    Ok(Giving::Given(index))
}

/// Where she agrees to these very terms already: the record that says so.
fn same(person: &Person, terms: &Terms, now: Timestamp) -> Option<LeafIndex> {
    let mut stands = standing(person, now).into_iter();
    stands
        .find(|known| terms.repeats(&known.terms))
        .map(|known| known.index)
}

/// The record of the same form, where that was sent twice at once and the other came first.
async fn given_first(
    app: &SharedApp,
    subject: SubjectHandle,
    terms: Terms,
    declined: Declined,
) -> Result<LeafIndex, Declined> {
    let now = app.clock.wall();
    let found = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject)?;
        same(&person, &terms, now)
    });
    found.await?.ok_or(declined)
}

fn draft(person: &Person, names: &Names, terms: Terms, now: Timestamp) -> Draft {
    let overlaps = overlapping(person, &terms, None, now);
    Draft {
        wording: Wording::consent(names, &terms),
        overlaps: overlaps.cloned().collect(),
        terms,
    }
}

/// The record of a consent to these terms, in the words they have under these names. The only place
/// that makes one: the digest in it is always of words that can be written again.
pub fn agreed(
    names: &Names,
    ids: (ConsentId, GroupId),
    terms: Terms,
    assurance: Assurance,
    log_to: &Origin,
) -> ConsentGiven {
    let shown = Shown {
        wording_digest: Wording::consent(names, &terms).digest(),
        language: names.language,
        refusal_meaning: refusal_meaning(names, &terms),
    };
    ConsentGiven::on_screen(ids, terms, shown, assurance, log_to)
}

/// The codes of what refusing would have meant, one for each purpose that has its own.
fn refusal_meaning(names: &Names, terms: &Terms) -> String {
    let mut codes: Vec<&str> = Vec::new();
    let purposes = terms.purposes.iter();
    for purpose in purposes.filter_map(|code| names.pack.purpose(code)) {
        if !codes.contains(&purpose.refusal_meaning.as_str()) {
            codes.push(&purpose.refusal_meaning);
        }
    }
    codes.join(" ")
}
