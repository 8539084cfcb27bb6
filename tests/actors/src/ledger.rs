//! A ledger in memory, for what reads one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use akashi_ledger::Ledger;
use akashi_ledger::clock::SystemClock;
use akashi_ledger::command::{Enrol, VerifyContact};
use akashi_ledger::guard::Guard;
use akashi_ledger::keyring::Keyring;
use akashi_ledger::ledger::{Opening, Parts, write_entry_zero};
use akashi_ledger::random::draw_secret;
use akashi_ledger::signer::FileSigner;
use akashi_ledger::store::memory_store::MemoryStore;
use akashi_proof::clock::Clock;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{ContactId, Qid, SubjectHandle};
use akashi_proof::record::kind::{Assurance, Channel, Language};
use akashi_proof::state::Person;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::signed_note::KeyName;
use akashi_tlog::signer::Signer;

/// A ledger in memory with two persons; the first has `records` records.
///
/// # Panics
/// Where it cannot be made.
pub async fn ledger_with(records: u64) -> (Ledger, Arc<Person>, Arc<Person>) {
    let folder = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let name = KeyName::new("walk.example/log").unwrap();
    let keyring = folder.path().join("keyring");
    let wrapping = draw_secret();
    let store = Arc::new(MemoryStore::default());
    drop(Keyring::create(&keyring, &wrapping).unwrap());
    let parts = |guard| Parts {
        store: Arc::clone(&store) as Arc<dyn akashi_ledger::store::Store>,
        guard,
        keyring: Keyring::open(&keyring, &wrapping).unwrap(),
        signer: Arc::new(FileSigner::from_seed(&[7; 32], &name).unwrap()),
    };
    let supervisor = |seed: u8| {
        let signer = FileSigner::from_seed(
            &[seed; 32],
            &KeyName::new(&format!("supervisor.{seed}")).unwrap(),
        )
        .unwrap();
        signer.verifying_key().to_string()
    };
    let opening = Opening {
        origin: Origin::new("walk.example/log").unwrap(),
        supervisors: vec![supervisor(1), supervisor(2)],
        threshold: 2,
        time_zone: "Asia/Tokyo".into(),
        pack: "town".into(),
        policy_digest: Digest::from_bytes([0; 32]),
    };
    let guard = folder.path().join("guard");
    write_entry_zero(
        parts(Guard::create(&guard).unwrap()),
        &opening,
        clock.as_ref(),
    )
    .unwrap();
    let ledger = Ledger::start(parts(Guard::open(&guard).unwrap()), Arc::clone(&clock)).unwrap();
    let mut people = Vec::new();
    for byte in [1u8, 2] {
        let subject = SubjectHandle::from_bytes([byte; 16]);
        let enrol = Enrol {
            subject,
            qid: Qid::parse(&format!(
                "qid:{}",
                char::from(b'2' + byte).to_string().repeat(43)
            ))
            .unwrap(),
            recovery_digest: Digest::from_bytes([byte; 32]),
            contact: ContactId::from_bytes([byte; 16]),
            assurance: Assurance::Sms,
            language: Language::Ja,
        };
        ledger.submit(enrol).await.unwrap();
        people.push(subject);
    }
    for number in 1..records {
        let contact = ContactId::from_bytes([number as u8; 16]);
        let (channel, assurance) = (Channel::Email, Assurance::Sms);
        let replaces = Some(contact);
        ledger
            .submit(VerifyContact {
                subject: people[0],
                contact,
                channel,
                replaces,
                assurance,
            })
            .await
            .unwrap();
    }
    let person = |subject| ledger.reader().person(&subject).unwrap();
    let (first, second) = (person(people[0]), person(people[1]));
    (ledger, first, second)
}
