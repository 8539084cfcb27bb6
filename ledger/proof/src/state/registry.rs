//! The registry: institutions, their keys, the supervisors, the policy in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::FoldError;
use super::carried::Carried;
use super::log_keys::LogKeysSoFar;
use super::policies::{InForce, Policies};
use super::registered::{Institution, RegisteredKey, Standing, Supervisor};
use super::resumptions::{self, Resumption};
use super::verified::{SignedBy, Verified};
use crate::digest::Digest;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Kid, LeafIndex, Seq, Timestamp};
use crate::jws::Jws;
use crate::key::{supervisor_key, thumbprint};
use crate::limits::{RESET_WAIT_MILLIS, THRESHOLD_MIN};
use crate::log_key::RegisteredLogKey;
use crate::particulars::Particulars;
use crate::record::kind::{
    self, ByStream, Event, KeyRegistered, KeyRevoked, KeyUse, RegistryEvent, SupervisorReplaced,
};
use crate::record::{Closed, Kind, Position, Record, StreamKind};
use crate::statement::{Act, ActClaims};
use crate::stream;
use akashi_tlog::checkpoint::{LogKeys, Origin};
use akashi_tlog::public_key::PublicKey;

/// Most supervisors of one ledger: an act carries a statement of each, and entry 0 names all of
/// them in one value of 64 KiB with all that is certified of them.
pub const SUPERVISORS_MAX: usize = 8;

/// The fold of the registry stream. Cloning it copies no institution: readers keep what was
/// durable, so each act costs a clone.
#[derive(Clone, Debug)]
pub struct Registry {
    /// The log's origin.
    pub origin: Origin,
    /// IANA name of the ledger's time zone.
    pub time_zone: String,
    /// Place of the last record.
    pub seq: Seq,
    /// Its time.
    time: Timestamp,
    /// When the ledger went on after it had stood still.
    resumptions: Vec<Resumption>,
    /// What the log signs with, and has signed with.
    log_keys: LogKeysSoFar,
    policies: Policies,
    supervisors: BTreeMap<Kid, Supervisor>,
    /// Supervisors that were replaced, and when, by the names of their keys: none comes back.
    former: BTreeMap<Kid, (Timestamp, Supervisor)>,
    threshold: u64,
    institutions: BTreeMap<InstitutionId, Arc<Institution>>,
    /// Whose each key is. Shared whole: only a new key changes it, and a day has few of those.
    owners: Arc<BTreeMap<Kid, InstitutionId>>,
    /// The statements that carried the last acts: a signature is for one record.
    carried: Carried,
    /// Whether a record was passed over because its body was not open.
    incomplete: bool,
}

impl Registry {
    /// Begins with entry 0 of the log, which is at index 0.
    ///
    /// # Errors
    /// [`FoldError`] if the record is not a `ledger.opened` that can stand at the beginning.
    pub fn open(record: &Record) -> Result<Self, FoldError> {
        let Event::LedgerOpened(opened) = &record.event else {
            return Err(FoldError::Contradiction(
                "the first record is not `ledger.opened`",
            ));
        };
        expect_seq(record, Seq::FIRST)?;
        if opened.format != 1 {
            return Err(FoldError::Contradiction(
                "the record format is not version 1",
            ));
        }
        if opened.tag_scheme != stream::TAG_SCHEME
            || opened.map_scheme.is_some()
            || opened.predecessor.is_some()
        {
            return Err(FoldError::Contradiction(
                "the log has tags, a map or a predecessor that version 1 does not know",
            ));
        }
        let log_keys = LogKeysSoFar::begin(&record.origin, &opened.log_vkey)?;
        let supervisors = supervisors(&opened.supervisors)?;
        if supervisors.keys().any(|kid| log_keys.contains(kid)) {
            return Err(FoldError::Contradiction(
                "a supervisor's key is the log's own",
            ));
        }
        if opened.threshold < THRESHOLD_MIN {
            return Err(FoldError::Contradiction(
                "one supervisor alone decides: at least 2 must sign",
            ));
        }
        if opened.threshold > supervisors.len() as u64 {
            return Err(FoldError::Contradiction("fewer supervisors than must sign"));
        }
        Ok(Self {
            origin: record.origin.clone(),
            time_zone: opened.time_zone.clone(),
            seq: Seq::FIRST,
            time: record.time,
            resumptions: Vec::new(),
            log_keys,
            policies: Policies::begin(InForce {
                pack: opened.pack.clone(),
                digest: opened.policy_digest,
                since: record.time,
            }),
            supervisors,
            former: BTreeMap::new(),
            threshold: opened.threshold,
            institutions: BTreeMap::new(),
            owners: Arc::default(),
            carried: Carried::default(),
            incomplete: false,
        })
    }

    /// The policy pack in force.
    pub const fn policy(&self) -> &InForce {
        self.policies.now()
    }

    /// The policy pack that was in force last at `time`: by its words a record of that time is told
    /// that does not name another itself.
    pub fn policy_at(&self, time: Timestamp) -> &InForce {
        self.policies.at(time)
    }

    /// Whether the policy pack of this digest was in force at `time`, as far as times tell: at the
    /// instant at which one takes another's place, both were.
    pub fn was_in_force(&self, digest: &Digest, time: Timestamp) -> bool {
        self.policies.was_in_force(digest, time)
    }

    /// Every key of the log, in the order they were added; the first is entry 0's.
    pub fn log_keys(&self) -> &[RegisteredLogKey] {
        self.log_keys.ever()
    }

    /// The same, each with the sizes of the trees it signs: what the log's signatures are checked
    /// with.
    pub fn keys_of_log(&self) -> LogKeys {
        self.log_keys.to_log_keys()
    }

    /// Each time the ledger went on after it had stood still, in their order: no more than one a
    /// week.
    pub fn resumptions(&self) -> &[Resumption] {
        &self.resumptions
    }

    /// An institution ever certified.
    pub fn institution(&self, id: &InstitutionId) -> Option<&Institution> {
        self.institutions.get(id).map(Arc::as_ref)
    }

    /// All institutions ever certified, by identifier.
    pub fn institutions(&self) -> impl Iterator<Item = &Institution> {
        self.institutions.values().map(Arc::as_ref)
    }

    /// A key ever registered.
    pub fn key(&self, kid: &Kid) -> Option<&RegisteredKey> {
        self.institution(self.owners.get(kid)?)?.key(kid)
    }

    /// The supervisor with this key.
    pub fn supervisor(&self, kid: &Kid) -> Option<&Supervisor> {
        self.supervisors.get(kid)
    }

    /// The supervisor of this name.
    pub fn supervisor_named(&self, id: &InstitutionId) -> Option<&Supervisor> {
        self.supervisors.values().find(|known| known.id == *id)
    }

    /// All supervisors, in no order that means anything.
    pub fn supervisors(&self) -> impl Iterator<Item = &Supervisor> {
        self.supervisors.values()
    }

    /// Supervisors that were replaced at `since` or later.
    pub fn replaced_since(&self, since: Timestamp) -> impl Iterator<Item = &Supervisor> {
        let former = self.former.values();
        former
            .filter(move |(until, _)| *until >= since)
            .map(|(_, supervisor)| supervisor)
    }

    /// How many supervisors must sign an act.
    pub const fn threshold(&self) -> u64 {
        self.threshold
    }

    /// The evidence keys of an institution valid at `now`, newest last.
    pub fn evidence_keys(&self, id: &InstitutionId, now: Timestamp) -> impl Iterator<Item = &Kid> {
        let own = self.institution(id);
        own.into_iter().flat_map(move |own| own.evidence_keys(now))
    }

    /// Checks that these statements together carry one act at `now`: enough supervisors, or the
    /// institution's own valid signing key, each signed within five minutes of `now`. Returns who
    /// acts (the first signer) and the event.
    ///
    /// # Errors
    /// A [`Fault`] that names what is wrong with the first statement that is.
    pub fn authorise(
        &self,
        statements: &[Verified<ActClaims>],
        now: Timestamp,
    ) -> Result<(ActClaims, Event), Fault> {
        let mut signers: Vec<&InstitutionId> = Vec::new();
        let mut first: Option<&ActClaims> = None;
        for statement in statements {
            let claims = statement.claims();
            statement.stands_at(self, now)?;
            check_competence(statement)?;
            claims.common.check_audience(&self.origin)?;
            // Each signature is given anew for each act: one that was published once carries
            // nothing later.
            claims.common.check_fresh(now)?;
            if first.is_some_and(|first| first.act != claims.act) {
                return Err(Fault::new(
                    FaultCode::NotAuthorised,
                    "act",
                    "the same act in every statement",
                    "another",
                ));
            }
            if signers.contains(&&claims.common.iss) {
                return Err(Fault::new(
                    FaultCode::NotAuthorised,
                    "iss",
                    "different signers",
                    "the same one twice",
                ));
            }
            if claims.act.concerns_itself(&claims.common.iss) {
                return Err(Fault::new(
                    FaultCode::NotAuthorised,
                    "iss",
                    "the other supervisors",
                    "the one who is replaced",
                ));
            }
            signers.push(&claims.common.iss);
            first.get_or_insert(claims);
        }
        let needed = first.map_or(1, |claims| self.signers_needed(&claims.act, now));
        match first {
            Some(claims) if signers.len() as u64 >= needed => {
                let carried = statements.iter().map(Verified::to_bytes).collect();
                let event = claims.act.clone().into_event(&claims.common.iss, carried);
                Ok((claims.clone(), event))
            }
            _ => Err(Fault::new(
                FaultCode::NotAuthorised,
                "body",
                format!("statements of {needed} signers"),
                format!("{}", signers.len()),
            )),
        }
    }

    /// How many must sign an act at `now`: the institution alone what is its own, as many
    /// supervisors as entry 0 demands everything else - and one more, where there is one, a reset
    /// of keys that the institution has objected to.
    pub fn signers_needed(&self, act: &Act, now: Timestamp) -> u64 {
        if !act.by_supervisors() {
            return 1;
        }
        let objected = match act {
            Act::ResetKeys { institution, .. } => self
                .institution(institution)
                .and_then(|known| known.reset_waiting(now))
                .is_some_and(|reset| reset.objected),
            Act::AddLogKey { .. }
            | Act::EndLogKey { .. }
            | Act::ResumeLedger { .. }
            | Act::ChangeSupervisor { .. }
            | Act::ReplaceSupervisor { .. }
            | Act::CertifyInstitution { .. }
            | Act::ChangeInstitution { .. }
            | Act::SuspendInstitution { .. }
            | Act::ReinstateInstitution { .. }
            | Act::ActivatePolicy { .. }
            | Act::RegisterKey { .. }
            | Act::RevokeKey { .. }
            | Act::ObjectToReset { .. }
            | Act::AssignRole { .. }
            | Act::EndRole { .. } => false,
        };
        let more = self.threshold.saturating_add(u64::from(objected));
        // Where all must sign as it is there is no one more, and an objection stops nothing.
        more.min(self.supervisors.len() as u64).max(self.threshold)
    }

    /// Takes the next record of the registry, checking the signed statements it carries. `index` is
    /// where the log has it: from there, and to there, the log's keys sign.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn apply(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        expect_seq(record, self.seq.next())?;
        if record.origin != self.origin {
            return Err(FoldError::Contradiction(
                "the record belongs to another log",
            ));
        }
        self.check_carried(record)?;
        self.fold(index, record)?;
        self.carried.add(record.time, record.event.statements());
        self.seq = self.seq.next();
        self.time = record.time;
        Ok(())
    }

    /// As [`Self::apply`], of a record that stands in the log. Where one before it was passed over
    /// it may rest on what that one said: it begins nothing then, and ends what it names.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn replay(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        match self.apply(index, record) {
            Err(FoldError::Statement(_) | FoldError::Contradiction(_))
                if self.incomplete && record.seq() == self.seq.next() =>
            {
                self.end_what_it_names(index, record);
                self.seq = self.seq.next();
                Ok(())
            }
            done => done,
        }
    }

    /// Takes the place of the next record of the registry, whose body is not open. Whatever closed
    /// it: the registry is published in full, so what it said is missed, and everybody who kept a
    /// copy has it.
    ///
    /// # Errors
    /// [`FoldError`]; the fold is unchanged.
    pub fn pass(&mut self, seq: Seq, _closed: Closed) -> Result<(), FoldError> {
        let expected = self.seq.next();
        if seq != expected {
            return Err(FoldError::Seq {
                stream: StreamKind::Registry,
                expected,
                found: seq,
            });
        }
        self.incomplete = true;
        self.seq = seq;
        Ok(())
    }

    /// Whether a record of it was passed over, so that an institution may be suspended, a key
    /// revoked or a policy replaced without its being known.
    pub const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    fn end_what_it_names(&mut self, index: LeafIndex, record: &Record) {
        let ByStream::Registry(event) = record.event.by_stream() else {
            return;
        };
        match event {
            RegistryEvent::InstitutionSuspended(e) => {
                self.set_standing(&e.institution, Standing::Suspended, record.time);
            }
            RegistryEvent::KeyRevoked(e) => self.end_key(e, record.time),
            RegistryEvent::KeyReset(e) => {
                if let Some(institution) = self.institution_mut(&e.institution) {
                    let effect = record.time.plus_millis(RESET_WAIT_MILLIS);
                    institution.reset_from(Some(effect), record.time);
                }
            }
            RegistryEvent::SupervisorReplaced(e) => self.end_supervisor(&e.supervisor, record.time),
            // Who stole it has no part in what stays; without another it is not ended.
            RegistryEvent::LogKeyEnded(e) => self.log_keys.end_named(e, self.seq.next(), index),
            RegistryEvent::LedgerOpened(_)
            | RegistryEvent::LogKeyAdded(_)
            | RegistryEvent::LedgerResumed(_)
            | RegistryEvent::SupervisorChanged(_)
            | RegistryEvent::ResetObjected(_)
            | RegistryEvent::InstitutionCertified(_)
            | RegistryEvent::InstitutionChanged(_)
            | RegistryEvent::InstitutionReinstated(_)
            | RegistryEvent::KeyRegistered(_)
            | RegistryEvent::PolicyActivated(_) => {}
        }
    }

    /// The institution, to be changed: one that a reader still holds is copied first.
    fn institution_mut(&mut self, id: &InstitutionId) -> Option<&mut Institution> {
        self.institutions.get_mut(id).map(Arc::make_mut)
    }

    /// Ends a supervisor: what its key has signed stands, and it signs nothing more.
    fn end_supervisor(&mut self, id: &InstitutionId, time: Timestamp) {
        let ended = self.supervisors.extract_if(.., |_, known| known.id == *id);
        self.former
            .extend(ended.map(|(kid, supervisor)| (kid, (time, supervisor))));
    }

    fn end_key(&mut self, revoked: &KeyRevoked, at: Timestamp) {
        if let Some(institution) = self.institution_mut(&revoked.institution) {
            institution.end_key(&revoked.kid, at);
        }
    }

    /// The statements in the record must make this very event again.
    fn check_carried(&self, record: &Record) -> Result<(), FoldError> {
        if record.kind() == Kind::LedgerOpened || record.kind().stream() != StreamKind::Registry {
            return Err(FoldError::Contradiction(
                "a kind that does not belong into the registry",
            ));
        }
        let carried = record.event.statements();
        if self.carried.has_any(record.time, carried) {
            return Err(FoldError::Contradiction(
                "a signed statement in it has carried an act before",
            ));
        }
        let statements = carried
            .iter()
            .map(|bytes| Ok(self.verify(Jws::parse(&bytes.0)?)?))
            .collect::<Result<Vec<_>, Fault>>()?;
        let (_, event) = self.authorise(&statements, record.time)?;
        if event == record.event {
            Ok(())
        } else {
            Err(FoldError::Contradiction(
                "the signed statements say something else than the record",
            ))
        }
    }

    /// Whether an event could follow at `now`; [`Self::apply`] asks the same of the record's time.
    /// What is not of the registry can, as far as the registry goes. An act that changes nothing
    /// cannot: it would only lengthen the registry.
    ///
    /// # Errors
    /// [`FoldError::Contradiction`] with the reason.
    pub fn check(&self, event: &Event, now: Timestamp) -> Result<(), FoldError> {
        let known = |id: &InstitutionId| self.institution(id);
        let ByStream::Registry(event) = event.by_stream() else {
            return Ok(());
        };
        match event {
            RegistryEvent::LogKeyAdded(e) => {
                let key = self.log_keys.check_added(e)?;
                self.check_unused(&thumbprint(key.public_key()))
            }
            RegistryEvent::LogKeyEnded(e) => self.log_keys.check_ended(e).map(|_| ()),
            RegistryEvent::LedgerResumed(e) => resumptions::check(e, self.time, now),
            RegistryEvent::SupervisorChanged(e) => {
                let now = self.supervisor_named(&e.supervisor);
                let now = now.ok_or(FoldError::Contradiction("there is no such supervisor"))?;
                check_changed(&now.particulars, &e.particulars)
            }
            RegistryEvent::SupervisorReplaced(e) => self.check_replaced(e),
            RegistryEvent::InstitutionChanged(e) => {
                let now = known(&e.institution);
                let now = now.ok_or(FoldError::Contradiction("there is no such institution"))?;
                check_changed(&now.particulars, &e.particulars)
            }
            RegistryEvent::InstitutionCertified(e) => {
                if known(&e.institution).is_some() {
                    return Err(FoldError::Contradiction(
                        "the institution is certified already",
                    ));
                }
                self.check_new_key(&e.kid, &e.public_key)
            }
            RegistryEvent::InstitutionSuspended(e) => {
                match known(&e.institution).map(|i| i.standing) {
                    Some(Standing::Certified) => Ok(()),
                    _ => Err(FoldError::Contradiction(
                        "only a certified institution can be suspended",
                    )),
                }
            }
            RegistryEvent::InstitutionReinstated(e) => {
                match known(&e.institution).map(|i| i.standing) {
                    Some(Standing::Suspended) => Ok(()),
                    _ => Err(FoldError::Contradiction(
                        "only a suspended institution can be reinstated",
                    )),
                }
            }
            RegistryEvent::KeyRegistered(e) => self.check_registered(e, now),
            RegistryEvent::KeyRevoked(e) => {
                let own = known(&e.institution);
                let waiting = own.and_then(|own| own.reset_waiting(now));
                if waiting.is_some_and(|reset| reset.kid == e.kid) {
                    return Err(FoldError::Contradiction(
                        "the key is one a reset brings in: only an objection holds it up",
                    ));
                }
                match own.and_then(|own| own.key(&e.kid)) {
                    Some(key) if key.has_ended(now) => {
                        Err(FoldError::Contradiction("the key has ended already"))
                    }
                    Some(_) => Ok(()),
                    None => Err(FoldError::Contradiction("the institution has no such key")),
                }
            }
            RegistryEvent::KeyReset(e) => {
                let own = known(&e.institution);
                let own = own.ok_or(FoldError::Contradiction("there is no such institution"))?;
                if own.is_reset_again(&e.kid, now)? {
                    check_named(&e.kid, &e.public_key).map(|_| ())
                } else {
                    self.check_new_key(&e.kid, &e.public_key)
                }
            }
            RegistryEvent::ResetObjected(e) => {
                let own = known(&e.institution);
                let own = own.ok_or(FoldError::Contradiction("there is no such institution"))?;
                own.check_objection(&e.kid, now)
            }
            RegistryEvent::PolicyActivated(e) if e.policy_digest == self.policy().digest => {
                Err(FoldError::Contradiction("the pack is in force already"))
            }
            RegistryEvent::PolicyActivated(_) => Ok(()),
            RegistryEvent::LedgerOpened(_) => {
                Err(FoldError::Contradiction("a ledger is opened once"))
            }
        }
    }

    fn check_registered(&self, e: &KeyRegistered, now: Timestamp) -> Result<(), FoldError> {
        let own = self.institution(&e.institution);
        let own = own.ok_or(FoldError::Contradiction("there is no such institution"))?;
        match e.key_use {
            KeyUse::Sign => self.check_new_key(&e.kid, &e.public_key)?,
            KeyUse::Evidence if self.owners.contains_key(&e.kid) => {
                return Err(FoldError::Contradiction("the key is registered already"));
            }
            KeyUse::Evidence if e.kid.as_str() != e.public_key.to_base64url() => {
                return Err(FoldError::Contradiction(
                    "an evidence key is named by its digest",
                ));
            }
            KeyUse::Evidence => {}
        }
        let begins = e.valid_from.max(now);
        if e.valid_until.is_some_and(|until| until <= begins) {
            return Err(FoldError::Contradiction("the key would never be valid"));
        }
        own.check_room(now)
    }

    fn check_new_key(&self, kid: &Kid, public: &Digest) -> Result<(), FoldError> {
        check_named(kid, public)?;
        self.check_unused(kid)
    }

    /// A key is one body's, and comes once: no institution's, no supervisor's, none of one who was,
    /// not the log's own.
    fn check_unused(&self, kid: &Kid) -> Result<(), FoldError> {
        let of_supervisor = self.supervisors.contains_key(kid) || self.former.contains_key(kid);
        let of_log = || self.log_keys.contains(kid);
        if of_supervisor || of_log() || self.owners.contains_key(kid) {
            Err(FoldError::Contradiction("the key is registered already"))
        } else {
            Ok(())
        }
    }

    fn check_replaced(&self, e: &SupervisorReplaced) -> Result<(), FoldError> {
        if self.supervisor_named(&e.supervisor).is_none() {
            return Err(FoldError::Contradiction("there is no such supervisor"));
        }
        let (kid, new) = supervisor(&e.vkey, &e.particulars)?;
        if new.id != e.supervisor && self.supervisor_named(&new.id).is_some() {
            return Err(FoldError::Contradiction("a supervisor is named twice"));
        }
        self.check_unused(&kid)
    }

    fn fold(&mut self, index: LeafIndex, record: &Record) -> Result<(), FoldError> {
        self.check(&record.event, record.time)?;
        let ByStream::Registry(event) = record.event.by_stream() else {
            return Err(FoldError::Contradiction(
                "the kind is not one of the registry's",
            ));
        };
        match event {
            RegistryEvent::LogKeyAdded(e) => self.log_keys.add(e, index)?,
            RegistryEvent::LogKeyEnded(e) => self.log_keys.end(e, record.seq(), index)?,
            RegistryEvent::LedgerResumed(e) => {
                let place = (record.seq(), index, record.time);
                self.resumptions.push(resumptions::resumption(e, place)?);
            }
            RegistryEvent::SupervisorChanged(e) => {
                let mut known = self.supervisors.values_mut();
                if let Some(supervisor) = known.find(|known| known.id == e.supervisor) {
                    supervisor.change(e.particulars.clone(), record.time);
                }
            }
            RegistryEvent::SupervisorReplaced(e) => {
                let (kid, new) = supervisor(&e.vkey, &e.particulars)?;
                self.end_supervisor(&e.supervisor, record.time);
                self.supervisors.insert(kid, new);
            }
            RegistryEvent::InstitutionChanged(e) => {
                if let Some(institution) = self.institution_mut(&e.institution) {
                    institution.change(e.particulars.clone(), record.time);
                }
            }
            RegistryEvent::InstitutionCertified(e) => {
                let id = e.institution.clone();
                let key = RegisteredKey {
                    institution: id.clone(),
                    key_use: KeyUse::Sign,
                    public: PublicKey::from_bytes(e.public_key.as_bytes()).ok(),
                    valid_from: record.time,
                    valid_until: None,
                    reset_at: None,
                };
                let mut institution = Institution::certified(
                    id.clone(),
                    e.particulars.clone(),
                    &e.sector,
                    record.time,
                );
                institution.begin_with(e.kid.clone(), key);
                Arc::make_mut(&mut self.owners).insert(e.kid.clone(), id.clone());
                self.institutions.insert(id, Arc::new(institution));
            }
            RegistryEvent::InstitutionSuspended(e) => {
                self.set_standing(&e.institution, Standing::Suspended, record.time)
            }
            RegistryEvent::InstitutionReinstated(e) => {
                self.set_standing(&e.institution, Standing::Certified, record.time)
            }
            RegistryEvent::KeyRegistered(e) => {
                let key = RegisteredKey {
                    institution: e.institution.clone(),
                    key_use: e.key_use,
                    public: match e.key_use {
                        KeyUse::Sign => PublicKey::from_bytes(e.public_key.as_bytes()).ok(),
                        KeyUse::Evidence => None,
                    },
                    // Evidence made again must be the same bytes: a key registered late never
                    // reaches back to permits that stand before its registration.
                    valid_from: match e.key_use {
                        KeyUse::Sign => e.valid_from,
                        KeyUse::Evidence => e.valid_from.max(record.time.plus_millis(1)),
                    },
                    valid_until: e.valid_until,
                    reset_at: None,
                };
                if let Some(institution) = self.institution_mut(&e.institution) {
                    institution.register(e.kid.clone(), key, record.time);
                    let (kid, owner) = (e.kid.clone(), e.institution.clone());
                    Arc::make_mut(&mut self.owners).insert(kid, owner);
                }
            }
            RegistryEvent::KeyRevoked(e) => self.end_key(e, record.time),
            RegistryEvent::KeyReset(e) => {
                let public = check_named(&e.kid, &e.public_key)?;
                if let Some(institution) = self.institution_mut(&e.institution) {
                    institution.reset_keys(&e.kid, public, record.time);
                    let (kid, owner) = (e.kid.clone(), e.institution.clone());
                    Arc::make_mut(&mut self.owners).insert(kid, owner);
                }
            }
            RegistryEvent::ResetObjected(e) => {
                if let Some(institution) = self.institution_mut(&e.institution) {
                    institution.object(record.time);
                }
            }
            RegistryEvent::PolicyActivated(e) => self.policies.put(InForce {
                pack: e.pack.clone(),
                digest: e.policy_digest,
                since: record.time,
            }),
            // Refused by `check`: a registry begins with it.
            RegistryEvent::LedgerOpened(_) => {}
        }
        Ok(())
    }

    fn set_standing(&mut self, id: &InstitutionId, standing: Standing, time: Timestamp) {
        if let Some(institution) = self.institution_mut(id) {
            institution.stand(standing, time);
        }
    }
}

/// Supervisors act on institutions, an institution on what is its own.
fn check_competence(statement: &Verified<ActClaims>) -> Result<(), Fault> {
    let (expected, found) = match (statement.by(), statement.claims().act.by_supervisors()) {
        (SignedBy::Supervisor(_), true) | (SignedBy::Institution(_), false) => return Ok(()),
        (SignedBy::Supervisor(_), false) => ("an act of supervisors", "an institution's"),
        (SignedBy::Institution(_), true) => ("an institution's own act", "a supervisors' act"),
    };
    Err(Fault::new(FaultCode::NotAuthorised, "act", expected, found))
}

/// A signing key under its name.
fn check_named(kid: &Kid, public: &Digest) -> Result<PublicKey, FoldError> {
    let key = PublicKey::from_bytes(public.as_bytes()).map_err(|_| {
        FoldError::Contradiction("the public key is no point of the curve, or a weak one")
    })?;
    if thumbprint(&key) == *kid {
        Ok(key)
    } else {
        Err(FoldError::Contradiction(
            "`kid` is not the thumbprint of the public key",
        ))
    }
}

/// A supervisor by the name of its key.
fn supervisor(vkey: &str, particulars: &Particulars) -> Result<(Kid, Supervisor), FoldError> {
    let (id, key) = supervisor_key(vkey).ok_or(FoldError::Contradiction(
        "a supervisor's key is not a vkey line",
    ))?;
    let particulars = particulars.clone();
    Ok((thumbprint(&key), Supervisor::new(id, key, particulars)))
}

/// The supervisors entry 0 names, by the names of their keys.
fn supervisors(named: &[kind::Supervisor]) -> Result<BTreeMap<Kid, Supervisor>, FoldError> {
    if named.len() > SUPERVISORS_MAX {
        return Err(FoldError::Contradiction(
            "more supervisors than a ledger can have",
        ));
    }
    let mut supervisors: BTreeMap<Kid, Supervisor> = BTreeMap::new();
    for one in named {
        let (kid, new) = supervisor(&one.vkey, &one.particulars)?;
        let twice = supervisors.values().any(|known| known.id == new.id);
        let before = supervisors.insert(kid, new);
        if twice || before.is_some() {
            return Err(FoldError::Contradiction("a supervisor is named twice"));
        }
    }
    Ok(supervisors)
}

/// An act that changes nothing is none: it would only lengthen the registry.
fn check_changed(now: &Particulars, then: &Particulars) -> Result<(), FoldError> {
    if now == then {
        Err(FoldError::Contradiction("the act changes nothing"))
    } else {
        Ok(())
    }
}

fn expect_seq(record: &Record, expected: Seq) -> Result<(), FoldError> {
    match &record.position {
        Position::Registry(place) if place.seq == expected => Ok(()),
        Position::Registry(place) => Err(FoldError::Seq {
            stream: StreamKind::Registry,
            expected,
            found: place.seq,
        }),
        Position::Institution(_) | Position::Person(_) => Err(FoldError::Contradiction(
            "the record is not in the registry",
        )),
    }
}
