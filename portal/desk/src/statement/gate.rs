//! The gate: what must be so before a statement is charged to, or recorded against, the institution
//! whose key signed it (docs/DESIGN.md "Bounds").
//!
//! Signed bytes are public things: the registry is published, a person saves her history as a file,
//! a conveyor passes statements on. Whoever has them can send them. So, in this order: a registered
//! key signed them, their type is this resource's, `aud` is this log, no record carries them yet,
//! the key is valid now, `iat` is fresh. What fails before the end is its *sender's* fault: counted
//! against the address and answered. Only what is late is recorded, once, and few times a key.
//!
//! The answer to known bytes is given to the address that sent them first while they are fresh, and
//! at any time to whoever shows a fresh token of their signer; nobody else learns more than that
//! they are known.

use akashi_ledger::{LedgerError, StoredRecord};
use akashi_proof::digest::Digest;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{InstitutionId, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::{CountedFor, Event};
use akashi_proof::state::{SignedBy, Unread, Verified};
use akashi_proof::statement::{Claims, Common};

use super::{NotTaken, Sender, count, refuse};
use crate::app::App;
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

    /// Nothing, where whoever sends it may have the answer it got.
    ///
    /// # Errors
    /// [`NotTaken::Known`] for everybody else.
    pub(crate) fn may_hear(
        &self,
        app: &App,
        sender: Sender<'_>,
        now: Timestamp,
    ) -> Result<(), NotTaken> {
        let first = app.senders.find(&self.digest, sender.address, now);
        if first == Some(FirstSent::Here) && self.common.check_fresh(now).is_ok() {
            return Ok(());
        }
        if (sender.shows_token_of)(self.by().id())? {
            return Ok(());
        }
        app.figures.count_known();
        Err(NotTaken::Known)
    }

    /// Charges what is new to its signer, once: sent again before it stands anywhere, it is its
    /// sender's. A supervisor has no rate of its own.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub(crate) fn charge(
        &self,
        app: &App,
        sender: Sender<'_>,
        now: Timestamp,
        room: Room,
    ) -> Result<(), NotTaken> {
        if app
            .senders
            .find(&self.digest, sender.address, now)
            .is_some()
        {
            sender.count(app)?;
            return self.may_hear(app, sender, now);
        }
        match self.by() {
            SignedBy::Supervisor(_) => sender.count(app)?,
            SignedBy::Institution(by) => {
                let taken = self.take(app, by, room);
                taken.inspect_err(|_| count(app, self.by(), CountedFor::AboveRate))?;
            }
        }
        match app.senders.remember(&self.digest, sender.address, now) {
            FirstSent::Here => Ok(()),
            // Two at once: the other was first.
            FirstSent::Elsewhere => self.may_hear(app, sender, now),
        }
    }

    fn take(&self, app: &App, by: &InstitutionId, room: Room) -> Result<(), Wait> {
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
        limits.statement_bytes.take_bytes(signer, jws.as_bytes())
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
pub(super) async fn pass<C: Claims + Clone>(
    app: &App,
    sender: Sender<'_>,
    body: &[u8],
) -> Result<Meant<C>, NotTaken> {
    let meant = Meant::<C>::check(app, body).map_err(|fault| sender.at_fault(app, fault))?;
    let now = app.clock.wall();
    if let Some(stored) = carried(app, vec![meant.digest]).await?.pop().flatten() {
        sender.count(app)?;
        meant.may_hear(app, sender, now)?;
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
    meant.charge(app, sender, now, Room::Signer)?;
    meant.check_heard(app)?;
    Ok(meant)
}
