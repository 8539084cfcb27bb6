//! The closed enum of kinds. Adding one means: its fields here, its fold in [`crate::state`], its
//! sentence in each language in the portal - the compiler names every place.
//!
//! | stream | published | who can read it |
//! |---|---|---|
//! | registry | in full, under `/log/registry/<seq>` | everybody |
//! | institution | entry only | that institution, the supervisor |
//! | person | entry only | the person |

use super::fields::{Fields, FieldsError, fields, kinds};
use super::value::{Bytes, Set, words};
use crate::digest::{Digest, Secret};
use crate::ids::{
    CategoryCode, ConsentId, ContactId, GroupId, InstitutionId, Jti, Kid, LeafIndex, LinkCode,
    NoticeId, ProcessId, PurposeCode, RoleCode, RoleHolderId, Timestamp,
};

words! {
    /// Which of the three kinds of stream a record belongs to.
    pub enum StreamKind {
        /// Published in full; never about a natural person.
        Registry = "registry",
        /// Roles, unresolved refusals, statistics of one institution.
        Institution = "institution",
        /// Everything about one person.
        Person = "person",
    }
}

kinds! {
    /// Entry 0: who may certify, under which key the log signs, which policy is in force.
    LedgerOpened(LedgerOpened) = "ledger.opened", 1, Registry;
    /// Two supervisors admit an institution.
    InstitutionCertified(InstitutionCertified) = "institution.certified", 1, Registry;
    /// Two supervisors stop an institution at once.
    InstitutionSuspended(InstitutionSuspended) = "institution.suspended", 1, Registry;
    /// Two supervisors let a suspended institution go on.
    InstitutionReinstated(InstitutionReinstated) = "institution.reinstated", 1, Registry;
    /// An institution registers a key under its certified one.
    KeyRegistered(KeyRegistered) = "key.registered", 1, Registry;
    /// An institution, or two supervisors, end a key.
    KeyRevoked(KeyRevoked) = "key.revoked", 1, Registry;
    /// Two supervisors put a policy pack in force.
    PolicyActivated(PolicyActivated) = "policy.activated", 1, Registry;

    /// An institution gives a role-holder a role.
    RoleAssigned(RoleAssigned) = "role.assigned", 1, Institution;
    /// An institution takes a role back before its end.
    RoleEnded(RoleEnded) = "role.ended", 1, Institution;
    /// A signed statement that was refused where no person could be resolved.
    StatementRefused(StatementRefused) = "statement.refused", 1, Institution;
    /// Signed statements above an institution's rate: not looked at one by one, but counted.
    StatementsThrottled(StatementsThrottled) = "statement.throttled", 1, Institution;
    /// Statistics handed out: no single person is concerned.
    StatisticsPermitted(StatisticsDecided) = "statistics.permitted", 1, Institution;
    /// Statistics refused.
    StatisticsDenied(StatisticsDecided) = "statistics.denied", 1, Institution;

    /// A person joined.
    SubjectEnrolled(SubjectEnrolled) = "subject.enrolled", 1, Person;
    /// A phone number or an e-mail address was shown to be the person's.
    ContactVerified(ContactVerified) = "subject.contact_verified", 1, Person;
    /// An institution learned its own code for the person.
    LinkIssued(LinkIssued) = "link.issued", 1, Person;
    /// A link code ended: withdrawn, or found to be wrong.
    LinkRevoked(LinkRevoked) = "link.revoked", 1, Person;
    /// The person agreed.
    ConsentGiven(ConsentGiven) = "consent.given", 1, Person;
    /// The person left less of a consent standing.
    ConsentNarrowed(ConsentNarrowed) = "consent.narrowed", 1, Person;
    /// The person ended a consent.
    ConsentWithdrawn(ConsentWithdrawn) = "consent.withdrawn", 1, Person;
    /// An institution may: the only record whose gate opens a holder's data.
    AccessPermitted(AccessDecided) = "access.permitted", 1, Person;
    /// An institution asked and may not.
    AccessDenied(AccessDecided) = "access.denied", 1, Person;
    /// An institution asked and the person is being asked.
    AccessAsked(AccessDecided) = "access.asked", 1, Person;
    /// A holder released data on evidence.
    AccessReleased(AccessReleased) = "access.released", 1, Person;
    /// A holder was refused: the evidence was spent, foreign or too old.
    ReleaseRefused(ReleaseRefused) = "access.release_refused", 1, Person;
    /// The person is asked about one access.
    ApprovalRequested(ApprovalRequested) = "approval.requested", 1, Person;
    /// The person approved: a new full decision follows.
    ApprovalGranted(ApprovalAnswered) = "approval.granted", 1, Person;
    /// The person refused.
    ApprovalRefused(ApprovalAnswered) = "approval.refused", 1, Person;
    /// The person did not answer in time, which is never consent.
    ApprovalExpired(ApprovalExpired) = "approval.expired", 1, Person;
    /// A detector found something about an access.
    AlertRaised(AlertRaised) = "alert.raised", 1, Person;
    /// A message to the person was handed to its channel.
    NoticeSent(NoticeDelivery) = "notice.sent", 1, Person;
    /// A message to the person could not be delivered, for good.
    NoticeFailed(NoticeDelivery) = "notice.failed", 1, Person;
}

impl Event {
    /// The signed acts a record of the registry or of an institution's roles rests on; none of any
    /// other kind.
    pub fn act_statements(&self) -> Vec<&Bytes> {
        match self {
            Self::InstitutionCertified(e) => e.statements.iter().collect(),
            Self::InstitutionSuspended(e) => e.statements.iter().collect(),
            Self::InstitutionReinstated(e) => e.statements.iter().collect(),
            Self::PolicyActivated(e) => e.statements.iter().collect(),
            Self::KeyRegistered(e) => vec![&e.statement],
            Self::KeyRevoked(e) => vec![&e.statement],
            Self::RoleAssigned(e) => vec![&e.statement],
            Self::RoleEnded(e) => vec![&e.statement],
            _ => Vec::new(),
        }
    }
}

words! {
    /// What a registered key may be used for.
    pub enum KeyUse {
        /// Ed25519: signs the institution's statements.
        Sign = "sign",
        /// AES-256-GCM-SIV: opens the sealed part of evidence addressed to this holder.
        Evidence = "evidence",
    }
}

words! {
    /// Why something may be looked at (the legal basis a statement claims).
    pub enum BasisKind {
        /// A live consent of the person.
        Consent = "consent",
        /// A statute named by the process in the whitelist.
        Statute = "statute",
        /// A declared emergency, by a role allowed to.
        Emergency = "emergency",
        /// Counts over a cohort at or above the minimum cell.
        Statistics = "statistics",
    }
}

words! {
    /// What was decided, and what the requester is told.
    pub enum Outcome {
        /// The access may take place under the duties.
        Permit = "permit",
        /// The access may not take place.
        Deny = "deny",
        /// The person is asked first.
        Ask = "ask",
    }
}

words! {
    /// The ten steps of the decision, in order; the first that fails is recorded (design.md "The
    /// decision").
    pub enum Step {
        /// 1: well-formed, signed, fresh.
        Statement = "1-statement",
        /// 2: institution certified, key valid.
        Institution = "2-institution",
        /// 3: the role-holder has the role now.
        Role = "3-role",
        /// 4: process x requester x role x purpose x holder x categories is whitelisted.
        Whitelist = "4-whitelist",
        /// 5: the requester's link code was issued.
        RequesterLink = "5-requester-link",
        /// 6: it translates to the holder's.
        Translation = "6-translation",
        /// 7: the holder's link code was issued.
        HolderLink = "7-holder-link",
        /// 8: the means presented is not blocked.
        Means = "8-means",
        /// 9: a legal basis covers the access.
        Basis = "9-basis",
        /// 10: the policy's rules.
        Rules = "10-rules",
    }
}

words! {
    /// How sure the ledger can be that the person acted.
    pub enum Assurance {
        /// An SMS code alone.
        Sms = "sms",
        /// An SMS code and the recovery code printed at enrolment.
        SmsAndRecovery = "sms+recovery",
        /// Two officers at a counter, each with a signature.
        TwoOfficers = "two-officers",
        /// A passkey signed the digest of what was shown.
        Passkey = "passkey",
    }
}

words! {
    /// Where a message can be sent.
    pub enum Channel {
        /// A mobile number.
        Sms = "sms",
        /// An e-mail address.
        Email = "email",
    }
}

words! {
    /// Where the person answered.
    pub enum AnsweredBy {
        /// In the portal, with the full request on the screen.
        Portal = "portal",
        /// By answering the SMS; the full request was not seen.
        Reply = "reply",
    }
}

words! {
    /// A language of the portal.
    pub enum Language {
        /// Japanese.
        Ja = "ja",
        /// English.
        En = "en",
    }
}

words! {
    /// Yes or no.
    pub enum YesNo {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
    }
}

fields! {
    /// Fields of `ledger.opened`.
    pub struct LedgerOpened {
        /// Version of the record format; 1.
        format: u64,
        /// The log's own key as a vkey line.
        log_vkey: String,
        /// The supervisors' keys as vkey lines; a key's name is the supervisor's identifier.
        supervisors: Vec<String>,
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

    /// Fields of `institution.certified`.
    pub struct InstitutionCertified {
        /// The institution's identifier.
        institution: InstitutionId,
        /// Its name in Japanese.
        name_ja: String,
        /// Its name in English.
        name_en: String,
        /// Its sector in the policy pack: hospital, pharmacy, city ...
        sector: String,
        /// Thumbprint of its first signing key.
        kid: Kid,
        /// That key: 32 bytes, Ed25519.
        public_key: Digest,
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

    /// Fields of `role.assigned`.
    pub struct RoleAssigned {
        /// Who holds it.
        role_holder: RoleHolderId,
        /// Which role.
        role: RoleCode,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it is no longer held.
        valid_until: Option<Timestamp>,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `role.ended`.
    pub struct RoleEnded {
        /// Who held it.
        role_holder: RoleHolderId,
        /// Which role.
        role: RoleCode,
        /// The institution's signed act.
        statement: Bytes,
    }

    /// Fields of `statement.refused`.
    pub struct StatementRefused {
        /// The JWS type of what was refused.
        typ: String,
        /// The key that signed it.
        kid: Kid,
        /// Its identifier, where one could be read.
        jti: Option<Jti>,
        /// The step that failed.
        step: Step,
        /// Stable codes of what was wrong.
        reasons: Vec<String>,
        /// SHA-256 of the statement's bytes.
        statement_digest: Digest,
        /// The statement as it came.
        statement: Bytes,
    }

    /// Fields of `statement.throttled`.
    pub struct StatementsThrottled {
        /// When the first of them came.
        from: Timestamp,
        /// When the last of them came.
        until: Timestamp,
        /// How many.
        count: u64,
    }

    /// Fields of `statistics.permitted` and `statistics.denied`.
    pub struct StatisticsDecided {
        /// Who asked, under the institution.
        role_holder: RoleHolderId,
        /// In which role.
        role: RoleCode,
        /// The business process.
        process: ProcessId,
        /// The purpose.
        purpose: PurposeCode,
        /// The institution that has the data.
        holder: InstitutionId,
        /// The categories counted.
        categories: Set<CategoryCode>,
        /// How many persons the cohort has.
        cohort_size: u64,
        /// Digest of the cohort's definition.
        cohort_digest: Digest,
        /// Digest of the query.
        request_digest: Digest,
        /// What was decided.
        outcome: Outcome,
        /// The step that failed.
        step: Option<Step>,
        /// Stable codes of the reasons.
        reasons: Vec<String>,
        /// Digest of the policy pack that decided.
        policy_digest: Digest,
        /// The key that signed the statement.
        kid: Kid,
        /// The statement's identifier.
        jti: Jti,
        /// The statement as it came.
        statement: Bytes,
    }

    /// Fields of `subject.enrolled`.
    pub struct SubjectEnrolled {
        /// Commits to the key of epoch 0 (see [`crate::stream`]).
        tag_key: Digest,
        /// Digest of the visible ID.
        qid_digest: Digest,
        /// Digest of the recovery code.
        recovery_digest: Digest,
        /// The contact that was verified in the same act.
        contact: ContactId,
        /// How sure.
        assurance: Assurance,
        /// The language chosen.
        language: Language,
    }

    /// Fields of `subject.contact_verified`.
    pub struct ContactVerified {
        /// The contact in the contacts file.
        contact: ContactId,
        /// What it is.
        channel: Channel,
        /// The contact it replaces.
        replaces: Option<ContactId>,
        /// How sure.
        assurance: Assurance,
    }

    /// Fields of `link.issued`.
    pub struct LinkIssued {
        /// Who learned its code.
        institution: InstitutionId,
        /// Version of the institution's sealing key inside the code.
        key_version: u64,
        /// Generation inside the code: 0, 1, 2 ... for this person and institution.
        generation: u64,
        /// `SHA-256("akashi/link-check/v1" || L)`, as the institution signed it.
        link_check: Digest,
        /// L itself: gates of this link are made with it.
        link_key: Secret,
        /// How the person took part: her visible ID and a one-time code read out.
        assurance: Assurance,
        /// The key that signed the request.
        kid: Kid,
        /// The request's identifier.
        jti: Jti,
        /// The institution's signed request.
        statement: Bytes,
    }

    /// Fields of `link.revoked`.
    pub struct LinkRevoked {
        /// Whose code.
        institution: InstitutionId,
        /// Which generation.
        generation: u64,
        /// Why: a stable code.
        reason: String,
    }

    /// Fields of `consent.given` (ISO/IEC TS 27560 and DEPA; see `docs/RECORD_FORMAT.md`).
    pub struct ConsentGiven {
        /// This consent through its life.
        consent: ConsentId,
        /// Joins the records made from one screen.
        group: GroupId,
        /// To whom.
        recipient: InstitutionId,
        /// Who holds the data.
        holder: InstitutionId,
        /// What data.
        categories: Set<CategoryCode>,
        /// What for.
        purposes: Set<PurposeCode>,
        /// In which business processes only; absent means all the pack allows.
        processes: Option<Set<ProcessId>>,
        /// Others who process the data for the recipient.
        providers: Vec<String>,
        /// VIEW, STORE, QUERY or STREAM, in the pack's spelling.
        access_mode: String,
        /// Only data from this time on.
        period_from: Option<Timestamp>,
        /// Only data before this time.
        period_until: Option<Timestamp>,
        /// First instant of validity.
        valid_from: Timestamp,
        /// First instant at which it no longer holds.
        valid_until: Timestamp,
        /// How often, in the pack's spelling.
        frequency: Option<String>,
        /// When the recipient must have erased.
        erase_by: Option<Timestamp>,
        /// Digest of the exact text shown.
        wording_digest: Digest,
        /// The language it was shown in.
        language: Language,
        /// What refusing would have meant: the key of the pack's sentence.
        refusal_meaning: String,
        /// How sure.
        assurance: Assurance,
        /// A signature over the wording, where one was made.
        evidence: Option<Bytes>,
        /// Where uses must be logged: the log's origin.
        log_to: String,
    }

    /// Fields of `consent.narrowed`: what is left standing, whole, so that it can be shown without
    /// what stood before.
    pub struct ConsentNarrowed {
        /// Which consent.
        consent: ConsentId,
        /// To whom, as before.
        recipient: InstitutionId,
        /// Who holds the data, as before.
        holder: InstitutionId,
        /// The categories that remain.
        categories: Set<CategoryCode>,
        /// The purposes that remain.
        purposes: Set<PurposeCode>,
        /// In which business processes only, as before.
        processes: Option<Set<ProcessId>>,
        /// First instant of validity, as before.
        valid_from: Timestamp,
        /// The end, not later than before.
        valid_until: Timestamp,
        /// Digest of the exact text shown.
        wording_digest: Digest,
        /// The language it was shown in.
        language: Language,
        /// How sure.
        assurance: Assurance,
    }

    /// Fields of `consent.withdrawn`.
    pub struct ConsentWithdrawn {
        /// Which consent.
        consent: ConsentId,
        /// How sure.
        assurance: Assurance,
        /// The language of the page.
        language: Language,
    }

    /// Fields of `access.permitted`, `access.denied` and `access.asked`: one list for the three.
    pub struct AccessDecided {
        /// The institution that asks.
        requester: InstitutionId,
        /// Who asks there.
        role_holder: RoleHolderId,
        /// In which role.
        role: RoleCode,
        /// The business process.
        process: ProcessId,
        /// The purpose.
        purpose: PurposeCode,
        /// The institution that has the data.
        holder: InstitutionId,
        /// What data.
        categories: Set<CategoryCode>,
        /// The basis claimed.
        basis_kind: BasisKind,
        /// Of an emergency: the coded reason.
        reason_code: Option<String>,
        /// Of an emergency: the free reason.
        reason_text: Option<String>,
        /// The real requester behind the one who signed.
        on_behalf_of: Option<String>,
        /// The requester's case, never opened to others.
        case: Option<String>,
        /// Binds the exact query (see [`crate::statement::request_digest`]).
        request_digest: Digest,
        /// The nonce inside that digest, sealed to the holder.
        request_nonce: Bytes,
        /// What was decided.
        outcome: Outcome,
        /// What the requester was told: `ask` may stand for a refusal at steps 6 to 9.
        told: Outcome,
        /// The first step that failed.
        step: Option<Step>,
        /// Stable codes of the reasons, for the person, the supervisor and auditors.
        reasons: Vec<String>,
        /// What the requester must do: `notify`, `justify-by=<ms>`, `erase-by=<ms>`.
        duties: Vec<String>,
        /// Of a permit, the end of the evidence; of an ask, the end of waiting.
        expires: Option<Timestamp>,
        /// Digest of the policy pack that decided.
        policy_digest: Digest,
        /// Log index of the consent relied on.
        consent: Option<LeafIndex>,
        /// Log index of the approval relied on.
        approval: Option<LeafIndex>,
        /// Of a permit, the holder's own code for the person.
        holder_link: Option<LinkCode>,
        /// Of a permit, the number of its gate.
        gate_number: Option<u64>,
        /// The key that signed the statement.
        kid: Kid,
        /// The statement's identifier.
        jti: Jti,
        /// The statement as it came.
        statement: Bytes,
    }

    /// Fields of `access.released`.
    pub struct AccessReleased {
        /// Log index of the permit.
        access: LeafIndex,
        /// Who released.
        holder: InstitutionId,
        /// The key that signed the report.
        kid: Kid,
        /// The report's identifier.
        jti: Jti,
        /// The holder's signed report.
        statement: Bytes,
    }

    /// Fields of `access.release_refused`.
    pub struct ReleaseRefused {
        /// Log index of the permit.
        access: LeafIndex,
        /// Who wanted to release.
        holder: InstitutionId,
        /// Stable codes of the reasons.
        reasons: Vec<String>,
        /// The key that signed the report.
        kid: Kid,
        /// The report's identifier.
        jti: Jti,
        /// The holder's signed report.
        statement: Bytes,
    }

    /// Fields of `approval.requested`.
    pub struct ApprovalRequested {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The short reference in the message.
        reference: String,
        /// Digest of exactly what is asked (see [`crate::decision::approval_digest`]).
        approval_digest: Digest,
        /// First instant at which an answer is too late.
        expires: Timestamp,
        /// Whether a reply by SMS may approve.
        low_risk: YesNo,
    }

    /// Fields of `approval.granted` and `approval.refused`.
    pub struct ApprovalAnswered {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The digest the answer is bound to.
        approval_digest: Digest,
        /// Where she answered.
        answered_by: AnsweredBy,
        /// Whether the full request was on the screen.
        seen: YesNo,
        /// Whether she reported the request as suspicious.
        reported: YesNo,
        /// Digest of the exact text shown or sent.
        wording_digest: Digest,
        /// Its language.
        language: Language,
        /// How sure.
        assurance: Assurance,
    }

    /// Fields of `approval.expired`.
    pub struct ApprovalExpired {
        /// Log index of the `access.asked` record.
        access: LeafIndex,
        /// The digest that was asked.
        approval_digest: Digest,
    }

    /// Fields of `alert.raised`.
    pub struct AlertRaised {
        /// Log index of the access.
        access: LeafIndex,
        /// The detector's rule.
        rule: String,
    }

    /// Fields of `notice.sent` and `notice.failed`.
    pub struct NoticeDelivery {
        /// The message.
        notice: NoticeId,
        /// Log index of what it is about, where it is about a record.
        about: Option<LeafIndex>,
        /// The template.
        template: String,
        /// Which kind of channel.
        channel: Channel,
        /// To which contact.
        contact: ContactId,
        /// Digest of the exact text.
        text_digest: Digest,
        /// How many times delivery was tried.
        attempts: u64,
    }
}
