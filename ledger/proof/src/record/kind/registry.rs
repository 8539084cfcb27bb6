//! The registry: the log itself, institutions, their keys, the policy in force.

use crate::digest::Digest;
use crate::ids::{InstitutionId, Kid, Timestamp};
use crate::particulars::Particulars;
use crate::record::fields::{fields, nested_items};
use crate::record::value::{Bytes, words};

words! {
    /// What a registered key may be used for.
    pub enum KeyUse {
        /// Ed25519: signs the institution's statements.
        Sign = "sign",
        /// AES-256-GCM-SIV: opens the sealed part of evidence addressed to this holder.
        Evidence = "evidence",
    }
}

fields! {
    /// Fields of `ledger.opened`.
    pub struct LedgerOpened {
        /// Version of the record format; 1.
        format: u64,
        /// The log's own key as a vkey line.
        log_vkey: String,
        /// The supervisors, each once, at most
        /// [`SUPERVISORS_MAX`](crate::state::SUPERVISORS_MAX).
        supervisors: Vec<Supervisor>,
        /// How many supervisors must sign an act.
        threshold: u64,
        /// Name of the tag scheme.
        tag_scheme: String,
        /// Name of the map scheme, absent until there is one.
        map_scheme: Option<String>,
        /// IANA name of the time zone in which "until a date" ends.
        time_zone: String,
        /// Name of the policy pack in force from here.
        pack: String,
        /// Digest of that pack.
        policy_digest: Digest,
        /// The closed log this one continues: its last checkpoint.
        predecessor: Option<Bytes>,
    }

    /// A supervisor, as entry 0 names it.
    pub struct Supervisor {
        /// Its key as a vkey line, whose name is the supervisor's identifier.
        vkey: String,
        /// What it is called, and how people reach it.
        [flat] particulars: Particulars,
    }

    /// Fields of `ledger.key_added`.
    pub struct LogKeyAdded {
        /// The key as a vkey line, named like the log. It signs every tree that holds this record.
        log_vkey: String,
        /// Why, in words.
        reason: String,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `ledger.key_ended`.
    pub struct LogKeyEnded {
        /// The key as a vkey line. The last tree it signs is the one without this record.
        log_vkey: String,
        /// A checkpoint of this log that this key and one that stays have both signed
        /// ([`Handover`](crate::log_key::Handover)).
        checkpoint: Bytes,
        /// Why, in words.
        reason: String,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `ledger.resumed`.
    pub struct LedgerResumed {
        /// How many records the log had when it stood still: this one is the next.
        size: u64,
        /// The root over them.
        log_root: Digest,
        /// Time of the last of them, in whole seconds.
        last_record_at: Timestamp,
        /// Why nothing was recorded for so long, in words.
        reason: String,
        /// The supervisors' signed acts. When each signed by its own clock, `iat`, is the time it
        /// vouches for.
        statements: Vec<Bytes>,
    }

    /// Fields of `supervisor.changed`.
    pub struct SupervisorChanged {
        /// The supervisor's identifier.
        supervisor: InstitutionId,
        /// All of them as they are from now on.
        [flat] particulars: Particulars,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `supervisor.replaced`.
    pub struct SupervisorReplaced {
        /// Who is one no longer; it is not among the signers.
        supervisor: InstitutionId,
        /// The new one's key as a vkey line, whose name is its identifier: the same where only the
        /// key is another.
        vkey: String,
        /// What it is called, and how people reach it.
        [flat] particulars: Particulars,
        /// The other supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `institution.certified`.
    pub struct InstitutionCertified {
        /// The institution's identifier.
        institution: InstitutionId,
        /// What it is called, and how people reach it.
        [flat] particulars: Particulars,
        /// Its sector in the policy pack: hospital, pharmacy, city ...
        sector: String,
        /// Thumbprint of its first signing key.
        kid: Kid,
        /// That key: 32 bytes, Ed25519.
        public_key: Digest,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `institution.changed`.
    pub struct InstitutionChanged {
        /// The institution's identifier.
        institution: InstitutionId,
        /// All of them as they are from now on.
        [flat] particulars: Particulars,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `institution.suspended`.
    pub struct InstitutionSuspended {
        /// Who is suspended.
        institution: InstitutionId,
        /// Why, in words.
        reason: String,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `institution.reinstated`.
    pub struct InstitutionReinstated {
        /// Who may go on.
        institution: InstitutionId,
        /// Why, in words.
        reason: String,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `key.registered`.
    pub struct KeyRegistered {
        /// Whose key.
        institution: InstitutionId,
        /// Thumbprint of the key; of an evidence key, of its public digest.
        kid: Kid,
        /// What it may be used for.
        key_use: KeyUse,
        /// The Ed25519 public key; of an evidence key the digest `SHA-256("akashi/evidence-key/v1"
        /// || key)`.
        public_key: Digest,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it is no longer valid.
        valid_until: Option<Timestamp>,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `key.revoked`.
    pub struct KeyRevoked {
        /// Whose key.
        institution: InstitutionId,
        /// Which key.
        kid: Kid,
        /// Why, in words.
        reason: String,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `key.reset`.
    pub struct KeyReset {
        /// Whose keys end, all of them, when it comes into force.
        institution: InstitutionId,
        /// Thumbprint of the signing key that is valid from then on.
        kid: Kid,
        /// That key: 32 bytes, Ed25519.
        public_key: Digest,
        /// Why, in words.
        reason: String,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }

    /// Fields of `key.reset_objected`.
    pub struct ResetObjected {
        /// Who objects.
        institution: InstitutionId,
        /// Thumbprint of the key the reset would bring in.
        kid: Kid,
        /// Why, in words.
        reason: String,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `policy.activated`.
    pub struct PolicyActivated {
        /// Name of the pack.
        pack: String,
        /// Its version.
        version: u64,
        /// Its digest.
        policy_digest: Digest,
        /// The supervisors' signed acts.
        statements: Vec<Bytes>,
    }
}

nested_items!(Supervisor);
