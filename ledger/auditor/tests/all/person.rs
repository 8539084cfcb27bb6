//! A person in the fixture's log: her records among the others', her history key, her history as a
//! file - honest, and then in whatever way a test wants them to lie.

use akashi_actors::SeededSigner;
use akashi_actors::log::filler;
use akashi_actors::permit::permit;
use akashi_audit::source::Folder;
use akashi_check::fsck;
use akashi_check::history::{self, Report};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::entry::Entry;
use akashi_proof::gate::link_check;
use akashi_proof::history::{HistoryHead, HistoryItem};
use akashi_proof::history_key::HistoryKey;
use akashi_proof::ids::{
    ContactId, Epoch, Generation, InstitutionId, Jti, KeyVersion, LeafIndex, Qid, SubjectHandle,
    Timestamp,
};
use akashi_proof::jws::Type;
use akashi_proof::key::thumbprint;
use akashi_proof::record::commitment::commit;
use akashi_proof::record::kind::{
    AccessDecided, AccessReleased, Assurance, BasisKind, Event, Language, LinkIssued,
    LinkWithdrawn, Outcome, SubjectEnrolled,
};
use akashi_proof::record::value::Bytes;
use akashi_proof::record::{PersonPosition, Position, Record};
use akashi_proof::stream;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{Checkpoint, LogKeys, Origin, sign_checkpoint};
use akashi_tlog::merkle::Frontier;
use akashi_tlog::signed_note::{Note, VerifyingKey};

use crate::support::{
    HOSPITAL_SEED, OPENED, ORIGIN, PHARMACY_SEED, TestLog, gate, gate_number, log_signer, place,
    public, signed,
};

pub const HOSPITAL: &str = "hospital.chuo";
pub const PHARMACY: &str = "pharmacy.midori";
/// Where her records stand, bundle ends and beginnings among them.
pub const PLACES: [u64; 11] = [10, 20, 70, 100, 255, 256, 257, 310, 511, 600, 640];
/// How many entries the log has.
pub const SIZE: u64 = 700;

/// A record with all that the log's file and hers are made from.
#[derive(Clone)]
pub struct Filed {
    pub index: u64,
    pub record: Record,
    pub gate: [u8; 32],
}

impl Filed {
    pub fn key(&self) -> Secret {
        Secret::from_bytes(filler("her record key", self.index))
    }

    pub fn entry(&self, tag_key: &Secret) -> Entry {
        let commitment = commit(&self.record, &self.key());
        Entry {
            commitment,
            tag: stream::tag(tag_key, self.record.seq()),
            gate: self.gate,
        }
    }

    pub fn item(&self) -> HistoryItem {
        HistoryItem::open(LeafIndex::new(self.index), &self.record, &self.key())
    }
}

/// The identifier of a statement of this number.
pub fn jti(number: u64) -> Jti {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Jti::from_bytes(bytes)
}

/// Where her record of this number stands.
fn place_of(seq: u64) -> u64 {
    let place = PLACES.get(seq as usize - 1).copied();
    place.unwrap_or(SIZE + seq)
}

/// L of a link.
pub fn link_key(label: &str) -> Secret {
    Secret::from_bytes(filler(label, 1))
}

pub struct Story {
    pub log: TestLog,
    pub key: HistoryKey,
    /// In the order of their numbers.
    pub records: Vec<Filed>,
    /// The size of the log when the file was made.
    pub made_at: u64,
}

impl Story {
    /// An honest log of this size, with no record of hers yet.
    pub fn empty(size: u64) -> Self {
        let key = HistoryKey {
            origin: Origin::new(ORIGIN).unwrap(),
            epoch: Epoch::FIRST,
            key: Secret::from_bytes(filler("history key", 0)),
        };
        Self {
            log: TestLog::honest(size),
            key,
            records: vec![],
            made_at: size,
        }
    }

    /// She enrols, is linked to the hospital and the pharmacy; two permits, a refusal and a
    /// release; the pharmacy's link is lost and issued anew; three more permits.
    pub fn honest() -> Self {
        let mut story = Self::empty(SIZE);
        let first = stream::tag_key_commitment(Epoch::FIRST, &story.key.key);
        story.append(enrolled(first), None);
        story.append(linked(HOSPITAL, "hospital"), None);
        story.append(linked(PHARMACY, "pharmacy"), None);
        story.append(permitted(1), Some(gate(&link_key("pharmacy"), 1)));
        story.append(denied(), None);
        story.append(permitted(2), Some(gate(&link_key("pharmacy"), 2)));
        story.append(released(256), None);
        story.append(linked_again(PHARMACY, "pharmacy again"), None);
        for number in 1..=3 {
            story.append(
                permitted(number),
                Some(gate(&link_key("pharmacy again"), number)),
            );
        }
        story
    }

    /// Where her record of this number stands: in a log that is too small for [`PLACES`] one behind
    /// the other, after the registry.
    pub fn place_of(&self, seq: u64) -> u64 {
        if self.made_at < SIZE {
            return 60 + seq;
        }
        place_of(seq)
    }

    /// Her next record, at its place. A decision rests on a statement of its own, unless it has
    /// one.
    pub fn append(&mut self, mut event: Event, gate: Option<[u8; 32]>) {
        let seq = self.records.len() as u64 + 1;
        if let Event::AccessPermitted(e) | Event::AccessDenied(e) = &mut event
            && e.jti == decided().jti
        {
            e.jti = jti(seq);
        }
        let index = self.place_of(seq);
        let prev = self
            .records
            .last()
            .map(|before| LeafIndex::new(before.index));
        let subject = SubjectHandle::from_bytes([15; 16]);
        let record = Record {
            origin: Origin::new(ORIGIN).unwrap(),
            time: Timestamp::from_millis(OPENED + 1_000 * seq),
            position: Position::Person(PersonPosition {
                subject,
                epoch: Epoch::FIRST,
                seq: place(seq),
                prev,
            }),
            engine: "test".into(),
            retain_until: Timestamp::from_millis(OPENED + 1_000_000_000),
            event,
        };
        let gate = gate.unwrap_or_else(|| filler("her gate", index));
        self.file_record(Filed {
            index,
            record,
            gate,
        });
    }

    fn file_record(&mut self, filed: Filed) {
        self.log
            .set(filed.index as usize, filed.entry(&self.key.key));
        self.records.push(filed);
    }

    /// Writes a changed record into the log, so that the ledger lies and not the file.
    pub fn change(&mut self, seq: u64, change: impl FnOnce(&mut Filed)) {
        let filed = &mut self.records[seq as usize - 1];
        change(filed);
        let filed = filed.clone();
        self.log
            .set(filed.index as usize, filed.entry(&self.key.key));
    }

    /// The checkpoint the log signed at a size.
    pub fn note(&self, size: u64) -> Note {
        let mut frontier = Frontier::new();
        for entry in &self.log.entries[..size as usize] {
            frontier.push(akashi_tlog::merkle::Hash::leaf(entry));
        }
        let origin = Origin::new(&self.log.origin).unwrap();
        let checkpoint = Checkpoint::new(origin, frontier.size(), frontier.root()).unwrap();
        sign_checkpoint(&checkpoint, &[&SeededSigner::log(&self.log.origin, 1)]).unwrap()
    }

    /// Her first `count` records as a file.
    pub fn file_of(&self, count: usize) -> String {
        self.file_from(
            &self.records[..count]
                .iter()
                .map(Filed::item)
                .collect::<Vec<_>>(),
        )
    }

    pub fn file(&self) -> String {
        self.file_of(self.records.len())
    }

    /// A file with these items.
    pub fn file_from(&self, items: &[HistoryItem]) -> String {
        let head = HistoryHead {
            origin: self.key.origin.clone(),
            epoch: self.key.epoch,
            records: items.len() as u64,
        };
        let items: String = items.iter().map(ToString::to_string).collect();
        format!("{head}{items}{}", self.note(self.made_at))
    }

    /// Checks a file with her key against the log as it is.
    pub fn check(&self, file: &str) -> Report {
        self.check_with(file, &self.key)
    }

    pub fn check_with(&self, file: &str, key: &HistoryKey) -> Report {
        let folder = tempfile::tempdir().unwrap();
        self.log.write(folder.path());
        let keys = LogKeys::new(vec![VerifyingKey::parse(&log_signer().vkey()).unwrap()]).unwrap();
        history::run(history::Request {
            file: &mut file.as_bytes(),
            key,
            log: fsck::Request {
                keys: Some(&keys),
                workers: 2,
                ..fsck::Request::of(&Folder::new(folder.path()).unwrap())
            },
        })
    }
}

pub fn enrolled(tag_key: Digest) -> Event {
    Event::SubjectEnrolled(SubjectEnrolled {
        tag_key,
        qid_digest: qid('7').digest(),
        recovery_digest: Digest::from_bytes([3; 32]),
        contact: ContactId::from_bytes([4; 16]),
        assurance: Assurance::Sms,
        language: Language::Ja,
    })
}

/// A visible ID of one repeated character; hers is of sevens.
pub fn qid(digit: char) -> Qid {
    Qid::parse(&format!("qid:{}", digit.to_string().repeat(43))).unwrap()
}

/// What an institution signs when it asks for its code of a person; each part may be bent before.
pub struct Asked {
    pub seed: u8,
    pub typ: Type,
    pub iss: String,
    pub aud: String,
    /// Seconds.
    pub iat: u64,
    pub jti: Jti,
    pub qid: Qid,
    pub link_check: Digest,
}

impl Asked {
    /// The honest request for the link with this key.
    pub fn honest(institution: &str, label: &str) -> Self {
        Self {
            seed: if institution == HOSPITAL {
                HOSPITAL_SEED
            } else {
                PHARMACY_SEED
            },
            typ: Type::Link,
            iss: institution.to_owned(),
            aud: ORIGIN.to_owned(),
            iat: OPENED / 1_000,
            jti: Jti::parse(&base64::url::encode(&filler(label, 2)[..16])).unwrap(),
            qid: qid('7'),
            link_check: link_check(&link_key(label)),
        }
    }

    pub fn statement(&self) -> Bytes {
        let Self {
            iss, aud, iat, jti, ..
        } = self;
        let (qid, check) = (self.qid.as_str(), self.link_check.to_base64url());
        let claims = format!(
            r#"{{"iss":"{iss}","aud":"{aud}","iat":{iat},"jti":"{jti}","qid":"{qid}","code":"123456","link_check":"{check}"}}"#
        );
        signed(self.typ, self.seed, &claims)
    }
}

pub fn linked(institution: &str, label: &str) -> Event {
    linked_on(institution, label, &Asked::honest(institution, label))
}

/// The same, after the one it had.
pub fn linked_again(institution: &str, label: &str) -> Event {
    again(linked(institution, label))
}

/// This link, of the generation after the first.
pub fn again(linked: Event) -> Event {
    let Event::LinkIssued(mut issued) = linked else {
        unreachable!()
    };
    issued.generation = Generation::FIRST.next().unwrap();
    Event::LinkIssued(issued)
}

/// A link that rests on this request, and says so.
pub fn linked_on(institution: &str, label: &str, asked: &Asked) -> Event {
    Event::LinkIssued(LinkIssued {
        institution: InstitutionId::parse(institution).unwrap(),
        key_version: KeyVersion::new(1),
        generation: Generation::FIRST,
        link_check: link_check(&link_key(label)),
        link_key: link_key(label),
        assurance: Assurance::Sms,
        kid: thumbprint(&public(asked.seed)),
        jti: asked.jti.clone(),
        statement: asked.statement(),
    })
}

/// A permit at the pharmacy, by a law.
pub fn permitted(number: u64) -> Event {
    let mut permit = decided();
    permit.gate_number = Some(gate_number(number));
    Event::AccessPermitted(permit)
}

pub fn denied() -> Event {
    let mut denied = decided();
    (denied.outcome, denied.told) = (Outcome::Deny, Outcome::Deny);
    (denied.gate_number, denied.holder_link, denied.expires) = (None, None, None);
    Event::AccessDenied(denied)
}

/// What the hospital asked the pharmacy, with the key that signs presenting the evidence, decided
/// by the pack that has been in force from her first record on.
pub fn decided() -> AccessDecided {
    let Event::AccessPermitted(permit) = permit(Timestamp::from_millis(OPENED)).event else {
        unreachable!()
    };
    AccessDecided {
        basis_kind: BasisKind::Statute,
        consent: None,
        kid: thumbprint(&public(HOSPITAL_SEED)),
        presenter_key: Digest::from_bytes(*public(HOSPITAL_SEED).as_bytes()),
        policy_digest: Digest::from_bytes(filler("evidence key", 0)),
        ..permit
    }
}

/// What a requester shows a holder, and what the holder reports; each part may be bent before.
#[derive(Clone)]
pub struct Reported {
    pub seed: u8,
    pub iss: &'static str,
    /// Log index of the permit, as signed.
    pub index: u64,
    pub digest: Digest,
    pub jti: Jti,
    /// Seconds.
    pub iat: u64,
    pub shown: Shown,
}

/// A presentation inside a report.
#[derive(Clone)]
pub struct Shown {
    pub seed: u8,
    pub iss: &'static str,
    pub aud: &'static str,
    pub digest: Digest,
    /// Seconds.
    pub iat: u64,
}

impl Reported {
    /// The pharmacy's honest report that it releases on this permit.
    pub fn honest(index: u64) -> Self {
        let (digest, iat) = (Digest::from_bytes([8; 32]), OPENED / 1_000);
        Self {
            seed: PHARMACY_SEED,
            iss: PHARMACY,
            index,
            digest,
            jti: report_jti(),
            iat,
            shown: Shown {
                seed: HOSPITAL_SEED,
                iss: HOSPITAL,
                aud: PHARMACY,
                digest,
                iat,
            },
        }
    }

    pub fn statement(&self) -> Bytes {
        let Shown {
            seed,
            iss,
            aud,
            digest,
            iat,
        } = &self.shown;
        let (number, ath) = (report_jti(), digest.to_base64url());
        let shown = format!(
            r#"{{"iss":"{iss}","aud":"{aud}","iat":{iat},"jti":"{number}","ath":"{ath}"}}"#
        );
        let shown = signed(Type::Present, *seed, &shown);
        let shown = String::from_utf8(shown.0).unwrap();
        let Self {
            iss,
            index,
            iat,
            jti,
            ..
        } = self;
        let digest = self.digest.to_base64url();
        let claims = format!(
            r#"{{"iss":"{iss}","aud":"{ORIGIN}","iat":{iat},"jti":"{jti}","index":{index},"evidence_digest":"{digest}","presented":"{shown}"}}"#
        );
        signed(Type::Release, self.seed, &claims)
    }
}

fn report_jti() -> Jti {
    Jti::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap()
}

fn released(access: u64) -> Event {
    released_on(access, Reported::honest(access).statement())
}

/// A release on this permit, as the record says, that rests on this report.
pub fn released_on(access: u64, statement: Bytes) -> Event {
    Event::AccessReleased(AccessReleased {
        access: LeafIndex::new(access),
        holder: InstitutionId::parse(PHARMACY).unwrap(),
        kid: thumbprint(&public(PHARMACY_SEED)),
        jti: report_jti(),
        statement,
    })
}

pub fn revoked(institution: &str) -> Event {
    Event::LinkWithdrawn(LinkWithdrawn {
        institution: InstitutionId::parse(institution).unwrap(),
        generation: Generation::FIRST,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    })
}
