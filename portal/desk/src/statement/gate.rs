//! The gate: what must be so before a statement is charged to, or recorded against, the institution
//! whose key signed it (docs/DESIGN.md "Bounds").
//!
//! Signed bytes are public things: the registry is published, a person saves her history as a file,
//! a conveyor passes statements on. Whoever has them can send them. So, in this order: a registered
//! key signed them, their type is this resource's, `aud` is this log, no record carries them yet,
//! the key is valid now, `iat` is fresh. What fails before the end is its *sender's* fault: counted
//! against the address and answered. Only what is late is recorded, once, and few times a key.
//!
//! What an address owes is asked only then, where something has failed. What passes is its signer's
//! and is asked of its signer alone, whatever else comes from there or from a network around it
//! ([`crate::debtors`] bounds what looking costs).
//!
//! The answer to known bytes is given to the address that sent them first while they are fresh, and
//! at any time to whoever shows a fresh token of their signer; the signer pays for it, as for a
//! read. Nobody else learns more than that they are known, and pays for that.

use akashi_ledger::{LedgerError, StoredRecord};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::Timestamp;
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{CountedFor, Event};
use akashi_proof::state::{SignedBy, Unread, Verified};
use akashi_proof::statement::{Claims, Common};

use super::{NotTaken, Sender, count, refuse};
use crate::app::App;
use crate::debtors::Look;
use crate::rate_limit::Wait;
use crate::reading::Work;
use crate::senders::FirstSent;

/// A statement a registered key signed for this log and this resource; what it says may still be
/// wrong.
pub(crate) struct Meant<C> {
    pub(crate) digest: Digest,
    pub(crate) common: Common,
    pub(crate) read: Result<Verified<C>, (Box<Verified<Unread>>, Fault)>,
}

/// Where a statement of an institution must find room.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    /// In the rate and the bytes of its signer.
    Signer,
    /// There, and in the rate of acts of the key that signed it.
    KeyAndSigner,
    /// In that of the key alone: whoever uses up all an institution has, with a key it stole, keeps
    /// nobody from ending the theft with another.
    Key,
}

impl<C: Claims + Clone> Meant<C> {
    /// Checks everything that can be told from the bytes and the registry alone.
    ///
    /// # Errors
    /// A [`Fault`] of whoever sent it.
    pub(crate) fn check(app: &App, body: &[u8]) -> Result<Self, Fault> {
        let (common, read) = match app.registry().verify::<C>(Jws::parse(body)?) {
            Ok(statement) => (statement.claims().common().clone(), Ok(statement)),
            Err(why) => match why.into_parts() {
                (fault, None) => return Err(fault),
                (fault, Some(statement)) => {
                    let common = Common::of(statement.jws(), C::TYPE)?;
                    (common, Err((Box::new(statement), fault)))
                }
            },
        };
        common.check_audience(app.origin())?;
        let digest = Digest::of(&[body]);
        Ok(Self {
            digest,
            common,
            read,
        })
    }

    /// Whose key signed it.
    pub(crate) fn by(&self) -> &SignedBy {
        match &self.read {
            Ok(statement) => statement.by(),
            Err((statement, _)) => statement.by(),
        }
    }

    /// The statement, of which only the signer is believed.
    pub(crate) fn to_unread(&self) -> Verified<Unread> {
        match &self.read {
            Ok(statement) => statement.clone().unread(),
            Err((statement, _)) => (**statement).clone(),
        }
    }

    /// Refuses what comes late: by a key that is not valid now, or not when it was signed.
    ///
    /// # Errors
    /// A [`Fault`] of whoever sent it.
    pub(crate) fn check_time(&self, app: &App, now: Timestamp) -> Result<(), Fault> {
        let registry = app.registry();
        match &self.read {
            Ok(statement) => statement.stands_at(&registry, now),
            Err((statement, _)) => statement.stands_at(&registry, now),
        }?;
        self.common.check_fresh(now)
    }

    /// Takes room of its signer: bytes only where it is new.
    fn take(&self, app: &App, room: Room, is_new: bool) -> Result<(), Wait> {
        let SignedBy::Institution(by) = self.by() else {
            return app.limits.signed(self.by());
        };
        let jws = match &self.read {
            Ok(statement) => statement.jws(),
            Err((statement, _)) => statement.jws(),
        };
        let (limits, signer) = (&app.limits, by.as_str().as_bytes());
        match room {
            Room::Signer => {}
            Room::KeyAndSigner => limits.key_acts.take(jws.kid().as_str().as_bytes())?,
            Room::Key => return limits.key_acts.take(jws.kid().as_str().as_bytes()),
        }
        limits.statements.take(signer)?;
        if is_new {
            limits.statement_bytes.take_bytes(signer, jws.as_bytes())?;
        }
        Ok(())
    }

    /// Counts what a suspended institution may not say, and refuses it: nothing of it is looked at,
    /// and nobody is resolved.
    ///
    /// # Errors
    /// [`NotTaken::Bad`].
    pub(crate) fn check_heard(&self, app: &App) -> Result<(), NotTaken> {
        let registry = app.registry();
        let heard = match &self.read {
            Ok(statement) => statement.check_heard(&registry),
            Err((statement, _)) => registry.check_heard(statement.by()),
        };
        heard.map_err(|fault| {
            count(app, self.by(), CountedFor::Suspended);
            NotTaken::Bad(fault)
        })
    }
}

/// As whose whoever sends these may have their answer: who sent one of them first, while it is
/// fresh, and at any time whoever shows a token of a signer. `None` for everybody else.
fn heard<'a, C: Claims + Clone + Sync>(
    app: &App,
    sender: Sender<'_>,
    meant: &'a [Meant<C>],
    now: Timestamp,
) -> Result<Option<&'a SignedBy>, Wait> {
    let is_first = |one: &&Meant<C>| {
        let first = app.senders.find(&one.digest, sender.address, now);
        first == Some(FirstSent::Here) && one.common.check_fresh(now).is_ok()
    };
    if let Some(first) = meant.iter().find(is_first) {
        return Ok(Some(first.by()));
    }
    // A token is good once, so it is looked at once for all of them.
    let shown = (sender.token_of)()?;
    let of_it = |by: &&SignedBy| shown.as_ref() == Some(*by);
    Ok(meant.iter().map(Meant::by).find(of_it))
}

/// Charges an answer that is given again to the signer it is given to, as a read.
///
/// # Errors
/// [`NotTaken::Known`] for whoever may not have it, who pays for asking.
pub(crate) async fn hear_again<C: Claims + Clone + Sync>(
    app: &App,
    sender: Sender<'_>,
    look: &Look<'_>,
    meant: &[Meant<C>],
    now: Timestamp,
) -> Result<(), NotTaken> {
    match look.check(|| heard(app, sender, meant, now)).await? {
        Some(by) => Ok(app.limits.signed(by)?),
        None => Err(sender.repeats(app)),
    }
}

/// Charges what is new, or stands nowhere yet, to its signers. Sent again before it stands anywhere
/// - the writer was busy - it is theirs as well, where whoever sends it might have its answer.
///
/// # Errors
/// [`NotTaken`].
pub(crate) async fn charge<C: Claims + Clone + Sync>(
    app: &App,
    sender: Sender<'_>,
    look: &Look<'_>,
    meant: &[Meant<C>],
    now: Timestamp,
    room: impl Fn(&Meant<C>) -> Room,
) -> Result<(), NotTaken> {
    let is_new = |one: &Meant<C>| {
        let first = app.senders.find(&one.digest, sender.address, now);
        first.is_none()
    };
    let are_new: Vec<bool> = meant.iter().map(is_new).collect();
    let mut is_heard = None;
    if are_new.contains(&false) {
        let by = look.check(|| heard(app, sender, meant, now)).await?;
        is_heard = Some(by.ok_or_else(|| sender.repeats(app))?);
    }
    for (one, is_new) in meant.iter().zip(&are_new) {
        let taken = one.take(app, room(one), *is_new);
        taken.inspect_err(|_| count(app, one.by(), CountedFor::AboveRate))?;
    }
    let remember = |one: &Meant<C>| app.senders.remember(&one.digest, sender.address, now);
    let first: Vec<FirstSent> = meant.iter().map(remember).collect();
    // Two at once: the other was first.
    if is_heard.is_none() && first.contains(&FirstSent::Elsewhere) {
        let by = look.check(|| heard(app, sender, meant, now)).await?;
        by.ok_or_else(|| sender.repeats(app))?;
    }
    Ok(())
}

/// The records that carry these statements, in their order.
///
/// # Errors
/// [`NotTaken`] when they cannot be read.
pub(crate) async fn carried(
    app: &App,
    digests: Vec<Digest>,
) -> Result<Vec<Option<StoredRecord>>, NotTaken> {
    let found = app.read(Work::Institutions, move |reader| {
        let found = digests.iter().map(|digest| reader.find_bytes(digest));
        found.collect::<Result<Vec<_>, LedgerError>>()
    });
    Ok(found.await??)
}

/// Passes one statement through the gate.
///
/// # Errors
/// [`NotTaken`]; nothing is recorded but what comes late, once.
pub(super) async fn pass<C: Claims + Clone + Sync>(
    app: &App,
    sender: Sender<'_>,
    body: &[u8],
) -> Result<Meant<C>, NotTaken> {
    let look = Look::at(app, sender.address)?;
    let meant = look.check(|| Meant::<C>::check(app, body)).await;
    let meant = meant.map_err(|fault| sender.at_fault(app, fault))?;
    let alone = std::slice::from_ref(&meant);
    let now = app.clock.wall();
    if let Some(stored) = carried(app, vec![meant.digest]).await?.pop().flatten() {
        hear_again(app, sender, &look, alone, now).await?;
        let stored = stored.open()?;
        if let Event::StatementRefused(refused) = stored.record.event {
            return Err(NotTaken::Recorded(refused.fault, stored.index));
        }
        return Ok(meant);
    }
    if let Err(fault) = meant.check_time(app, now) {
        sender.count(app)?;
        return Err(refuse(app, meant.to_unread(), fault).await);
    }
    charge(app, sender, &look, alone, now, |_| Room::Signer).await?;
    meant.check_heard(app)?;
    Ok(meant)
}
