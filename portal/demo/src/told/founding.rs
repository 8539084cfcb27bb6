//! The folder of a demo: made once, opened ever after.
//!
//! ```text
//! demo.seed             what everything is drawn from; written first
//! demo.json             for scripts; written at every start
//! keys                  keyring, log key: made together under another name and then moved
//! data                  data file and guard: moved last, so that a start that was killed leaves
//!                       a whole ledger or none
//! contacts              phone numbers and addresses
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use akashi_ledger::ledger::create;
use akashi_ledger::{Folders, Ledger, Opening, RowsOf, files};
use akashi_notifier::Contacts;
use akashi_policies::{Pack, Shelf};
use akashi_proof::clock::Clock;
use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::Supervisor;

use crate::DemoError;
use crate::told::seeding::{Seeding, last_record_time, origin, signatory};
use crate::town::clock::SeedClock;
use crate::town::places::SUPERVISORS;
use crate::town::plan;
use crate::town::seed::Seed;

/// A town whose past has been told.
pub struct Town {
    /// Its folder.
    pub folder: PathBuf,
    /// The ledger.
    pub ledger: Ledger,
    /// The pack it lives under.
    pub shelf: Arc<Shelf>,
    /// Phone numbers and addresses.
    pub contacts: Arc<Contacts>,
    /// What everything is drawn from.
    pub seed: Arc<Seed>,
    /// The machine's clock by now.
    pub clock: Arc<SeedClock>,
    /// The log's key.
    pub vkey: String,
    /// How many steps of the past were told by this start.
    pub told: usize,
}

impl Town {
    /// Makes a town under this pack in an empty or absent folder, or opens the one that is there;
    /// tells what is missing of its past.
    ///
    /// # Errors
    /// [`DemoError`]. Whatever was done stays, and the next call goes on from there; but of a past
    /// that the pack stands against nothing is left. A town that was made under another pack is not
    /// touched.
    pub async fn open(folder: &Path, pack: Pack) -> Result<Self, DemoError> {
        let seed = found(folder)?;
        let folders = Folders {
            data: folder.join("data"),
            keys: folder.join("keys"),
        };
        if !folders.data.exists() {
            make_ledger(folder, &seed, &pack)?;
        }
        let clock = Arc::new(clock_for(&folders, &seed)?);
        // A town may be put away for a month and looked at again.
        let clock_of = Arc::clone(&clock) as Arc<dyn Clock>;
        let ledger = Ledger::open_after_any_pause(&folders, clock_of)?;
        let in_force = ledger.reader().registry().policy().digest;
        if in_force != pack.digest() {
            return Err(DemoError::OtherPack {
                folder: folder.to_owned(),
                expected: in_force,
                found: pack.digest(),
            });
        }
        let shelf = Arc::new(Shelf::of(Arc::new(pack)));
        let contacts = open_contacts(&folder.join("contacts"), &ledger)?;
        let seeding = Seeding {
            ledger: &ledger,
            shelf: &shelf,
            contacts: &contacts,
            seed: &seed,
            clock: clock.as_ref(),
        };
        let told = match seeding.tell_the_past().await {
            Ok(told) => told,
            Err(error) => {
                if error.is_misfit() {
                    give_up(folder)?;
                }
                return Err(error);
            }
        };
        clock.hand_over();
        let vkey = log_vkey(&ledger)?;
        let (seed, contacts) = (Arc::new(seed), Arc::new(contacts));
        Ok(Self {
            folder: folder.to_owned(),
            ledger,
            shelf,
            contacts,
            seed,
            clock,
            vkey,
            told,
        })
    }

    /// The file for scripts.
    pub fn description_file(&self) -> PathBuf {
        self.folder.join("demo.json")
    }

    /// What the past is told with: for the question that is open today.
    pub fn seeding(&self) -> Seeding<'_> {
        Seeding {
            ledger: &self.ledger,
            shelf: &self.shelf,
            contacts: &self.contacts,
            seed: &self.seed,
            clock: self.clock.as_ref(),
        }
    }
}

/// The seed of this folder; drawn if the folder is empty or absent.
fn found(folder: &Path) -> Result<Seed, DemoError> {
    let path = folder.join("demo.seed");
    if path.exists() {
        return Seed::read(&path);
    }
    let failed = |error| DemoError::File {
        path: folder.to_owned(),
        error,
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            // A seed file that was being written when the start was killed is none yet.
            let other =
                entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != "demo.seed.new"));
            if other {
                return Err(DemoError::Occupied(folder.to_owned()));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            files::make_private_folder(folder).map_err(failed)?
        }
        Err(error) => return Err(failed(error)),
    }
    let seed = Seed::draw(SeedClock::running().wall());
    seed.write(&path)?;
    Ok(seed)
}

fn make_ledger(folder: &Path, seed: &Seed, policy: &Pack) -> Result<(), DemoError> {
    let made = folder.join("ledger.new");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| DemoError::File { path, error }
    };
    // Without data nobody has seen these keys, and nothing says whose these contacts are.
    for unfinished in [&made, &folder.join("keys")] {
        if unfinished.exists() {
            fs::remove_dir_all(unfinished).map_err(failed(unfinished))?;
        }
    }
    let contacts = folder.join("contacts");
    if contacts.exists() {
        fs::remove_file(&contacts).map_err(failed(&contacts))?;
    }
    let supervisors = SUPERVISORS.iter().map(|supervisor| {
        let signer = signatory(seed, supervisor.id)?;
        Ok(Supervisor {
            vkey: signer
                .vkey()
                .ok_or(DemoError::Town("a supervisor's vkey"))?,
            particulars: supervisor.texts.particulars()?,
        })
    });
    let opening = Opening {
        origin: origin()?,
        supervisors: supervisors.collect::<Result<_, DemoError>>()?,
        threshold: SUPERVISORS.len() as u64,
        time_zone: "Asia/Tokyo".into(),
        pack: policy.name().to_owned(),
        policy_digest: policy.digest(),
    };
    let first = plan::steps(seed.made())
        .first()
        .map_or(seed.made(), |step| step.at);
    let clock = SeedClock::standing_at(first.minus_millis(3_600_000));
    create(
        &Folders {
            data: made.join("data"),
            keys: made.join("keys"),
        },
        &opening,
        &clock,
    )?;
    for part in ["keys", "data"] {
        let place = folder.join(part);
        fs::rename(made.join(part), &place).map_err(failed(&place))?;
        files::sync_folder_of(&place).map_err(failed(&place))?;
    }
    fs::remove_dir(&made).map_err(failed(&made))
}

/// Takes the ledger of a past that cannot be told out of the way, in one step: what is left is what
/// a start that was killed before it had made one leaves. Nobody but the past is in it.
fn give_up(folder: &Path) -> Result<(), DemoError> {
    let data = folder.join("data");
    let failed = |error| DemoError::File {
        path: data.clone(),
        error,
    };
    fs::rename(&data, folder.join("ledger.new")).map_err(failed)?;
    files::sync_folder_of(&data).map_err(failed)
}

/// The clock to open the ledger on: it stands at the last record while there is a past to tell, and
/// runs otherwise. The last record is read from the ledger itself, opened once before under a clock
/// later than anything.
fn clock_for(folders: &Folders, seed: &Seed) -> Result<SeedClock, DemoError> {
    let late = Arc::new(SeedClock::standing_at(Timestamp::MAX));
    let last = last_record_time(&Ledger::open_after_any_pause(folders, late)?)?;
    Ok(if last < plan::end(seed.made()) {
        SeedClock::standing_at(last)
    } else {
        SeedClock::running()
    })
}

/// Contacts are made once the ledger is there; before anybody has enrolled a missing file is no
/// loss.
fn open_contacts(path: &Path, ledger: &Ledger) -> Result<Contacts, DemoError> {
    let seal = ledger.reader().row_seal(RowsOf::Contacts)?;
    let opened = if path.exists() || ledger.reader().people_count() > 0 {
        Contacts::open(path, seal)
    } else {
        Contacts::create(path, seal)
    };
    opened.map_err(|error| DemoError::Contacts(error.to_string()))
}

/// The key the log begins with: a demo never changes it.
fn log_vkey(ledger: &Ledger) -> Result<String, DemoError> {
    let registry = ledger.reader().registry();
    let first = registry.log_keys().first();
    let first = first.ok_or(DemoError::Town("the log's key"))?;
    Ok(first.key().key().to_string())
}

#[cfg(test)]
mod tests {
    use akashi_desk::consent::wording::Wording;
    use akashi_desk::words::names::Names;
    use akashi_proof::digest::Digest;
    use akashi_proof::ids::LeafIndex;
    use akashi_proof::record::kind::Event;

    use super::*;
    use crate::town::people::People;

    fn last_index(town: &Town) -> u64 {
        town.ledger.reader().head().head.size.value() - 1
    }

    #[tokio::test]
    async fn a_town_is_made_once_and_continued_after() {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::open(folder.path(), Pack::town().unwrap())
            .await
            .unwrap();
        let (told, size) = (town.told, last_index(&town));
        assert_eq!(told, plan::steps(town.seed.made()).len());
        assert!(size > told as u64, "some steps make two records");
        drop(town);
        let again = Town::open(folder.path(), Pack::town().unwrap())
            .await
            .unwrap();
        assert_eq!((again.told, last_index(&again)), (0, size));
        again.seeding().ask_the_open_question().await.unwrap();
        let asked = last_index(&again);
        assert_eq!(asked, size + 1, "the machine's clock goes on from the past");
        again.seeding().ask_the_open_question().await.unwrap();
        assert_eq!(last_index(&again), asked);
    }

    /// The digest of the words a record says were agreed to, and that of the words it has now.
    fn words(town: &Town, event: &Event) -> Option<[Digest; 2]> {
        let names = |language| {
            let registry = town.ledger.reader().registry();
            Names::new(language, &town.shelf, registry)
        };
        match event {
            Event::ConsentGiven(e) => {
                let now = Wording::consent(&names(e.language), &e.terms);
                Some([e.wording_digest, now.digest()])
            }
            Event::ConsentNarrowed(e) => {
                let now = Wording::narrowed(&names(e.language), &e.terms);
                Some([e.wording_digest, now.digest()])
            }
            _ => None,
        }
    }

    #[tokio::test]
    async fn the_words_of_every_consent_of_the_past_can_be_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::open(folder.path(), Pack::town().unwrap())
            .await
            .unwrap();
        let people = People {
            ledger: town.ledger.clone(),
            contacts: Arc::clone(&town.contacts),
            seed: Arc::clone(&town.seed),
            clock: Arc::clone(&town.clock) as Arc<dyn Clock>,
            shelf: Arc::clone(&town.shelf),
        };
        people.ensure(2).await.unwrap();
        let mut kinds = [0, 0];
        for index in 0..=last_index(&town) {
            let stored = town.ledger.reader().record(LeafIndex::new(index)).unwrap();
            let event = stored.unwrap().open().unwrap().record.event;
            if let Some([agreed, now]) = words(&town, &event) {
                assert_eq!(agreed, now, "record {index}");
                kinds[usize::from(matches!(event, Event::ConsentNarrowed(_)))] += 1;
            }
        }
        assert!(kinds[0] > 5 && kinds[1] > 0, "{kinds:?}");
    }

    #[tokio::test]
    async fn a_folder_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letter.txt"), "mine").unwrap();
        assert!(matches!(
            Town::open(folder.path(), Pack::town().unwrap()).await,
            Err(DemoError::Occupied(_))
        ));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
