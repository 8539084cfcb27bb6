//! Closed words that kinds of more than one family use.

use super::value::words;

words! {
    /// Why something may be looked at (the legal basis a statement claims).
    pub enum BasisKind {
        /// A live consent of the person.
        Consent = "consent",
        /// A statute named by the process in the whitelist.
        Statute = "statute",
        /// A declared emergency, by a role allowed to.
        Emergency = "emergency",
        /// Counts over a cohort at or above the minimum cell.
        Statistics = "statistics",
    }
}

words! {
    /// What was decided, and what the requester is told.
    pub enum Outcome {
        /// The access may take place under the duties.
        Permit = "permit",
        /// The access may not take place.
        Deny = "deny",
        /// The person is asked first.
        Ask = "ask",
    }
}

words! {
    /// The ten steps of the decision, in order; the first that fails is recorded (docs/DESIGN.md
    /// "The decision").
    pub enum Step {
        /// 1: well-formed, signed, fresh.
        Statement = "1-statement",
        /// 2: institution certified, key valid.
        Institution = "2-institution",
        /// 3: the role-holder has the role now.
        Role = "3-role",
        /// 4: process x requester x role x purpose x holder x categories is whitelisted.
        Whitelist = "4-whitelist",
        /// 5: the requester's link code was issued.
        RequesterLink = "5-requester-link",
        /// 6: it translates to the holder's.
        Translation = "6-translation",
        /// 7: the holder's link code was issued.
        HolderLink = "7-holder-link",
        /// 8: the means presented is not blocked.
        Means = "8-means",
        /// 9: a legal basis covers the access.
        Basis = "9-basis",
        /// 10: the policy's rules.
        Rules = "10-rules",
    }
}

words! {
    /// How sure the ledger can be that the person acted.
    pub enum Assurance {
        /// An SMS code alone.
        Sms = "sms",
        /// A code by e-mail and the recovery code printed at enrolment: for whoever has no phone.
        EmailAndRecovery = "email+recovery",
        /// An SMS code and the recovery code printed at enrolment.
        SmsAndRecovery = "sms+recovery",
        /// Two officers at a counter, each with a signature.
        TwoOfficers = "two-officers",
        /// A passkey signed the digest of what was shown.
        Passkey = "passkey",
    }
}

words! {
    /// A language of the portal.
    pub enum Language {
        /// Japanese.
        Ja = "ja",
        /// English.
        En = "en",
    }
}

words! {
    /// Yes or no.
    pub enum YesNo {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
    }
}
