//! Whether a form came from a page of ours, and from which: by what the browser says of its origin,
//! and by the token every form carries.
//!
//! Both must hold. The token alone stops forged forms; the headers also stop those of a site that
//! has learned a token.
//!
//! ```text
//! mask | the session's secret under the mask | for whom the page was written | that it is ours
//! ```
//! of 32 bytes each. The mask is drawn anew for every page: two copies of one form have it in
//! common and nothing else has ([`crate::frame::once`]), and no two pages hold the same bytes of a
//! secret, whose length a page that is compressed would give away bit by bit. The marks outlive the
//! session: a form that comes after its end is still known for hers, and nobody else's ever is.

use akashi_desk::app::drawn;
use akashi_desk::identity::session::{Met, Session, Shown, Standing};
use akashi_proof::digest::Secret;
use akashi_proof::ids::SubjectHandle;
use akashi_tlog::base64;
use axum::http::{HeaderMap, header};

/// Name of the hidden field.
pub const FIELD: &str = "csrf";

/// The token of one page.
#[derive(Clone)]
pub struct Token {
    mask: [u8; 32],
    masked: [u8; 32],
    written_for: Secret,
    ours: Secret,
}

impl Token {
    /// For a page of this session. `key` is the one forms are marked with
    /// ([`akashi_desk::app::App::form_key`]).
    pub fn draw(key: &Secret, session: &Session) -> Self {
        let mask = drawn();
        let masked = masked(session.csrf.expose(), &mask);
        let written_for = match &session.standing {
            Standing::Visitor => mark(key, &mask, &[b"visitor"]),
            Standing::Holder(people) => for_holders(key, &mask, people),
            Standing::Person { subject, .. } => for_person(key, &mask, subject),
        };
        Self {
            ours: ours(key, &mask, &masked, &written_for),
            mask,
            masked,
            written_for,
        }
    }

    /// As a form carries it.
    pub fn to_text(&self) -> String {
        let (written_for, ours) = (self.written_for.expose(), self.ours.expose());
        base64::url::encode(&[self.mask, self.masked, *written_for, *ours].concat())
    }

    /// Reads a token that was made here; `None` for anything else.
    pub fn parse(key: &Secret, sent: &str) -> Option<Self> {
        let bytes = base64::url::decode(sent).ok()?;
        let (mask, rest) = bytes.split_first_chunk()?;
        let (masked, rest) = rest.split_first_chunk()?;
        let (written_for, is_ours) = rest.split_first_chunk()?;
        let token = Self {
            mask: *mask,
            masked: *masked,
            written_for: Secret::from_bytes(*written_for),
            ours: Secret::from_bytes(is_ours.try_into().ok()?),
        };
        // `Secret` compares in constant time.
        let made = ours(key, mask, masked, &token.written_for);
        (token.ours == made).then_some(token)
    }

    /// Whether it is of a page of this very session.
    pub fn is_of(&self, session: &Session) -> bool {
        Secret::from_bytes(masked(&self.masked, &self.mask)) == session.csrf
    }

    /// Whether its page was written for whoever is there now, in a session before this one or
    /// beside it: the same person, or somebody who holds the same phone.
    pub fn is_hers(&self, key: &Secret, session: &Session) -> bool {
        let people = match &session.standing {
            Standing::Visitor => return false,
            Standing::Holder(people)
            | Standing::Person {
                shown: Shown::Phone(people),
                ..
            } => people,
            Standing::Person {
                subject,
                shown: Shown::Mail,
                ..
            } => return self.is_written_for(key, subject),
        };
        self.written_for == for_holders(key, &self.mask, people)
            || people
                .iter()
                .any(|met| self.is_written_for(key, &met.subject()))
    }

    /// Whether its page was written for this one person and nobody else.
    pub fn is_written_for(&self, key: &Secret, subject: &SubjectHandle) -> bool {
        self.written_for == for_person(key, &self.mask, subject)
    }

    /// Whether its page was written for a visitor who has not shown a phone.
    pub fn is_a_visitors(&self, key: &Secret) -> bool {
        self.written_for == mark(key, &self.mask, &[b"visitor"])
    }

    /// What two copies of one form have in common, and no other form has.
    pub const fn page(&self) -> &[u8; 32] {
        &self.mask
    }
}

fn masked(bytes: &[u8; 32], mask: &[u8; 32]) -> [u8; 32] {
    let mut masked = *bytes;
    for (byte, mask) in masked.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    masked
}

fn for_holders(key: &Secret, mask: &[u8; 32], people: &[Met]) -> Secret {
    let people: Vec<SubjectHandle> = people.iter().map(Met::subject).collect();
    let people = people.iter().map(|subject| &subject.as_bytes()[..]);
    let parts: Vec<&[u8]> = [&b"holder"[..]].into_iter().chain(people).collect();
    mark(key, mask, &parts)
}

fn for_person(key: &Secret, mask: &[u8; 32], subject: &SubjectHandle) -> Secret {
    mark(key, mask, &[b"person", subject.as_bytes()])
}

fn ours(key: &Secret, mask: &[u8; 32], masked: &[u8; 32], written_for: &Secret) -> Secret {
    mark(key, mask, &[b"ours", masked, written_for.expose()])
}

fn mark(key: &Secret, mask: &[u8; 32], of: &[&[u8]]) -> Secret {
    let label: [&[u8]; 2] = [b"akashi/form/v1", mask];
    Secret::from_bytes(key.hmac(&[&label[..], of].concat()))
}

/// Whether the browser says, or at least does not deny, that the form is ours. `Sec-Fetch-Site`
/// cannot be forged by a page; older browsers send only `Origin`, which must name this host, or the
/// portal as it is reached through a proxy; a client that sends neither has the token alone.
pub fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let authority = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
                || origin == public_url
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use akashi_desk::identity::session::{Sessions, Showed};
    use akashi_proof::record::kind::Language;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn subject(byte: u8) -> SubjectHandle {
        SubjectHandle::from_bytes([byte; 16])
    }

    fn met(people: &[SubjectHandle]) -> Arc<[Met]> {
        people.iter().copied().map(Met::newcomer).collect()
    }

    fn holder(people: &[SubjectHandle]) -> Standing {
        Standing::Holder(met(people))
    }

    fn person(subject: SubjectHandle, people: &[SubjectHandle]) -> Standing {
        Standing::Person {
            subject,
            showed: Showed::default(),
            shown: Shown::Phone(met(people)),
            language: Language::Ja,
        }
    }

    #[test]
    fn only_the_sessions_own_token_counts() {
        let (sessions, key) = (Sessions::default(), Secret::from_bytes([7; 32]));
        let (one, other) = (sessions.begin(0).session, sessions.begin(0).session);
        let text = Token::draw(&key, &one).to_text();
        let token = Token::parse(&key, &text).unwrap();
        assert!(token.is_of(&one) && !token.is_of(&other));
        assert_ne!(Token::draw(&key, &one).to_text(), text, "each page its own");
        let other_key = Secret::from_bytes([8; 32]);
        assert!(Token::parse(&other_key, &text).is_none());
        let mut changed = text.clone().into_bytes();
        for at in 0..changed.len() {
            changed[at] ^= 1;
            let changed_text = String::from_utf8_lossy(&changed).into_owned();
            assert!(Token::parse(&key, &changed_text).is_none(), "{at}");
            changed[at] ^= 1;
        }
        for bad in ["", "BwcH", &format!("{text}="), &text[..text.len() - 4]] {
            assert!(Token::parse(&key, bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_page_is_known_for_hers_in_any_session_and_for_nobody_elses() {
        let (sessions, key) = (Sessions::default(), Secret::from_bytes([7; 32]));
        let (me, mother, other) = (subject(1), subject(2), subject(3));
        let session = |standing| {
            sessions
                .raise(&sessions.begin(0).session, standing, 0)
                .session
        };
        let written = |standing| Token::draw(&key, &session(standing));
        let family = [me, mother];
        for standing in [
            holder(&family),
            person(me, &family),
            person(mother, &family),
        ] {
            let token = written(standing);
            assert!(token.is_hers(&key, &session(holder(&family))));
            assert!(token.is_hers(&key, &session(person(me, &family))));
            assert!(!token.is_hers(&key, &session(holder(&[other]))));
            assert!(!token.is_hers(&key, &session(person(other, &[other]))));
            assert!(!token.is_hers(&key, &sessions.begin(0).session));
            assert!(!token.is_a_visitors(&key));
        }
        let token = written(person(me, &family));
        assert!(token.is_written_for(&key, &me) && !token.is_written_for(&key, &mother));
        assert!(!written(holder(&[me])).is_written_for(&key, &me));
        let visitors = Token::draw(&key, &sessions.begin(0).session);
        assert!(visitors.is_a_visitors(&key));
        assert!(!visitors.is_hers(&key, &session(holder(&family))));
    }

    #[test]
    fn another_site_is_refused() {
        let host = ("host", "akashi.example:8080");
        for good in [
            &[host][..],
            &[host, ("origin", "https://akashi.example:8080")],
            &[host, ("origin", "http://AKASHI.example:8080")],
            &[host, ("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[
                ("host", "10.0.0.7:8080"),
                ("origin", "https://portal.example"),
            ],
        ] {
            assert!(
                is_same_origin(&headers(good), "https://portal.example"),
                "{good:?}"
            );
        }
        for bad in [
            &[host, ("origin", "https://evil.example")][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://akashi.example")],
            &[host, ("origin", "akashi.example:8080")],
            &[("origin", "https://akashi.example:8080")],
            &[host, ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
            &[
                host,
                ("origin", "https://akashi.example:8080"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            assert!(
                !is_same_origin(&headers(bad), "https://portal.example"),
                "{bad:?}"
            );
        }
    }
}
