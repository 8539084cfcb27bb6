//! Visitors nobody knows yet. The server keeps nothing of them: what one needs - the token of her
//! forms, the code she waits for - is in her cookie, sealed under a key of this process. So however
//! many come, none of them fills a table and none is forgotten for another.
//!
//! ```text
//! cookie   base64url(nonce (12) | AES-256-GCM-SIV(key, plain))
//! plain    u64 when she came | token (32) | what she waits for, if a code was sent
//! waits    challenge | newline | where the code was sent, masked
//! ```
//! The cookie and the token of a form must agree, and only this process can make the two: a
//! double-submit cookie that is sealed, so that whoever uses the same browser after her does not
//! read her number in it either. It opens nothing: an older one of hers is a visitor's too.

use std::sync::Arc;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use akashi_ledger::random::{draw, draw_secret};
use akashi_notifier::{Challenge, CodeUse};
use akashi_proof::digest::Secret;
use akashi_tlog::base64;

use crate::identity::session::{Errand, Pending};

const LABEL: &[u8] = b"akashi/visitor/v1";
const NONCE_LEN: usize = 12;

/// Longest cookie that is looked at: ours have some 300 characters.
const COOKIE_LEN_MAX: usize = 1_024;

/// Makes visitors' cookies and reads them.
pub(super) struct Visitors {
    cipher: Aes256GcmSiv,
}

/// What a cookie says.
pub(super) struct Visitor {
    /// When she came, on the monotonic clock.
    pub(super) came: u64,
    /// The token of her forms.
    pub(super) token: Secret,
    /// The code she waits for.
    pub(super) pending: Option<Arc<Pending>>,
}

impl Default for Visitors {
    /// With a key of this process: no cookie outlives it.
    fn default() -> Self {
        Self {
            cipher: Aes256GcmSiv::new(draw_secret().expose().into()),
        }
    }
}

impl Visitors {
    /// The cookie that says this.
    pub(super) fn seal(&self, visitor: &Visitor) -> String {
        let mut plain = Vec::with_capacity(256);
        plain.extend(visitor.came.to_be_bytes());
        plain.extend(visitor.token.expose());
        if let Some(pending) = &visitor.pending {
            plain.extend(pending.challenge.as_str().as_bytes());
            plain.push(b'\n');
            plain.extend(pending.shown_to.as_bytes());
        }
        let mut nonce = [0; NONCE_LEN];
        draw(&mut nonce);
        let payload = Payload {
            msg: &plain,
            aad: LABEL,
        };
        #[expect(
            clippy::expect_used,
            reason = "sealing fails only beyond 2^36 bytes (RFC 8452 section 6)"
        )]
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .expect("seal");
        base64::url::encode(&[nonce.as_slice(), &sealed].concat())
    }

    /// What a cookie says, if it was made here.
    pub(super) fn open(&self, cookie: &str) -> Option<Visitor> {
        let cookie = (cookie.len() <= COOKIE_LEN_MAX).then_some(cookie)?;
        let bytes = base64::url::decode(cookie).ok()?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload { msg, aad: LABEL };
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        let (came, rest) = plain.split_first_chunk::<8>()?;
        let (token, waits) = rest.split_first_chunk::<32>()?;
        Some(Visitor {
            came: u64::from_be_bytes(*came),
            token: Secret::from_bytes(*token),
            pending: pending(waits).map(Arc::new),
        })
    }
}

fn pending(waits: &[u8]) -> Option<Pending> {
    let (challenge, shown_to) = std::str::from_utf8(waits).ok()?.split_once('\n')?;
    // An address is added by who is signed in, whose session is kept here.
    let uses = [
        (CodeUse::SignIn, Errand::SignIn),
        (CodeUse::Enrol, Errand::Enrol),
    ];
    uses.into_iter().find_map(|(code_use, errand)| {
        Some(Pending {
            errand,
            challenge: Challenge::parse(code_use, challenge)?,
            shown_to: shown_to.to_owned(),
        })
    })
}
