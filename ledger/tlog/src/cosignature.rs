//! Cosignatures of witnesses, version 1. C2SP tlog-cosignature v1.0.1,
//! <https://c2sp.org/tlog-cosignature>.
//!
//! A witness signs `cosignature/v1\n`, `time <seconds>\n` and the whole checkpoint text; its line
//! in the note holds key ID, time and signature (4 + 8 + 64 = 76 bytes). It says: at that time this
//! was the largest consistent tree I had seen. Whether the time is acceptable is the caller's
//! question; this crate has no clock.

use crate::checkpoint::Checkpoint;
pub use crate::signed_note::timed::{CosignatureError, PosixSeconds, signed_bytes, verify};
use crate::signed_note::{NoteSignature, SignatureType};
use crate::signer::{SignError, Signer, sign_checked};

/// Cosigns a checkpoint. The caller has checked its log's signature and its consistency with the
/// last one it cosigned.
///
/// # Errors
/// [`SignError`] when the signer's key is not a cosignature key or it cannot sign.
pub fn cosign(
    checkpoint: &Checkpoint,
    time: PosixSeconds,
    witness: &dyn Signer,
) -> Result<NoteSignature, SignError> {
    let message = signed_bytes(time, &checkpoint.to_string());
    let signature = sign_checked(witness, SignatureType::CosignatureV1, &message)?;
    let timed = [time.value().to_be_bytes().as_slice(), &signature].concat();
    Ok(NoteSignature::new(witness.verifying_key(), timed))
}

#[cfg(test)]
mod tests {
    use super::{CosignatureError, PosixSeconds, cosign, signed_bytes, verify};
    use crate::checkpoint::{Checkpoint, Origin};
    use crate::merkle::{Hash, TreeSize};
    use crate::public_key::SignatureInvalid;
    use crate::signed_note::{Note, OpenError, SignatureError};
    use crate::signer::test_signer::TestSigner;
    use crate::signer::{SignError, Signer};

    fn checkpoint(size: u64) -> Checkpoint {
        let origin = Origin::new("example.com/behind-the-sofa").unwrap();
        Checkpoint::new(origin, TreeSize::new(size), Hash::leaf(b"any")).unwrap()
    }

    fn at(seconds: u64) -> PosixSeconds {
        PosixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn signed_bytes_as_in_the_specification() {
        let text =
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let expected = format!("cosignature/v1\ntime 1679315147\n{text}");
        assert_eq!(signed_bytes(at(1_679_315_147), text), expected.as_bytes());
    }

    #[test]
    fn blob_is_76_bytes_and_verifies() {
        let witness = TestSigner::witness("witness.example/w1", 9);
        let checkpoint = checkpoint(7);
        let line = cosign(&checkpoint, at(1_700_000_000), &witness).unwrap();
        let blob = line.blob();
        assert_eq!(blob.len(), 76);
        assert_eq!(blob[..4], *witness.verifying_key().id().as_bytes());
        assert_eq!(blob[4..12], 1_700_000_000_u64.to_be_bytes());
        let text = checkpoint.to_string();
        let key = witness.verifying_key().public_key();
        assert_eq!(verify(key, &text, line.signature()), Ok(at(1_700_000_000)));

        let mut other_time = line.signature().to_vec();
        other_time[7] ^= 1;
        let mismatch = CosignatureError::Signature(SignatureInvalid::Mismatch);
        assert_eq!(verify(key, &text, &other_time), Err(mismatch));
        assert_eq!(
            verify(
                key,
                &super::tests::checkpoint(8).to_string(),
                line.signature()
            ),
            Err(mismatch)
        );
        assert_eq!(
            verify(key, &text, &blob),
            Err(CosignatureError::Length { found: 76 })
        );
        assert_eq!(
            verify(key, &text, &line.signature()[..71]),
            Err(CosignatureError::Length { found: 71 })
        );
        other_time[0] = 0x80;
        assert!(matches!(
            verify(key, &text, &other_time),
            Err(CosignatureError::Time { .. })
        ));
    }

    #[test]
    fn a_log_signature_is_not_a_cosignature() {
        let log = TestSigner::log("example.com/behind-the-sofa", 1);
        assert!(matches!(
            cosign(&checkpoint(7), at(1), &log),
            Err(SignError::KeyType { .. })
        ));
        let witness = TestSigner::witness("witness.example/w1", 1);
        let text = checkpoint(7).to_string();
        let plain = witness.sign(text.as_bytes()).unwrap();
        let note = format!("{text}\n\u{2014} witness.example/w1 {}\n", {
            let blob = [witness.verifying_key().id().as_bytes(), plain.as_slice()].concat();
            crate::base64::standard::encode(&blob)
        });
        let refused = Note::parse(note.as_bytes())
            .unwrap()
            .open(&[witness.verifying_key().clone()]);
        let length = SignatureError::Cosignature(CosignatureError::Length { found: 64 });
        assert!(matches!(refused, Err(OpenError::WrongSignature { cause, .. }) if cause == length));
    }

    #[test]
    fn a_witness_that_cosigned_twice_counts_once_with_its_latest_time() {
        let witness = TestSigner::witness("witness.example/w1", 9);
        let checkpoint = checkpoint(7);
        let lines = [5, 9, 7].map(|seconds| cosign(&checkpoint, at(seconds), &witness).unwrap());
        let note = Note::new(checkpoint.to_string(), lines.to_vec()).unwrap();
        let opened = note.open(&[witness.verifying_key().clone()]).unwrap();
        assert_eq!(opened.signatures().len(), 1);
        assert_eq!(opened.signatures()[0].time(), Some(at(9)));
    }
}
