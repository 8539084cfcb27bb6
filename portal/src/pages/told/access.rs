//! Accesses in words: decided, and what was handed over on them.

use akashi_proof::record::kind::{
    AccessDecided, AccessReleased, BasisKind, Language, Outcome, ReleaseRefused, Step,
};

use super::{Mark, Related, Told, access_at};
use crate::pages::names::Names;
use crate::pages::text::{Rich, pick, say, strong};

pub(super) fn decided(e: &AccessDecided, names: &Names) -> Told {
    let l = names.language;
    let (signer, role) = (names.institution(&e.requester), names.role(&e.role));
    // Who signed is certified and stands first; for whom they say they ask is their own word, which
    // nobody checked.
    let who = match &e.on_behalf_of {
        None => say!(l, "{signer}（{role}）", "{signer} ({role})"),
        Some(other) => say!(
            l,
            "{signer}（{role}、相手の説明によれば「{other}」のため）",
            "{signer} ({role}, on behalf of, as they say: {other})"
        ),
    };
    let from = names.institution(&e.holder);
    let (what, purpose) = (
        strong(names.categories(e.categories.iter())),
        strong(names.purpose(&e.purpose)),
    );
    let emergency = e.basis_kind == BasisKind::Emergency;
    let (mark, word, sentence) = match e.outcome {
        Outcome::Permit if emergency => (
            Mark::Emergency,
            pick(l, "緊急・許可", "Emergency, allowed"),
            say!(
                l,
                "{from}にある{what}を、あなたの同意なしに、{purpose}のために見ることが緊急に認められました。",
                "Was allowed, as an emergency and without your consent, to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Permit => (
            Mark::Permit,
            pick(l, "許可", "Allowed"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ることが認められました。",
                "Was allowed to see {what} kept at {from} for {purpose}."
            ),
        ),
        Outcome::Deny if e.step == Some(Step::Whitelist) => (
            Mark::Alert,
            pick(
                l,
                "認められた範囲の外・拒否",
                "Outside what is allowed, refused",
            ),
            say!(
                l,
                "{from}にある{what}を、{purpose}のためとして見ようとしましたが、認められた範囲の外なので断りました。",
                "Asked to see {what} kept at {from}, for {purpose}. It is outside what is allowed, so it was refused."
            ),
        ),
        Outcome::Deny => (
            Mark::Deny,
            pick(l, "拒否", "Refused"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見ようとしましたが、断りました。",
                "Tried to see {what} kept at {from} for {purpose}. It was refused."
            ),
        ),
        Outcome::Ask => (
            Mark::Ask,
            pick(l, "あなたに確認", "You were asked"),
            say!(
                l,
                "{from}にある{what}を、{purpose}のために見てよいか、あなたに尋ねました。",
                "Asked you whether {what} kept at {from} may be seen for {purpose}."
            ),
        ),
    };
    let ground = match e.outcome {
        Outcome::Permit => (pick(l, "根拠", "Ground"), ground(e, names)),
        Outcome::Deny => (pick(l, "理由", "Why"), names.reasons(&e.reasons)),
        Outcome::Ask => (pick(l, "理由", "Why"), names.reasons(&e.reasons)),
    };
    Told {
        mark,
        word,
        who,
        sentence: Rich::new(sentence),
        ground: Some(ground),
    }
}

/// What a permit rests on.
fn ground(e: &AccessDecided, names: &Names) -> String {
    let l = names.language;
    match (e.basis_kind, e.consent, e.approval) {
        (BasisKind::Consent, _, Some(index)) => {
            say!(
                l,
                "あなたの許可（記録 {index} 番）",
                "You allowed it (record {index})"
            )
        }
        (BasisKind::Consent, Some(index), _) => {
            say!(
                l,
                "あなたの同意（記録 {index} 番）",
                "Your consent (record {index})"
            )
        }
        (BasisKind::Statute, ..) => {
            let statute = names
                .pack
                .process(&e.process)
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
                Some(text) => say!(
                    l,
                    "緊急：{reason}（担当者の説明「{text}」）",
                    "Emergency: {reason} (in their own words: “{text}”)"
                ),
                None => say!(l, "緊急：{reason}", "Emergency: {reason}"),
            }
        }
        _ => names.basis(e.basis_kind).to_owned(),
    }
}

pub(super) fn released(e: &AccessReleased, names: &Names, related: &dyn Related) -> Told {
    let l = names.language;
    let index = e.access;
    let sentence = match access_at(related, index) {
        Some(access) => {
            let (to, what) = (
                strong(names.institution(&access.requester)),
                strong(names.categories(access.categories.iter())),
            );
            say!(
                l,
                "許可（記録 {index} 番）を確かめて、{to}に{what}を渡しました。",
                "Checked the permit (record {index}) and handed {what} to {to}."
            )
        }
        None => say!(
            l,
            "許可（記録 {index} 番）を確かめて、情報を渡しました。",
            "Checked the permit (record {index}) and handed the data over."
        ),
    };
    Told::new(
        Mark::Permit,
        pick(l, "提供", "Handed over"),
        names.institution(&e.holder),
        sentence,
    )
}

pub(super) fn release_refused(e: &ReleaseRefused, names: &Names) -> Told {
    let l = names.language;
    let index = e.access;
    let sentence = say!(
        l,
        "許可（記録 {index} 番）で情報を渡そうとしましたが、その許可はもう使えないため、止めました。",
        "Wanted to hand data over on the permit in record {index}, which can no longer be used. It was stopped."
    );
    let mut told = Told::new(
        Mark::Deny,
        pick(l, "提供を停止", "Stopped"),
        names.institution(&e.holder),
        sentence,
    );
    let reasons = e.reasons.iter().map(|code| release_reason(l, code));
    told.ground = Some((pick(l, "理由", "Why"), names.list(reasons)));
    told
}

/// Why evidence was not opened.
pub(crate) fn release_reason(l: Language, code: &str) -> String {
    match code {
        "spent" => pick(l, "すでに一度使われている", "it was used once already").to_owned(),
        "expired" => pick(l, "期限が過ぎている", "its time is over").to_owned(),
        "consent-ended" => pick(
            l,
            "もとになった同意が終わっている",
            "the consent it rested on has ended",
        )
        .to_owned(),
        "institution-suspended" => pick(
            l,
            "機関の利用が止められている",
            "an institution is suspended",
        )
        .to_owned(),
        "link-ended" => pick(l, "連携コードが無効になっている", "a link code has ended").to_owned(),
        other => say!(l, "その他（{other}）", "another reason ({other})"),
    }
}
