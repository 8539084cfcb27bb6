//! Records: by log index, by what led to them, in order; and the notifier's rows beside them.

use akashi_proof::digest::Digest;
use akashi_proof::ids::{InstitutionId, Jti, Seq};
use akashi_proof::record::kind::Event;
use akashi_proof::record::{Closed, Position, Record, body};
use akashi_tlog::merkle::LeafIndex;

use super::Reader;
use crate::error::LedgerError;
use crate::index::keys::{bytes_key, closed_key, key_of_id, statement_key};
use crate::keys::seal;
use crate::store::{Row, Table};
use crate::stored::{OpenRecord, StoredRecord};
use crate::view::{outbox, state_rows};

/// A record as one that acts on it comes to it: nothing can be proved with it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Log index.
    pub index: LeafIndex,
    /// What it says, or its place and why it says nothing.
    pub body: Result<Record, (Position, Closed)>,
}

/// A row of the outbox: its key, and its value, or nothing where that is damaged.
pub type OutboxRow = (Vec<u8>, Option<Vec<u8>>);

impl Reader {
    /// A record, checked against its entry where its body is open.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] when it is not the one its entry commits to; [`LedgerError`] when
    /// it cannot be read.
    pub fn record(&self, index: LeafIndex) -> Result<Option<StoredRecord>, LedgerError> {
        let row = self.store.get(Table::Records, &index.to_be_bytes())?;
        row.map(|row| seal::open(index, &row, &self.keyring))
            .transpose()
    }

    /// At most `most` records from this log index on, in log order.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn records_from(
        &self,
        index: LeafIndex,
        most: usize,
    ) -> Result<Vec<StoredRecord>, LedgerError> {
        let rows = self.store.scan(
            Table::Records,
            &index.to_be_bytes()..&LeafIndex::MAX.to_be_bytes(),
            most,
        )?;
        index
            .upward()
            .zip(rows)
            .map(|(index, (_, row))| seal::open(index, &row, &self.keyring))
            .collect()
    }

    /// What happened from this index on, for whoever acts on it: as [`Self::records_from`], in a
    /// fifth of the time, because nothing is to be proved with it and so no commitment is checked.
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn follow(&self, index: LeafIndex, most: usize) -> Result<Vec<Followed>, LedgerError> {
        let rows = self.store.scan(
            Table::Records,
            &index.to_be_bytes()..&LeafIndex::MAX.to_be_bytes(),
            most,
        )?;
        let unseal = |(index, (_, row)): (LeafIndex, Row)| self.unsealed(index, &row);
        index.upward().zip(rows).map(unseal).collect()
    }

    fn unsealed(&self, index: LeafIndex, row: &[u8]) -> Result<Followed, LedgerError> {
        let unsealed = seal::unseal(index, row, &self.keyring)?;
        let body = unsealed
            .map(|(record, _)| record)
            .map_err(|(position, left)| (position, left.closed));
        Ok(Followed { index, body })
    }

    /// One record as [`Self::follow`] gives it: for lists and figures, which are made of many and
    /// prove nothing. What is shown of a record is read by [`Self::record`].
    ///
    /// # Errors
    /// As [`Self::record`].
    pub fn skim(&self, index: LeafIndex) -> Result<Option<Followed>, LedgerError> {
        let row = self.store.get(Table::Records, &index.to_be_bytes())?;
        row.map(|row| self.unsealed(index, &row)).transpose()
    }

    /// Log index of the record a statement led to.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_statement(
        &self,
        issuer: &InstitutionId,
        jti: &Jti,
    ) -> Result<Option<LeafIndex>, LedgerError> {
        Ok(self.indexes().0.find(&statement_key(issuer, jti))?)
    }

    /// The record that carries a statement of these bytes, by their SHA-256; the first, where
    /// several do.
    ///
    /// # Errors
    /// [`LedgerError`] when the index or the record cannot be read.
    pub fn find_bytes(&self, digest: &Digest) -> Result<Option<StoredRecord>, LedgerError> {
        let Some(index) = self.indexes().0.find(&bytes_key(digest))? else {
            return Ok(None);
        };
        let stored = self.record(index)?;
        stored.map(Some).ok_or_else(|| LedgerError::no_such(index))
    }

    /// Log index of the record the statement with this name led to
    /// ([`statement_id`](crate::index::keys::statement_id)).
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_statement_id(&self, id: &Digest) -> Result<Option<LeafIndex>, LedgerError> {
        Ok(self.indexes().0.find(&key_of_id(id))?)
    }

    /// Log index of the record that closed the question about an access: an approval, a refusal, an
    /// expiry.
    ///
    /// # Errors
    /// [`LedgerError::Store`] when the index cannot be read.
    pub fn find_closed(&self, access: LeafIndex) -> Result<Option<LeafIndex>, LedgerError> {
        Ok(self.indexes().0.find(&closed_key(access))?)
    }

    /// The published body of a registry record; `None` if there is no such record in the published
    /// tree.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] when its body is not open; [`LedgerError`] when something cannot be
    /// read.
    pub fn registry_body(&self, seq: Seq) -> Result<Option<Vec<u8>>, LedgerError> {
        let size = self.published().head.size;
        let index = state_rows::registry_record(self.store.as_ref(), seq)?;
        let Some(index) = index.filter(|index| size.contains(*index)) else {
            return Ok(None);
        };
        let stored = self
            .record(index)?
            .ok_or_else(|| LedgerError::no_such(index))?
            .open()?;
        Ok(Some(body::encode(&stored.record, &stored.record_key)))
    }

    /// The new decision an approval started; `None` where this record is no approval. It stands
    /// right behind the approval, in the same commit.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] when one of the two cannot be read any more; as [`Self::record`].
    pub fn decision_after(&self, approval: LeafIndex) -> Result<Option<OpenRecord>, LedgerError> {
        let answered = self
            .record(approval)?
            .ok_or_else(|| LedgerError::no_such(approval))?;
        let Event::ApprovalGranted(_) = answered.open()?.record.event else {
            return Ok(None);
        };
        let next = approval.next();
        self.record(next)?
            .ok_or_else(|| LedgerError::no_such(next))?
            .open()
            .map(Some)
    }

    /// Rows of the outbox with keys in this range, opened. One that does not open costs no other.
    ///
    /// # Errors
    /// [`LedgerError`] when the store cannot be read, or the key of these rows is missing.
    pub fn outbox(
        &self,
        from: &[u8],
        until: &[u8],
        most: usize,
    ) -> Result<Vec<OutboxRow>, LedgerError> {
        let rows = self.store.scan(Table::Outbox, from..until, most)?;
        let open = |(key, sealed): Row| {
            let plain = outbox::open(&self.keyring, &key, &sealed)?;
            Ok((key, plain))
        };
        rows.into_iter().map(open).collect()
    }
}
