//! Every key of the ledger, and what is made with one: apart from the data, opened here alone.

pub mod key_file;
pub mod key_maker;
pub mod keyring;
pub mod link_code;
pub mod log_signers;
pub mod memory_key_file;
pub mod new_keys;
pub mod owner;
mod place;
pub mod row_seal;
pub mod seal;
pub mod signer;
