//! Codes that are sent to an address and come back: whoever types one can read what is sent there.

use std::sync::Arc;

use akashi_notifier::{Address, Asker, CodeRefused, CodeUse, Name};
use akashi_proof::digest::Digest;
use akashi_proof::record::kind::Language;

use crate::app::App;
use crate::declined::Declined;
use crate::identity::browser::{Ground, Known};
use crate::identity::session::{Changed, Errand, Pending, Session};
use crate::network::Networks;
use crate::reading::Work;

/// An address whose reader has just typed a code that was sent there: [`take`] makes it, and what
/// needs such an address asks for it.
#[derive(Debug)]
pub struct Reached(Address);

impl Reached {
    /// The address.
    pub const fn address(&self) -> &Address {
        &self.0
    }

    /// The address.
    pub fn into_address(self) -> Address {
        self.0
    }
}

/// What a browser's mark for this address rests on now, read in its turn.
///
/// # Errors
/// [`Declined::Busy`] when the server ends.
pub(crate) async fn ground_of(app: &App, address: &Address) -> Result<Ground, Declined> {
    let (contacts, now) = (Arc::clone(&app.contacts), app.clock.wall());
    let address = address.clone();
    let read = app.read_on(Work::Pages, move |reader| {
        Ground::of(&contacts, reader, &address, now)
    });
    Ok(read.await?)
}

/// Who asks for a code, or types one.
pub struct Asking<'a> {
    /// Her session.
    pub session: &'a Session,
    /// Where she comes from, as [`crate::rate_limit`] counts it.
    pub sender: &'a [u8],
    /// What her browser is known for.
    pub browser: Option<&'a Known>,
    /// The language she reads.
    pub language: Language,
}

impl Asking<'_> {
    /// What her browser is known for, if that is this address and all is as it was then. It looks
    /// the address up; only for who has signed in with it, to whom that says nothing new.
    async fn known_for(&self, app: &App, address: &Address) -> Result<Option<&Known>, Declined> {
        let Some(known) = self.browser.filter(|known| known.is_for(address)) else {
            return Ok(None);
        };
        let ground = ground_of(app, address).await?;
        Ok(known.rests_on(ground).then_some(known))
    }

    /// As whom her tries for this address are counted. Without a site, as on a machine of our own,
    /// each browser is one.
    fn asker(&self, known: Option<&Known>) -> Asker {
        let name = |label: &[u8], of: &[u8]| -> Name {
            let digest = Digest::of(&[label, of]);
            let first = digest.as_bytes().first_chunk::<16>();
            first.copied().unwrap_or_default()
        };
        let visit = name(b"akashi/browser/v1", self.session.csrf.expose());
        let site = Networks::of(self.sender).site();
        Asker {
            browser: known.map_or(visit, |known| known.name),
            is_known: known.is_some(),
            site: site.map_or(visit, |site| name(b"akashi/site/v1", site.first())),
        }
    }
}

/// Sends a code and remembers it in the session. The answer is the same whether or not the address
/// is known here.
///
/// # Errors
/// [`Declined::TooMany`], or [`Declined::CannotSend`].
pub async fn begin(
    app: &App,
    asking: &Asking<'_>,
    errand: Errand,
    to: &Address,
) -> Result<Changed, Declined> {
    let code_use = match errand {
        Errand::Enrol => CodeUse::Enrol,
        Errand::SignIn => CodeUse::SignIn,
        Errand::AddContact | Errand::ReplaceContact(_) => CodeUse::AddContact,
    };
    let known = asking.known_for(app, to).await?;
    // Whole: as it is shown, a number is one of a hundred.
    let (limits, whole) = (&app.limits, to.spelling());
    match errand {
        Errand::SignIn => match known {
            Some(known) => limits.rings_her_from(&known.name, whole)?,
            None => limits.rings_her(asking.sender, whole)?,
        },
        Errand::Enrol | Errand::AddContact | Errand::ReplaceContact(_) => {
            limits.rings_a_stranger(asking.sender, whole)?;
        }
    }
    let asker = asking.asker(known);
    let challenge = app
        .notifier
        .send_code(code_use, to, &asker, asking.language);
    let pending = Pending {
        errand,
        challenge: challenge.await?,
        shown_to: masked(to),
    };
    Ok(app.sessions.wait_for(asking.session, Some(pending)))
}

/// What came of a code that was typed.
#[derive(Debug)]
pub enum Typed {
    /// It was right.
    Right(Reached),
    /// It was wrong; more tries are left.
    Wrong,
    /// It counts no more: a new one must be sent.
    Void,
}

/// Takes the code of this session's errand. Wrong ones of all numbers together are counted against
/// the networks they come from; not those of a browser that is known for the number, which has five
/// tries for this one and is no use for others. So nobody's neighbours keep her out.
///
/// # Errors
/// [`Declined::TooMany`] where a network has typed too many wrong ones: none is looked at.
pub fn take(
    app: &App,
    asking: &Asking<'_>,
    errand: Errand,
    typed: &str,
) -> Result<(Typed, Changed), Declined> {
    let (session, guesses) = (asking.session, &app.limits.wrong_codes);
    let forgotten = || app.sessions.wait_for(session, None);
    let Some(pending) = session.waits_for(errand) else {
        return Ok((Typed::Void, forgotten()));
    };
    let is_known = pending.challenge.is_of_known_browser();
    let count_wrong = || {
        if !is_known {
            // Two at once may find the last one left: what is over is not counted.
            let _counted = guesses.take(asking.sender);
        }
    };
    if !is_known {
        guesses.check(asking.sender)?;
    }
    match app.notifier.check_code(&pending.challenge, typed) {
        Ok(address) => Ok((Typed::Right(Reached(address)), forgotten())),
        Err(CodeRefused::Wrong) => {
            count_wrong();
            let unchanged = Changed {
                session: session.clone(),
                cookie: None,
            };
            Ok((Typed::Wrong, unchanged))
        }
        Err(CodeRefused::Void | CodeRefused::TooMany | CodeRefused::Unavailable) => {
            count_wrong();
            Ok((Typed::Void, forgotten()))
        }
    }
}

/// An address as it may stand on a page: enough to see a mistake, not enough to learn it.
pub fn masked(address: &Address) -> String {
    match address {
        Address::Phone(phone) => {
            let number = phone.as_e164();
            format!(
                "••• •••• ••{}",
                number
                    .get(number.len().saturating_sub(2)..)
                    .unwrap_or_default()
            )
        }
        Address::Email(email) => {
            let (name, domain) = email.as_str().split_once('@').unwrap_or_default();
            format!("{}•••@{domain}", name.chars().next().unwrap_or('•'))
        }
    }
}

#[cfg(test)]
mod tests {
    use akashi_notifier::{Email, Phone};

    use super::*;

    #[test]
    fn a_masked_address_shows_little() {
        let phone = masked(&Address::Phone(Phone::parse("090-1234-5678").unwrap()));
        assert!(
            phone.ends_with("78") && !phone.contains("56") && !phone.contains("1234"),
            "{phone}"
        );
        assert_eq!(
            masked(&Address::Email(Email::parse("hanako@example.jp").unwrap())),
            "h•••@example.jp"
        );
    }
}
