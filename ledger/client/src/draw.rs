//! What an institution draws of the system's randomness: link keys, nonces, identifiers.

/// The system gives no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct NoRandomness(#[source] getrandom::Error);

/// Random bytes, good for keys: 32 of them make a
/// [`Secret`](akashi_proof::digest::Secret), 16 a
/// [`RequestNonce`](akashi_proof::statement::RequestNonce).
///
/// # Errors
/// [`NoRandomness`]; nothing may be signed then.
pub fn draw<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}
