//! A holder reports a release, before the data leaves: the moment evidence is spent.

use akashi_proof::digest::Digest;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::gate::{GATE_WINDOW, gate};
use akashi_proof::ids::{ConsentId, InstitutionId, Kid, LeafIndex, SubjectHandle};
use akashi_proof::record::Position;
use akashi_proof::record::kind::{
    AccessDecided, AccessReleased, BasisKind, Event, KeyUse, ReleaseReason, ReleaseRefused,
    StatementRefused, Step,
};
use akashi_proof::state::{Link, Permitted, Standing, Verified};
use akashi_proof::statement::{Presentable, ReleaseClaims};
use akashi_tlog::public_key::PublicKey;

use super::counted::check_room;
use super::entrance::{self, Entered};
use super::refuse;
use crate::error::{LedgerError, Refusal};
use crate::index::keys::spent_key;
use crate::reader::Reader;
use crate::stored::{ClosedRecord, OpenRecord, StoredRecord};
use crate::writer::sequencer::{Command, Payer};
use crate::writer::transaction::{ENGINE, Transaction};

/// Spends the evidence of one permit.
pub struct Release {
    statement: Verified<ReleaseClaims>,
    evidence: Again,
}

/// The evidence of the permit a report names, made again.
enum Again {
    /// Its digest: it is the same for ever.
    Digest(Digest),
    /// It is none, or none of this holder's.
    Absent,
    /// What it shows is not open any more.
    Closed,
}

/// What became of a release report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseReceipt {
    /// Recorded, now or on an earlier sending of the same bytes: the data may leave.
    Released {
        /// Log index of `access.released`.
        index: LeafIndex,
    },
    /// The evidence does not open anything any more; recorded.
    Spent {
        /// Log index of `access.release_refused`.
        index: LeafIndex,
        /// Why.
        reasons: Vec<ReleaseReason>,
    },
    /// The report is bad; the refusal is recorded.
    Refused {
        /// Log index of the refusal.
        index: LeafIndex,
        /// What is wrong.
        fault: Fault,
    },
}

impl Command for Release {
    type Receipt = ReleaseReceipt;

    fn payer(&self) -> Payer {
        Payer::Signer(self.statement.by().id().clone())
    }

    fn run(self, tx: &mut Transaction<'_>) -> Result<ReleaseReceipt, Refusal> {
        let ReleaseClaims { common, index, .. } = self.statement.claims().clone();
        match entrance::enter(tx, &self.statement)? {
            Entered::New => {}
            Entered::Again(record) => return answered(*record),
            Entered::Refused { index, fault } => {
                return Ok(ReleaseReceipt::Refused { index, fault });
            }
        }
        let (subject, reasons) = match self.permit(tx)? {
            Some(Named::Open(permit)) => {
                if let Err(fault) = self.check_presented(&permit.decided) {
                    return self.refuse(tx, fault);
                }
                (permit.subject, self.reasons_against(tx, &permit)?)
            }
            Some(Named::Closed(subject)) => (subject, vec![ReleaseReason::RecordClosed]),
            None => {
                let expected = "the index of a permit for data of `iss`";
                let fault = Fault::new(FaultCode::NoMatch, "index", expected, "another");
                return self.refuse(tx, fault);
            }
        };
        let (statement, kid) = (self.statement.to_bytes(), self.statement.kid().clone());
        let (access, holder, jti) = (index, common.iss, common.jti);
        // Spent, and nothing else: by this holder, on this very evidence, and the permit lives. It
        // lost the answer and has signed anew; an honest holder is not accused.
        if reasons == [ReleaseReason::Spent]
            && let Some(index) = tx.find(&spent_key(access))?
        {
            return Ok(ReleaseReceipt::Released { index });
        }
        if reasons.is_empty() {
            let event = Event::AccessReleased(AccessReleased {
                access,
                holder,
                kid,
                jti,
                statement,
            });
            let index = tx.append_person(&subject, ENGINE, event)?;
            return Ok(ReleaseReceipt::Released { index });
        }
        let person = tx.need_person(&subject)?;
        check_room(&person, &holder, None, tx.now())?;
        let refused = ReleaseRefused {
            access,
            holder,
            reasons: reasons.clone(),
            kid,
            jti,
            statement,
        };
        let index = tx.append_person(&subject, ENGINE, Event::ReleaseRefused(refused))?;
        Ok(ReleaseReceipt::Spent { index, reasons })
    }
}

/// A permit and whom it is about.
struct Permit {
    subject: SubjectHandle,
    decided: AccessDecided,
}

/// The permit a report names.
enum Named {
    Open(Box<Permit>),
    /// One that cannot be read any more, about this person.
    Closed(SubjectHandle),
}

impl Release {
    /// Takes a report, and makes the evidence of the permit it names again to hold it against:
    /// before the queue, as nothing the writer does can change it. Reads the store.
    ///
    /// # Errors
    /// [`LedgerError`] when what the evidence shows cannot be read.
    pub fn new(reader: &Reader, statement: Verified<ReleaseClaims>) -> Result<Self, LedgerError> {
        let ReleaseClaims { common, index, .. } = statement.claims();
        let evidence = Again::make(reader, *index, &common.iss)?;
        Ok(Self {
            statement,
            evidence,
        })
    }

    /// That the requester itself presented the evidence to this holder, shortly before the report:
    /// evidence alone is a file that can be copied.
    fn check_presented(&self, decided: &AccessDecided) -> Result<(), Fault> {
        let claims = self.statement.claims();
        let key = PublicKey::from_bytes(decided.presenter_key.as_bytes()).map_err(|_| {
            let expected = "an Ed25519 key";
            Fault::new(FaultCode::InvalidKey, "presenter_key", expected, "none")
        })?;
        let presented = claims.presented.verify(&Presentable {
            requester: &decided.requester,
            holder: &decided.holder,
            key: &key,
            evidence_digest: claims.evidence_digest,
        })?;
        presented.check_fresh(claims.common.iat)
    }

    /// Why the evidence opens nothing any more; empty where it does. What ends in the minutes
    /// between a permit and its use - a consent, a link, a key, a role, an institution's standing -
    /// ends the permit.
    fn reasons_against(
        &self,
        tx: &Transaction<'_>,
        permit: &Permit,
    ) -> Result<Vec<ReleaseReason>, Refusal> {
        let Permit { subject, decided } = permit;
        let person = tx.need_person(subject)?;
        let registry = tx.registry();
        let stands = |id| {
            registry
                .institution(id)
                .is_some_and(|known| known.standing == Standing::Certified)
        };
        let is_valid = |kid: &Kid| {
            registry.key(kid).is_some_and(|key| {
                key.institution == decided.requester && key.is_valid(KeyUse::Sign, tx.now())
            })
        };
        let ReleaseClaims {
            index, presented, ..
        } = self.statement.claims();
        let key_stands = is_valid(&decided.kid) && is_valid(presented.kid());
        let roles = tx.roles(&decided.requester);
        let has_role = roles.holds(&decided.role_holder, &decided.role, tx.now());
        let (consent, is_closed) = consent_of(tx, decided)?;
        let emergency = decided.basis_kind == BasisKind::Emergency;
        let found = [
            (tx.find(&spent_key(*index))?.is_some(), ReleaseReason::Spent),
            (
                !stands(&decided.requester) || !stands(&decided.holder),
                ReleaseReason::InstitutionSuspended,
            ),
            (
                tx.link_code(&person, &decided.holder)? != decided.holder_link,
                ReleaseReason::LinkEnded,
            ),
            (!key_stands, ReleaseReason::KeyEnded),
            (!has_role, ReleaseReason::RoleEnded),
            (self.is_of_other_evidence(), ReleaseReason::OtherEvidence),
            (
                is_closed || matches!(self.evidence, Again::Closed),
                ReleaseReason::RecordClosed,
            ),
            (
                registry.is_incomplete() && !emergency,
                ReleaseReason::RecordsIncomplete,
            ),
        ];
        let found = found
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, reason)| reason);
        let permitted = Permitted {
            index: *index,
            decided,
            consent,
        };
        let of_hers = person.reasons_against(&permitted, tx.now());
        let mut reasons: Vec<_> = found.chain(of_hers).collect();
        reasons.sort_unstable();
        reasons.dedup();
        Ok(reasons)
    }

    /// Whether the holder relied on something else than this permit's evidence.
    fn is_of_other_evidence(&self) -> bool {
        match self.evidence {
            Again::Digest(digest) => digest != self.statement.claims().evidence_digest,
            Again::Absent => true,
            Again::Closed => false,
        }
    }

    /// The permit the report names, if it is one for this holder. Anything else looks the same from
    /// outside.
    fn permit(&self, tx: &Transaction<'_>) -> Result<Option<Named>, Refusal> {
        let index = self.statement.claims().index;
        if !tx.size().contains(index) {
            return Ok(None);
        }
        let stored = match tx.record(index)? {
            StoredRecord::Open(stored) => stored,
            StoredRecord::Closed(closed) => {
                return Ok(self.closed_permit(tx, &closed).map(Named::Closed));
            }
        };
        if let (Event::AccessPermitted(e), Position::Person(place)) =
            (stored.record.event, stored.record.position)
            && e.holder == self.statement.claims().common.iss
        {
            return Ok(Some(Named::Open(Box::new(Permit {
                subject: place.subject,
                decided: e,
            }))));
        }
        Ok(None)
    }

    /// Whose record it is, if it was a permit for this holder: its entry carries the gate of one.
    fn closed_permit(&self, tx: &Transaction<'_>, closed: &ClosedRecord) -> Option<SubjectHandle> {
        let Position::Person(place) = &closed.position else {
            return None;
        };
        let person = tx.person(&place.subject)?;
        let link = person.link(&self.statement.claims().common.iss)?;
        is_late_gate(link, &closed.entry.gate).then_some(place.subject)
    }

    fn refuse(&self, tx: &mut Transaction<'_>, fault: Fault) -> Result<ReleaseReceipt, Refusal> {
        let index = refuse::append_refusal(tx, &self.statement, Step::Statement, &fault)?;
        Ok(ReleaseReceipt::Refused { index, fault })
    }
}

impl Again {
    fn make(
        reader: &Reader,
        index: LeafIndex,
        holder: &InstitutionId,
    ) -> Result<Self, LedgerError> {
        if !reader.head().head.size.contains(index) {
            return Ok(Self::Absent);
        }
        let stored = match reader.record(index)? {
            Some(StoredRecord::Open(stored)) => stored,
            Some(StoredRecord::Closed(_)) => return Ok(Self::Closed),
            None => return Ok(Self::Absent),
        };
        let is_of = |e: &AccessDecided| e.holder == *holder;
        if !matches!(&stored.record.event, Event::AccessPermitted(e) if is_of(e)) {
            return Ok(Self::Absent);
        }
        let proof = reader.first_proof(index, &stored.entry)?;
        match reader.evidence(&stored, None, &proof) {
            Ok(Some(text)) => Ok(Self::Digest(evidence_digest(&text))),
            Ok(None) => Ok(Self::Absent),
            Err(LedgerError::Closed { .. }) => Ok(Self::Closed),
            Err(error) => Err(error),
        }
    }
}

/// The answer that was given to these bytes.
fn answered(earlier: OpenRecord) -> Result<ReleaseReceipt, Refusal> {
    let OpenRecord { index, record, .. } = earlier;
    if let Event::AccessReleased(_) = record.event {
        return Ok(ReleaseReceipt::Released { index });
    }
    if let Event::ReleaseRefused(ReleaseRefused { reasons, .. }) = record.event {
        return Ok(ReleaseReceipt::Spent { index, reasons });
    }
    if let Event::StatementRefused(StatementRefused { fault, .. }) = record.event {
        return Ok(ReleaseReceipt::Refused { index, fault });
    }
    Err(entrance::used().into())
}

/// Whether the entry of a permit on this link carries this gate, of the last [`GATE_WINDOW`] ones:
/// what is older has expired long ago, and whose it is need not be known to refuse it.
fn is_late_gate(link: &Link, carried: &[u8; 32]) -> bool {
    let newest_first = std::iter::successors(link.gates, |m| m.previous());
    newest_first
        .zip(0..GATE_WINDOW)
        .any(|(m, _)| gate(&link.link_key, m) == *carried)
}

/// The consent a permit names; and whether its record is not open any more.
fn consent_of(
    tx: &Transaction<'_>,
    decided: &AccessDecided,
) -> Result<(Option<ConsentId>, bool), LedgerError> {
    let Some(index) = decided.consent else {
        return Ok((None, false));
    };
    Ok(match tx.record(index)? {
        StoredRecord::Open(stored) => (stored.record.event.consent(), false),
        StoredRecord::Closed(_) => (None, true),
    })
}
