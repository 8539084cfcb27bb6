//! Accesses in words: decided, and what was handed over on them.

use akashi_desk::words::names::Names;
use akashi_desk::words::quoted::quoted;
use akashi_proof::record::kind::{
    AccessAsked, AccessDecided, AccessReleased, AccessesCounted, BasisKind, Language, Outcome,
    ReleaseReason, ReleaseRefused, Step,
};

use crate::words::text::{Rich, pick, say, say_many, strong};
use crate::words::told::{Related, Said, access_at, the_record};

pub(super) fn decided(e: &AccessDecided, names: &Names) -> Said {
    let l = names.language;
    let (signer, role) = (names.institution(&e.requester), names.role(&e.role));
    // Who signed is certified and stands first; for whom they say they ask is their own word, which
    // nobody checked.
    let who = match &e.on_behalf_of {
        None => say!(l, "{signer}（{role}）", "{signer} ({role})"),
        Some(other) => {
            let other = quoted(l, other);
            say!(
                l,
                "{signer}（{role}、相手の説明によれば{other}のため）",
                "{signer} ({role}, on behalf of, as they say: {other})"
            )
        }
    };
    let from = names.institution(&e.holder);
    let (what, purpose) = (
        strong(names.categories(e.categories.iter())),
        strong(names.purpose(&e.purpose)),
    );
    let emergency = e.basis_kind == BasisKind::Emergency;
    let (word, sentence) = match e.outcome {
        Outcome::Permit if emergency => (
            pick(l, "緊急のため利用可", "Allowed, emergency"),
            say!(
                l,
                "緊急のため、{from}にある{what}を、{purpose}のために、あなたの同意なしで見ることが認められました。",
                "{signer} was allowed, as an emergency and without your consent, to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Permit => (
            allowed_by(e, l),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ることが認められました。",
                "{signer} was allowed to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Deny if e.step == Some(Step::Whitelist) => (
            pick(l, "認められた範囲の外", "Outside what is allowed"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のためとして見ようとしましたが、認められた範囲の外なので、認められませんでした。",
                "{signer} tried to see {what} kept at {from}, for {purpose}. This lies outside what is allowed, so it was not allowed."
            ),
        ),
        Outcome::Deny => (
            pick(l, "認められず", "Not allowed"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ようとしましたが、認められませんでした。",
                "{signer} tried to see {what} kept at {from} for {purpose}. It was not allowed."
            ),
        ),
        Outcome::Ask => (
            pick(l, "許可のお願い", "Permission request"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見る許可を、あなたにお願いしました。",
                "{signer} asked for your permission to see {what} kept at {from} for {purpose}."
            ),
        ),
    };
    let ground = match e.outcome {
        Outcome::Permit => (pick(l, "根拠", "Ground"), ground(e, names)),
        Outcome::Deny => (pick(l, "理由", "Why"), names.reasons(&e.reasons)),
        Outcome::Ask => (
            pick(l, "お願いした理由", "Why you were asked"),
            names.reasons_to_ask(&e.reasons),
        ),
    };
    Said {
        word,
        who: Rich::new(l, who),
        sentence: Rich::new(l, sentence),
        ground: Some((ground.0, Rich::new(l, ground.1))),
    }
}

/// What was put to her stands behind what was asked for: with the reference she finds the message.
pub(super) fn asked(e: &AccessAsked, names: &Names) -> Said {
    let l = names.language;
    let mut told = decided(&e.decided, names);
    let until = e.decided.expires.map(|expires| names.when.say(expires));
    let (reference, until) = (strong(&e.reference), until.unwrap_or_default());
    let put = say!(
        l,
        "受付番号は{reference}、期限は{until}です。",
        " The reference is {reference}; you had until {until}."
    );
    told.sentence = told.sentence.followed_by(&put);
    told
}

/// The word for a permit, by its ground: "allowed" alone would read as the person's own act.
const fn allowed_by(e: &AccessDecided, l: Language) -> &'static str {
    match (e.basis_kind, e.approval) {
        (BasisKind::Consent, Some(_)) => pick(l, "許可により利用可", "Allowed by your permission"),
        (BasisKind::Consent, None) => pick(l, "同意により利用可", "Allowed by your consent"),
        (BasisKind::Statute, _) => pick(l, "法律により利用可", "Allowed by law"),
        (BasisKind::Emergency, _) => pick(l, "緊急のため利用可", "Allowed, emergency"),
        (BasisKind::Statistics, _) => pick(l, "集計のため利用可", "Allowed for counting"),
    }
}

/// What a permit rests on.
fn ground(e: &AccessDecided, names: &Names) -> String {
    let l = names.language;
    match (e.basis_kind, e.consent, e.approval) {
        (BasisKind::Consent, _, Some(index)) => {
            let record = the_record(l, index);
            say!(l, "あなたの許可（{record}）", "You allowed it ({record})")
        }
        (BasisKind::Consent, Some(index), _) => {
            let record = the_record(l, index);
            say!(l, "あなたの同意（{record}）", "Your consent ({record})")
        }
        (BasisKind::Statute, ..) => {
            // No other pack's law: this access did not rest on it.
            let decided_by = Some(&names.pack).filter(|pack| pack.digest() == e.policy_digest);
            let statute = decided_by
                .and_then(|pack| pack.process(&e.process))
                .and_then(|process| process.statute.as_ref());
            statute
                .map_or(names.basis(e.basis_kind), |text| text.in_language(l))
                .to_owned()
        }
        (BasisKind::Emergency, ..) => {
            let reason = e
                .reason_code
                .as_deref()
                .map(|code| names.emergency_reason(code))
                .unwrap_or_default();
            match &e.reason_text {
                Some(text) => {
                    let text = quoted(l, text);
                    say!(
                        l,
                        "緊急：{reason}（担当者の説明{text}）",
                        "Emergency: {reason} (in their own words: {text})"
                    )
                }
                None => say!(l, "緊急：{reason}", "Emergency: {reason}"),
            }
        }
        (BasisKind::Consent, None, None) | (BasisKind::Statistics, ..) => {
            names.basis(e.basis_kind).to_owned()
        }
    }
}

pub(super) fn released(e: &AccessReleased, names: &Names, related: &dyn Related) -> Said {
    let l = names.language;
    let (record, from) = (the_record(l, e.access), names.institution(&e.holder));
    let sentence = match access_at(related, e.access) {
        Some(access) => {
            let (to, what) = (
                strong(names.institution(&access.requester)),
                strong(
                    names
                        .under(&access.policy_digest)
                        .categories(access.categories.iter()),
                ),
            );
            say!(
                l,
                "利用証（{record}）を確かめて、{to}に{what}を渡しました。",
                "{from} checked the permit ({record}) and handed {what} to {to}."
            )
        }
        None => say!(
            l,
            "利用証（{record}）を確かめて、情報を渡しました。",
            "{from} checked the permit ({record}) and handed the data over."
        ),
    };
    Said::new(l, pick(l, "提供", "Handed over"), from.clone(), sentence)
}

/// What was asked above what may be: a number, whose it was, and that nothing came of it.
pub(super) fn counted(e: &AccessesCounted, names: &Names) -> Said {
    let l = names.language;
    let (count, from) = (e.count, names.institution(&e.requester));
    let sentence = say_many!(
        l,
        "{from}から、決められた回数を超えてあなたの情報の依頼が{count}件ありました。どれも許可していません。",
        "{from} asked about you once more than it may. Nothing was allowed.",
        "{from} asked about you {count} times more than it may. Nothing was allowed.",
        count
    );
    Said::new(
        l,
        pick(l, "回数の超過", "Asked too often"),
        from.clone(),
        sentence,
    )
}

pub(super) fn release_refused(e: &ReleaseRefused, names: &Names) -> Said {
    let l = names.language;
    let (record, from) = (the_record(l, e.access), names.institution(&e.holder));
    let sentence = say!(
        l,
        "利用証（{record}）で情報を渡そうとしましたが、その利用証はもう使えないため、止めました。",
        "{from} was about to hand data over on the permit in {record}, which can no longer be used. It was stopped."
    );
    let mut told = Said::new(
        l,
        pick(l, "提供を停止", "Hand-over stopped"),
        from.clone(),
        sentence,
    );
    let reasons = release_reasons(&e.reasons, names);
    told.ground = Some((pick(l, "理由", "Why"), Rich::new(l, reasons)));
    told
}

/// Why evidence was not opened.
pub(crate) const fn release_reason(l: Language, reason: ReleaseReason) -> &'static str {
    match reason {
        ReleaseReason::Spent => pick(l, "すでに一度使われている", "it was used once already"),
        ReleaseReason::Expired => pick(l, "期限が過ぎている", "its time is over"),
        ReleaseReason::ConsentEnded => pick(
            l,
            "もとになった同意が終わっている",
            "the consent it rested on has ended",
        ),
        ReleaseReason::InstitutionSuspended => pick(
            l,
            "機関の利用が止められている",
            "an institution is suspended",
        ),
        ReleaseReason::MeansBlocked => pick(
            l,
            "あなたの電話が、あかしで使えないようになっている",
            "your phone is blocked in Akashi",
        ),
        ReleaseReason::LinkEnded => pick(
            l,
            "機関があなたを表す番号が無効になっている",
            "an institution's code for you has ended",
        ),
        ReleaseReason::KeyEnded => pick(
            l,
            "依頼に使われた鍵が無効になっている",
            "the key that signed the request has ended",
        ),
        ReleaseReason::RoleEnded => pick(
            l,
            "依頼した人の役割が終わっている",
            "whoever asked has the role no longer",
        ),
        ReleaseReason::OtherEvidence => pick(
            l,
            "別の利用証が示された",
            "it was not the evidence of this permit",
        ),
        ReleaseReason::RecordClosed => pick(
            l,
            "もとになった記録の内容が読めなくなっている",
            "what the record it rested on said can no longer be read",
        ),
        ReleaseReason::RecordsIncomplete => pick(
            l,
            "あなたの記録の一部が失われ、何が終わったか分からない",
            "some records are lost, so it is not known what has ended",
        ),
    }
}

/// Several of them, as they are read out.
pub(crate) fn release_reasons(reasons: &[ReleaseReason], names: &Names) -> String {
    let words = reasons
        .iter()
        .map(|reason| release_reason(names.language, *reason));
    names.list(words.map(str::to_owned))
}
