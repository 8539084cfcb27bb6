//! Consents in words.

use akashi_desk::words::names::Names;
use akashi_proof::ids::ConsentId;
use akashi_proof::record::kind::{
    ConsentGiven, ConsentNarrowed, ConsentWithdrawn, ConsentsStopped,
};

use crate::words::text::{Rich, pick, say, say_many, strong};
use crate::words::told::{Related, Said, the_record, you};

pub(super) fn given(e: &ConsentGiven, names: &Names) -> Said {
    let l = names.language;
    let (to, from) = (
        strong(names.institution(&e.terms.recipient)),
        names.institution(&e.terms.holder),
    );
    let (what, purpose) = (
        strong(names.categories(e.terms.categories.iter())),
        strong(names.purposes(e.terms.purposes.iter())),
    );
    let until = names.when.say_last_day(e.terms.valid_until);
    let sentence = say!(
        l,
        "{to}が、{from}にあるあなたの{what}を、{purpose}のために使うことに同意しました。{until}まで有効です。",
        "You agreed that {to} may use {what} kept at {from} for {purpose}, until the end of {until}."
    );
    let mut told = Said::new(l, pick(l, "同意", "Consent"), you(l), sentence);
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, names.assurance(e.assurance)),
    ));
    told
}

pub(super) fn narrowed(e: &ConsentNarrowed, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let to = recipient(related, &e.consent, names);
    let (what, purpose) = (
        strong(names.categories(e.terms.categories.iter())),
        names.purposes(e.terms.purposes.iter()),
    );
    let until = names.when.say_last_day(e.terms.valid_until);
    let sentence = say!(
        l,
        "{to}への同意の範囲を減らしました。残るのは{what}（{purpose}）で、{until}までです。",
        "You narrowed the consent to {to}. What remains: {what} for {purpose}, until the end of {until}."
    );
    Said::new(
        l,
        pick(l, "同意の範囲を減らす", "Consent narrowed"),
        you(l),
        sentence,
    )
}

pub(super) fn withdrawn(e: &ConsentWithdrawn, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    Said::new(
        l,
        pick(l, "取り消し", "Withdrawn"),
        you(l),
        which_ended(&e.consent, names, related),
    )
}

pub(super) fn stopped(e: &ConsentsStopped, names: &Names) -> Said {
    let l = names.language;
    let count = e.count;
    let sentence = say_many!(
        l,
        "すべての同意（{count}件）を取り消しました。法律にもとづく利用と緊急の利用は止まりません。",
        "You withdrew your only consent. Uses by law or in an emergency go on.",
        "You withdrew all your {count} consents. Uses by law or in an emergency go on.",
        count
    );
    let word = pick(l, "すべて取り消し", "All withdrawn");
    Said::new(l, word, you(l), sentence)
}

/// Which consent ended. Another may allow the same: so this one is named, and nothing is said of
/// the others.
fn which_ended(id: &ConsentId, names: &Names, related: &dyn Related) -> String {
    let l = names.language;
    let Some((index, given)) = related.consent(id) else {
        return pick(
            l,
            "ある機関への同意を取り消しました。この同意は、次の依頼から使えません。",
            "You withdrew the consent to an institution. From the next request, this consent cannot be used.",
        )
        .to_owned();
    };
    let (to, from) = (
        strong(names.institution(&given.terms.recipient)),
        names.institution(&given.terms.holder),
    );
    let what = strong(names.categories(given.terms.categories.iter()));
    let record = the_record(l, index);
    say!(
        l,
        "{to}への同意を取り消しました。{from}にある{what}を使うことへの同意（{record}）です。この同意は、次の依頼から使えません。",
        "You withdrew the consent to {to} that was given in {record}, for {what} kept at {from}. From the next request, this consent cannot be used."
    )
}

fn recipient(related: &dyn Related, id: &ConsentId, names: &Names) -> String {
    match related.consent(id) {
        Some((_, given)) => strong(names.institution(&given.terms.recipient)),
        None => pick(names.language, "ある機関", "an institution").to_owned(),
    }
}
