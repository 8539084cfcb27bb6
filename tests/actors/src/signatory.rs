//! Institutions and supervisors that sign, made from their names or from one byte.

use akashi_client::Signatory;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::statement::sign_bytes;

/// Who signs under this name, with a key made from the name.
///
/// # Panics
/// Where `name` is no identifier.
pub fn named(name: &str) -> Signatory {
    with_secret(name, *Digest::of(&[name.as_bytes()]).as_bytes())
}

/// Who signs under this name with the key whose 32 secret bytes are all `seed`.
///
/// # Panics
/// Where `name` is no identifier.
pub fn seeded(name: &str, seed: u8) -> Signatory {
    with_secret(name, [seed; 32])
}

#[expect(clippy::expect_used, reason = "names are literals of tests")]
fn with_secret(name: &str, secret: [u8; 32]) -> Signatory {
    let id = InstitutionId::parse(name).expect("an identifier");
    Signatory::new(id, &Secret::from_bytes(secret))
}

/// The statement around exactly these bytes as claims, honest or not.
///
/// # Panics
/// Where it is longer than a statement may be.
#[expect(clippy::expect_used, reason = "a test fails by panicking")]
pub fn sign(by: &Signatory, typ: Type, claims: impl AsRef<[u8]>) -> Jws {
    let Ok(statement) = sign_bytes(typ, claims.as_ref(), by);
    Jws::parse(statement.as_bytes()).expect("a statement")
}
