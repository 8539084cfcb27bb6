//! Why it was decided so: the closed list of reasons, and how they stand in a decision's record.
//!
//! A code once recorded means the same for ever: codes are added, never changed. What each means to
//! a person is said where people read it.

use crate::fault::Fault;
use crate::ids::RuleCode;
use crate::record::value::{Item, ValueError, words};
use crate::record::word::Step;

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
        /// 2: a record of the registry is missing, so that who may take part is not known.
        RegistryIncomplete = "registry-incomplete",
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
        /// 9: one of the person's records is lost, so that what stands is not known.
        RecordsIncomplete = "records-incomplete",
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
        /// 9: a consent that allows less to be done with the data.
        ConsentOtherMode = "consent-other-mode",
        /// 9: a consent about data of another time.
        ConsentOtherPeriod = "consent-other-period",
        /// 9: a consent given with less assurance than a category needs.
        ConsentAssuranceTooLow = "consent-assurance-too-low",
        /// 9: the person approved with less assurance than a category needs.
        ApprovalAssuranceTooLow = "approval-assurance-too-low",
        /// 9: the process does not know this reason of an emergency.
        EmergencyReasonNotAllowed = "emergency-reason-not-allowed",
        /// 9: the person has as many open questions as she can answer.
        TooManyQuestions = "too-many-questions",
        /// 9: fewer persons than the minimum cell.
        CohortTooSmall = "cohort-too-small",
        /// 10: the requester has as many permits at the holder about the person as may wait to be
        /// released on.
        TooManyOpenPermits = "too-many-open-permits",
        /// 10: the role-holder has declared as many emergencies in this hour as it may.
        TooManyEmergencies = "too-many-emergencies",
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
    /// The step of the decision that refuses for it; `None` of what a permit rests on.
    pub const fn step(self) -> Option<Step> {
        match self {
            Self::RequesterUnknown
            | Self::RequesterSuspended
            | Self::HolderSuspended
            | Self::KeyUnknown
            | Self::KeyOfAnother
            | Self::KeyNotValid
            | Self::RegistryIncomplete => Some(Step::Institution),
            Self::RoleNotHeld => Some(Step::Role),
            Self::RequesterNotWhitelisted
            | Self::RoleNotWhitelisted
            | Self::PurposeNotWhitelisted
            | Self::HolderNotWhitelisted
            | Self::CategoriesNotWhitelisted => Some(Step::Whitelist),
            Self::LinkNotIssued | Self::LinkRevoked => Some(Step::RequesterLink),
            Self::HolderLinkNotIssued => Some(Step::Translation),
            Self::HolderLinkRevoked => Some(Step::HolderLink),
            Self::MeansBlocked => Some(Step::Means),
            Self::RecordsIncomplete
            | Self::BasisNotAllowed
            | Self::NoConsent
            | Self::ConsentNotLive
            | Self::ConsentOtherPurpose
            | Self::ConsentOtherCategories
            | Self::ConsentOtherProcess
            | Self::ConsentOtherMode
            | Self::ConsentOtherPeriod
            | Self::ConsentAssuranceTooLow
            | Self::ApprovalAssuranceTooLow
            | Self::EmergencyReasonNotAllowed
            | Self::TooManyQuestions
            | Self::CohortTooSmall => Some(Step::Basis),
            Self::TooManyOpenPermits | Self::TooManyEmergencies => Some(Step::Rules),
            Self::ConsentCovers
            | Self::PersonApproved
            | Self::StatuteProvides
            | Self::EmergencyDeclared
            | Self::CohortLargeEnough => None,
        }
    }
}

/// Why, as it stands in the field `reasons` of a decision.
///
/// ```text
/// code field expected found        of a bad statement, step 1: its fault
/// word                             of steps 2 to 9, of a bound, and of a permit
/// forbidden-by-rule code...        of step 10: the rules that forbid it
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reasons {
    /// Step 1: what is wrong with the statement itself.
    Fault(Fault),
    /// Steps 2 to 9, a bound of step 10, or what a permit rests on.
    Word(Reason),
    /// Step 10: the rules of the pack that forbid it, in the pack's order.
    Rules(Vec<RuleCode>),
}

/// What stands before the rules that forbid.
pub const FORBIDDEN_BY_RULE: &str = "forbidden-by-rule";

impl Reasons {
    /// The first step that failed; `None` of a permit.
    pub const fn step(&self) -> Option<Step> {
        match self {
            Self::Fault(_) => Some(Step::Statement),
            Self::Word(reason) => reason.step(),
            Self::Rules(_) => Some(Step::Rules),
        }
    }

    /// What is wrong with the statement itself, where that is the reason.
    pub const fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Word(_) | Self::Rules(_) => None,
        }
    }

    /// The codes as they are recorded.
    pub fn codes(&self) -> Vec<String> {
        match self {
            Self::Fault(fault) => fault.to_codes().into(),
            Self::Word(reason) => vec![reason.to_string()],
            Self::Rules(rules) => std::iter::once(FORBIDDEN_BY_RULE.to_owned())
                .chain(rules.iter().map(RuleCode::to_string))
                .collect(),
        }
    }

    /// Reads what [`Self::codes`] wrote; `None` for anything else.
    pub fn from_codes(codes: &[String]) -> Option<Self> {
        match codes {
            [first, rules @ ..] if first == FORBIDDEN_BY_RULE => {
                let rules = rules.iter().map(|code| RuleCode::parse(code).ok());
                rules.collect::<Option<_>>().map(Self::Rules)
            }
            [word] => Reason::parse(word).map(Self::Word),
            codes => Fault::from_codes(codes).map(Self::Fault),
        }
    }
}

impl From<Reason> for Reasons {
    fn from(reason: Reason) -> Self {
        Self::Word(reason)
    }
}

impl From<Fault> for Reasons {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Item for Reasons {
    fn write(&self, out: &mut Vec<u8>) {
        self.codes().write(out);
    }

    fn read(bytes: &[u8]) -> Result<Self, ValueError> {
        Self::from_codes(&Vec::read(bytes)?).ok_or(ValueError::Type(
            "one reason, rules that forbid, or a fault",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultCode;
    use crate::record::value::Value;

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
        assert_eq!(Reason::parse(FORBIDDEN_BY_RULE), None);
    }

    #[test]
    fn the_nearer_reason_is_the_greater_one() {
        assert!(Reason::ALL.is_sorted());
        let steps: Vec<_> = Reason::ALL.iter().filter_map(|r| r.step()).collect();
        assert!(steps.is_sorted(), "{steps:?}");
    }

    #[test]
    fn reasons_have_one_spelling() {
        let rule = |code| RuleCode::parse(code).unwrap();
        let fault = Fault::new(FaultCode::UnknownCode, "holder", "one", "another");
        let each = [
            (Reasons::from(Reason::NoConsent), vec!["no-consent"]),
            (
                Reasons::Rules(vec![rule("b"), rule("no-consent")]),
                vec![FORBIDDEN_BY_RULE, "b", "no-consent"],
            ),
            (
                Reasons::from(fault),
                vec!["unknown-code", "holder", "one", "another"],
            ),
        ];
        for (reasons, codes) in each {
            assert_eq!(reasons.codes(), codes);
            let bytes = reasons.encode();
            assert_eq!(bytes, reasons.codes().encode());
            assert_eq!(Reasons::decode(&bytes), Ok(reasons));
        }
        for codes in [
            &[][..],
            &["no-such-reason"],
            &["no-consent", "no-consent"],
            &["unknown-code"],
            &["unknown-code", "holder", "one"],
            &["no-consent", "holder", "one", "another"],
            &[FORBIDDEN_BY_RULE, "Not A Code"],
        ] {
            let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
            assert!(Reasons::decode(&codes.encode()).is_err(), "{codes:?}");
        }
    }
}
