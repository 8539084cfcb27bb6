//! The facts of one access, owned and easy to change; a question is put from them.
#![allow(
    dead_code,
    reason = "each test that shares this file uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    reason = "facts are written down in tests, where a mistake may panic"
)]

use akashi_policies::Pack;
use akashi_proof::consent::{AccessMode, Period, Terms};
use akashi_proof::decision::{
    Approval, Decide, Decision, Incomplete, LinkStanding, OpenQuestions, Question,
};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, ConsentId, InstitutionId, Jti, LeafIndex, LinkCode, ProcessId, PurposeCode,
    RoleCode, RoleHolderId, Seq, Timestamp,
};
use akashi_proof::particulars::Particulars;
use akashi_proof::record::kind::{Assurance, BasisKind, Event, KeyUse, RoleAssigned};
use akashi_proof::record::value::{Bytes, Set};
use akashi_proof::record::{InstitutionPosition, Position, Record};
use akashi_proof::state::{Consent, Institution, RegisteredKey, Roles};
use akashi_proof::statement::{AccessClaims, Basis, Common};
use akashi_tlog::checkpoint::Origin;

/// 2026-06-01T00:00:00Z, when all this happens.
pub const NOW: Timestamp = Timestamp::from_seconds(1_780_272_000);

/// One institution or two of each of the town's sectors, and one of a sector it does not know.
pub const INSTITUTIONS: [&str; 7] = [
    "hospital.chuo",
    "hospital.minato",
    "pharmacy.midori",
    "city.hall",
    "insurer.kenpo",
    "research.kenkyu",
    "circus.roncalli",
];

/// Everything a decision may read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub now: Timestamp,
    pub claims: AccessClaims,
    pub key: Option<RegisteredKey>,
    pub requester: Option<Institution>,
    pub holder: Option<Institution>,
    pub roles: Roles,
    pub requester_link: LinkStanding,
    pub holder_link: LinkStanding,
    pub means_blocked: bool,
    pub consents: Vec<Consent>,
    pub approval: Option<Approval>,
    pub open_questions: OpenQuestions,
    pub open_permits: usize,
    pub incomplete: Incomplete,
}

impl Facts {
    /// A physician of one hospital asks for medication at another, with a consent: permitted.
    pub fn permitted() -> Self {
        let mut facts = Self {
            now: NOW,
            claims: AccessClaims {
                common: Common {
                    iss: id("hospital.chuo"),
                    aud: Origin::new("demo.akashi.example/log").unwrap(),
                    iat: NOW,
                    jti: Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap(),
                    nbf: None,
                    exp: None,
                },
                subject: Some(LinkCode::from_sealed(&[3; 35])),
                role_holder: RoleHolderId::parse("holder-1").unwrap(),
                role: RoleCode::parse("physician").unwrap(),
                process: ProcessId::parse("care.consult").unwrap(),
                purpose: PurposeCode::parse("treatment").unwrap(),
                holder: id("hospital.minato"),
                categories: categories(&["medication"]),
                mode: AccessMode::View,
                period: Period::ALL,
                basis: Basis::Consent,
                request_digest: Digest::from_bytes([9; 32]),
                on_behalf_of: None,
                case: None,
                presenter: None,
            },
            key: None,
            requester: None,
            holder: None,
            roles: Roles::default(),
            requester_link: LinkStanding::Issued,
            holder_link: LinkStanding::Issued,
            means_blocked: false,
            consents: Vec::new(),
            approval: None,
            open_questions: OpenQuestions::default(),
            open_permits: 0,
            incomplete: Incomplete::default(),
        };
        facts.be_honest();
        facts
            .consents
            .push(facts.fitting_consent(LeafIndex::new(7)));
        facts
    }

    /// Makes institutions, key and roles agree with the claims.
    pub fn be_honest(&mut self) {
        let iss = self.claims.common.iss.clone();
        self.requester = Some(institution(&iss));
        self.holder = Some(institution(&self.claims.holder));
        self.key = Some(RegisteredKey {
            institution: iss,
            key_use: KeyUse::Sign,
            public: None,
            valid_from: NOW.minus_millis(1000),
            valid_until: None,
            reset_at: None,
        });
        self.roles = roles(&self.claims.role_holder, &self.claims.role);
    }

    /// A consent to exactly what is claimed, as sure as can be.
    pub fn fitting_consent(&self, index: LeafIndex) -> Consent {
        Consent {
            id: ConsentId::from_bytes([1; 16]),
            index,
            terms: Terms::to_view(
                (self.claims.common.iss.clone(), self.claims.holder.clone()),
                self.claims.categories.clone(),
                Set::new([self.claims.purpose.clone()]),
                (NOW.minus_millis(1000), NOW.plus_millis(86_400_000)),
            ),
            assurance: Assurance::Passkey,
        }
    }

    pub fn question(&self) -> Question<'_> {
        Question {
            now: self.now,
            claims: &self.claims,
            key: self.key.as_ref(),
            requester: self.requester.as_ref(),
            holder: self.holder.as_ref(),
            roles: &self.roles,
            requester_link: self.requester_link,
            holder_link: self.holder_link,
            means_blocked: self.means_blocked,
            consents: &self.consents,
            approval: self.approval,
            open_questions: self.open_questions,
            open_permits: self.open_permits,
            incomplete: self.incomplete,
        }
    }

    pub fn decide(&self, pack: &Pack) -> Decision {
        pack.decide(&self.question())
    }
}

/// One honest access for every combination a process allows, with all categories of the row.
pub fn fitting(pack: &Pack, process: &ProcessId) -> Vec<Facts> {
    let mut all = Vec::new();
    for row in pack.whitelist(process) {
        let requesters = INSTITUTIONS
            .iter()
            .filter(|id| row.requesters.iter().any(|s| id.starts_with(&s.code)));
        for iss in requesters {
            let holders = INSTITUTIONS
                .iter()
                .filter(|id| row.holders.iter().any(|s| id.starts_with(&s.code)));
            for holder in holders {
                for (role, basis) in row
                    .roles
                    .iter()
                    .flat_map(|role| row.bases.iter().map(move |basis| (role, basis)))
                {
                    let mut facts = Facts::permitted();
                    let claims = &mut facts.claims;
                    claims.common.iss = id(iss);
                    claims.role = role.code.clone();
                    claims.process = process.clone();
                    claims.purpose = row.purposes[0].code.clone();
                    claims.holder = id(holder);
                    claims.categories =
                        Set::new(row.categories.iter().map(|category| category.code.clone()));
                    claims.basis = match basis {
                        BasisKind::Consent => Basis::Consent,
                        BasisKind::Statute => Basis::Statute,
                        BasisKind::Emergency => Basis::Emergency {
                            reason_code: "unconscious".into(),
                            reason_text: "救急搬送".into(),
                        },
                        BasisKind::Statistics => Basis::Statistics {
                            cohort_size: 100,
                            cohort_digest: Digest::from_bytes([1; 32]),
                        },
                    };
                    claims.subject = claims
                        .subject
                        .take()
                        .filter(|_| *basis != BasisKind::Statistics);
                    facts.be_honest();
                    facts.consents = vec![facts.fitting_consent(LeafIndex::new(7))];
                    all.push(facts);
                }
            }
        }
    }
    all
}

pub fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text).unwrap()
}

pub fn purposes(codes: &[&str]) -> Set<PurposeCode> {
    Set::new(codes.iter().map(|code| PurposeCode::parse(code).unwrap()))
}

pub fn categories(codes: &[&str]) -> Set<CategoryCode> {
    Set::new(codes.iter().map(|code| CategoryCode::parse(code).unwrap()))
}

/// An institution whose sector is the first part of its identifier.
pub fn institution(id: &InstitutionId) -> Institution {
    let sector = id.as_str().split('.').next().unwrap();
    Institution::certified(id.clone(), particulars(), sector, NOW.minus_millis(1_000))
}

/// What is certified of everybody here; no rule reads it.
fn particulars() -> Particulars {
    let text = |field| match field {
        "name_kana" => "きかん",
        "telephone" => "+81-55-000-0001",
        "email" => "keys@body.example",
        _ => "Institution",
    };
    let read = |field| Ok((field != "web").then(|| text(field).to_owned()));
    Particulars::read(read).unwrap()
}

/// The roles of an institution with one role-holder.
pub fn roles(role_holder: &RoleHolderId, role: &RoleCode) -> Roles {
    let mut roles = Roles::default();
    let record = Record {
        origin: Origin::new("demo.akashi.example/log").unwrap(),
        time: NOW.minus_millis(1000),
        position: Position::Institution(InstitutionPosition {
            institution: id("hospital.chuo"),
            seq: Seq::FIRST,
            prev: None,
        }),
        engine: "test".into(),
        retain_until: Timestamp::MAX,
        event: Event::RoleAssigned(RoleAssigned {
            role_holder: role_holder.clone(),
            role: role.clone(),
            valid_from: NOW.minus_millis(1000),
            valid_until: Some(NOW.plus_millis(86_400_000)),
            statement: Bytes(Vec::new()),
        }),
    };
    roles.apply(LeafIndex::new(0), &record).unwrap();
    roles
}
