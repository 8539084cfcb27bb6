//! Evidence that was checked: what it says, what only the holder learns of it, and what a holder
//! asks before it releases.

use aes_gcm_siv::aead::{Aead, Payload};

use super::{
    CLOCK_TOLERANCE_MILLIS, Evidence, EvidenceError, SEALED, VerifiedApproval, VerifiedConsent,
    sealing,
};
use crate::consent::{AccessMode, Period, Use};
use crate::digest::{Digest, Secret};
use crate::duty::Duty;
use crate::entry::Entry;
use crate::framing::split_len;
use crate::gate::{GateUse, KeptGates, PermitGate, SeenLog, gate};
use crate::ids::{
    CategoryCode, GateNumber, InstitutionId, LeafIndex, LinkCode, ProcessId, PurposeCode, RoleCode,
    Timestamp,
};
use crate::record::commitment::field_hash;
use crate::record::kind::BasisKind;
use crate::record::value::{Bytes, Set, Value};
use crate::record::{Kind, field_names};
use crate::statement::{Presentable, RequestNonce, request_digest};
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::public_key::PublicKey;

/// What evidence says, once it was checked.
#[derive(Debug, Clone)]
pub struct VerifiedEvidence<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) origin: Origin,
    /// Log index of the permit.
    pub index: LeafIndex,
    /// The entry the log holds there.
    pub entry: Entry,
    /// The consent it rests on; none where it rests on a statute, an emergency, or an answer to
    /// this one question.
    pub consent: Option<VerifiedConsent>,
    /// Her answer to this one question, where she was asked.
    pub approval: Option<VerifiedApproval>,
    /// When it was decided.
    pub time: Timestamp,
    /// First instant at which it no longer holds.
    pub expires: Timestamp,
    /// Who may ask.
    pub requester: InstitutionId,
    /// In which role.
    pub role: RoleCode,
    /// In which business process.
    pub process: ProcessId,
    /// What for.
    pub purpose: PurposeCode,
    /// Whose data: the institution that may release.
    pub holder: InstitutionId,
    /// What data.
    pub categories: Set<CategoryCode>,
    /// What the requester may do with it.
    pub access_mode: AccessMode,
    /// Of what time the data is.
    pub period: Period,
    /// On which ground.
    pub basis_kind: BasisKind,
    /// Binds the exact query.
    pub request_digest: Digest,
    /// What the requester must do.
    pub duties: Vec<Duty>,
    /// The policy pack that decided.
    pub policy_digest: Digest,
    /// The requester's key that presents it: whoever shows it without a signature by that key has a
    /// copy.
    pub presenter: PublicKey,
    /// What names it.
    pub digest: Digest,
}

/// What only the holder learns: its own code for the person, and what it needs to check gate and
/// query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderPart {
    /// The holder's own code for the person.
    pub link_code: LinkCode,
    /// The number of the permit on this link.
    pub gate_number: GateNumber,
    /// The nonce inside the request digest.
    pub request_nonce: RequestNonce,
}

impl VerifiedEvidence<'_> {
    /// What it permits, as a consent is asked for it.
    pub const fn as_use(&self) -> Use<'_> {
        Use {
            requester: &self.requester,
            holder: &self.holder,
            process: &self.process,
            purpose: &self.purpose,
            categories: &self.categories,
            mode: self.access_mode,
            period: self.period,
        }
    }

    /// What a presentation of it must be.
    pub const fn presentable(&self) -> Presentable<'_> {
        Presentable {
            requester: &self.requester,
            holder: &self.holder,
            key: &self.presenter,
            evidence_digest: self.digest,
        }
    }

    /// Whether it holds by the holder's clock, give or take a minute.
    ///
    /// # Errors
    /// [`EvidenceError::Time`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), EvidenceError> {
        let from = self.time.minus_millis(CLOCK_TOLERANCE_MILLIS);
        let until = self.expires.plus_millis(CLOCK_TOLERANCE_MILLIS);
        if from <= now && now < until {
            Ok(())
        } else {
            Err(EvidenceError::Time {
                from: from.as_millis(),
                until: until.as_millis(),
                now: now.as_millis(),
            })
        }
    }

    /// Opens the sealed part with the holder's evidence key and checks that it is the record's.
    ///
    /// # Errors
    /// [`EvidenceError::Sealed`] or [`EvidenceError::SealedField`].
    pub fn unseal(&self, evidence_key: &Secret) -> Result<HolderPart, EvidenceError> {
        let (cipher, nonce, aad) = sealing(evidence_key, &self.origin, self.index);
        let plain = cipher
            .decrypt(
                &nonce,
                Payload {
                    msg: &self.evidence.sealed,
                    aad: &aad,
                },
            )
            .map_err(|_| EvidenceError::Sealed)?;
        let names = field_names(Kind::AccessPermitted);
        let mut rest = plain.as_slice();
        let mut values = Vec::with_capacity(SEALED.len());
        for name in SEALED {
            let wrong = || EvidenceError::SealedField(name);
            let (position, value, salt) = sealed_field(&mut rest).ok_or_else(wrong)?;
            let known = self
                .evidence
                .disclosure
                .closed
                .get(&position)
                .ok_or_else(wrong)?;
            let at = usize::from(position);
            if names.get(at) != Some(&name) || field_hash(&salt, name, value) != *known {
                return Err(wrong());
            }
            values.push(value);
        }
        let [link_code, gate_number, request_nonce] = values.as_slice() else {
            return Err(EvidenceError::Sealed);
        };
        let nonce = Bytes::decode(request_nonce)
            .ok()
            .and_then(|bytes| bytes.0.try_into().ok());
        Ok(HolderPart {
            link_code: LinkCode::decode(link_code)
                .map_err(|_| EvidenceError::SealedField("holder_link"))?,
            gate_number: GateNumber::decode(gate_number)
                .map_err(|_| EvidenceError::SealedField("gate_number"))?,
            request_nonce: RequestNonce::from_bytes(
                nonce.ok_or(EvidenceError::SealedField("request_nonce"))?,
            ),
        })
    }

    /// Recomputes the gate with the holder's own link key - so the permit stands in the stream of
    /// the person this link is of - and looks whether its number may be released on at this time,
    /// by what the holder keeps.
    ///
    /// # Errors
    /// [`EvidenceError::Gate`] or [`EvidenceError::NotReleasable`].
    pub fn check_gate(
        &self,
        part: &HolderPart,
        link_key: &Secret,
        (kept, seen): (&KeptGates, &SeenLog),
        now: Timestamp,
    ) -> Result<GateUse, EvidenceError> {
        self.check_gate_bytes(part.gate_number, link_key)?;
        Ok(kept.check(seen, &self.permit_gate(part), now)?)
    }

    /// The permit as its gate is kept once data was released on it.
    pub const fn permit_gate(&self, part: &HolderPart) -> PermitGate {
        PermitGate {
            number: part.gate_number,
            index: self.index,
            commitment: self.entry.commitment,
            expires: self.expires,
        }
    }

    /// The gate alone, whatever numbers the holder has seen.
    ///
    /// # Errors
    /// [`EvidenceError::Gate`].
    pub fn check_gate_bytes(&self, m: GateNumber, link_key: &Secret) -> Result<(), EvidenceError> {
        if gate(link_key, m) == self.entry.gate {
            Ok(())
        } else {
            Err(EvidenceError::Gate(m))
        }
    }

    /// Checks that a query is the one that was permitted.
    ///
    /// # Errors
    /// [`EvidenceError::Request`].
    pub fn check_request(
        &self,
        part: &HolderPart,
        method: &str,
        path_and_query: &str,
        body: &[u8],
    ) -> Result<(), EvidenceError> {
        if request_digest(&part.request_nonce, method, path_and_query, body) == self.request_digest
        {
            Ok(())
        } else {
            Err(EvidenceError::Request)
        }
    }
}

fn sealed_field<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8], Secret)> {
    let (position, after) = rest.split_first_chunk::<2>()?;
    let (len, after) = after.split_first_chunk::<4>()?;
    let (value, after) = after.split_at_checked(split_len(*len))?;
    let (salt, after) = after.split_first_chunk::<32>()?;
    *rest = after;
    Some((
        u16::from_be_bytes(*position),
        value,
        Secret::from_bytes(*salt),
    ))
}
