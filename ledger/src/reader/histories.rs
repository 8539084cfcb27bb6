//! A person's records in order.

use akashi_proof::ids::{LeafIndex, Seq};
use akashi_proof::state::Person;

use super::Reader;
use crate::error::LedgerError;
use crate::index::keys::history_key;
use crate::keys::keyring::KeyOf;

impl Reader {
    /// Log indexes of a person's records, newest first: at most `most` with a `seq` below `before`.
    ///
    /// # Errors
    /// [`LedgerError`] when the index cannot be read.
    pub fn history(
        &self,
        person: &Person,
        before: Seq,
        most: usize,
    ) -> Result<Vec<LeafIndex>, LedgerError> {
        let index_key = self.keyring.need(&KeyOf::Index)?;
        let key = |seq| history_key(&index_key, &person.subject, person.epoch, seq);
        let found = self
            .indexes()
            .1
            .newest(&key(Seq::FIRST), &key(before), most)?;
        Ok(found.into_iter().map(|(_, index)| index).collect())
    }
}
