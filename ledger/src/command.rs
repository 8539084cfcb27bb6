//! The commands: every way the ledger can change, one file a family.
//!
//! | command | appends |
//! |---|---|
//! | [`CarryOut`] | `supervisor.changed`, `institution.*`, `key.*`, `policy.activated`, `role.*` |
//! | [`Enrol`], [`ReplacePapers`], [`VerifyContact`] | `subject.*` |
//! | [`IssueLink`] | `link.issued`, or `statement.refused` |
//! | [`EndLink`], [`WithdrawLink`] | `link.{revoked,corrected,withdrawn}`, `statement.refused` |
//! | [`GiveConsent`], [`NarrowConsent`], [`WithdrawConsent`], [`StopEverything`] | `consent.*` |
//! | [`ReplaceContact`], [`KeepContact`], [`EndContact`] | `contact.{replaced,kept,ended}` |
//! | [`DoubtContact`], [`ConfirmContact`] | `contact.{doubted,confirmed}` |
//! | [`ChangeAccount`] | `account.*` |
//! | [`BlockMeans`], [`UnblockMeans`] | `means.*` |
//! | [`DecideAccess`] | `access.{permitted,denied,asked}`, `statistics.*`, `statement.refused` |
//! | [`AnswerApproval`], [`ExpireApproval`] | `approval.*`, and a new decision |
//! | [`Release`] | `access.released`, `access.release_refused` |
//! | [`RaiseAlert`] | `alert.raised` |
//! | [`RecordDelivery`], [`RecordReports`] | `notice.{sent,failed}`, `notice.reported` |
//! | [`RefuseStatement`], [`CountThrottled`] | `statement.refused`, `statement.throttled` |
//! | [`CountAccesses`] | `access.counted` |
//! | [`ChangeOutbox`], [`WithOutbox`] | nothing; rows of the outbox |
//! | [`InHerName`] | what the command in it appends, where what was shown for it still counts |

mod access;
mod account;
mod acts;
mod approval;
mod consent;
mod contact;
mod counted;
mod entrance;
mod in_her_name;
mod link;
mod link_end;
mod means;
mod notice;
mod refuse;
mod release;
mod subject;

pub use access::{AccessReceipt, DecideAccess};
pub use account::ChangeAccount;
pub use acts::CarryOut;
pub use approval::{Answer, AnswerApproval, ExpireApproval};
pub use consent::{GiveConsent, NarrowConsent, StopEverything, WithdrawConsent};
pub use contact::{ConfirmContact, DoubtContact, EndContact, KeepContact, ReplaceContact};
pub use counted::CountAccesses;
pub use entrance::other_act;
pub use in_her_name::{InHerName, Showed};
pub use link::{IssueLink, LinkReceipt};
pub use link_end::{EndLink, LinkEndReceipt, WithdrawLink};
pub use means::{BlockMeans, UnblockMeans};
pub use notice::{
    ChangeOutbox, OutboxChange, RaiseAlert, RecordDelivery, RecordReports, TakeStretch, WithOutbox,
};
pub use refuse::{CountThrottled, RefuseStatement};
pub use release::{Release, ReleaseReceipt};
pub use subject::{Enrol, ReplacePapers, VerifyContact};
