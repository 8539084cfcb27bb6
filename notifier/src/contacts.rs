//! The contacts file: phone numbers and e-mail addresses, apart from everything else
//! (docs/DESIGN.md "Stores and keys").
//!
//! ```text
//! row    sealed by the ledger for its number: akashi_ledger::RowSeal
//! plain  1 | contact (16) | subject (16) | 1 phone, 2 e-mail | u8 length
//!          | address, filled up to 254 with zeros
//!        0 | contact (16) | zeros                              the contact is removed
//! ```
//! Rows are only appended, synced before anybody relies on them, and all of one length, so that the
//! file does not tell phones from addresses. A contact is written *before* the record that makes it
//! valid; a crash between the two leaves an orphan for [`Contacts::sweep_orphans`]. A torn last row
//! is one that nobody was told of and is cut off; any other damage, an exchanged or missing row in
//! the middle included, refuses to open.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use akashi_ledger::{LedgerError, Reader, RowSeal, files};
use akashi_proof::framing::len_u8;
use akashi_proof::ids::{ContactId, SubjectHandle, Timestamp};
use akashi_proof::record::kind::Event;
use akashi_proof::state::{self, Person};
use zeroize::Zeroizing;

use crate::address::{Address, EMAIL_LEN_MAX, Email, Phone};
use crate::messages::outbox::{self, OutboxError, Share};

/// A phone number or address of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its identifier in records.
    pub id: ContactId,
    /// Whose it is.
    pub subject: SubjectHandle,
    /// The number or address.
    pub address: Address,
}

/// The contacts file could not be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum ContactsError {
    /// Creating never overwrites.
    #[error("there is a contacts file already")]
    Exists,
    /// Opening never creates.
    #[error("the contacts file is missing")]
    Missing,
    /// What the system says.
    #[error("contacts file: {0}")]
    File(#[source] io::Error),
    /// A row does not open: another key, or damage.
    #[error("contacts file: row {row} does not open under this key")]
    Damaged {
        /// Number of the row, from 0.
        row: u64,
    },
    /// A contact's identifier is used once.
    #[error("the contact is in the file already")]
    Known,
    /// After a failed write the end of the file is unknown.
    #[error("an earlier write failed; the contacts file must be opened anew")]
    Stopped,
    /// The ledger could not be read for a sweep.
    #[error("the ledger could not be read: {0}")]
    Ledger(#[from] LedgerError),
    /// The outbox could not be read for a sweep.
    #[error("the outbox could not be read: {0}")]
    Outbox(#[from] OutboxError),
}

/// The open contacts file. One process has it open at a time, as with the data file beside it.
pub struct Contacts {
    seal: RowSeal,
    /// `None` after a failed write.
    file: Mutex<Option<Appending>>,
    index: RwLock<Index>,
}

struct Appending {
    file: File,
    rows: u64,
}

#[derive(Default)]
struct Index {
    by_id: HashMap<ContactId, Contact>,
    by_address: HashMap<Address, Vec<ContactId>>,
}

const PLAIN_LEN: usize = 1 + 16 + 16 + 1 + 1 + EMAIL_LEN_MAX;
const ROW_LEN: usize = PLAIN_LEN + RowSeal::OVERHEAD;

/// How many records a sweep reads at once: a few hundred kilobytes.
const SWEEP_RECORDS: usize = 256;

impl Contacts {
    /// Makes a new, empty file that only its owner can read.
    ///
    /// # Errors
    /// [`ContactsError::Exists`] if there is one; [`ContactsError::File`] if it cannot be written.
    pub fn create(path: &Path, seal: RowSeal) -> Result<Self, ContactsError> {
        files::write_new_private(path, b"").map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ContactsError::Exists,
            _ => ContactsError::File(error),
        })?;
        Self::open(path, seal)
    }

    /// Opens an existing file.
    ///
    /// # Errors
    /// [`ContactsError::Missing`], or [`ContactsError::Damaged`] naming the first row that does not
    /// open.
    pub fn open(path: &Path, seal: RowSeal) -> Result<Self, ContactsError> {
        let mut file = match OpenOptions::new()
            .read(true)
            .append(true)
            .mode(0o600)
            .open(path)
        {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ContactsError::Missing);
            }
            other => other.map_err(ContactsError::File)?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(ContactsError::File)?;
        let mut index = Index::default();
        let whole = bytes.chunks_exact(ROW_LEN);
        let (rows, torn) = (whole.len() as u64, whole.remainder().len());
        for (number, row) in (0..).zip(whole) {
            let damaged = || ContactsError::Damaged { row: number };
            index.apply(open_row(&seal, number, row).ok_or_else(damaged)?);
        }
        if torn > 0 {
            tracing::warn!(
                bytes = torn,
                "the last row of the contacts file was torn and is cut off"
            );
            file.set_len((bytes.len() - torn) as u64)
                .map_err(ContactsError::File)?;
            file.sync_all().map_err(ContactsError::File)?;
        }
        Ok(Self {
            seal,
            file: Mutex::new(Some(Appending { file, rows })),
            index: RwLock::new(index),
        })
    }

    /// Adds a contact and returns once it is durable. It blocks for the disk: not for an async
    /// task.
    ///
    /// # Errors
    /// [`ContactsError::Known`] if its identifier is used already; [`ContactsError::File`] if it
    /// could not be written.
    pub fn add(&self, contact: &Contact) -> Result<(), ContactsError> {
        self.append(&[Row::Added(contact.clone())])
    }

    /// Adds several contacts and returns once all are durable: one sync for all of them.
    ///
    /// # Errors
    /// As [`Self::add`]; none is added then.
    pub fn add_all(&self, contacts: &[Contact]) -> Result<(), ContactsError> {
        let rows: Vec<Row> = contacts.iter().cloned().map(Row::Added).collect();
        self.append(&rows)
    }

    /// A contact, if it is there.
    pub fn find(&self, id: &ContactId) -> Option<Contact> {
        self.read().by_id.get(id).cloned()
    }

    /// Every contact with this address: of more than one person where a family shares a phone.
    /// Whether one still counts is the ledger's to say: see [`Self::people_of`].
    pub fn contacts_of(&self, address: &Address) -> Vec<Contact> {
        let index = self.read();
        let ids = index
            .by_address
            .get(address)
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter()
            .filter_map(|id| index.by_id.get(id).cloned())
            .collect()
    }

    /// The people whose record names this address, those among them whom it is yet to reach. Who
    /// may be shown something for having it is asked of [`Self::people_at`].
    pub fn people_of(&self, reader: &Reader, address: &Address) -> Vec<Arc<Person>> {
        self.people_with(reader, address, |_| true)
    }

    /// The people who have this address at `now`: the ledger names the contact as verified, not
    /// ended, and not yet or no longer to be replaced. What the address *alone* shows of them is
    /// another question: see [`Person::phone_speaks_for_her`].
    pub fn people_at(
        &self,
        reader: &Reader,
        address: &Address,
        now: Timestamp,
    ) -> Vec<Arc<Person>> {
        self.people_with(reader, address, |known| known.is_hers(now))
    }

    fn people_with(
        &self,
        reader: &Reader,
        address: &Address,
        counts: impl Fn(&state::Contact) -> bool,
    ) -> Vec<Arc<Person>> {
        let current = |contact: Contact| {
            let person = reader.person(&contact.subject)?;
            let mut known = person.contacts.iter();
            let is_hers = known.any(|known| known.contact == contact.id && counts(known));
            is_hers.then_some(person)
        };
        self.contacts_of(address)
            .into_iter()
            .filter_map(current)
            .collect()
    }

    /// How many contacts there are.
    pub fn len(&self) -> usize {
        self.read().by_id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes contacts that no record makes valid: neither a person's fold names them, nor a
    /// message that is still to be sent or planned. Returns how many. Only before anybody can
    /// enrol: a contact just added is an orphan, too, until its record is there.
    ///
    /// # Errors
    /// [`ContactsError`] when the ledger cannot be read or the file not written; nothing or all is
    /// removed then.
    pub fn sweep_orphans(&self, reader: &Reader) -> Result<usize, ContactsError> {
        let mut named: HashSet<ContactId> = HashSet::new();
        for person in reader.people() {
            named.extend(person.contacts.iter().map(|contact| contact.contact));
        }
        named.extend(outbox::waiting_contacts(reader)?);
        named.extend(replaced_and_not_told(reader)?);
        let orphans: Vec<Row> = {
            let index = self.read();
            index
                .by_id
                .keys()
                .filter(|id| !named.contains(*id))
                .map(|id| Row::Removed(*id))
                .collect()
        };
        self.append(&orphans)?;
        if !orphans.is_empty() {
            tracing::info!(
                contacts = orphans.len(),
                "contacts that no record makes valid were removed"
            );
        }
        Ok(orphans.len())
    }

    fn append(&self, rows: &[Row]) -> Result<(), ContactsError> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let index = self.read();
        let known =
            |row: &Row| matches!(row, Row::Added(contact) if index.by_id.contains_key(&contact.id));
        if rows.iter().any(known) {
            return Err(ContactsError::Known);
        }
        let gone = |row: &Row| matches!(row, Row::Removed(id) if !index.by_id.contains_key(id));
        let rows: Vec<&Row> = rows.iter().filter(|row| !gone(row)).collect();
        drop(index);
        if rows.is_empty() {
            return Ok(());
        }
        let Appending {
            mut file,
            rows: first,
        } = slot.take().ok_or(ContactsError::Stopped)?;
        let sealed: Vec<u8> = (first..)
            .zip(&rows)
            .flat_map(|(number, row)| self.seal.seal(number, &row.to_bytes()))
            .collect();
        file.write_all(&sealed)
            .and_then(|()| file.sync_data())
            .map_err(ContactsError::File)?;
        *slot = Some(Appending {
            file,
            rows: first + rows.len() as u64,
        });
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        rows.into_iter().for_each(|row| index.apply(row.clone()));
        Ok(())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Contacts that were replaced by records the notifier has not read yet: the old one is still to be
/// told.
fn replaced_and_not_told(reader: &Reader) -> Result<Vec<ContactId>, ContactsError> {
    let mut replaced = Vec::new();
    let mut from = outbox::stored_cursor(reader, Share::Warnings)?;
    loop {
        let records = reader.follow(from, SWEEP_RECORDS)?;
        let Some(last) = records.last() else {
            return Ok(replaced);
        };
        from = last.index.next();
        // A closed one tells nobody of anything.
        for record in records
            .iter()
            .filter_map(|followed| followed.body.as_ref().ok())
        {
            if let Event::ContactReplaced(e) = &record.event {
                replaced.push(e.replaces);
            }
            if let Event::ContactEnded(e) = &record.event {
                replaced.push(e.contact);
            }
        }
    }
}

#[derive(Clone)]
enum Row {
    Added(Contact),
    Removed(ContactId),
}

impl Row {
    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_LEN));
        match self {
            Self::Added(contact) => {
                plain.push(1);
                plain.extend_from_slice(contact.id.as_bytes());
                plain.extend_from_slice(contact.subject.as_bytes());
                let address = contact.address.spelling();
                plain.push(if matches!(contact.address, Address::Phone(_)) {
                    1
                } else {
                    2
                });
                plain.push(len_u8(address.as_bytes()));
                plain.extend_from_slice(address.as_bytes());
            }
            Self::Removed(id) => {
                plain.push(0);
                plain.extend_from_slice(id.as_bytes());
            }
        }
        plain.resize(PLAIN_LEN, 0);
        plain
    }

    fn from_bytes(plain: &[u8]) -> Option<Self> {
        let (kind, rest) = plain.split_first()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let id = ContactId::from_bytes(*id);
        match kind {
            0 => Some(Self::Removed(id)),
            1 => {
                let (subject, rest) = rest.split_first_chunk::<16>()?;
                let [channel, length, rest @ ..] = rest else {
                    return None;
                };
                let text = std::str::from_utf8(rest.get(..usize::from(*length))?).ok()?;
                let address = match channel {
                    1 => Address::Phone(Phone::parse(text).ok()?),
                    2 => Address::Email(Email::parse(text).ok()?),
                    _ => return None,
                };
                Some(Self::Added(Contact {
                    id,
                    subject: SubjectHandle::from_bytes(*subject),
                    address,
                }))
            }
            _ => None,
        }
    }
}

impl Index {
    fn apply(&mut self, row: Row) {
        match row {
            Row::Added(contact) => {
                self.by_address
                    .entry(contact.address.clone())
                    .or_default()
                    .push(contact.id);
                self.by_id.insert(contact.id, contact);
            }
            Row::Removed(id) => {
                let Some(contact) = self.by_id.remove(&id) else {
                    return;
                };
                if let Some(ids) = self.by_address.get_mut(&contact.address) {
                    ids.retain(|known| *known != id);
                    if ids.is_empty() {
                        self.by_address.remove(&contact.address);
                    }
                }
            }
        }
    }
}

fn open_row(seal: &RowSeal, number: u64, row: &[u8]) -> Option<Row> {
    Row::from_bytes(&seal.open(number, row)?)
}

#[cfg(test)]
mod tests {
    use akashi_ledger::RowsOf;
    use akashi_proof::digest::Secret;

    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn seal(byte: u8) -> RowSeal {
        RowSeal::new(RowsOf::Contacts, &Secret::from_bytes([byte; 32]))
    }

    fn phone(byte: u8) -> Contact {
        let address = Address::Phone(Phone::parse(&format!("090-0000-00{byte:02}")).unwrap());
        Contact {
            id: ContactId::from_bytes([byte; 16]),
            subject: SubjectHandle::from_bytes([byte; 16]),
            address,
        }
    }

    #[test]
    fn contacts_are_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contacts");
        let contacts = Contacts::create(&path, seal(1)).unwrap();
        let mail = Contact {
            address: Address::Email(Email::parse("a@example.jp").unwrap()),
            ..phone(3)
        };
        for contact in [&phone(1), &phone(2), &mail] {
            contacts.add(contact).unwrap();
        }
        assert!(matches!(contacts.add(&phone(1)), Err(ContactsError::Known)));
        let removed = [2, 9].map(|byte| Row::Removed(phone(byte).id));
        contacts.append(&removed).unwrap();
        drop(contacts);
        let again = Contacts::open(&path, seal(1)).unwrap();
        assert_eq!(again.find(&phone(1).id), Some(phone(1)));
        assert_eq!(again.find(&phone(2).id), None);
        assert_eq!(again.contacts_of(&phone(2).address), []);
        assert_eq!(
            again.contacts_of(&mail.address),
            std::slice::from_ref(&mail)
        );
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(matches!(
            Contacts::create(&path, seal(1)),
            Err(ContactsError::Exists)
        ));
        assert!(matches!(
            Contacts::open(&folder.path().join("none"), seal(1)),
            Err(ContactsError::Missing)
        ));
    }

    #[test]
    fn a_shared_phone_has_two_subjects() {
        let folder = tempfile::tempdir().unwrap();
        let contacts = Contacts::create(&folder.path().join("contacts"), seal(1)).unwrap();
        contacts.add(&phone(1)).unwrap();
        contacts
            .add(&Contact {
                id: ContactId::from_bytes([7; 16]),
                ..phone(2)
            })
            .unwrap();
        contacts
            .add(&Contact {
                address: phone(1).address,
                ..phone(2)
            })
            .unwrap();
        let both = contacts.contacts_of(&phone(1).address);
        let whose = both.iter().map(|contact| contact.subject);
        assert!(whose.eq([phone(1).subject, phone(2).subject]));
    }

    #[test]
    fn a_torn_last_row_is_cut_and_all_other_damage_refuses() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contacts");
        let contacts = Contacts::create(&path, seal(1)).unwrap();
        (1..=3).for_each(|byte| contacts.add(&phone(byte)).unwrap());
        drop(contacts);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 3 * ROW_LEN);
        let open = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            Contacts::open(&path, seal(1))
        };
        for cut in [1, ROW_LEN - 1] {
            let opened = open(&bytes[..bytes.len() - cut]).unwrap();
            assert_eq!(
                (
                    opened.find(&phone(2).id).is_some(),
                    opened.find(&phone(3).id)
                ),
                (true, None)
            );
            opened.add(&phone(4)).unwrap();
            drop(opened);
            assert_eq!(Contacts::open(&path, seal(1)).unwrap().len(), 3);
        }
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(
                matches!(open(&changed), Err(ContactsError::Damaged { .. })),
                "byte {at}"
            );
        }
        let rows: Vec<&[u8]> = bytes.chunks(ROW_LEN).collect();
        assert!(
            open(&[rows[1], rows[0], rows[2]].concat()).is_err(),
            "rows exchanged"
        );
        assert!(
            open(&[rows[0], rows[2]].concat()).is_err(),
            "a row left out"
        );
        assert!(open(&bytes).is_ok());
        assert!(Contacts::open(&path, seal(2)).is_err(), "another key");
    }

    #[test]
    fn nothing_in_the_file_is_readable_and_rows_look_alike() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contacts");
        let contacts = Contacts::create(&path, seal(1)).unwrap();
        contacts.add(&phone(1)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !bytes
                .windows(8)
                .any(|window| window == b"+8190000" || window == [1; 8])
        );
        assert_eq!(bytes.len(), ROW_LEN);
    }
}
