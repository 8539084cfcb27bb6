//! Random bytes of the system: keys, identifiers, nonces, codes.

use akashi_proof::digest::Secret;

/// A new random key.
pub fn draw_secret() -> Secret {
    let mut bytes = [0; 32];
    draw(&mut bytes);
    Secret::from_bytes(bytes)
}

/// So many new random bytes: identifiers, codes, nonces.
pub fn drawn<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    draw(&mut bytes);
    bytes
}

/// Fills the bytes from the system's random source, without which nothing here can go on safely.
pub fn draw(bytes: &mut [u8]) {
    #[expect(
        clippy::expect_used,
        reason = "no randomness means no keys: stopping is the only safe answer"
    )]
    getrandom::fill(bytes).expect("the system's random source");
}
