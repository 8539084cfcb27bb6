//! Persons, and what belongs to one: none of it is ever printed.

use std::fmt;

use super::IdError;
use crate::digest::Digest;
use akashi_tlog::base64;

random_id! {
    /// The handle of a person inside the ledger. It never leaves the ledger.
    SubjectHandle;
    /// One consent through its whole life: given, narrowed, withdrawn.
    ConsentId;
    /// The records made from one screen of consent; never opened to an institution.
    GroupId;
    /// A contact (phone, e-mail) in the contacts file.
    ContactId;
    /// A notice: one message to one contact about one fact.
    NoticeId;
}

/// The visible ID of a person: `qid:` and 43 to 80 characters of base58. It may leak; it opens
/// nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qid(String);

impl Qid {
    /// Reads a visible ID, or says what was expected.
    ///
    /// # Errors
    /// [`IdError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let valid = text.strip_prefix("qid:").is_some_and(|rest| {
            (43..=80).contains(&rest.len()) && rest.chars().all(|c| BASE58.contains(c))
        });
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                expected: "`qid:` and 43 to 80 characters of base58",
            })
        }
    }

    /// The visible ID as printed in the QR picture.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the ledger keeps of a visible ID: enough to find it again, not enough to print it.
    pub fn digest(&self) -> Digest {
        Digest::of(&[b"akashi/qid/v1", self.0.as_bytes()])
    }
}

impl fmt::Debug for Qid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Qid(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_ids_refuse_look_alike_characters() {
        let good = format!("qid:{}", "7".repeat(43));
        assert!(Qid::parse(&good).is_ok());
        for bad in [
            good.replace('7', "0"),
            good.replace('7', "l"),
            "7".repeat(47),
            format!("qid:{}", "7".repeat(42)),
        ] {
            assert!(Qid::parse(&bad).is_err());
        }
    }

    #[test]
    fn handles_codes_and_visible_ids_do_not_print() {
        let text = format!(
            "{:?} {:?}",
            SubjectHandle::from_bytes([0xAB; 16]),
            super::super::LinkCode::from_sealed(&[0xCD; 35])
        );
        assert_eq!(text, "SubjectHandle(..) LinkCode(..)");
    }
}
