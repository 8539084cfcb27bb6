//! What is said of consents that allow the same ([`akashi_desk::consent::overlaps`]).

use akashi_desk::words::names::Names;
use akashi_proof::ids::LeafIndex;
use akashi_proof::state::Consent;

use crate::words::text::{pick, say};

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
    pub(crate) fn with_new<'c>(
        others: impl IntoIterator<Item = &'c Consent>,
        names: &Names,
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
        Self::of(others, names, title, what)
    }

    /// Before a consent is withdrawn, and after.
    pub(crate) fn without<'c>(
        others: impl IntoIterator<Item = &'c Consent>,
        names: &Names,
    ) -> Option<Self> {
        let l = names.language;
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
        Self::of(others, names, title, what)
    }

    fn of<'c>(
        others: impl IntoIterator<Item = &'c Consent>,
        names: &Names,
        title: &'static str,
        what: &'static str,
    ) -> Option<Self> {
        let others = others.into_iter().map(|other| tell(other, names));
        let others: Vec<Other> = others.collect();
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
