//! Link codes: an institution's own name for a person, reversible by the ledger only
//! (docs/DESIGN.md "Identity").
//!
//! ```text
//! lc_ + base64url( u8 key version | u16 generation | AES-SIV(handle) )
//! associated data: origin, institution, version, generation
//! ```
//! AES-SIV-CMAC-256 ([RFC 5297]) without a nonce: one person, institution, version and generation
//! has one code. A code that opens is still only valid if `link.issued` says so.
//!
//! [RFC 5297]: https://www.rfc-editor.org/rfc/rfc5297

use aes_siv::KeyInit;
use aes_siv::siv::Aes128Siv;
use akashi_proof::digest::Secret;
use akashi_proof::ids::{Generation, InstitutionId, KeyVersion, LinkCode, SubjectHandle};
use akashi_proof::state::Person;
use akashi_tlog::checkpoint::Origin;

use crate::error::LedgerError;
use crate::keys::keyring::{KeyOf, Keyring};

/// What a link code says once it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Version of the institution's key.
    pub key_version: KeyVersion,
    /// Generation: 0, 1, 2 ... for this person and institution.
    pub generation: Generation,
    /// The person.
    pub subject: SubjectHandle,
}

/// Seals a person's handle for an institution, under the institution's key of this version.
pub fn seal(
    key: &Secret,
    origin: &Origin,
    institution: &InstitutionId,
    opened: Opened,
) -> LinkCode {
    let Opened {
        key_version,
        generation,
        subject,
    } = opened;
    let (version, generation) = (key_version.value(), generation.value().to_be_bytes());
    let headers = [
        origin.as_str().as_bytes(),
        institution.as_str().as_bytes(),
        &[version],
        &generation,
    ];
    #[expect(
        clippy::expect_used,
        reason = "AES-SIV refuses only more than 126 headers"
    )]
    let sealed = Aes128Siv::new(key.expose().into())
        .encrypt(headers, subject.as_bytes())
        .expect("seal");
    let mut bytes = [0; LinkCode::SEALED_LEN];
    bytes[0] = version;
    bytes[1..3].copy_from_slice(&generation);
    bytes[3..].copy_from_slice(&sealed);
    LinkCode::from_sealed(&bytes)
}

/// Version of the key a code was sealed under, to be looked up before [`open`].
pub fn key_version(code: &LinkCode) -> KeyVersion {
    KeyVersion::new(code.sealed().first().copied().unwrap_or_default())
}

/// Opens a code; `None` if it was not made for this institution under this key in this log.
pub fn open(
    key: &Secret,
    origin: &Origin,
    institution: &InstitutionId,
    code: &LinkCode,
) -> Option<Opened> {
    let sealed = code.sealed();
    let (head, body) = sealed.split_first_chunk::<3>()?;
    let [version, high, low] = *head;
    let headers = [
        origin.as_str().as_bytes(),
        institution.as_str().as_bytes(),
        &[version],
        &[high, low],
    ];
    let handle = Aes128Siv::new(key.expose().into())
        .decrypt(headers, body)
        .ok()?;
    Some(Opened {
        key_version: KeyVersion::new(version),
        generation: Generation::new(u16::from_be_bytes([high, low])),
        subject: SubjectHandle::from_bytes(handle.try_into().ok()?),
    })
}

/// An institution's code for a person, of its newest generation; `None` where it has none.
pub(crate) fn of_person(
    keyring: &Keyring,
    origin: &Origin,
    person: &Person,
    institution: &InstitutionId,
) -> Result<Option<LinkCode>, LedgerError> {
    let Some(link) = person.link(institution) else {
        return Ok(None);
    };
    let (version, generation) = (link.key_version, link.generation);
    of_generation(
        keyring,
        origin,
        person.subject,
        institution,
        version,
        generation,
    )
    .map(Some)
}

/// An institution's code for a person, of this key version and generation.
pub(crate) fn of_generation(
    keyring: &Keyring,
    origin: &Origin,
    subject: SubjectHandle,
    institution: &InstitutionId,
    key_version: KeyVersion,
    generation: Generation,
) -> Result<LinkCode, LedgerError> {
    let key = keyring.need(&KeyOf::LinkSeal(institution.clone(), key_version))?;
    let opened = Opened {
        key_version,
        generation,
        subject,
    };
    Ok(seal(&key, origin, institution, opened))
}

/// What an institution's code says; `None` if the ledger never made it for this institution.
pub(crate) fn read(
    keyring: &Keyring,
    origin: &Origin,
    institution: &InstitutionId,
    code: &LinkCode,
) -> Option<Opened> {
    let key = keyring.find(&KeyOf::LinkSeal(institution.clone(), key_version(code)))?;
    open(&key, origin, institution, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_opens_for_its_institution_log_and_key_only() {
        let (key, other_key) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let origin = Origin::new("demo.akashi.example/log").unwrap();
        let (a, b) = (
            InstitutionId::parse("hospital.a").unwrap(),
            InstitutionId::parse("hospital.b").unwrap(),
        );
        let opened = Opened {
            key_version: KeyVersion::new(1),
            generation: Generation::new(2),
            subject: SubjectHandle::from_bytes([9; 16]),
        };
        let code = seal(&key, &origin, &a, opened);
        assert_eq!(LinkCode::parse(code.as_str()).unwrap(), code);
        assert_eq!(key_version(&code), KeyVersion::new(1));
        assert_eq!(open(&key, &origin, &a, &code), Some(opened));
        assert_eq!(open(&key, &origin, &b, &code), None);
        assert_eq!(open(&other_key, &origin, &a, &code), None);
        assert_eq!(
            open(&key, &Origin::new("other.example/log").unwrap(), &a, &code),
            None
        );
        for at in 0..LinkCode::SEALED_LEN {
            let mut changed: [u8; LinkCode::SEALED_LEN] = code.sealed().try_into().unwrap();
            changed[at] ^= 1;
            assert_eq!(
                open(&key, &origin, &a, &LinkCode::from_sealed(&changed)),
                None,
                "byte {at}"
            );
        }
        assert_ne!(
            code,
            seal(
                &key,
                &origin,
                &a,
                Opened {
                    generation: Generation::new(3),
                    ..opened
                }
            ),
            "a new generation is a new code"
        );
        assert_ne!(
            code.sealed()[3..],
            seal(&key, &origin, &b, opened).sealed()[3..],
            "codes cannot be matched"
        );
    }
}
