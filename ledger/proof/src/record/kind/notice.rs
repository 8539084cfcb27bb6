//! Messages to the person.

use super::subject::Channel;
use crate::digest::Digest;
use crate::ids::{ContactId, LeafIndex, NoticeId};
use crate::record::fields::fields;

fields! {
    /// Fields of `notice.sent` and `notice.failed`.
    pub struct NoticeDelivery {
        /// The message.
        notice: NoticeId,
        /// Log index of what it is about, where it is about a record.
        about: Option<LeafIndex>,
        /// The template.
        template: String,
        /// Which kind of channel.
        channel: Channel,
        /// To which contact.
        contact: ContactId,
        /// Digest of the exact text.
        text_digest: Digest,
        /// How many times delivery was tried.
        attempts: u64,
    }
}
