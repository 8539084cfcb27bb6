//! Codes that are sent to an address and come back: whoever types one can read what is sent there.

use akashi_notifier::{Address, CodeRefused, CodeUse};
use akashi_proof::record::kind::Language;

use crate::app::App;
use crate::declined::Declined;
use crate::identity::session::{Errand, Pending, Session};

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

/// Sends a code and remembers it in the session. The answer is the same whether or not the address
/// is known here.
///
/// # Errors
/// [`Declined::TooMany`], or [`Declined::CannotSend`].
pub async fn begin(
    app: &App,
    session: &Session,
    errand: Errand,
    to: &Address,
    language: Language,
) -> Result<(), Declined> {
    let code_use = match errand {
        Errand::Enrol => CodeUse::Enrol,
        Errand::SignIn => CodeUse::SignIn,
        Errand::AddContact => CodeUse::AddContact,
    };
    let challenge = app.notifier.send_code(code_use, to, language).await?;
    let shown_to = masked(to);
    app.sessions.wait_for(
        session,
        Some(Pending {
            errand,
            challenge,
            shown_to,
        }),
    );
    Ok(())
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

/// Takes the code of this session's errand.
pub fn take(app: &App, session: &Session, errand: Errand, typed: &str) -> Typed {
    let Some(pending) = session.waits_for(errand) else {
        return Typed::Void;
    };
    match app.notifier.check_code(&pending.challenge, typed) {
        Ok(address) => {
            app.sessions.wait_for(session, None);
            Typed::Right(Reached(address))
        }
        Err(CodeRefused::Wrong) => Typed::Wrong,
        Err(CodeRefused::Void | CodeRefused::TooMany | CodeRefused::Unavailable) => {
            app.sessions.wait_for(session, None);
            Typed::Void
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
