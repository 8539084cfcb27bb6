//! A person's answers to questions in words.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::{ApprovalAnswered, ApprovalExpired, YesNo};

use crate::words::text::{Rich, pick, say, strong};
use crate::words::told::{Related, Said, asker, the_record, you};

pub(super) fn granted(e: &ApprovalAnswered, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let (who, how) = (
        strong(asker(related, e.access, names)),
        names.answered_by(e.answered_by),
    );
    let record = the_record(l, e.access);
    let sentence = say!(
        l,
        "{who}の依頼（{record}）を、{how}許可しました。",
        "You allowed the request of {who} ({record}) {how}."
    );
    answered(
        e,
        Said::new(l, pick(l, "あなたが許可", "You allowed"), you(l), sentence),
        names,
    )
}

pub(super) fn refused(e: &ApprovalAnswered, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let (who, how) = (
        strong(asker(related, e.access, names)),
        names.answered_by(e.answered_by),
    );
    let record = the_record(l, e.access);
    let sentence = match e.reported {
        YesNo::Yes => say!(
            l,
            "{who}の依頼（{record}）を、{how}断り、不審な依頼として報告しました。",
            "You refused the request of {who} ({record}) {how} and reported it as suspicious."
        ),
        YesNo::No => say!(
            l,
            "{who}の依頼（{record}）を、{how}断りました。",
            "You refused the request of {who} ({record}) {how}."
        ),
    };
    answered(
        e,
        Said::new(
            l,
            pick(l, "あなたがお断り", "You refused"),
            you(l),
            sentence,
        ),
        names,
    )
}

pub(super) fn expired(e: &ApprovalExpired, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let who = strong(asker(related, e.access, names));
    let record = the_record(l, e.access);
    let sentence = say!(
        l,
        "{who}の依頼（{record}）は、期限までに返事がなかったため、許可されなかったものとして終わりました。",
        "You did not answer the request of {who} ({record}) in time. It counts as refused."
    );
    Said::new(
        l,
        pick(l, "期限切れ", "Expired"),
        // Nobody acted: it stands under the name of the one whose request it was.
        asker(related, e.access, names),
        sentence,
    )
}

fn answered(e: &ApprovalAnswered, mut told: Said, names: &Names) -> Said {
    let l = names.language;
    let seen = match e.seen {
        YesNo::Yes => pick(
            l,
            "詳細画面を開いて返事をしました",
            "the full request was on the screen",
        ),
        YesNo::No => pick(
            l,
            "詳細画面は開いていません",
            "the full request was not opened",
        ),
    };
    let how = names.assurance(e.assurance);
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, say!(l, "{how}（{seen}）", "{how} ({seen})")),
    ));
    told
}
