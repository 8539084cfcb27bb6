//! Gates: what a holder demands before it releases data (docs/RECORD_FORMAT.md 3).
//!
//! The institution that asks for a link code draws the link key L. Only it, the ledger and the
//! person know L; a gate it can recompute therefore stands in the person's own stream or is missed
//! there by the person. What a holder keeps of the gates it has seen, and how it catches up over
//! those that were never shown to it, is decided in one place for everybody who checks:
//! [`KeptGates`], [`SeenLog`], [`CatchUp`].

mod catch_up;
mod kept;
mod lines;
mod seen_log;

use crate::digest::{Digest, Secret};
use crate::ids::{GateNumber, LinkCode};

pub use catch_up::{CATCH_UP_LEN_MAX, CatchUp, CatchUpError, CaughtUp, GateInLog};
pub use kept::{GateRefused, GateUse, KEPT_AFTER_MILLIS, KEPT_LEN_MAX, KeptGates, PermitGate};
pub use lines::NotTheFormat;
pub use seen_log::{SEEN_LOG_LEN_MAX, SeenLog};

/// How far above the highest number seen a holder accepts, and how many absent numbers end a
/// person's walk.
pub const GATE_WINDOW: u64 = 64;

/// Every thirty-second gate of a link can be found again by its link ([`CatchUp`]): two in each
/// window, so that a holder can pass over one whose record is not open.
pub const GATE_STEP: u64 = GATE_WINDOW / 2;

/// In a folder a holder keeps: the file of [`SeenLog`].
pub const SEEN_LOG_FILE: &str = "seen-log";

/// In a folder a holder keeps: the file of the [`KeptGates`] of this link. The name does not tell
/// the code.
pub fn kept_gates_file(link: &LinkCode) -> String {
    Digest::of(&[b"akashi/kept-gates/v1", link.as_str().as_bytes()]).to_base64url()
}

/// What an institution signs of the link key it drew.
pub fn link_check(link_key: &Secret) -> Digest {
    Digest::of(&[b"akashi/link-check/v1", link_key.expose()])
}

/// The gate of the m-th permit (m = 1, 2, 3 ...) on the link of this key.
pub fn gate(link_key: &Secret, m: GateNumber) -> [u8; 32] {
    link_key.hmac(&[b"akashi/gate/v1", &m.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_depend_on_key_and_number() {
        let (a, b) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        assert_ne!(
            gate(&a, GateNumber::FIRST),
            gate(&a, GateNumber::new(2).unwrap())
        );
        assert_ne!(gate(&a, GateNumber::FIRST), gate(&b, GateNumber::FIRST));
        assert_eq!(
            gate(&a, GateNumber::FIRST),
            a.hmac(&[b"akashi/gate/v1\x00\x00\x00\x00\x00\x00\x00\x01"])
        );
        assert_eq!(
            link_check(&a),
            Digest::of(&[b"akashi/link-check/v1", &[1; 32]])
        );
    }
}
