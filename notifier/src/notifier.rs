//! The handle: what the rest of the server may ask of the notifier.

use std::sync::Arc;

use akashi_ledger::{Ledger, LedgerError, Refusal};
use akashi_policies::Pack;
use akashi_proof::clock::Clock;
use akashi_proof::ids::{LeafIndex, TreeSize};
use akashi_proof::record::kind::Language;
use akashi_proof::state::Person;

use crate::address::{Address, Phone};
use crate::contacts::Contacts;
use crate::one_time_code::{Challenge, CodeRefused, CodeUse};
use crate::outbox::OutboxError;
use crate::settings::{Settings, SettingsError};

/// The notifier could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// What became of a person's reply by SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyOutcome {
    /// She refused; recorded.
    Refused,
    /// She refused and reported the request; recorded.
    RefusedAndReported,
    /// She approved; a new decision was made and recorded at this log index.
    Approved {
        /// Log index of the decision.
        decision: Option<LeafIndex>,
    },
    /// Nobody with this number is being asked anything.
    NothingOpen,
    /// No known word, or words that contradict each other.
    NotUnderstood,
    /// Several questions are open and the reply names none.
    ReferenceNeeded,
    /// No open question has this reference.
    UnknownReference,
    /// This question can be approved in the portal only.
    NotByReply,
    /// The code is missing, wrong, or was wrong too often.
    WrongCode,
    /// It was answered before: the question the reply names, or the one put last.
    AlreadyAnswered,
    /// The question was answered while the reply was read, or its time is over.
    TooLate,
}

/// A reply could not be dealt with; the sender may try again.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// The ledger did not take the answer.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// How far the notifier is behind, for metrics and readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The first record of the log that is not read yet.
    pub cursor: LeafIndex,
    /// Number of records.
    pub head: TreeSize,
    /// Messages that wait to be handed over, as far as they are loaded.
    pub waiting: u64,
    /// Messages given up since the start.
    pub failed: u64,
    /// Questions to people whose end is awaited.
    pub open_questions: u64,
}

impl Backlog {
    /// How many records are not read yet.
    pub const fn unread(&self) -> u64 {
        match self.head.next_index().since(self.cursor) {
            Some(unread) => unread,
            None => 0,
        }
    }
}

/// Tells people what concerns them, and takes their answers. A cheap handle; its tasks run until
/// [`Self::shutdown`].
#[derive(Clone)]
pub struct Notifier {
    inner: Arc<crate::inner::Inner>,
}

impl Notifier {
    /// Starts the tasks on the current tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when a setting cannot be used or the ledger cannot be read.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(
        ledger: Ledger,
        policy: Arc<Pack>,
        contacts: Arc<Contacts>,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let inner = crate::inner::Inner::start(ledger, policy, contacts, clock, settings)?;
        Ok(Self { inner })
    }

    /// Ends the tasks: what is being handed over is finished, what waits stays in the outbox.
    pub async fn shutdown(&self) {
        self.inner.shutdown().await;
    }

    /// Sends a one-time code: six digits, valid ten minutes. It returns before the code is handed
    /// over, so that neither the answer nor its time tells anything. A code for signing in goes out
    /// to addresses somebody has only; the answer is the same for all. Where enough were sent,
    /// nothing is sent: a code that is out answers the challenge.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`] or [`CodeRefused::Unavailable`].
    #[expect(
        clippy::unused_async,
        reason = "part of the contract: a gateway with its own limits may have to be asked"
    )]
    pub async fn send_code(
        &self,
        code_use: CodeUse,
        to: &Address,
        language: Language,
    ) -> Result<Challenge, CodeRefused> {
        self.inner.send_code(code_use, to, language)
    }

    /// Takes a one-time code: right once, then the address it was sent to.
    ///
    /// # Errors
    /// [`CodeRefused::Wrong`] while tries are left, [`CodeRefused::Void`] otherwise.
    pub fn check_code(&self, challenge: &Challenge, code: &str) -> Result<Address, CodeRefused> {
        self.inner.check_code(challenge, code)
    }

    /// Takes an SMS a person sent. Anyone with the number may refuse; approving needs a question
    /// the pack marks low-risk, and its code.
    ///
    /// # Errors
    /// [`ReplyError`] when the ledger could not take the answer now.
    pub async fn inbound_sms(&self, from: &Phone, text: &str) -> Result<ReplyOutcome, ReplyError> {
        self.inner.inbound_sms(from, text).await
    }

    /// Sends the message about an open question, with its code, because the person asked for it:
    /// where the same was asked before, or too much was asked, her phone did not ring; or the
    /// message never came.
    ///
    /// # Errors
    /// [`CodeRefused::TooMany`], or [`CodeRefused::Unavailable`] when there is no such question or
    /// nothing can be sent now.
    pub async fn send_question(
        &self,
        person: &Person,
        access: LeafIndex,
    ) -> Result<(), CodeRefused> {
        self.inner.send_question(person, access).await
    }

    /// Whether this is the code of the message about this open question. After a few wrong ones it
    /// is never.
    pub fn approval_code_matches(&self, person: &Person, access: LeafIndex, code: &str) -> bool {
        self.inner.approval_code_matches(person, access, code)
    }

    /// How far the notifier is behind.
    pub fn backlog(&self) -> Backlog {
        self.inner.backlog()
    }
}
