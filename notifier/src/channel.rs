//! The ways a message leaves, which messages and one-time codes share.

pub(crate) mod email;
pub(crate) mod http_gateway;
pub(crate) mod posted;
pub(crate) mod way_out;

use akashi_proof::record::kind::Channel;

use crate::settings::{Settings, SettingsError};
use email::Smtp;
use http_gateway::SmsGateway;
use way_out::WayOut;

/// Every way out that is set up.
pub(crate) struct Channels {
    sms: Box<dyn WayOut>,
    email: Option<Box<dyn WayOut>>,
}

impl Channels {
    /// Makes them; nothing is connected yet.
    ///
    /// # Errors
    /// [`SettingsError`] when no connection could ever be made with the settings.
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let unusable = |setting| SettingsError {
            setting,
            expected: "settings a connection can be made with",
        };
        let sms = SmsGateway::new(&settings.sms).ok_or_else(|| unusable("sms"))?;
        let email = match &settings.email {
            Some(email) => {
                let smtp = Smtp::new(email).ok_or_else(|| unusable("email"))?;
                Some(Box::new(smtp) as Box<dyn WayOut>)
            }
            None => None,
        };
        Ok(Self {
            sms: Box::new(sms),
            email,
        })
    }

    /// The way out of this kind; `None` where there is no mail server.
    pub(crate) fn way(&self, channel: Channel) -> Option<&dyn WayOut> {
        match channel {
            Channel::Sms => Some(self.sms.as_ref()),
            Channel::Email => self.email.as_deref(),
        }
    }
}
