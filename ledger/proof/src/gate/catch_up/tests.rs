//! Gates that are seen in the log, and a log or a messenger that lies about them.

use super::super::{GateRefused, GateUse, PermitGate};
use super::*;
use crate::digest::Digest;
use crate::ids::{LinkCode, Timestamp};
use akashi_actors::SeededSigner;
use akashi_actors::log::{Tree, random_entry};
use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::merkle::consistency;
use akashi_tlog::signer::Signer;

const ORIGIN: &str = "demo.akashi.example/log";
const LINK_KEY: Secret = Secret::from_bytes([3; 32]);
const OTHER_KEY: Secret = Secret::from_bytes([4; 32]);

fn number(m: u64) -> GateNumber {
    GateNumber::new(m).unwrap()
}

fn keys() -> LogKeys {
    LogKeys::new(vec![SeededSigner::log(ORIGIN, 8).verifying_key().clone()]).unwrap()
}

/// A log: what stands in it, and every subtree.
struct Log {
    entries: Vec<Vec<u8>>,
    tree: Tree,
}

impl Log {
    /// Of random entries, with the gates of the first link at ten times their number.
    fn of(size: u64, gates: &[u64]) -> Self {
        Self::bent(size, gates, &LINK_KEY, None)
    }

    fn bent(size: u64, gates: &[u64], key: &Secret, changed: Option<usize>) -> Self {
        let mut entries: Vec<Vec<u8>> = (0..size).map(random_entry).collect();
        for m in gates {
            let at = (m * 10) as usize;
            let entry = Entry::parse(&entries[at]).unwrap();
            let entry = Entry {
                gate: gate(key, number(*m)),
                ..entry
            };
            entries[at] = entry.to_bytes().to_vec();
        }
        if let Some(at) = changed {
            entries[at] = random_entry(1_000_000);
        }
        let tree = Tree::of(&entries);
        Self { entries, tree }
    }

    fn head(&self) -> TreeHead {
        TreeHead {
            size: self.tree.size(),
            root: self.tree.root(),
        }
    }

    /// What a ledger answers, from this size on.
    fn catch_up(&self, from: u64, gates: &[u64]) -> CatchUp {
        let (from, size) = (TreeSize::new(from), self.tree.size());
        let origin = Origin::new(ORIGIN).unwrap();
        let checkpoint = Checkpoint::new(origin, size, self.tree.root()).unwrap();
        let gates = gates.iter().map(|m| {
            let index = LeafIndex::new(m * 10);
            GateInLog {
                number: number(*m),
                entry: self.entries[(m * 10) as usize].clone().try_into().unwrap(),
                path: inclusion::prove(&self.tree, index, size).unwrap(),
            }
        });
        CatchUp {
            from,
            consistency: consistency::prove(&self.tree, from, size).unwrap(),
            gates: gates.collect(),
            checkpoint: sign_checkpoint(&checkpoint, &[&SeededSigner::log(ORIGIN, 8)]).unwrap(),
        }
    }
}

/// A holder, as far as it has come.
struct Kept {
    gates: KeptGates,
    seen: SeenLog,
}

impl Kept {
    fn new() -> Self {
        Self {
            gates: KeptGates::new(LinkCode::from_sealed(&[7; LinkCode::SEALED_LEN])),
            seen: SeenLog::new(Origin::new(ORIGIN).unwrap()),
        }
    }

    fn take(&mut self, file: &CatchUp) -> Result<u64, CatchUpError> {
        let read = CatchUp::parse(file.to_string().as_bytes()).unwrap();
        assert_eq!(read, *file);
        let caught_up = read.verify(&keys(), &LINK_KEY, &self.gates, &self.seen)?;
        caught_up.move_on(&mut self.gates);
        caught_up.remember(&mut self.seen);
        Ok(self.gates.highest().map_or(0, GateNumber::value))
    }
}

#[test]
fn a_holder_moves_on_over_gates_it_sees_in_the_log() {
    let mut kept = Kept::new();
    let (early, late) = (
        Log::of(1_000, &[32, 64, 96]),
        Log::of(2_600, &[32, 64, 96, 128, 192, 256]),
    );
    assert_eq!(kept.take(&early.catch_up(0, &[64])), Ok(64));
    assert_eq!(kept.seen.head(), early.head());
    assert_eq!(kept.take(&late.catch_up(1_000, &[128, 192])), Ok(192));
    assert_eq!(kept.take(&late.catch_up(2_600, &[256])), Ok(256));
    // Nearer than need be, or seen before: no harm.
    assert_eq!(kept.take(&late.catch_up(2_600, &[32, 96])), Ok(256));
    assert_eq!(kept.take(&late.catch_up(2_600, &[])), Ok(256));
}

#[test]
fn a_log_that_lies_moves_nobody() {
    let honest = Log::of(1_000, &[32, 64, 96]);
    let mut kept = Kept::new();
    kept.take(&honest.catch_up(0, &[])).unwrap();
    let longer = Log::of(1_500, &[32, 64, 96, 128]);

    let of_another = Log::bent(1_500, &[64], &OTHER_KEY, None);
    let gate_of_another = of_another.catch_up(1_000, &[64]);
    let fork = Log::bent(1_500, &[32, 64, 96], &LINK_KEY, Some(17));
    let same_size = Log::bent(1_000, &[32, 64, 96], &LINK_KEY, Some(17));
    let mut older = Log::of(900, &[32, 64]).catch_up(0, &[64]);
    older.from = TreeSize::new(1_000);
    let mut elsewhere = longer.catch_up(1_000, &[64]);
    elsewhere.gates[0].path = longer.catch_up(1_000, &[96]).gates[0].path.clone();
    let mut under_fork = longer.catch_up(1_000, &[64]);
    under_fork.gates = fork.catch_up(1_000, &[64]).gates;
    let mut renamed = longer.catch_up(1_000, &[64]);
    renamed.gates[0].number = number(63);
    let mut unsigned = longer.catch_up(1_000, &[64]);
    unsigned.checkpoint = sign_checkpoint(
        &Checkpoint::parse(unsigned.checkpoint.text()).unwrap(),
        &[&SeededSigner::log(ORIGIN, 9)],
    )
    .unwrap();
    type Is = fn(&CatchUpError) -> bool;
    let cases: [(&str, CatchUp, Is); 11] = [
        ("another link", gate_of_another, |e| {
            matches!(e, CatchUpError::OtherGate { .. }) || matches!(e, CatchUpError::Consistency(_))
        }),
        ("a fork", fork.catch_up(1_000, &[64]), |e| {
            matches!(e, CatchUpError::Consistency(_))
        }),
        (
            "a fork of one size",
            same_size.catch_up(1_000, &[64]),
            |e| matches!(e, CatchUpError::Consistency(_)),
        ),
        ("an older head", older, |e| {
            matches!(
                e,
                CatchUpError::Consistency(ConsistencyError::Shrunk { .. })
            )
        }),
        ("another place", elsewhere, |e| {
            matches!(e, CatchUpError::Inclusion { .. })
        }),
        ("a proof under a fork", under_fork, |e| {
            matches!(e, CatchUpError::Inclusion { .. })
        }),
        ("another number", renamed, |e| {
            matches!(e, CatchUpError::OtherGate { .. })
        }),
        ("another signer", unsigned, |e| {
            matches!(e, CatchUpError::Checkpoint(_))
        }),
        ("a gap", longer.catch_up(1_000, &[96]), |e| {
            matches!(e, CatchUpError::Gap { .. })
        }),
        ("a gap later", longer.catch_up(1_000, &[32, 128]), |e| {
            matches!(e, CatchUpError::Gap { .. })
        }),
        ("no beginning", longer.catch_up(0, &[64]), |e| {
            matches!(e, CatchUpError::From { .. })
        }),
    ];
    for (what, file, is) in cases {
        let error = kept.take(&file).unwrap_err();
        assert!(is(&error), "{what}: {error}");
        assert_eq!(kept.gates.highest(), None, "{what}");
        assert_eq!(kept.seen.head(), honest.head(), "{what}");
    }
    assert_eq!(kept.take(&longer.catch_up(1_000, &[64, 128])), Ok(128));
}

#[test]
fn a_gate_of_another_persons_link_in_an_honest_tree_is_not_hers() {
    let mut kept = Kept::new();
    let error = kept.take(&Log::bent(1_500, &[64], &OTHER_KEY, None).catch_up(0, &[64]));
    let (number, index) = (number(64), LeafIndex::new(640));
    assert_eq!(error, Err(CatchUpError::OtherGate { number, index }));
}

#[test]
fn a_holder_restored_from_yesterday_releases_nothing_twice() {
    let today = Log::of(1_400, &[32, 64, 96, 128]);
    let mut kept = Kept::new();
    kept.take(&Log::of(700, &[32, 64]).catch_up(0, &[]))
        .unwrap();
    let decided = |index: u64, m: u64| PermitGate {
        number: number(m),
        index: LeafIndex::new(index),
        commitment: Digest::of(&[&m.to_be_bytes()]),
        expires: Timestamp::from_millis(1_000_000),
    };
    let now = Timestamp::from_millis(500_000);
    // What yesterday's copy knows of, and what was released after it was made.
    let (known, released) = (decided(650, 30), decided(1_399, 129));
    kept.gates.spend(&known, now);
    kept.seen.restored();
    let check = |kept: &Kept, permit| kept.gates.check(&kept.seen, &permit, now);
    for permit in [known, released] {
        assert_eq!(check(&kept, permit), Err(GateRefused::NotCaughtUp));
    }
    assert_eq!(kept.take(&today.catch_up(700, &[64, 128])), Ok(128));
    let expected = GateRefused::BeforeRestoring {
        index: LeafIndex::new(1_399),
        floor: 1_400,
    };
    assert_eq!(check(&kept, released), Err(expected));
    assert_eq!(check(&kept, decided(1_400, 130)), Ok(GateUse::First));
    assert_eq!(check(&kept, known), Ok(GateUse::Again), "its own retry");
    // The floor stays where it was when the next head comes.
    kept.take(&Log::of(1_500, &[32, 64, 96, 128]).catch_up(1_400, &[]))
        .unwrap();
    assert_eq!(check(&kept, decided(1_400, 130)), Ok(GateUse::First));
}

#[test]
fn a_file_has_one_spelling_and_a_bound() {
    let most = GATES_AT_ONCE_MAX as u64;
    let numbers: Vec<u64> = (1..=most + 1).map(|step| step * 64).collect();
    let log = Log::of(most * 640 + 700, &numbers);
    let (all, one_more) = (
        log.catch_up(0, &numbers[..GATES_AT_ONCE_MAX]),
        log.catch_up(0, &numbers),
    );
    assert_eq!(Kept::new().take(&all), Ok(most * 64));
    assert!(all.to_string().len() < CATCH_UP_LEN_MAX);
    assert!(CatchUp::parse(one_more.to_string().as_bytes()).is_err());

    let text = Log::of(1_500, &[64, 128])
        .catch_up(0, &[64, 128])
        .to_string();
    let mut passed = 0;
    for at in 0..text.len() {
        let mut bent = text.clone().into_bytes();
        bent[at] ^= 1;
        let Ok(file) = CatchUp::parse(&bent) else {
            continue;
        };
        assert_eq!(file.to_string().into_bytes(), bent);
        let kept = Kept::new();
        let verified = file.verify(&keys(), &LINK_KEY, &kept.gates, &kept.seen);
        // An unknown signature beside the log's is nobody's business.
        assert!(verified.is_err(), "byte {at}");
        passed += 1;
    }
    assert!(passed > 0);
    assert!(CatchUp::parse(&vec![b'x'; CATCH_UP_LEN_MAX + 1]).is_err());
}
