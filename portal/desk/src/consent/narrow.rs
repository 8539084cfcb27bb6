//! Leaving less of a consent: what is to remain, checked; its exact words, shown; and only what was
//! said in those words, recorded.

use std::ops::ControlFlow::{Break, Continue};

use akashi_ledger::command::NarrowConsent;
use akashi_proof::consent::Terms;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, ConsentId, LeafIndex, PurposeCode, SubjectHandle, Timestamp,
};
use akashi_proof::record::kind::Assurance;
use akashi_proof::record::value::Set;
use jiff::civil::Date;

use crate::app::SharedApp;
use crate::consent::find;
use crate::consent::wording::Wording;
use crate::declined::Declined;
use crate::identity::principal::Principal;
use crate::reading::Work;
use crate::words::names::Names;
use crate::words::when::When;

/// What is to be left standing.
#[derive(Clone, Debug)]
pub struct Left {
    /// Which data.
    pub categories: Set<CategoryCode>,
    /// What for.
    pub purposes: Set<PurposeCode>,
    /// The last day; `None` where what she wrote is no day.
    pub until: Option<Date>,
}

/// What is wrong with what is to be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No data: that is withdrawing.
    NoCategory,
    /// No purpose: that is withdrawing.
    NoPurpose,
    /// Something that does not stand now.
    More,
    /// The last day is none.
    NoDay,
    /// The last day is over.
    Past,
    /// The last day is later than it is now.
    Later,
    /// All of it.
    Unchanged,
}

impl Left {
    /// The terms that would be left of these.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn terms(
        &self,
        stands: &Terms,
        when: &When,
        now: Timestamp,
    ) -> Result<Terms, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        if self.categories.is_empty() {
            mistakes.push(Mistake::NoCategory);
        }
        if self.purposes.is_empty() {
            mistakes.push(Mistake::NoPurpose);
        }
        if !stands.categories.contains_all(&self.categories)
            || !stands.purposes.contains_all(&self.purposes)
        {
            mistakes.push(Mistake::More);
        }
        let until = self.end(stands, when, now);
        let until = until.map_err(|why| mistakes.push(why));
        let until = until.ok().filter(|_| mistakes.is_empty()).ok_or(mistakes)?;
        let left = Terms {
            categories: self.categories.clone(),
            purposes: self.purposes.clone(),
            valid_until: until,
            ..stands.clone()
        };
        if left == *stands {
            return Err(vec![Mistake::Unchanged]);
        }
        Ok(left)
    }

    fn end(&self, stands: &Terms, when: &When, now: Timestamp) -> Result<Timestamp, Mistake> {
        let date = self.until.ok_or(Mistake::NoDay)?;
        // The day it ends on anyway keeps the very end: it may not be the end of a day.
        let until = if date == when.last_day(stands.valid_until) {
            stands.valid_until
        } else {
            when.end_of(date).ok_or(Mistake::NoDay)?
        };
        if until <= now {
            Err(Mistake::Past)
        } else if until > stands.valid_until {
            Err(Mistake::Later)
        } else {
            Ok(until)
        }
    }
}

/// What is to be shown before she says so.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What would be left.
    pub left: Terms,
    /// In these words.
    pub wording: Wording,
}

/// What came of it.
#[derive(Debug)]
pub enum Narrowing {
    /// It was recorded, at this log index.
    Narrowed(LeafIndex),
    /// She has to see the words first.
    ToShow(Box<Draft>),
    /// That cannot be left.
    Mistaken(Vec<Mistake>),
}

/// Records that only this is left of a consent, if `seen` is the digest of the words it would be
/// in.
///
/// # Errors
/// [`Declined`]: she is not known surely enough, no such consent of hers stands, or the ledger did
/// not take it.
pub async fn narrow(
    app: &SharedApp,
    who: &Principal,
    consent: ConsentId,
    left: Left,
    seen: Option<Digest>,
) -> Result<Narrowing, Declined> {
    let (subject, assurance) = (who.subject()?, who.assurance());
    let (names, now) = (app.names(who.language()), app.clock.wall());
    let read = app.read(Work::Pages, move |reader| {
        let person = reader.person(&subject).ok_or(Declined::Nobody)?;
        let stands = find(&person, consent, now).ok_or(Declined::NotThere)?;
        let left = match left.terms(&stands.terms, &names.when, now) {
            Ok(left) => left,
            // The same form again: what it says is done.
            Err(mistakes)
                if mistakes == [Mistake::Unchanged]
                    && seen == Some(Wording::narrowed(&names, &stands.terms).digest()) =>
            {
                return Ok(Break(Narrowing::Narrowed(stands.index)));
            }
            Err(mistakes) => return Ok(Break(Narrowing::Mistaken(mistakes))),
        };
        let wording = Wording::narrowed(&names, &left);
        if seen != Some(wording.digest()) {
            let draft = Box::new(Draft { left, wording });
            return Ok(Break(Narrowing::ToShow(draft)));
        }
        let command = narrowed(&names, subject, consent, left, assurance);
        Ok::<_, Declined>(Continue(command))
    });
    let command = match read.await?? {
        Continue(command) => command,
        Break(other) => return Ok(other),
    };
    let left = command.left.clone();
    match app.submit_for(who, subject, command).await {
        Ok(done) => Ok(Narrowing::Narrowed(done.receipt)),
        Err(declined) => {
            let index = narrowed_first(app, subject, (consent, left), declined).await?;
            Ok(Narrowing::Narrowed(index))
        }
    }
}

/// The record of the same form, where that was sent twice at once and the other came first.
async fn narrowed_first(
    app: &SharedApp,
    subject: SubjectHandle,
    (consent, left): (ConsentId, Terms),
    declined: Declined,
) -> Result<LeafIndex, Declined> {
    let now = app.clock.wall();
    let found = app.read_on(Work::Pages, move |reader| {
        let person = reader.person(&subject)?;
        let stands = find(&person, consent, now)?;
        (stands.terms == left).then_some(stands.index)
    });
    found.await?.ok_or(declined)
}

/// The command that leaves this of a consent, in the words it has under these names.
pub fn narrowed(
    names: &Names,
    subject: SubjectHandle,
    consent: ConsentId,
    left: Terms,
    assurance: Assurance,
) -> NarrowConsent {
    NarrowConsent {
        subject,
        consent,
        wording_digest: Wording::narrowed(names, &left).digest(),
        left,
        language: names.language,
        assurance,
    }
}
