//! Enrolling: out of an address that was reached come the visible ID, the recovery code and, when
//! she asks for it, the history key.
//!
//! A number is a contact, not an identity (docs/DESIGN.md "Identity"). Enrolling with a number that
//! was enrolled before makes a *new* person with an empty history and never opens the old one,
//! whose recovery code the new holder of the number does not have.
//!
//! What a crash leaves behind, in order: keys drawn (unused), the contact's row (an orphan the
//! notifier sweeps), the record (then she is enrolled, and without her papers must enrol anew:
//! nothing is kept that could show them again).

use std::sync::Arc;

use akashi_ledger::command::{Enrol, Showed};
use akashi_ledger::random::drawn;
use akashi_proof::ids::{Qid, SubjectHandle};
use akashi_proof::record::kind::{Assurance, Language};

use crate::app::SharedApp;
use crate::declined::Declined;
use crate::identity::browser::Known;
use crate::identity::contact::doubt_others;
use crate::identity::errand::{Reached, ground_of};
use crate::identity::kept;
use crate::identity::recovery::RecoveryCode;
use crate::identity::session::{Met, Papers, Shown, Standing};
use crate::reading::Work;

/// Bytes of a visible ID: 40 make 48 to 55 characters of base58.
pub const QID_BYTES: usize = 40;

/// The visible ID made of these bytes; drawing them is the caller's business.
pub fn qid(bytes: [u8; QID_BYTES]) -> Qid {
    #[expect(
        clippy::expect_used,
        reason = "`qid:` and 43 to 80 characters of base58 is what a Qid is"
    )]
    Qid::parse(&format!("qid:{}", bs58::encode(bytes).into_string())).expect("qid")
}

/// Who has just enrolled.
pub struct Enrolled {
    /// The standing to raise her session to.
    pub standing: Standing,
    /// The papers nobody can show again.
    pub papers: Papers,
    /// What her browser is to bring back the next time ([`crate::identity::browser`]).
    pub mark: String,
}

/// Enrols whoever reads what is sent to this address. `browser` is what hers was known for.
///
/// # Errors
/// [`Declined::PhoneFull`]; any other [`Declined`] when her address could not be kept or the ledger
/// did not take it.
pub async fn enrol(
    app: &SharedApp,
    reached: Reached,
    browser: Option<&Known>,
    language: Language,
) -> Result<Enrolled, Declined> {
    let (shared, address) = (Arc::clone(app), reached.address().clone());
    let browser = browser.cloned();
    let enrolled = async move { enrol_in_turn(&shared, reached, browser.as_ref(), language).await };
    app.addresses.alone(&address, enrolled).await
}

async fn enrol_in_turn(
    app: &SharedApp,
    reached: Reached,
    browser: Option<&Known>,
    language: Language,
) -> Result<Enrolled, Declined> {
    let subject = SubjectHandle::from_bytes(drawn());
    let (qid, recovery) = (qid(drawn()), RecoveryCode::draw());
    // It waits for the disk, and for its turn: the code is spent.
    let kept = app.read_on(Work::Pages, {
        let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
        move |reader| kept::keep(&contacts, reader, subject, reached, now)
    });
    let contact = kept.await??;
    // Whoever had the number is told before this one is let in: a crash between leaves a doubt too
    // many, which its owner puts right, and never one too few.
    doubt_others(app, &contact.address, subject).await?;
    let done = app.submit(Enrol {
        subject,
        qid: qid.clone(),
        recovery_digest: recovery.digest(),
        contact: contact.id,
        assurance: Assurance::Sms,
        language,
    });
    let index = done.await?.receipt;
    // As it stands with the record that makes her one of those who have the address.
    let ground = ground_of(app, &contact.address).await?;
    let papers = Papers {
        qid,
        recovery,
        index,
        are_first: true,
    };
    Ok(Enrolled {
        standing: Standing::Person {
            subject,
            showed: Showed::default().and_recovery(papers.recovery.digest()),
            shown: Shown::Phone(Arc::new([Met::newcomer(subject)])),
            language,
        },
        papers,
        mark: app
            .browsers
            .mark((&contact.address, ground), browser, app.clock.wall()),
    })
}
