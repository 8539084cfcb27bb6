//! The person's own standing in words: enrolment, contacts, links.

use akashi_proof::record::kind::{ContactVerified, LinkIssued, LinkRevoked, SubjectEnrolled};

use super::{Mark, Told, you};
use crate::pages::names::Names;
use crate::pages::text::{pick, say};

pub(super) fn enrolled(e: &SubjectEnrolled, names: &Names) -> Told {
    let l = names.language;
    let sentence = say!(
        l,
        "Akashi に登録しました。ここから、あなたについての記録が始まります。",
        "Enrolled with Akashi. The record about you begins here."
    );
    let mut told = Told::new(Mark::Consent, pick(l, "登録", "Enrolled"), you(l), sentence);
    told.ground = Some((
        pick(l, "確認", "Known by"),
        names.assurance(e.assurance).to_owned(),
    ));
    told
}

pub(super) fn contact_verified(e: &ContactVerified, names: &Names) -> Told {
    let l = names.language;
    let channel = names.channel(e.channel);
    let sentence = match e.replaces {
        None => say!(
            l,
            "{channel}の連絡先が、あなたのものであることを確かめました。",
            "Showed that a contact by {channel} is yours."
        ),
        Some(_) => say!(
            l,
            "{channel}の連絡先を新しいものに取りかえました。",
            "Replaced a contact by {channel} with a new one."
        ),
    };
    Told::new(Mark::Notice, pick(l, "連絡先", "Contact"), you(l), sentence)
}

pub(super) fn link_issued(e: &LinkIssued, names: &Names) -> Told {
    let l = names.language;
    let sentence = say!(
        l,
        "あなたの番号（qid）と、窓口であなたが伝えた番号を確かめて、この機関だけで使う連携コードを受け取りました。",
        "Received its own code for you, after your visible ID (qid) and the number you read out were checked. No other institution can use it."
    );
    Told::new(
        Mark::Notice,
        pick(l, "連携", "Linked"),
        names.institution(&e.institution),
        sentence,
    )
}

pub(super) fn link_revoked(e: &LinkRevoked, names: &Names) -> Told {
    let l = names.language;
    let sentence = say!(
        l,
        "この機関の連携コードは無効になりました。",
        "The code of this institution for you has ended."
    );
    Told::new(
        Mark::Withdrawn,
        pick(l, "連携の終わり", "Link ended"),
        names.institution(&e.institution),
        sentence,
    )
}
