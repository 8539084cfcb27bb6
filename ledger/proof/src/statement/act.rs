//! `akashi-act+jws`: what a supervisor does to institutions and to the log's keys, and an
//! institution to its own keys and roles.
//!
//! Claims: the common ones, `act` (the kind of the record it makes) and that kind's members. Times
//! are seconds. Supervisors sign the same act, each in a statement of their own.

use super::{Claims, Common, optional_time, seconds, time};
use crate::digest::Digest;
use crate::fault::{Fault, FaultCode};
use crate::ids::{InstitutionId, Kid, RoleCode, RoleHolderId, Timestamp};
use crate::jws::Type;
use crate::key::supervisor_key;
use crate::log_key::{Handover, log_key};
use crate::particulars::Particulars;
use crate::record::kind::{
    Event, InstitutionCertified, InstitutionChanged, InstitutionReinstated, InstitutionSuspended,
    KeyRegistered, KeyReset, KeyRevoked, KeyUse, LedgerResumed, LogKeyAdded, LogKeyEnded,
    PolicyActivated, ResetObjected, RoleAssigned, RoleEnded, SupervisorChanged, SupervisorReplaced,
};
use crate::record::value::Bytes;
use crate::record::{Kind, StreamKind};
use crate::strict_json::{Members, Object};
use crate::text::free_text;

/// Most characters of a reason, and of the name of a pack: two lines.
const TEXT_LEN_MAX: usize = 200;

/// An act with who signed it, when and for which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActClaims {
    /// Issuer, audience, time, identifier.
    pub common: Common,
    /// What is to be done.
    pub act: Act,
}

/// What a signed act does. [`Act::into_event`] makes its record; `fsck` makes it again and
/// compares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the members are the fields of the record of the same name"
)]
pub enum Act {
    /// `ledger.key_added`, by supervisors.
    AddLogKey { log_vkey: String, reason: String },
    /// `ledger.key_ended`, by supervisors.
    EndLogKey {
        log_vkey: String,
        checkpoint: String,
        reason: String,
    },
    /// `ledger.resumed`, by supervisors.
    ResumeLedger {
        size: u64,
        root: Digest,
        last_record_at: Timestamp,
        reason: String,
    },
    /// `supervisor.changed`, by supervisors.
    ChangeSupervisor {
        supervisor: InstitutionId,
        particulars: Particulars,
    },
    /// `supervisor.replaced`, by supervisors, the replaced not among them.
    ReplaceSupervisor {
        supervisor: InstitutionId,
        vkey: String,
        particulars: Particulars,
    },
    /// `institution.certified`, by supervisors.
    CertifyInstitution {
        institution: InstitutionId,
        particulars: Particulars,
        sector: String,
        kid: Kid,
        public_key: Digest,
    },
    /// `institution.changed`, by supervisors.
    ChangeInstitution {
        institution: InstitutionId,
        particulars: Particulars,
    },
    /// `institution.suspended`, by supervisors.
    SuspendInstitution {
        institution: InstitutionId,
        reason: String,
    },
    /// `institution.reinstated`, by supervisors.
    ReinstateInstitution {
        institution: InstitutionId,
        reason: String,
    },
    /// `policy.activated`, by supervisors.
    ActivatePolicy {
        pack: String,
        version: u64,
        policy_digest: Digest,
    },
    /// `key.registered`, by the institution.
    RegisterKey {
        kid: Kid,
        key_use: KeyUse,
        public_key: Digest,
        valid_from: Timestamp,
        valid_until: Option<Timestamp>,
    },
    /// `key.revoked`, by the institution.
    RevokeKey { kid: Kid, reason: String },
    /// `key.reset`, by supervisors.
    ResetKeys {
        institution: InstitutionId,
        kid: Kid,
        public_key: Digest,
        reason: String,
    },
    /// `key.reset_objected`, by the institution.
    ObjectToReset { kid: Kid, reason: String },
    /// `role.assigned`, by the institution.
    AssignRole {
        role_holder: RoleHolderId,
        role: RoleCode,
        valid_from: Timestamp,
        valid_until: Option<Timestamp>,
    },
    /// `role.ended`, by the institution.
    EndRole {
        role_holder: RoleHolderId,
        role: RoleCode,
    },
}

impl Claims for ActClaims {
    const TYPE: Type = Type::Act;

    fn common(&self) -> &Common {
        &self.common
    }

    fn is_heard_of_suspended(&self) -> bool {
        self.act.by_supervisors() || self.act.ends()
    }

    fn take(members: &mut Members) -> Result<Self, Fault> {
        let common = Common::take(members)?;
        let kind = members.text("act", |name| {
            Kind::parse(name).ok_or("the kind of a record an act can make")
        })?;
        let act = Act::take(kind, members)?;
        Ok(Self { common, act })
    }

    fn put(&self, object: &mut Object) {
        self.common.put(object);
        object.text("act", self.act.kind().name());
        self.act.put(object);
    }
}

impl Act {
    fn take(kind: Kind, m: &mut Members) -> Result<Self, Fault> {
        Ok(match kind {
            Kind::LogKeyAdded => Self::AddLogKey {
                log_vkey: m.text("log_vkey", log_vkey)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::LogKeyEnded => Self::EndLogKey {
                log_vkey: m.text("log_vkey", log_vkey)?,
                checkpoint: m.text("checkpoint", handover)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::LedgerResumed => Self::ResumeLedger {
                size: m.number("size")?,
                root: m.text("root", key_bytes)?,
                last_record_at: time(m.number("last_record_at")?, "last_record_at")?,
                reason: m.text("reason", short_text)?,
            },
            Kind::SupervisorChanged => Self::ChangeSupervisor {
                supervisor: m.text("supervisor", InstitutionId::parse)?,
                particulars: particulars(m)?,
            },
            Kind::SupervisorReplaced => Self::ReplaceSupervisor {
                supervisor: m.text("supervisor", InstitutionId::parse)?,
                vkey: m.text("vkey", supervisor_vkey)?,
                particulars: particulars(m)?,
            },
            Kind::InstitutionChanged => Self::ChangeInstitution {
                institution: m.text("institution", InstitutionId::parse)?,
                particulars: particulars(m)?,
            },
            Kind::InstitutionCertified => Self::CertifyInstitution {
                institution: m.text("institution", InstitutionId::parse)?,
                particulars: particulars(m)?,
                sector: m.text("sector", |t| {
                    RoleCode::parse(t).map(|code| code.to_string())
                })?,
                kid: m.text("kid", Kid::parse)?,
                public_key: m.text("public_key", key_bytes)?,
            },
            Kind::InstitutionSuspended => Self::SuspendInstitution {
                institution: m.text("institution", InstitutionId::parse)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::InstitutionReinstated => Self::ReinstateInstitution {
                institution: m.text("institution", InstitutionId::parse)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::PolicyActivated => Self::ActivatePolicy {
                pack: m.text("pack", short_text)?,
                version: m.number("version")?,
                policy_digest: m.text("policy_digest", key_bytes)?,
            },
            Kind::KeyRegistered => Self::RegisterKey {
                kid: m.text("kid", Kid::parse)?,
                key_use: m.text("key_use", |word| {
                    KeyUse::parse(word).ok_or("`sign` or `evidence`")
                })?,
                public_key: m.text("public_key", key_bytes)?,
                valid_from: time(m.number("valid_from")?, "valid_from")?,
                valid_until: optional_time(m, "valid_until")?,
            },
            Kind::KeyRevoked => Self::RevokeKey {
                kid: m.text("kid", Kid::parse)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::KeyReset => Self::ResetKeys {
                institution: m.text("institution", InstitutionId::parse)?,
                kid: m.text("kid", Kid::parse)?,
                public_key: m.text("public_key", key_bytes)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::ResetObjected => Self::ObjectToReset {
                kid: m.text("kid", Kid::parse)?,
                reason: m.text("reason", short_text)?,
            },
            Kind::RoleAssigned => Self::AssignRole {
                role_holder: m.text("role_holder", RoleHolderId::parse)?,
                role: m.text("role", RoleCode::parse)?,
                valid_from: time(m.number("valid_from")?, "valid_from")?,
                valid_until: optional_time(m, "valid_until")?,
            },
            Kind::RoleEnded => Self::EndRole {
                role_holder: m.text("role_holder", RoleHolderId::parse)?,
                role: m.text("role", RoleCode::parse)?,
            },
            Kind::LedgerOpened
            | Kind::StatementRefused
            | Kind::StatementsThrottled
            | Kind::EmergencyDeclared
            | Kind::AccessesCounted
            | Kind::StatisticsPermitted
            | Kind::StatisticsDenied
            | Kind::SubjectEnrolled
            | Kind::PapersReplaced
            | Kind::AccountSuspended
            | Kind::AccountResumed
            | Kind::AccountClosed
            | Kind::ContactReplaced
            | Kind::ContactKept
            | Kind::ContactEnded
            | Kind::ContactDoubted
            | Kind::ContactConfirmed
            | Kind::ContactVerified
            | Kind::LinkIssued
            | Kind::LinkWithdrawn
            | Kind::LinkRevoked
            | Kind::LinkCorrected
            | Kind::ConsentGiven
            | Kind::ConsentNarrowed
            | Kind::ConsentWithdrawn
            | Kind::ConsentsStopped
            | Kind::MeansBlocked
            | Kind::MeansUnblocked
            | Kind::AccessPermitted
            | Kind::AccessDenied
            | Kind::AccessAsked
            | Kind::AccessReleased
            | Kind::ReleaseRefused
            | Kind::ApprovalGranted
            | Kind::ApprovalRefused
            | Kind::ApprovalExpired
            | Kind::AlertRaised
            | Kind::NoticeSent
            | Kind::NoticeFailed
            | Kind::NoticesReported => {
                let expected = "the kind of a record an act can make";
                return Err(Fault::new(
                    FaultCode::BadMember,
                    "act",
                    expected,
                    format!("`{}`", kind.name()),
                ));
            }
        })
    }

    fn put(&self, object: &mut Object) {
        match self {
            Self::AddLogKey { log_vkey, reason } => {
                object.text("log_vkey", log_vkey);
                object.text("reason", reason);
            }
            Self::EndLogKey {
                log_vkey,
                checkpoint,
                reason,
            } => {
                object.text("log_vkey", log_vkey);
                object.text("checkpoint", checkpoint);
                object.text("reason", reason);
            }
            Self::ResumeLedger {
                size,
                root,
                last_record_at,
                reason,
            } => {
                object.number("size", *size);
                object.text("root", root.to_base64url());
                object.number("last_record_at", seconds(*last_record_at));
                object.text("reason", reason);
            }
            Self::ChangeSupervisor {
                supervisor,
                particulars,
            } => {
                object.text("supervisor", supervisor);
                put_particulars(particulars, object);
            }
            Self::ReplaceSupervisor {
                supervisor,
                vkey,
                particulars,
            } => {
                object.text("supervisor", supervisor);
                object.text("vkey", vkey);
                put_particulars(particulars, object);
            }
            Self::ChangeInstitution {
                institution,
                particulars,
            } => {
                object.text("institution", institution);
                put_particulars(particulars, object);
            }
            Self::CertifyInstitution {
                institution,
                particulars,
                sector,
                kid,
                public_key,
            } => {
                object.text("institution", institution);
                put_particulars(particulars, object);
                object.text("sector", sector);
                object.text("kid", kid);
                object.text("public_key", public_key.to_base64url());
            }
            Self::SuspendInstitution {
                institution,
                reason,
            }
            | Self::ReinstateInstitution {
                institution,
                reason,
            } => {
                object.text("institution", institution);
                object.text("reason", reason);
            }
            Self::ActivatePolicy {
                pack,
                version,
                policy_digest,
            } => {
                object.text("pack", pack);
                object.number("version", *version);
                object.text("policy_digest", policy_digest.to_base64url());
            }
            Self::RegisterKey {
                kid,
                key_use,
                public_key,
                valid_from,
                valid_until,
            } => {
                object.text("kid", kid);
                object.text("key_use", key_use);
                object.text("public_key", public_key.to_base64url());
                object.number("valid_from", seconds(*valid_from));
                object.optional_number("valid_until", valid_until.map(seconds));
            }
            Self::RevokeKey { kid, reason } | Self::ObjectToReset { kid, reason } => {
                object.text("kid", kid);
                object.text("reason", reason);
            }
            Self::ResetKeys {
                institution,
                kid,
                public_key,
                reason,
            } => {
                object.text("institution", institution);
                object.text("kid", kid);
                object.text("public_key", public_key.to_base64url());
                object.text("reason", reason);
            }
            Self::AssignRole {
                role_holder,
                role,
                valid_from,
                valid_until,
            } => {
                object.text("role_holder", role_holder);
                object.text("role", role);
                object.number("valid_from", seconds(*valid_from));
                object.optional_number("valid_until", valid_until.map(seconds));
            }
            Self::EndRole { role_holder, role } => {
                object.text("role_holder", role_holder);
                object.text("role", role);
            }
        }
    }

    /// The kind of the record it makes.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::AddLogKey { .. } => Kind::LogKeyAdded,
            Self::EndLogKey { .. } => Kind::LogKeyEnded,
            Self::ResumeLedger { .. } => Kind::LedgerResumed,
            Self::ChangeSupervisor { .. } => Kind::SupervisorChanged,
            Self::ReplaceSupervisor { .. } => Kind::SupervisorReplaced,
            Self::CertifyInstitution { .. } => Kind::InstitutionCertified,
            Self::ChangeInstitution { .. } => Kind::InstitutionChanged,
            Self::SuspendInstitution { .. } => Kind::InstitutionSuspended,
            Self::ReinstateInstitution { .. } => Kind::InstitutionReinstated,
            Self::ActivatePolicy { .. } => Kind::PolicyActivated,
            Self::RegisterKey { .. } => Kind::KeyRegistered,
            Self::RevokeKey { .. } => Kind::KeyRevoked,
            Self::ResetKeys { .. } => Kind::KeyReset,
            Self::ObjectToReset { .. } => Kind::ResetObjected,
            Self::AssignRole { .. } => Kind::RoleAssigned,
            Self::EndRole { .. } => Kind::RoleEnded,
        }
    }

    /// Whether supervisors must sign it (otherwise the institution it is about does).
    pub const fn by_supervisors(&self) -> bool {
        match self {
            Self::AddLogKey { .. }
            | Self::EndLogKey { .. }
            | Self::ResumeLedger { .. }
            | Self::ChangeSupervisor { .. }
            | Self::ReplaceSupervisor { .. }
            | Self::CertifyInstitution { .. }
            | Self::ChangeInstitution { .. }
            | Self::SuspendInstitution { .. }
            | Self::ReinstateInstitution { .. }
            | Self::ResetKeys { .. }
            | Self::ActivatePolicy { .. } => true,
            Self::RegisterKey { .. }
            | Self::RevokeKey { .. }
            | Self::ObjectToReset { .. }
            | Self::AssignRole { .. }
            | Self::EndRole { .. } => false,
        }
    }

    /// Whether it is about whether this supervisor stays one: it has no voice in that.
    pub(crate) fn concerns_itself(&self, signer: &InstitutionId) -> bool {
        matches!(self, Self::ReplaceSupervisor { supervisor, .. } if supervisor == signer)
    }

    /// Whether it ends something - a standing, a key, a role - or holds something up, and begins
    /// nothing. Whoever is suspended may still do it.
    pub const fn ends(&self) -> bool {
        match self {
            Self::EndLogKey { .. }
            | Self::SuspendInstitution { .. }
            | Self::RevokeKey { .. }
            | Self::ObjectToReset { .. }
            | Self::EndRole { .. } => true,
            Self::AddLogKey { .. }
            | Self::ResumeLedger { .. }
            | Self::ChangeSupervisor { .. }
            | Self::ReplaceSupervisor { .. }
            | Self::ResetKeys { .. }
            | Self::CertifyInstitution { .. }
            | Self::ChangeInstitution { .. }
            | Self::ReinstateInstitution { .. }
            | Self::ActivatePolicy { .. }
            | Self::RegisterKey { .. }
            | Self::AssignRole { .. } => false,
        }
    }

    /// Whether it lets a ledger go on that stands still: the one thing that may be recorded then.
    pub const fn resumes(&self) -> bool {
        matches!(self, Self::ResumeLedger { .. })
    }

    /// The stream of the record it makes.
    pub const fn stream(&self) -> StreamKind {
        self.kind().stream()
    }

    /// The record's event: this act by `iss`, with the statements that carry it.
    pub fn into_event(self, iss: &InstitutionId, statements: Vec<Bytes>) -> Event {
        let statement = || statements.first().cloned().unwrap_or(Bytes(Vec::new()));
        match self {
            Self::AddLogKey { log_vkey, reason } => Event::LogKeyAdded(LogKeyAdded {
                log_vkey,
                reason,
                statements,
            }),
            Self::EndLogKey {
                log_vkey,
                checkpoint,
                reason,
            } => Event::LogKeyEnded(LogKeyEnded {
                log_vkey,
                checkpoint: Bytes(checkpoint.into_bytes()),
                reason,
                statements,
            }),
            Self::ResumeLedger {
                size,
                root,
                last_record_at,
                reason,
            } => Event::LedgerResumed(LedgerResumed {
                size,
                log_root: root,
                last_record_at,
                reason,
                statements,
            }),
            Self::ChangeSupervisor {
                supervisor,
                particulars,
            } => Event::SupervisorChanged(SupervisorChanged {
                supervisor,
                particulars,
                statements,
            }),
            Self::ReplaceSupervisor {
                supervisor,
                vkey,
                particulars,
            } => Event::SupervisorReplaced(SupervisorReplaced {
                supervisor,
                vkey,
                particulars,
                statements,
            }),
            Self::ChangeInstitution {
                institution,
                particulars,
            } => Event::InstitutionChanged(InstitutionChanged {
                institution,
                particulars,
                statements,
            }),
            Self::CertifyInstitution {
                institution,
                particulars,
                sector,
                kid,
                public_key,
            } => Event::InstitutionCertified(InstitutionCertified {
                institution,
                particulars,
                sector,
                kid,
                public_key,
                statements,
            }),
            Self::SuspendInstitution {
                institution,
                reason,
            } => Event::InstitutionSuspended(InstitutionSuspended {
                institution,
                reason,
                statements,
            }),
            Self::ReinstateInstitution {
                institution,
                reason,
            } => Event::InstitutionReinstated(InstitutionReinstated {
                institution,
                reason,
                statements,
            }),
            Self::ActivatePolicy {
                pack,
                version,
                policy_digest,
            } => Event::PolicyActivated(PolicyActivated {
                pack,
                version,
                policy_digest,
                statements,
            }),
            Self::RegisterKey {
                kid,
                key_use,
                public_key,
                valid_from,
                valid_until,
            } => Event::KeyRegistered(KeyRegistered {
                institution: iss.clone(),
                kid,
                key_use,
                public_key,
                valid_from,
                valid_until,
                statement: statement(),
            }),
            Self::RevokeKey { kid, reason } => Event::KeyRevoked(KeyRevoked {
                institution: iss.clone(),
                kid,
                reason,
                statement: statement(),
            }),
            Self::ResetKeys {
                institution,
                kid,
                public_key,
                reason,
            } => Event::KeyReset(KeyReset {
                institution,
                kid,
                public_key,
                reason,
                statements,
            }),
            Self::ObjectToReset { kid, reason } => Event::ResetObjected(ResetObjected {
                institution: iss.clone(),
                kid,
                reason,
                statement: statement(),
            }),
            Self::AssignRole {
                role_holder,
                role,
                valid_from,
                valid_until,
            } => Event::RoleAssigned(RoleAssigned {
                role_holder,
                role,
                valid_from,
                valid_until,
                statement: statement(),
            }),
            Self::EndRole { role_holder, role } => Event::RoleEnded(RoleEnded {
                role_holder,
                role,
                statement: statement(),
            }),
        }
    }
}

fn short_text(text: &str) -> Result<String, String> {
    free_text(text, 1, TEXT_LEN_MAX)
}

/// The members that say what somebody is called and how people reach it.
fn particulars(m: &mut Members) -> Result<Particulars, Fault> {
    Particulars::read(|field| m.optional_text(field, |text| Ok::<_, Fault>(text.to_owned())))
}

fn put_particulars(particulars: &Particulars, object: &mut Object) {
    for (name, text) in particulars.texts() {
        object.text(name, text);
    }
}

/// The key of a supervisor, spelt as a record has it.
fn supervisor_vkey(text: &str) -> Result<String, &'static str> {
    let expected = "a vkey line of an Ed25519 key, its name that of the supervisor";
    supervisor_key(text)
        .map(|_| text.to_owned())
        .ok_or(expected)
}

/// A key of the log, spelt as a record has it.
fn log_vkey(text: &str) -> Result<String, &'static str> {
    let expected = "a vkey line of an Ed25519 key, its name the log's origin";
    log_key(text).map(|_| text.to_owned()).ok_or(expected)
}

/// A checkpoint that hands the log over from one key to another, as it was published.
fn handover(text: &str) -> Result<String, String> {
    let read = Handover::parse(text.as_bytes()).map(|_| text.to_owned());
    read.map_err(|error| format!("a signed checkpoint of the log: {error}"))
}

fn key_bytes(text: &str) -> Result<Digest, &'static str> {
    Digest::from_base64url(text).ok_or("32 bytes: 43 characters of base64url")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::Jws;
    use crate::jws::tests::sign;
    use crate::particulars::tests::hospital;

    fn read(claims: &serde_json::Value) -> Result<ActClaims, Fault> {
        ActClaims::read(&Jws::parse(
            sign(1, Type::Act, &claims.to_string()).as_bytes(),
        )?)
    }

    fn claims() -> serde_json::Value {
        serde_json::json!({
            "iss": "supervisor.north", "aud": "demo.akashi.example/log", "iat": 1_790_000_000u64,
            "jti": "AAAAAAAAAAAAAAAAAAAAAA", "act": "institution.suspended",
            "institution": "hospital.chuo",
            "reason": "inspection of 2026-11",
        })
    }

    #[test]
    fn an_act_makes_the_record_of_its_name() {
        let ActClaims { common, act } = read(&claims()).unwrap();
        assert!(act.by_supervisors());
        let event = act.into_event(
            &common.iss,
            vec![Bytes(b"one".to_vec()), Bytes(b"two".to_vec())],
        );
        assert_eq!(event.kind(), Kind::InstitutionSuspended);
    }

    #[test]
    fn acts_that_make_no_record_and_members_of_other_acts_are_refused() {
        let mut other = claims();
        other["act"] = "consent.given".into();
        assert_eq!(read(&other).unwrap_err().field, "act");
        let mut mixed = claims();
        mixed["role"] = "physician".into();
        assert_eq!(read(&mixed).unwrap_err().code, FaultCode::UnknownMember);
    }

    /// Members of an act about a body, with these in place of the honest ones.
    fn about(
        kind: &'static str,
        body: &'static str,
        bent: &[(&'static str, &'static str)],
    ) -> serde_json::Value {
        let mut act = claims();
        let members = act.as_object_mut().unwrap();
        members.retain(|name, _| !["institution", "reason"].contains(&name.as_str()));
        let honest = hospital();
        let texts = honest
            .texts()
            .chain([("act", kind), (body, "hospital.chuo")]);
        for (name, text) in texts.chain(bent.iter().copied()) {
            members.insert(name.to_owned(), text.into());
        }
        act
    }

    #[test]
    fn reasons_that_turn_or_hide_text_are_refused() {
        for c in ['\u{202E}', '\u{200B}', '\u{2066}'] {
            let mut turned = claims();
            turned["reason"] = format!("inspection{c}").into();
            assert_eq!(read(&turned).unwrap_err().field, "reason");
        }
    }

    #[test]
    fn what_a_body_is_called_and_how_it_is_reached_is_checked_in_every_act_that_says_it() {
        let lies = [
            ("name_ja", "ひなた\u{202E}病院"),
            ("name_kana", "ひなた病院"),
            ("name_en", "Chuo\u{200B} Hospital"),
            ("telephone", "+81-55-CALL-NOW"),
            ("email", "keys@chuo.example, thief@evil.example"),
            ("hours_ja", "9:00\n17:00"),
            ("hours_en", "9:00\u{2028}17:00"),
            ("address_ja", ""),
            ("address_en", "1-1-1 \u{2067}Chuo"),
            ("web", "javascript:alert(1)"),
        ];
        for (kind, body) in [
            ("institution.certified", "institution"),
            ("institution.changed", "institution"),
            ("supervisor.changed", "supervisor"),
        ] {
            for (field, lie) in lies {
                let fault = read(&about(kind, body, &[(field, lie)])).unwrap_err();
                assert_eq!(
                    (fault.field.as_str(), fault.code),
                    (field, FaultCode::BadMember)
                );
                assert!(
                    !fault.to_string().contains(lie) || lie.is_empty(),
                    "{fault}"
                );
            }
            let mut numbered = about(kind, body, &[]);
            numbered["telephone"] = 550_001_201.into();
            assert_eq!(read(&numbered).unwrap_err().field, "telephone");
        }
        assert!(read(&about("institution.changed", "institution", &[])).is_ok());
        assert!(read(&about("supervisor.changed", "supervisor", &[])).is_ok());
    }
}
