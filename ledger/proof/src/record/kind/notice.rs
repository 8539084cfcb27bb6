//! Messages to the person.

use super::subject::Channel;
use crate::digest::Digest;
use crate::ids::{ContactId, LeafIndex, NoticeId};
use crate::record::fields::fields;
use crate::record::value::{Set, words};

words! {
    /// What a message says: no person's words, only which of the texts it is. Codes are no notices,
    /// and no record says that one was sent.
    pub enum Template {
        /// The person is asked about one access.
        ApprovalRequest = "approval-request",
        /// She approved, and the access was permitted.
        ApprovalPermitted = "approval-permitted",
        /// She approved, and the access was refused for another reason.
        ApprovalNotPermitted = "approval-not-permitted",
        /// She refused.
        ApprovalRefused = "approval-refused",
        /// Nobody answered in time.
        ApprovalExpired = "approval-expired",
        /// A role-holder asked outside the whitelist or without the role.
        OutOfPurpose = "out-of-purpose",
        /// An emergency was declared and data opened.
        EmergencyAccess = "emergency-access",
        /// An access was permitted, in a process that always tells.
        AccessPermitted = "access-permitted",
        /// An access was refused, in a process that always tells.
        AccessRefused = "access-refused",
        /// A holder was about to release on evidence that opens nothing any more.
        ReleaseRefused = "release-refused",
        /// A consent was given.
        ConsentGiven = "consent-given",
        /// A consent was narrowed.
        ConsentNarrowed = "consent-narrowed",
        /// A consent was withdrawn.
        ConsentWithdrawn = "consent-withdrawn",
        /// An institution learned its code for the person.
        LinkIssued = "link-issued",
        /// A code an institution had for the person ended, by her will or its own.
        LinkEnded = "link-ended",
        /// An institution found that its code for the person never was hers.
        LinkCorrected = "link-corrected",
        /// The person ended all her consents at once.
        ConsentsStopped = "consents-stopped",
        /// Her phone was blocked.
        MeansBlocked = "means-blocked",
        /// Her phone counts again.
        MeansUnblocked = "means-unblocked",
        /// Her visible ID and recovery code were replaced.
        PapersReplaced = "papers-replaced",
        /// A contact is to be replaced; told to it and to the others.
        ContactReplacing = "contact-replacing",
        /// That was stopped.
        ContactKept = "contact-kept",
        /// A contact is hers no longer; told to those she has left.
        ContactEnded = "contact-ended",
        /// Somebody else has shown that her number is theirs.
        ContactDoubted = "contact-doubted",
        /// Her account was suspended, resumed or closed.
        AccountChanged = "account-changed",
        /// A contact was added or replaced; told to those she had before.
        ContactChanged = "contact-changed",
        /// Her reply could not be used.
        ReplyHelp = "reply-help",
        /// Her reply came when nothing was waiting for it.
        ReplyLate = "reply-late",
        /// Her reply was recorded.
        ReplyRecorded = "reply-recorded",
        /// Her reply came after an answer.
        ReplyAnswered = "reply-answered",
        /// Her reply would allow what can be allowed in the portal only.
        ReplyInPortal = "reply-in-portal",
        /// How many uses of some days there were, of those that are not told one by one.
        Summary = "summary",
        /// More happened than messages are sent about.
        MoreHappened = "more-happened",
        /// A message by SMS did not reach her phone; told by mail alone.
        NoticeUndelivered = "notice-undelivered",
    }
}

words! {
    /// What the gateway that took an SMS says became of it. It is the gateway's word, and that of
    /// whoever runs this log.
    pub enum Arrival {
        /// It is on the phone.
        Delivered = "delivered",
        /// It could not be brought there.
        Undelivered = "undelivered",
        /// The phone was out of reach for as long as the network tries.
        Expired = "expired",
        /// A network would not carry it.
        Rejected = "rejected",
    }
}

fields! {
    /// Fields of `notice.sent` and `notice.failed`.
    pub struct NoticeDelivery {
        /// The message.
        notice: NoticeId,
        /// Log index of what it is about, where it is about a record.
        about: Option<LeafIndex>,
        /// What it says.
        template: Template,
        /// Which kind of channel.
        channel: Channel,
        /// To which contact.
        contact: ContactId,
        /// Digest of the exact text.
        text_digest: Digest,
        /// How many times delivery was tried.
        attempts: u64,
    }

    /// Fields of `notice.reported`.
    pub struct NoticesReported {
        /// What became of them, alike of all.
        arrival: Arrival,
        /// Log indexes of the records that they were handed over, at least one and at most
        /// [`REPORTED_AT_ONCE_MAX`](crate::limits::REPORTED_AT_ONCE_MAX).
        notices: Set<LeafIndex>,
    }
}
