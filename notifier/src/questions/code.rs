//! The code in the message about a question.

use akashi_ledger::{LedgerError, MacUse, Reader};
use akashi_proof::digest::Digest;

/// The code of the message about a question: six digits of a MAC over the digest of exactly what is
/// asked.
pub(crate) fn code_of(reader: &Reader, approval_digest: &Digest) -> Result<String, LedgerError> {
    let parts: [&[u8]; 2] = [b"akashi/approval-code/v1", approval_digest.as_bytes()];
    let mac = reader.mac(MacUse::ApprovalCode, &parts)?;
    let mut first = [0; 8];
    first.copy_from_slice(&mac[..8]);
    Ok(format!("{:06}", u64::from_be_bytes(first) % 1_000_000))
}
