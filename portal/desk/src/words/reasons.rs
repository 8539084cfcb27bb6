//! What the reasons of a decision mean to a person: a sentence for each.

use akashi_proof::fault::FaultCode;
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::Language;

use crate::words::say::pick;

/// What a reason means, as a sentence.
pub const fn reason_sentence(l: Language, reason: Reason) -> &'static str {
    match reason {
        Reason::RequesterUnknown => pick(
            l,
            "依頼した機関は、認定されていません。",
            "The institution that asked is not certified.",
        ),
        Reason::RequesterSuspended => pick(
            l,
            "依頼した機関は、利用を停止されています。",
            "The institution that asked is suspended.",
        ),
        Reason::HolderSuspended => pick(
            l,
            "記録を持つ機関は、利用を停止されています。",
            "The institution that has the record is suspended.",
        ),
        Reason::KeyUnknown => pick(
            l,
            "依頼の電子署名を確認できませんでした。",
            "The request was signed with an unknown key.",
        ),
        Reason::KeyOfAnother => pick(
            l,
            "依頼は、別の機関の鍵で署名されていました。",
            "The request was signed with another institution's key.",
        ),
        Reason::KeyNotValid => pick(
            l,
            "依頼の署名に使われた鍵は、有効ではありません。",
            "The key that signed the request is not valid.",
        ),
        Reason::RegistryIncomplete => pick(
            l,
            "どの機関が参加できるかを示す公開の記録が失われているため、緊急のほかは認められません。",
            "A public record that says which institutions may take part is lost, so nothing but an emergency is allowed.",
        ),
        Reason::RoleNotHeld => pick(
            l,
            "依頼した担当者は、その役割を持っていません。",
            "The person who asked does not have the role claimed.",
        ),
        Reason::RequesterNotWhitelisted => pick(
            l,
            "この業務は、この種類の機関には認められていません。",
            "This kind of institution may not do this work.",
        ),
        Reason::RoleNotWhitelisted => pick(
            l,
            "この業務は、担当者の役割には認められていません。",
            "This work may not be done in this role.",
        ),
        Reason::PurposeNotWhitelisted => pick(
            l,
            "この業務では、依頼の目的での利用は認められていません。",
            "This work may not be done for this purpose.",
        ),
        Reason::HolderNotWhitelisted => pick(
            l,
            "この業務では、その機関の記録を見ることは認められていません。",
            "This work may not use records of this kind of institution.",
        ),
        Reason::CategoriesNotWhitelisted => pick(
            l,
            "この業務では認められていない種類の記録が含まれていました。",
            "Kinds of data were asked for that this work may not use.",
        ),
        Reason::LinkNotIssued => pick(
            l,
            "依頼した機関は、窓口での手続きがまだで、あなたを表す番号を受け取っていません。",
            "The institution that asked never got its code for you.",
        ),
        Reason::LinkRevoked => pick(
            l,
            "依頼した機関があなたを表す番号は、無効になっています。",
            "The code the institution has for you has ended.",
        ),
        Reason::HolderLinkNotIssued => pick(
            l,
            "記録を持つ機関は、あなたを表す番号を受け取っていません。",
            "The institution asked about has no code for you.",
        ),
        Reason::HolderLinkRevoked => pick(
            l,
            "記録を持つ機関があなたを表す番号は、無効になっています。",
            "The code the institution asked about has for you has ended.",
        ),
        Reason::MeansBlocked => pick(
            l,
            "使われたカードやIDなどは、利用を停止されています。",
            "The card, ID, phone or key used is blocked.",
        ),
        Reason::RecordsIncomplete => pick(
            l,
            "あなたの記録の一部が失われているため、緊急のほかは認められません。",
            "Some of your records are lost, so nothing but an emergency is allowed.",
        ),
        Reason::BasisNotAllowed => pick(
            l,
            "この業務では、依頼の根拠は認められていません。",
            "This work does not accept the ground claimed.",
        ),
        Reason::NoConsent => pick(
            l,
            "あなたの同意がありません。",
            "You have not agreed to it.",
        ),
        Reason::ConsentNotLive => pick(
            l,
            "あなたの同意は、この時点では有効ではありません。",
            "Your consent does not hold at this time.",
        ),
        Reason::ConsentOtherPurpose => pick(
            l,
            "あなたの同意は、別の目的についてのものです。",
            "You agreed to another purpose.",
        ),
        Reason::ConsentOtherCategories => pick(
            l,
            "あなたの同意に含まれていない種類の記録がありました。",
            "You did not agree to all the kinds of data asked for.",
        ),
        Reason::ConsentOtherProcess => pick(
            l,
            "あなたの同意は、別の業務についてのものです。",
            "You agreed to it for other work only.",
        ),
        Reason::ConsentOtherMode => pick(
            l,
            "あなたの同意は、別の使い方についてのものです。",
            "You agreed to another kind of use only.",
        ),
        Reason::ConsentOtherPeriod => pick(
            l,
            "あなたの同意は、別の時期の情報についてのものです。",
            "You agreed for data of another time only.",
        ),
        Reason::ConsentAssuranceTooLow => pick(
            l,
            "この種類の記録には、より確実な本人確認による同意が必要です。",
            "For this kind of data your consent must be confirmed more surely.",
        ),
        Reason::ApprovalAssuranceTooLow => pick(
            l,
            "あなたは許可しましたが、この種類の記録には、より確実な本人確認による許可が必要です。",
            "You allowed it, but for this kind of data your permission must be confirmed more surely.",
        ),
        Reason::EmergencyReasonNotAllowed => pick(
            l,
            "宣言された緊急の理由は、この業務では認められていません。",
            "This work does not accept the reason given for the emergency.",
        ),
        Reason::TooManyQuestions => pick(
            l,
            "あなたの返事を待つ許可のお願いが多すぎるため、新しいお願いをせず、認められませんでした。",
            "Too many permission requests were waiting for your answer, so you were not asked and it was not allowed.",
        ),
        Reason::CohortTooSmall => pick(
            l,
            "対象の人数が少なすぎるため、集計できません。",
            "The group is too small to be counted.",
        ),
        Reason::TooManyOpenPermits => pick(
            l,
            "同じ機関から、まだ使われていない許可が多すぎるため、認められませんでした。",
            "The institution already had too many permits it had not used, so it was not allowed.",
        ),
        Reason::TooManyEmergencies => pick(
            l,
            "この担当者は、この1時間に宣言できる緊急の回数を超えていました。",
            "This role-holder had declared as many emergencies in this hour as it may.",
        ),
        Reason::ConsentCovers => pick(l, "あなたの同意に基づく利用です。", "You agreed to it."),
        Reason::PersonApproved => pick(
            l,
            "あなたが、この依頼を許可しました。",
            "You allowed this very request.",
        ),
        Reason::StatuteProvides => pick(l, "法律に基づく利用です。", "The law provides for it."),
        Reason::EmergencyDeclared => pick(
            l,
            "緊急の治療のための利用です。",
            "It was declared an emergency.",
        ),
        Reason::CohortLargeEnough => pick(
            l,
            "人数の集計のみの利用です。",
            "Only numbers were counted; no single person can be seen.",
        ),
    }
}

/// That rules of the pack forbid it; which ones they are follows.
pub const fn forbidden(l: Language) -> &'static str {
    pick(l, "ルールにより禁止されています。", "A rule forbids it.")
}

/// What was wrong with a statement, as a sentence. The match is exhaustive, so that a new code does
/// not compile before it has its words.
pub const fn fault_sentence(l: Language, code: FaultCode) -> &'static str {
    match code {
        FaultCode::MalformedJws
        | FaultCode::BadHeader
        | FaultCode::WrongType
        | FaultCode::MalformedClaims
        | FaultCode::MissingMember
        | FaultCode::UnknownMember
        | FaultCode::BadMember => pick(
            l,
            "依頼の書き方に誤りがありました。",
            "The request was not written as it must be.",
        ),
        FaultCode::TooLarge => pick(l, "依頼が長すぎました。", "The request was too long."),
        FaultCode::UnknownKey | FaultCode::InvalidKey => pick(
            l,
            "依頼に、使うことのできない鍵で署名がされていました。",
            "The request was signed with a key that may not be used for it.",
        ),
        FaultCode::BadSignature => pick(
            l,
            "依頼の電子署名が正しくありませんでした。",
            "The signature of the request was not right.",
        ),
        FaultCode::Suspended => pick(
            l,
            "依頼した機関は、監督機関に利用を止められていました。",
            "The supervisors had stopped the institution that asked.",
        ),
        FaultCode::WrongAudience => pick(
            l,
            "あかしに宛てたものではない依頼でした。",
            "The request was not addressed to Akashi.",
        ),
        FaultCode::NotFresh => pick(
            l,
            "依頼の時刻が、届いた時刻と離れすぎていました。",
            "The request was made too long before or after it arrived.",
        ),
        FaultCode::AbsurdDate => pick(
            l,
            "依頼に、あり得ない日付がありました。",
            "The request held a date that cannot be meant.",
        ),
        FaultCode::JtiConflict => pick(
            l,
            "前の依頼と同じ番号が、違う内容に使われていました。",
            "The number of an earlier request was used again for something else.",
        ),
        FaultCode::UnknownCode => pick(
            l,
            "依頼に、あかしに登録のない機関や、ルールにない目的・業務・情報の種類が書かれていました。",
            "The request named an institution, purpose, work or kind of data that Akashi and its rules do not know.",
        ),
        FaultCode::ForeignLinkCode => pick(
            l,
            "依頼に、別の機関があなたを表す番号が使われていました。",
            "The request used a code for you that was given to another institution.",
        ),
        FaultCode::NoMatch => pick(
            l,
            "依頼に当てはまる人や記録がありませんでした。",
            "Nobody and nothing fits the request.",
        ),
        FaultCode::Mismatch => pick(
            l,
            "依頼と、一緒に届いたものとが食い違っていました。",
            "The request did not agree with what came beside it.",
        ),
        FaultCode::NotAuthorised => pick(
            l,
            "必要な署名がそろっていませんでした。",
            "The signatures it needs were not all there.",
        ),
        FaultCode::Conflict => pick(
            l,
            "今の状態では、受け付けられない依頼でした。",
            "The state of things does not allow what was asked.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_sentence_in_both_languages() {
        for (language, stop) in [(Language::Ja, '。'), (Language::En, '.')] {
            let said: std::collections::BTreeSet<_> = Reason::ALL
                .iter()
                .map(|reason| reason_sentence(language, *reason))
                .collect();
            assert_eq!(said.len(), Reason::ALL.len());
            assert!(said.iter().all(|sentence| sentence.ends_with(stop)));
        }
    }
}
