//! Which consent covers an access. One consent must cover everything: what several cover only
//! together, the person was never asked about in one piece.

use akashi_proof::consent::Gap;
use akashi_proof::ids::Timestamp;
use akashi_proof::reason::Reason;
use akashi_proof::record::kind::Assurance;
use akashi_proof::state::Consent;
use akashi_proof::statement::AccessClaims;

/// The earliest recorded consent that covers the access, or the reason the nearest one does not.
///
/// # Errors
/// The [`Reason`] of the consent that came furthest; [`Reason::NoConsent`] if none is to this
/// requester about this holder.
pub(crate) fn covering<'c>(
    consents: &'c [Consent],
    claims: &AccessClaims,
    least: Assurance,
    now: Timestamp,
) -> Result<&'c Consent, Reason> {
    let mut covering: Option<&Consent> = None;
    let mut nearest = Reason::NoConsent;
    for consent in consents {
        match first_gap(consent, claims, least, now) {
            None if covering.is_none_or(|found| consent.index < found.index) => {
                covering = Some(consent)
            }
            None => {}
            Some(gap) => nearest = nearest.max(gap),
        }
    }
    covering.ok_or(nearest)
}

/// What the consent lacks first. The reasons are declared in this order, so that the greater one
/// came further.
fn first_gap(
    consent: &Consent,
    claims: &AccessClaims,
    least: Assurance,
    now: Timestamp,
) -> Option<Reason> {
    match consent.terms.covers(&claims.as_use(), now) {
        Err(gap) => Some(reason_of(gap)),
        Ok(()) => (consent.assurance < least).then_some(Reason::ConsentAssuranceTooLow),
    }
}

const fn reason_of(gap: Gap) -> Reason {
    match gap {
        Gap::Recipient | Gap::Holder => Reason::NoConsent,
        Gap::Time => Reason::ConsentNotLive,
        Gap::Purpose => Reason::ConsentOtherPurpose,
        Gap::Categories => Reason::ConsentOtherCategories,
        Gap::Process => Reason::ConsentOtherProcess,
        Gap::Mode => Reason::ConsentOtherMode,
        Gap::Period => Reason::ConsentOtherPeriod,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_and_assurances_are_declared_from_far_to_near_and_from_weak_to_strong() {
        let mut gaps = [
            Reason::NoConsent,
            Reason::ConsentNotLive,
            Reason::ConsentOtherPurpose,
            Reason::ConsentOtherCategories,
            Reason::ConsentOtherProcess,
            Reason::ConsentOtherMode,
            Reason::ConsentOtherPeriod,
            Reason::ConsentAssuranceTooLow,
        ];
        let declared = gaps;
        gaps.sort();
        assert_eq!(gaps, declared);
        let weak_to_strong = [
            Assurance::Sms,
            Assurance::EmailAndRecovery,
            Assurance::SmsAndRecovery,
            Assurance::TwoOfficers,
            Assurance::Passkey,
        ];
        assert_eq!(Assurance::ALL, weak_to_strong);
    }
}
