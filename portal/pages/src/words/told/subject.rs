//! The person's own standing in words: enrolment, contacts, links.

use akashi_desk::words::names::Names;
use akashi_proof::record::kind::{ContactVerified, LinkIssued, LinkRevoked, SubjectEnrolled};

use crate::words::text::{Rich, pick, say};
use crate::words::told::{Mark, Told, you};

pub(super) fn enrolled(e: &SubjectEnrolled, names: &Names) -> Told {
    let l = names.language;
    let sentence = say!(
        l,
        "あかしに登録しました。ここから、あなたについての記録が始まります。",
        "You enrolled with Akashi. The record about you begins here."
    );
    let mut told = Told::new(
        l,
        Mark::Consent,
        pick(l, "登録", "Enrolled"),
        you(l),
        sentence,
    );
    told.ground = Some((
        pick(l, "本人確認", "Identity shown by"),
        Rich::new(l, names.assurance(e.assurance)),
    ));
    told
}

pub(super) fn contact_verified(e: &ContactVerified, names: &Names) -> Told {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = match e.replaces {
        None => say!(
            l,
            "{channel}のお知らせ先が、あなたのものであることを確かめました。",
            "You showed that a contact by {channel} is yours."
        ),
        Some(_) => say!(
            l,
            "{channel}のお知らせ先を新しいものに取り替えました。",
            "You replaced a contact by {channel} with a new one."
        ),
    };
    Told::new(
        l,
        Mark::Notice,
        pick(l, "お知らせ先", "Contact"),
        you(l),
        sentence,
    )
}

pub(super) fn link_issued(e: &LinkIssued, names: &Names) -> Told {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "窓口での手続きにより、この機関が、あなたについてあかしを使えるようになりました。あなたの番号（qid）と、窓口であなたが伝えた番号を確かめました。",
        "{institution} can now send requests about you: it showed your visible ID (qid) and the number you read out at its counter, and received a code for you that no other institution can use."
    );
    Told::new(
        l,
        Mark::Notice,
        pick(l, "窓口の手続き", "At the counter"),
        institution.clone(),
        sentence,
    )
}

pub(super) fn link_revoked(e: &LinkRevoked, names: &Names) -> Told {
    let l = names.language;
    let institution = names.institution(&e.institution);
    let sentence = say!(
        l,
        "この機関があなたを表す番号は無効になり、あなたについてあかしを使えなくなりました。",
        "{institution} can no longer send requests about you: its code for you has ended."
    );
    Told::new(
        l,
        Mark::Withdrawn,
        pick(l, "利用の終わり", "Use ended"),
        institution.clone(),
        sentence,
    )
}
