//! What became of her contacts, in words.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::{
    ContactDoubted, ContactKept, ContactReplaced, ContactSettled, KeptBy, Language,
};

use crate::words::text::{Rich, pick, say};
use crate::words::told::{Said, ledger, you};

pub(super) fn replaced(e: &ContactReplaced, names: &Names) -> Said {
    let l = names.language;
    let (channel, from) = (names.channel(e.channel), names.when.say(e.effective));
    let sentence = say!(
        l,
        "{channel}のお知らせ先を新しいものに変えると届け出ました。{from}に変わります。それまでは、今までの宛先から止められます。",
        "You are replacing a contact by {channel} with a new one: {from}. Until then it can be stopped from the old one."
    );
    Said::new(l, word(l), you(l), sentence)
}

pub(super) fn kept(e: &ContactKept, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先の変更を止めました。今までのものがそのまま使えます。",
        "The replacing of a contact by {channel} was stopped. It stays as it was."
    );
    let mut told = Said::new(l, word(l), you(l), sentence);
    told.ground = Some((
        pick(l, "止めた人", "Who stopped it"),
        Rich::new(l, kept_by(e.kept_by, l).to_owned()),
    ));
    told
}

/// Who stopped the replacing of a contact.
pub(crate) const fn kept_by(by: KeptBy, l: Language) -> &'static str {
    match by {
        KeptBy::Phone => pick(l, "電話を持っていた人", "whoever held the phone"),
        KeptBy::Person => pick(l, "あなた", "you"),
    }
}

pub(super) fn ended(e: &ContactSettled, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先を一つ削除しました。",
        "You removed a contact by {channel}."
    );
    Said::new(l, word(l), you(l), sentence)
}

pub(super) fn doubted(e: &ContactDoubted, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "あなたの{channel}のお知らせ先で、ほかの方が登録しました。そこだけでは、あなたについて何も見られません。",
        "Somebody else enrolled with a contact of yours by {channel}. By itself it shows nothing of you."
    );
    let word = pick(l, "ほかの方の登録", "Somebody else's too");
    Said::new(l, word, ledger(l), sentence)
}

pub(super) fn confirmed(e: &ContactSettled, names: &Names) -> Said {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = say!(
        l,
        "{channel}のお知らせ先を、ほかの方と一緒に使っていると届け出ました。",
        "You said that you share a contact by {channel} with somebody."
    );
    Said::new(l, word(l), you(l), sentence)
}

const fn word(l: Language) -> &'static str {
    pick(l, "お知らせ先", "Contact")
}
