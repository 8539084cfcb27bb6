//! Proofs: of a record under the checkpoint of its commit, under the published one, of a consent.

use akashi_proof::entry::{ENTRY_LEN, Entry};
use akashi_proof::evidence::ApprovalProof;
use akashi_proof::ids::SubjectHandle;
use akashi_tlog::merkle::{LeafIndex, TreeSize, inclusion};
use akashi_tlog::signed_note::Note;
use akashi_tlog::tlog_proof::TlogProof;

use super::Reader;
use crate::error::{Damage, LedgerError};
use crate::keys::seal;
use crate::store::Table;
use crate::view::consent_rows;

impl Reader {
    /// The proof of a record under the checkpoint signed for its commit: the same bytes for ever,
    /// whatever becomes of its body.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn first_proof(&self, index: LeafIndex, entry: &Entry) -> Result<TlogProof, LedgerError> {
        let (size, note) = self.first_note(index)?;
        let note =
            Note::parse(note.as_bytes()).map_err(|error| LedgerError::corrupt(index, error))?;
        let path = inclusion::prove(self, index, size)
            .map_err(|error| LedgerError::unproven(index, error))?;
        tlog_proof(index, &entry.to_bytes(), path, note)
    }

    /// A person's consent as the evidence of a permit shows it: what is opened of the record that
    /// says what stands, and its first proof ([`akashi_proof::evidence::ConsentProof`]). A row that
    /// is gone or damaged is made again from the record, with the same bytes.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when there is no such consent of hers; [`LedgerError::Closed`] when
    /// its record is not open: what is kept beside it goes with it.
    pub fn consent_proof(
        &self,
        subject: SubjectHandle,
        index: LeafIndex,
    ) -> Result<String, LedgerError> {
        let (size, note) = self.first_note(index)?;
        let head = match consent_rows::read(self.store.as_ref(), &self.keyring, subject, index)? {
            Some(head) => head,
            None => {
                let stored = self
                    .record(index)?
                    .ok_or_else(|| LedgerError::no_such(index))?
                    .open()?;
                let path = inclusion::prove(self, index, size)
                    .map_err(|error| LedgerError::unproven(index, error))?;
                let hashed = stored.hashed();
                consent_rows::head(&stored, &hashed, &path)
                    .filter(|(of, _)| *of == subject)
                    .ok_or_else(|| LedgerError::no_such(index))?
                    .1
            }
        };
        Ok(head + &note)
    }

    /// A person's approval as the evidence of the permit that came of it shows it. It is made from
    /// the record each time: one permit comes of it.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when there is no approval there; [`LedgerError::Closed`] when its
    /// record is not open.
    pub fn approval_proof(&self, index: LeafIndex) -> Result<String, LedgerError> {
        let stored = self
            .record(index)?
            .ok_or_else(|| LedgerError::no_such(index))?
            .open()?;
        let proof = self.first_proof(index, &stored.entry)?;
        ApprovalProof::make(&stored.record, &stored.record_key, proof)
            .map(|approval| approval.to_string())
            .ok_or_else(|| LedgerError::no_such(index))
    }

    /// Size and signed checkpoint of the commit a record was made in.
    fn first_note(&self, index: LeafIndex) -> Result<(TreeSize, String), LedgerError> {
        // The head first: a commit made in between stores the note of the one before it.
        let head = self.head();
        let after = TreeSize::up_to(index).to_be_bytes();
        let rows = self
            .store
            .scan(Table::Commits, &after..&LeafIndex::MAX.to_be_bytes(), 1)?;
        let (key, row) = rows
            .into_iter()
            .next()
            .ok_or_else(|| LedgerError::no_such(index))?;
        let size = key
            .as_slice()
            .try_into()
            .map(TreeSize::from_be_bytes)
            .map_err(|_| LedgerError::corrupt(index, Damage::Commit))?;
        let note = if head.head.size == size {
            head.note.to_string()
        } else {
            row.get(32..)
                .and_then(|note| String::from_utf8(note.to_vec()).ok())
                .ok_or_else(|| LedgerError::corrupt(index, Damage::Commit))?
        };
        Ok((size, note))
    }

    /// The proof of a record under the published checkpoint; `None` while it is not published yet.
    ///
    /// # Errors
    /// [`LedgerError`] when something cannot be read.
    pub fn published_proof(&self, index: LeafIndex) -> Result<Option<TlogProof>, LedgerError> {
        let published = self.published();
        if !published.head.size.contains(index) {
            return Ok(None);
        }
        let row = self
            .store
            .get(Table::Records, &index.to_be_bytes())?
            .ok_or_else(|| LedgerError::no_such(index))?;
        let entry = seal::entry_of(index, &row)?;
        let path = inclusion::prove(self, index, published.head.size)
            .map_err(|error| LedgerError::unproven(index, error))?;
        tlog_proof(
            index,
            &entry.to_bytes(),
            path,
            published.note.as_ref().clone(),
        )
        .map(Some)
    }
}

/// A proof that carries the entry itself (docs/RECORD_FORMAT.md 5).
pub(crate) fn tlog_proof(
    index: LeafIndex,
    entry: &[u8; ENTRY_LEN],
    path: inclusion::Proof,
    note: Note,
) -> Result<TlogProof, LedgerError> {
    TlogProof::new(Some(entry.to_vec()), path, note)
        .map_err(|error| LedgerError::corrupt(index, error))
}
