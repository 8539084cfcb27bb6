//! A log made from nothing but the published formats: honest, and then in whatever way a test wants
//! it to lie.
//!
//! Shared by the tests and by both `examples/`, each of which uses a part of it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each example uses a part; a fixture that fails may panic"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use akashi_actors::claims::{certified, changed, supervisor_changed};
use akashi_actors::log::{Tree, filler, random_entry};
use akashi_actors::{SeededSigner, particulars, permit, seeded, sign, supervisor};
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::entry::Entry;
use akashi_proof::ids::{GateNumber, InstitutionId, Seq, Timestamp};
use akashi_proof::jws::{Jws, Type};
use akashi_proof::key::thumbprint;
use akashi_proof::record::commitment::commit;
use akashi_proof::record::kind::{Event, LedgerOpened};
use akashi_proof::record::value::Bytes;
use akashi_proof::record::{Position, Record, RegistryPosition, body};
use akashi_proof::statement::{ActClaims, Claims};
use akashi_proof::stream;
use akashi_tlog::base64;
use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::merkle::{Hash, LeafIndex, inclusion};
use akashi_tlog::public_key::PublicKey;
use akashi_tlog::signed_note::Note;
use akashi_tlog::signer::Signer;
use akashi_tlog::tile::{TileKind, encode_hashes, entry_bundle, entry_bundles, hash_tiles};
use akashi_tlog::tlog_proof::TlogProof;

pub const ORIGIN: &str = permit::ORIGIN;
/// When the log was opened.
pub const OPENED: u64 = 1_790_000_000_000;
/// Where the registry's records stand, as far as the log is long enough.
pub const REGISTRY_PLACES: [u64; 10] = [0, 1, 2, 5, 60, 300, 301, 5000, 5001, 5002];

const LOG_SEED: u8 = 1;
const NORTH_SEED: u8 = 2;
const SOUTH_SEED: u8 = 3;
pub const HOSPITAL_SEED: u8 = 4;
pub const PHARMACY_SEED: u8 = 5;

/// The log's own key.
pub fn log_signer() -> SeededSigner {
    SeededSigner::log(ORIGIN, LOG_SEED)
}

/// The supervisors entry 0 names, as vkeys.
pub fn supervisor_vkeys() -> [String; 2] {
    [
        ("supervisor.north", NORTH_SEED),
        ("supervisor.south", SOUTH_SEED),
    ]
    .map(|(name, seed)| SeededSigner::log(name, seed).vkey())
}

/// The public key made from one repeated byte.
pub fn public(seed: u8) -> PublicKey {
    *seeded("nobody", seed).public()
}

/// A log that can be written to a folder. All fields may be bent before.
pub struct TestLog {
    pub entries: Vec<Vec<u8>>,
    /// Published bodies by registry number.
    pub bodies: BTreeMap<u64, Vec<u8>>,
    /// Signs the checkpoint.
    pub signers: Vec<SeededSigner>,
    /// The file `vkey`.
    pub vkeys: String,
    /// The origin in the checkpoint.
    pub origin: String,
    /// Signed in place of the true root.
    pub other_root: Option<Hash>,
}

impl TestLog {
    /// An honest log of so many entries, as much of the registry in it as fits.
    pub fn honest(size: u64) -> Self {
        Self::of(&honest_registry(), size)
    }

    /// A log with these registry records at [`REGISTRY_PLACES`].
    pub fn of(registry: &[Record], size: u64) -> Self {
        let mut log = Self {
            entries: (0..size).map(random_entry).collect(),
            bodies: BTreeMap::new(),
            signers: vec![log_signer()],
            vkeys: log_signer().vkey() + "\n",
            origin: ORIGIN.to_owned(),
            other_root: None,
        };
        for (record, index) in registry.iter().zip(REGISTRY_PLACES) {
            if index < size {
                log.place(index, record.seq().value(), record);
            }
        }
        log
    }

    /// Puts a registry record under the tag of `seq` at `index`, and publishes its body.
    pub fn place(&mut self, index: u64, seq: u64, record: &Record) {
        let key = Secret::from_bytes(filler("record key", record.seq().value()));
        let tag = stream::tag(&stream::registry_key(), place(seq));
        let entry = Entry {
            commitment: commit(record, &key),
            tag,
            gate: filler("gate", index),
        };
        self.entries[index as usize] = entry.to_bytes().to_vec();
        self.bodies.insert(seq, body::encode(record, &key));
    }

    pub fn entry(&self, index: usize) -> Entry {
        Entry::parse(&self.entries[index]).unwrap()
    }

    pub fn set(&mut self, index: usize, entry: Entry) {
        self.entries[index] = entry.to_bytes().to_vec();
    }

    pub fn tree(&self) -> Tree {
        Tree::of(&self.entries)
    }

    pub fn checkpoint(&self, tree: &Tree) -> Note {
        let root = self.other_root.unwrap_or_else(|| tree.root());
        let checkpoint =
            Checkpoint::new(Origin::new(&self.origin).unwrap(), tree.size(), root).unwrap();
        let signers: Vec<&dyn Signer> = self
            .signers
            .iter()
            .map(|signer| signer as &dyn Signer)
            .collect();
        sign_checkpoint(&checkpoint, &signers).unwrap()
    }

    /// Writes everything a log of this size publishes.
    pub fn write(&self, folder: &Path) {
        let (tree, write) = (self.tree(), |path: &str, bytes: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        });
        for tile in hash_tiles(tree.size()) {
            let TileKind::Hashes(level) = tile.kind() else {
                unreachable!()
            };
            let first = tile.index() as usize * 256;
            let hashes = &tree.level(usize::from(level.value()) * 8)
                [first..first + usize::from(tile.width().value())];
            write(&tile.to_string(), &encode_hashes(hashes));
        }
        for tile in entry_bundles(tree.size()) {
            let first = tile.index() as usize * 256;
            let entries = &self.entries[first..first + usize::from(tile.width().value())];
            write(&tile.to_string(), &entry_bundle::encode(entries).unwrap());
        }
        for (seq, body) in &self.bodies {
            write(&format!("registry/{seq}"), body);
        }
        write("vkey", self.vkeys.as_bytes());
        write("checkpoint", self.checkpoint(&tree).to_string().as_bytes());
    }

    /// The proof of an entry.
    pub fn proof(&self, index: u64) -> TlogProof {
        let tree = self.tree();
        let path = inclusion::prove(&tree, LeafIndex::new(index), tree.size()).unwrap();
        TlogProof::new(
            Some(self.entries[index as usize].clone()),
            path,
            self.checkpoint(&tree),
        )
        .unwrap()
    }
}

/// A registry of ten records, each with the signatures it needs.
pub fn honest_registry() -> Vec<Record> {
    let evidence = Digest::from_bytes(filler("evidence key", 0)).to_base64url();
    let acts = [
        by_supervisors(&certify("hospital.chuo", HOSPITAL_SEED)),
        by_supervisors(&certify("pharmacy.midori", PHARMACY_SEED)),
        by(
            "pharmacy.midori",
            PHARMACY_SEED,
            &format!(
                r#""act":"key.registered","kid":"{evidence}","key_use":"evidence","public_key":"{evidence}","valid_from":1790000000"#
            ),
        ),
        by_supervisors(&format!(
            r#""act":"policy.activated","pack":"town","version":2,"policy_digest":"{evidence}""#
        )),
        by_supervisors(
            r#""act":"institution.suspended","institution":"hospital.chuo","reason":"inspection""#,
        ),
        by_supervisors(
            r#""act":"institution.reinstated","institution":"hospital.chuo","reason":"cleared""#,
        ),
        by(
            "hospital.chuo",
            HOSPITAL_SEED,
            &format!(
                r#""act":"key.revoked","kid":"{}","reason":"lost""#,
                thumbprint(&public(HOSPITAL_SEED))
            ),
        ),
        by_supervisors(&renumber("hospital.chuo", "+81-55-000-4321")),
        by_supervisors(&renumber_supervisor("supervisor.north", "+81-55-000-4322")),
    ];
    (1..)
        .zip(std::iter::once(opened()).chain(acts))
        .map(|(seq, event)| registry_record(seq, event))
        .collect()
}

/// The place of this number in a stream.
pub fn place(seq: u64) -> Seq {
    Seq::new(seq).unwrap()
}

/// The gate of this number on the link of this key.
pub fn gate(link_key: &Secret, number: u64) -> [u8; 32] {
    akashi_proof::gate::gate(link_key, gate_number(number))
}

/// The gate's number.
pub fn gate_number(number: u64) -> GateNumber {
    GateNumber::new(number).unwrap()
}

pub fn registry_record(seq: u64, event: Event) -> Record {
    Record {
        origin: Origin::new(ORIGIN).unwrap(),
        time: Timestamp::from_millis(OPENED + seq * 100),
        position: Position::Registry(RegistryPosition { seq: place(seq) }),
        engine: "test".into(),
        retain_until: Timestamp::from_millis(OPENED + 1_000_000_000),
        event,
    }
}

fn opened() -> Event {
    opened_under(2)
}

/// Entry 0 of a log in which so many supervisors must sign.
pub fn opened_under(threshold: u64) -> Event {
    Event::LedgerOpened(LedgerOpened {
        format: 1,
        log_vkey: log_signer().vkey(),
        supervisors: supervisor_vkeys().map(supervisor).to_vec(),
        threshold,
        tag_scheme: "akashi/tag/v1".into(),
        map_scheme: None,
        time_zone: "Asia/Tokyo".into(),
        pack: "town".into(),
        policy_digest: Digest::from_bytes([9; 32]),
        predecessor: None,
    })
}

pub fn certify(institution: &str, seed: u8) -> String {
    let names = ("中央", "Chuo");
    members(&certified(&seeded(institution, seed), names, "hospital"))
}

/// The act that gives an institution another number.
pub fn renumber(institution: &str, telephone: &str) -> String {
    let mut act = changed(&id(institution), &particulars("中央", "Chuo"));
    act["telephone"] = telephone.into();
    members(&act)
}

/// The act that gives a supervisor another number.
pub fn renumber_supervisor(supervisor: &str, telephone: &str) -> String {
    let now = particulars("ためし監督局", "Test Supervisors");
    let mut act = supervisor_changed(&id(supervisor), &now);
    act["telephone"] = telephone.into();
    members(&act)
}

fn id(name: &str) -> InstitutionId {
    InstitutionId::parse(name).unwrap()
}

/// The members of an act, without the braces around them.
pub fn members(act: &serde_json::Value) -> String {
    let text = act.to_string();
    text[1..text.len() - 1].to_owned()
}

/// The event that these statements carry.
pub fn carried(statements: &[Bytes]) -> Event {
    let claims = ActClaims::read(&Jws::parse(&statements[0].0).unwrap()).unwrap();
    claims
        .act
        .into_event(&claims.common.iss, statements.to_vec())
}

pub fn by_supervisors(act: &str) -> Event {
    carried(&[
        statement("supervisor.north", NORTH_SEED, act),
        statement("supervisor.south", SOUTH_SEED, act),
    ])
}

/// An act that was done before, signed once more under statement identifiers of this number.
pub fn by_supervisors_anew(act: &str, number: u64) -> Event {
    carried(&[
        numbered_statement("supervisor.north", NORTH_SEED, act, number),
        numbered_statement("supervisor.south", SOUTH_SEED, act, number),
    ])
}

/// An act that needs two supervisors, signed by one.
pub fn by_one_supervisor(act: &str) -> Event {
    carried(&[statement("supervisor.north", NORTH_SEED, act)])
}

pub fn by(iss: &str, seed: u8, act: &str) -> Event {
    carried(&[statement(iss, seed, act)])
}

fn statement(iss: &str, seed: u8, act: &str) -> Bytes {
    numbered_statement(iss, seed, act, act.len() as u64)
}

/// An act signed at this second by the first so many of the supervisors.
pub fn by_supervisors_at(act: &str, iat: u64, signers: usize) -> Event {
    let both = [
        ("supervisor.north", NORTH_SEED),
        ("supervisor.south", SOUTH_SEED),
    ];
    let signed = both.iter().take(signers);
    let signed = signed.map(|(iss, seed)| statement_at(iss, *seed, act, iat, iat));
    carried(&signed.collect::<Vec<_>>())
}

fn numbered_statement(iss: &str, seed: u8, act: &str, number: u64) -> Bytes {
    // All records of the registry stand within five minutes, so that one time of signing is fresh
    // for each.
    statement_at(iss, seed, act, number, OPENED / 1_000)
}

fn statement_at(iss: &str, seed: u8, act: &str, number: u64, iat: u64) -> Bytes {
    let jti = base64::url::encode(&filler(iss, number)[..16]);
    let claims = format!(r#"{{"iss":"{iss}","aud":"{ORIGIN}","iat":{iat},"jti":"{jti}",{act}}}"#);
    signed(Type::Act, seed, &claims)
}

/// A statement with these claims.
pub fn signed(typ: Type, seed: u8, claims: &str) -> Bytes {
    let jws = sign(&seeded("nobody", seed), typ, claims);
    Bytes(jws.as_bytes().to_vec())
}

/// A log with one permit in it.
pub struct Permit {
    pub log: TestLog,
    pub index: u64,
    pub evidence: String,
    pub proof: String,
}

impl Permit {
    /// Decided at `time`; the evidence holds for ten minutes.
    pub fn decided(time: u64) -> Self {
        Self::on_link(time, &permit::LINK_KEY)
    }

    /// The same, but its entry carries a gate of this link.
    pub fn on_link(time: u64, link_key: &[u8; 32]) -> Self {
        Self::in_log(TestLog::honest(300), time, link_key)
    }

    /// The same in this log.
    pub fn in_log(mut log: TestLog, time: u64, link_key: &[u8; 32]) -> Self {
        let time = Timestamp::from_millis(time);
        permit::place(&mut log.entries, time, &Secret::from_bytes(*link_key));
        Self {
            index: permit::INDEX,
            evidence: permit::evidence(time, |index| log.proof(index)),
            proof: log.proof(permit::INDEX).to_string(),
            log,
        }
    }
}

/// Fails where the command ended otherwise, or did not say this.
#[track_caller]
pub fn assert_exit(output: &Output, code: i32, said: &str) {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(said), "expected `{said}` in\n{text}");
}
