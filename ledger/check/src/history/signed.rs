//! Whose signature each record about her must rest on: a table over all kinds, so that none is
//! forgotten, and what the registry has to say of each.
//!
//! A history file closes what holds an institution's own code for her: of that it shows the name of
//! the key alone, and the registry says whether the institution had such a key then. Of what it
//! opens - her links, the reports of releases - every byte is checked.

use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{InstitutionId, Jti, Kid, LeafIndex, Seq, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::key::thumbprint;
use akashi_proof::record::Record;
use akashi_proof::record::kind::{
    AccessDecided, KeyUse, LinkIssued, LinkRevoked, PersonEvent, Step,
};
use akashi_proof::record::value::Bytes;
use akashi_proof::state::Registry;
use akashi_proof::statement::{Claims, Presentable, ReleaseClaims};
use akashi_tlog::public_key::PublicKey;

use super::problem::{Findings, Place, Problem};
use super::rests::Permit;

/// Who stands behind a record.
pub(super) enum Behind<'a> {
    /// An institution asked for its code of her; the file opens what it signed.
    Link(&'a LinkIssued),
    /// An institution ended that code.
    LinkEnd(&'a LinkRevoked),
    /// An institution asked for her data, and named the key that presents the evidence.
    Access(&'a AccessDecided),
    /// A holder reported a release, and in it what the requester presented; the file opens both.
    Release(Report<'a>),
    /// She: what she had shown stands in the record, and nothing of hers is signed.
    Her,
    /// The ledger: what it found, counted, told, or saw at its own door.
    Ledger,
}

/// A holder's report as a record names it.
pub(super) struct Report<'a> {
    access: LeafIndex,
    holder: &'a InstitutionId,
    kid: &'a Kid,
    jti: &'a Jti,
    statement: &'a Bytes,
}

/// Who stands behind a record of this kind.
pub(super) const fn behind<'a>(event: &PersonEvent<'a>) -> Behind<'a> {
    match event {
        PersonEvent::LinkIssued(e) => Behind::Link(e),
        PersonEvent::LinkRevoked(e) | PersonEvent::LinkCorrected(e) => Behind::LinkEnd(e),
        PersonEvent::AccessPermitted(e) | PersonEvent::AccessDenied(e) => Behind::Access(e),
        PersonEvent::AccessAsked(e) => Behind::Access(&e.decided),
        PersonEvent::AccessReleased(e) => Behind::Release(Report {
            access: e.access,
            holder: &e.holder,
            kid: &e.kid,
            jti: &e.jti,
            statement: &e.statement,
        }),
        PersonEvent::ReleaseRefused(e) => Behind::Release(Report {
            access: e.access,
            holder: &e.holder,
            kid: &e.kid,
            jti: &e.jti,
            statement: &e.statement,
        }),
        PersonEvent::SubjectEnrolled(_)
        | PersonEvent::PapersReplaced(_)
        | PersonEvent::AccountSuspended(_)
        | PersonEvent::AccountResumed(_)
        | PersonEvent::AccountClosed(_)
        | PersonEvent::ContactVerified(_)
        | PersonEvent::ContactReplaced(_)
        | PersonEvent::ContactKept(_)
        | PersonEvent::ContactEnded(_)
        | PersonEvent::ContactConfirmed(_)
        | PersonEvent::LinkWithdrawn(_)
        | PersonEvent::ConsentGiven(_)
        | PersonEvent::ConsentNarrowed(_)
        | PersonEvent::ConsentWithdrawn(_)
        | PersonEvent::ConsentsStopped(_)
        | PersonEvent::MeansBlocked(_)
        | PersonEvent::MeansUnblocked(_)
        | PersonEvent::ApprovalGranted(_)
        | PersonEvent::ApprovalRefused(_) => Behind::Her,
        PersonEvent::ContactDoubted(_)
        | PersonEvent::AccessesCounted(_)
        | PersonEvent::ApprovalExpired(_)
        | PersonEvent::AlertRaised(_)
        | PersonEvent::NoticeSent(_)
        | PersonEvent::NoticeFailed(_)
        | PersonEvent::NoticesReported(_) => Behind::Ledger,
    }
}

/// A signature that a record rests on, as far as the file shows it: what is left to ask the
/// registry.
pub(super) struct Signature {
    seq: Seq,
    /// Where the record names the key.
    field: &'static str,
    by: InstitutionId,
    kid: Kid,
    /// When the key had to be valid; absent where it was refused because it was not.
    at: Option<Timestamp>,
    /// The report itself, where the file opens it.
    report: Option<Jws>,
}

impl Signature {
    /// By whom a record's `kid` is.
    fn of(seq: Seq, by: &InstitutionId, kid: &Kid, at: Option<Timestamp>) -> Self {
        Self {
            seq,
            field: "kid",
            by: by.clone(),
            kid: kid.clone(),
            at,
            report: None,
        }
    }

    /// That of an institution that ended its code for her.
    pub(super) fn of_link_end(seq: Seq, time: Timestamp, ended: &LinkRevoked) -> Self {
        Self::of(seq, &ended.institution, &ended.kid, Some(time))
    }

    /// That of an access, and the key that presents: of the requester, too. `asked` is when that
    /// key had to be valid: of an access she approved, when she was asked.
    pub(super) fn of_access(
        seq: Seq,
        time: Timestamp,
        (decided, asked): (&AccessDecided, Timestamp),
    ) -> Result<[Self; 2], Problem> {
        // A request with a key that had ended is the one whose refusal says so.
        let was_valid = decided.step != Some(Step::Institution);
        let signed = Self::of(
            seq,
            &decided.requester,
            &decided.kid,
            was_valid.then_some(time),
        );
        let presenter = presenter(&decided.presenter_key).map_err(|fault| Problem::NotSigned {
            institution: decided.requester.to_string(),
            fault,
        })?;
        let presents = Self {
            field: "presenter_key",
            kid: thumbprint(&presenter),
            at: was_valid.then_some(asked),
            ..Self::of(seq, &decided.requester, &decided.kid, None)
        };
        Ok([signed, presents])
    }

    /// That of a holder's report, which says what the record says; and in it the requester's, that
    /// it presented the evidence of the permit, which the permit's key must have made.
    pub(super) fn of_release(
        seq: Seq,
        record: &Record,
        report: &Report<'_>,
        permit: Option<&Permit>,
    ) -> Result<Self, Problem> {
        let jws = read_report(record, report, permit).map_err(|fault| Problem::NotSigned {
            institution: report.holder.to_string(),
            fault,
        })?;
        Ok(Self {
            report: Some(jws),
            ..Self::of(seq, report.holder, report.kid, Some(record.time))
        })
    }

    fn check(&self, registry: &Registry) -> Result<(), Fault> {
        let key = registry.key(&self.kid).filter(|key| {
            key.institution == self.by
                && key.key_use == KeyUse::Sign
                && self.at.is_none_or(|at| key.is_valid(KeyUse::Sign, at))
        });
        Fault::unless_same(
            key.is_some(),
            self.field,
            "a signing key of the institution, valid at that time",
        )?;
        let Some(jws) = &self.report else {
            return Ok(());
        };
        let statement = registry.verify::<ReleaseClaims>(jws.clone())?;
        let is_by = statement.claims().common.iss == self.by;
        Fault::unless_same(is_by, "iss", "the holder")
    }
}

/// The pack a decision says it was made by: what is left to ask the registry.
pub(super) struct Ruled {
    seq: Seq,
    time: Timestamp,
    digest: Digest,
}

impl Ruled {
    /// That of this decision.
    pub(super) const fn of(seq: Seq, time: Timestamp, decided: &AccessDecided) -> Self {
        let digest = decided.policy_digest;
        Self { seq, time, digest }
    }
}

/// Asks the registry whether each pack was in force when it decided.
pub(super) fn check_rules(ruled: &[Ruled], registry: &Registry, findings: &Findings) {
    for Ruled { seq, time, digest } in ruled {
        if !registry.was_in_force(digest, *time) {
            let problem = Problem::Field {
                field: "policy_digest",
                expected: "that of the pack in force then".to_owned(),
                found: "another".to_owned(),
            };
            findings.add(Place::Record(*seq), problem);
        }
    }
}

impl<'a> Report<'a> {
    /// Log index of the permit it names.
    pub(super) const fn access(&self) -> LeafIndex {
        self.access
    }

    /// Whose it is, and its identifier.
    pub(super) const fn named(&self) -> (&'a InstitutionId, &'a Jti) {
        (self.holder, self.jti)
    }
}

/// Asks the registry about each signature.
pub(super) fn check(signatures: &[Signature], registry: &Registry, findings: &Findings) {
    for signature in signatures {
        if let Err(fault) = signature.check(registry) {
            findings.add(
                Place::Record(signature.seq),
                Problem::NotSigned {
                    institution: signature.by.to_string(),
                    fault,
                },
            );
        }
    }
}

fn read_report(
    record: &Record,
    report: &Report<'_>,
    permit: Option<&Permit>,
) -> Result<Jws, Fault> {
    let jws = Jws::parse(&report.statement.0)?;
    let claims = ReleaseClaims::read(&jws)?;
    claims.common.check_audience(&record.origin)?;
    claims.common.check_fresh(record.time)?;
    Fault::unless_same(claims.common.iss == *report.holder, "iss", "the holder")?;
    Fault::unless_same(claims.index == report.access, "index", "the permit's")?;
    Fault::unless_same(
        claims.common.jti == *report.jti,
        "jti",
        "that of the record",
    )?;
    Fault::unless_same(*jws.kid() == *report.kid, "kid", "that of the record")?;
    if let Some(permit) = permit {
        let key = presenter(&permit.presenter_key)?;
        let presented = claims.presented.verify(&Presentable {
            requester: &permit.requester,
            holder: &permit.holder,
            key: &key,
            evidence_digest: claims.evidence_digest,
        })?;
        presented.check_fresh(claims.common.iat)?;
    }
    Ok(jws)
}

fn presenter(key: &Digest) -> Result<PublicKey, Fault> {
    PublicKey::from_bytes(key.as_bytes()).map_err(|_| {
        let expected = "an Ed25519 key";
        Fault::new(FaultCode::InvalidKey, "presenter_key", expected, "none")
    })
}
