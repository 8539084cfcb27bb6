//! Which messages go before others.

use akashi_proof::record::kind::Template;

/// How soon she must know, the most urgent first. Its number stands in the key of a message that
/// waits (`outbox.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Urgency {
    /// Her data is being used without her.
    Emergency = 0,
    /// Somebody may be taking over her account.
    Contact = 1,
    /// Somebody tried what is not allowed, or took her for another.
    Misuse = 2,
    /// Somebody waits for her answer.
    Question = 3,
    /// Everything else stands in the history as well.
    Rest = 4,
}

impl Urgency {
    pub(crate) const fn of(template: Template) -> Self {
        match template {
            Template::EmergencyAccess => Self::Emergency,
            Template::ContactChanged
            | Template::AccountChanged
            | Template::ContactReplacing
            | Template::ContactKept
            | Template::ContactEnded
            | Template::ContactDoubted
            | Template::PapersReplaced
            | Template::MeansBlocked
            | Template::MeansUnblocked => Self::Contact,
            Template::OutOfPurpose | Template::ReleaseRefused | Template::LinkCorrected => {
                Self::Misuse
            }
            Template::ApprovalRequest
            | Template::ReplyHelp
            | Template::ReplyLate
            | Template::ReplyRecorded
            | Template::ReplyAnswered
            | Template::ReplyInPortal => Self::Question,
            Template::ApprovalPermitted
            | Template::ApprovalNotPermitted
            | Template::ApprovalRefused
            | Template::ApprovalExpired
            | Template::AccessPermitted
            | Template::AccessRefused
            | Template::ConsentGiven
            | Template::ConsentNarrowed
            | Template::ConsentWithdrawn
            | Template::ConsentsStopped
            | Template::LinkIssued
            | Template::LinkEnded
            | Template::Summary
            | Template::MoreHappened
            | Template::NoticeUndelivered => Self::Rest,
        }
    }

    /// Whether the person may have to act at once: no other message may use up the room for it.
    pub(crate) fn is_warning(self) -> bool {
        self <= Self::Misuse
    }
}
