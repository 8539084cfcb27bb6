//! The stable codes of reasons, all in one place, and what each means to a person.
//!
//! A code once recorded means the same for ever: codes are added, never changed. A bad statement
//! (step 1) is recorded under the code of its [`akashi_proof::fault::FaultCode`]; a rule of the
//! pack (step 10) adds the rule's own code ([`crate::Pack::rule`]).

use akashi_proof::record::kind::Language;
use akashi_proof::words;

words! {
    /// Why an access was permitted, refused, or put to the person.
    pub enum Reason {
        /// 2: the institution that asks is not certified.
        RequesterUnknown = "requester-unknown",
        /// 2: the institution that asks is suspended.
        RequesterSuspended = "requester-suspended",
        /// 2: the institution that has the data is suspended.
        HolderSuspended = "holder-suspended",
        /// 2: the key that signed is not registered.
        KeyUnknown = "key-unknown",
        /// 2: the key that signed belongs to another institution.
        KeyOfAnother = "key-of-another-institution",
        /// 2: the key is not for signing, or not valid now.
        KeyNotValid = "key-not-valid",
        /// 3: the role-holder does not have the role now.
        RoleNotHeld = "role-not-held",
        /// 4: this kind of institution does not take part in the process.
        RequesterNotWhitelisted = "requester-not-whitelisted",
        /// 4: the process is not done in this role.
        RoleNotWhitelisted = "role-not-whitelisted",
        /// 4: the process does not serve this purpose.
        PurposeNotWhitelisted = "purpose-not-whitelisted",
        /// 4: the process does not read from this kind of institution.
        HolderNotWhitelisted = "holder-not-whitelisted",
        /// 4: the process does not read all these categories there.
        CategoriesNotWhitelisted = "categories-not-whitelisted",
        /// 5: the requester never got a link code.
        LinkNotIssued = "link-not-issued",
        /// 5: the requester's link code has ended.
        LinkRevoked = "link-revoked",
        /// 6: the holder has no link code to translate to.
        HolderLinkNotIssued = "holder-link-not-issued",
        /// 7: the holder's link code has ended.
        HolderLinkRevoked = "holder-link-revoked",
        /// 8: the card, visible ID, phone or key presented is blocked.
        MeansBlocked = "means-blocked",
        /// 9: the process does not accept this ground for this access.
        BasisNotAllowed = "basis-not-allowed",
        /// 9: no consent to this requester about this holder.
        NoConsent = "no-consent",
        /// 9: a consent, but not begun yet or ended.
        ConsentNotLive = "consent-not-live",
        /// 9: a consent for other purposes.
        ConsentOtherPurpose = "consent-other-purpose",
        /// 9: no single consent covers all categories.
        ConsentOtherCategories = "consent-other-categories",
        /// 9: a consent for other processes.
        ConsentOtherProcess = "consent-other-process",
        /// 9: a consent given with less assurance than a category needs.
        ConsentAssuranceTooLow = "consent-assurance-too-low",
        /// 9: the process does not know this reason of an emergency.
        EmergencyReasonNotAllowed = "emergency-reason-not-allowed",
        /// 9: fewer persons than the minimum cell.
        CohortTooSmall = "cohort-too-small",
        /// 10: a rule of the pack forbids it; the rule's code follows.
        ForbiddenByRule = "forbidden-by-rule",
        /// Permitted: a live consent covers it.
        ConsentCovers = "consent-covers",
        /// Permitted: the person approved this very request.
        PersonApproved = "person-approved",
        /// Permitted: a statute provides for it.
        StatuteProvides = "statute-provides",
        /// Permitted: an emergency was declared by a role that may.
        EmergencyDeclared = "emergency-declared",
        /// Permitted: counts over a cohort that is large enough.
        CohortLargeEnough = "cohort-large-enough",
    }
}

impl Reason {
    /// What the code means to a person, as a sentence.
    pub const fn sentence(self, language: Language) -> &'static str {
        let (ja, en) = self.sentences();
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }

    const fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Self::RequesterUnknown => (
                "依頼した機関は、認定されていません。",
                "The institution that asked is not certified.",
            ),
            Self::RequesterSuspended => (
                "依頼した機関は、利用を停止されています。",
                "The institution that asked is suspended.",
            ),
            Self::HolderSuspended => (
                "記録を持つ機関は、利用を停止されています。",
                "The institution that has the record is suspended.",
            ),
            Self::KeyUnknown => (
                "依頼の電子署名を確認できませんでした。",
                "The request was signed with an unknown key.",
            ),
            Self::KeyOfAnother => (
                "依頼は、別の機関の鍵で署名されていました。",
                "The request was signed with another institution's key.",
            ),
            Self::KeyNotValid => (
                "依頼の署名に使われた鍵は、有効ではありません。",
                "The key that signed the request is not valid.",
            ),
            Self::RoleNotHeld => (
                "依頼した担当者は、その役割を持っていません。",
                "The person who asked does not have the role claimed.",
            ),
            Self::RequesterNotWhitelisted => (
                "この業務は、この種類の機関には認められていません。",
                "This kind of institution may not do this work.",
            ),
            Self::RoleNotWhitelisted => (
                "この業務は、担当者の役割には認められていません。",
                "This work may not be done in this role.",
            ),
            Self::PurposeNotWhitelisted => (
                "この業務では、依頼の目的での利用は認められていません。",
                "This work may not be done for this purpose.",
            ),
            Self::HolderNotWhitelisted => (
                "この業務では、その機関の記録を見ることは認められていません。",
                "This work may not use records of this kind of institution.",
            ),
            Self::CategoriesNotWhitelisted => (
                "この業務では認められていない種類の記録が含まれていました。",
                "Kinds of data were asked for that this work may not use.",
            ),
            Self::LinkNotIssued => (
                "依頼した機関は、窓口での手続きがまだで、あなたを表す番号を受け取っていません。",
                "The institution that asked never got its code for you.",
            ),
            Self::LinkRevoked => (
                "依頼した機関があなたを表す番号は、無効になっています。",
                "The code the institution has for you has ended.",
            ),
            Self::HolderLinkNotIssued => (
                "記録を持つ機関は、あなたを表す番号を受け取っていません。",
                "The institution asked about has no code for you.",
            ),
            Self::HolderLinkRevoked => (
                "記録を持つ機関があなたを表す番号は、無効になっています。",
                "The code the institution asked about has for you has ended.",
            ),
            Self::MeansBlocked => (
                "使われたカードやIDなどは、利用を停止されています。",
                "The card, ID, phone or key used is blocked.",
            ),
            Self::BasisNotAllowed => (
                "この業務では、依頼の根拠は認められていません。",
                "This work does not accept the ground claimed.",
            ),
            Self::NoConsent => ("あなたの同意がありません。", "You have not agreed to it."),
            Self::ConsentNotLive => (
                "あなたの同意は、この時点では有効ではありません。",
                "Your consent does not hold at this time.",
            ),
            Self::ConsentOtherPurpose => (
                "あなたの同意は、別の目的についてのものです。",
                "You agreed to another purpose.",
            ),
            Self::ConsentOtherCategories => (
                "あなたの同意に含まれていない種類の記録がありました。",
                "You did not agree to all the kinds of data asked for.",
            ),
            Self::ConsentOtherProcess => (
                "あなたの同意は、別の業務についてのものです。",
                "You agreed to it for other work only.",
            ),
            Self::ConsentAssuranceTooLow => (
                "この種類の記録には、より確実な本人確認による同意が必要です。",
                "For this kind of data your consent must be confirmed more surely.",
            ),
            Self::EmergencyReasonNotAllowed => (
                "宣言された緊急の理由は、この業務では認められていません。",
                "This work does not accept the reason given for the emergency.",
            ),
            Self::CohortTooSmall => (
                "対象の人数が少なすぎるため、集計できません。",
                "The group is too small to be counted.",
            ),
            Self::ForbiddenByRule => ("ルールにより禁止されています。", "A rule forbids it."),
            Self::ConsentCovers => ("あなたの同意に基づく利用です。", "You agreed to it."),
            Self::PersonApproved => (
                "あなたが、この依頼を許可しました。",
                "You allowed this very request.",
            ),
            Self::StatuteProvides => ("法律に基づく利用です。", "The law provides for it."),
            Self::EmergencyDeclared => (
                "緊急の治療のための利用です。",
                "It was declared an emergency.",
            ),
            Self::CohortLargeEnough => (
                "人数の集計のみの利用です。",
                "Only numbers were counted; no single person can be seen.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_read_back() {
        for reason in Reason::ALL {
            let code = reason.as_str();
            assert!(
                code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{code}"
            );
            assert_eq!(Reason::parse(code), Some(*reason));
        }
    }

    #[test]
    fn the_nearer_reason_is_the_greater_one() {
        let whitelist = [
            Reason::RequesterNotWhitelisted,
            Reason::RoleNotWhitelisted,
            Reason::PurposeNotWhitelisted,
            Reason::HolderNotWhitelisted,
            Reason::CategoriesNotWhitelisted,
        ];
        assert!(whitelist.is_sorted());
    }

    #[test]
    fn every_code_has_its_own_sentence_in_both_languages() {
        for language in [Language::Ja, Language::En] {
            let sentences: std::collections::BTreeSet<_> =
                Reason::ALL.iter().map(|r| r.sentence(language)).collect();
            assert_eq!(sentences.len(), Reason::ALL.len());
        }
        assert!(
            Reason::ALL
                .iter()
                .all(|r| r.sentence(Language::Ja).ends_with('。')
                    && r.sentence(Language::En).ends_with('.'))
        );
    }
}
