//! Consents that allow the same. One consent must cover an access alone, so of two that overlap
//! each is enough: ending one of them does not end what the other still allows, and whoever ends
//! one must be told.

use akashi_proof::consent::Terms;
use akashi_proof::ids::{ConsentId, LeafIndex, Timestamp};
use akashi_proof::record::kind::Language;
use akashi_proof::state::{Consent, Person};

use crate::words::text::{pick, say};
use akashi_desk::words::names::Names;

/// Other consents that stand and allow some of the same, for showing.
pub(crate) struct Overlaps {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) others: Vec<Other>,
}

/// One of them.
pub(crate) struct Other {
    /// Log index of the record that says what stands.
    pub(crate) index: LeafIndex,
    pub(crate) text: String,
}

impl Overlaps {
    /// Before a consent is given.
    pub(crate) fn with_new(
        person: &Person,
        terms: &Terms,
        names: &Names,
        now: Timestamp,
    ) -> Option<Self> {
        let l = names.language;
        let title = pick(
            l,
            "同じことを認める同意が、すでにあります",
            "You have agreed to some of this already",
        );
        let what = pick(
            l,
            "新しく同意すると、同意は二つになります。利用を止めるときは、どちらも取り消してください。一つを取り消しても、もう一つが認めていることは止まりません。",
            "With the new consent there will be two. To stop the use you will have to withdraw both: withdrawing one does not stop what the other allows.",
        );
        Self::found(person, None, terms, names, now, title, what)
    }

    /// Before a consent is withdrawn, and after.
    pub(crate) fn without(
        person: &Person,
        ending: ConsentId,
        terms: &Terms,
        names: &Names,
        now: Timestamp,
    ) -> Option<Self> {
        let l: Language = names.language;
        let title = pick(
            l,
            "ほかの同意は残り、引き続き使えます",
            "Other consents are in force and can still be used",
        );
        let what = pick(
            l,
            "次の同意も同じことを認めています。取り消しても、これらが認めていることは止まりません。止めるには、これらも取り消してください。",
            "These consents allow some of the same, and withdrawing this one does not stop it. To stop it, withdraw these too.",
        );
        Self::found(person, Some(ending), terms, names, now, title, what)
    }

    fn found(
        person: &Person,
        except: Option<ConsentId>,
        terms: &Terms,
        names: &Names,
        now: Timestamp,
        title: &'static str,
        what: &'static str,
    ) -> Option<Self> {
        let stands = |other: &&Consent| {
            now < other.terms.valid_until
                && Some(other.id) != except
                && terms.overlaps(&other.terms)
        };
        let others: Vec<Other> = person
            .consents
            .iter()
            .filter(stands)
            .map(|other| tell(other, names))
            .collect();
        (!others.is_empty()).then_some(Self {
            title,
            what,
            others,
        })
    }
}

fn tell(consent: &Consent, names: &Names) -> Other {
    let (to, from) = (
        names.institution(&consent.terms.recipient),
        names.institution(&consent.terms.holder),
    );
    let (what, purposes) = (
        names.categories(consent.terms.categories.iter()),
        names.purposes(consent.terms.purposes.iter()),
    );
    let until = names.when.say_last_day(consent.terms.valid_until);
    let text = say!(
        names.language,
        "{to}が、{from}にある{what}を、{purposes}のために使うこと。{until}まで。",
        "{to} may use {what} kept at {from} for {purposes}, until the end of {until}."
    );
    Other {
        index: consent.index,
        text,
    }
}
