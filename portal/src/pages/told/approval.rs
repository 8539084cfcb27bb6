//! Questions to the person and her answers in words.

use akashi_proof::record::kind::{ApprovalAnswered, ApprovalExpired, ApprovalRequested, YesNo};

use super::{Mark, Related, Told, asker, ledger, you};
use crate::pages::names::Names;
use crate::pages::text::{pick, say, strong};

pub(super) fn requested(e: &ApprovalRequested, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let (who, reference) = (asker(related, e.access, names), strong(&e.reference));
    let until = names.when.say(e.expires);
    let sentence = say!(
        l,
        "{who}の申し出（記録 {} 番）について、あなたの返事をお願いしました。受付番号は {reference}、期限は{until}です。",
        "Asked you about the request of {who} (record {}). The reference is {reference}; you had until {until}.",
        e.access
    );
    Told::new(
        Mark::Ask,
        pick(l, "確認依頼", "You were asked"),
        ledger(l),
        sentence,
    )
}

pub(super) fn granted(e: &ApprovalAnswered, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let (who, how) = (
        strong(asker(related, e.access, names)),
        names.answered_by(e.answered_by),
    );
    let sentence = say!(
        l,
        "{who}の申し出（記録 {} 番）を、{how}許可しました。",
        "Allowed the request of {who} (record {}) {how}.",
        e.access
    );
    answered(
        e,
        Told::new(
            Mark::Permit,
            pick(l, "あなたが許可", "You allowed"),
            you(l),
            sentence,
        ),
        names,
    )
}

pub(super) fn refused(e: &ApprovalAnswered, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let (who, how) = (
        strong(asker(related, e.access, names)),
        names.answered_by(e.answered_by),
    );
    let sentence = match e.reported {
        YesNo::Yes => say!(
            l,
            "{who}の申し出（記録 {} 番）を、{how}断り、おかしい申し出として報告しました。",
            "Refused the request of {who} (record {}) {how} and reported it as suspicious.",
            e.access
        ),
        YesNo::No => say!(
            l,
            "{who}の申し出（記録 {} 番）を、{how}断りました。",
            "Refused the request of {who} (record {}) {how}.",
            e.access
        ),
    };
    answered(
        e,
        Told::new(
            Mark::Deny,
            pick(l, "あなたが拒否", "You refused"),
            you(l),
            sentence,
        ),
        names,
    )
}

pub(super) fn expired(e: &ApprovalExpired, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let who = strong(asker(related, e.access, names));
    let sentence = say!(
        l,
        "{who}の申し出（記録 {} 番）は、期限までに返事がなかったので、断ったものとして終わりました。",
        "The request of {who} (record {}) was not answered in time. That counts as a refusal.",
        e.access
    );
    Told::new(
        Mark::Expired,
        pick(l, "期限切れ", "Expired"),
        you(l),
        sentence,
    )
}

fn answered(e: &ApprovalAnswered, mut told: Told, names: &Names) -> Told {
    let l = names.language;
    let seen = match e.seen {
        YesNo::Yes => pick(
            l,
            "内容をすべて画面で確かめたうえで",
            "with the whole request on the screen",
        ),
        YesNo::No => pick(l, "内容の画面は見ずに", "without seeing the whole request"),
    };
    let how = names.assurance(e.assurance);
    told.ground = Some((
        pick(l, "確認", "Known by"),
        say!(l, "{how}、{seen}", "{how}, {seen}"),
    ));
    told
}
