//! SMS through an HTTP gateway: one POST a message.
//!
//! ```text
//! POST <gateway URL>     Authorization: Bearer <token>
//! {"id": "<same in every attempt>", "to": "+819000000000", "from": "<sender>", "text": "..."}     2xx: handed over
//! ```

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use serde::Serialize;

use super::{Handing, Outgoing, Undelivered, WayOut};
use crate::settings::{SecretText, SmsSettings, is_loopback};

/// How long one hand-over may take: gateways answer within a second, or something is wrong.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct SmsGateway {
    client: Client,
    url: Url,
    token: Option<SecretText>,
    sender: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    id: &'a str,
    to: &'a str,
    from: &'a str,
    text: &'a str,
}

impl SmsGateway {
    /// Nothing is connected yet. `None` if the settings are not usable.
    pub(crate) fn new(settings: &SmsSettings) -> Option<Self> {
        let url = settings.gateway()?;
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirect would carry numbers and texts to a place nobody configured.
            .redirect(redirect::Policy::none());
        if url.host_str().is_some_and(is_loopback) {
            client = client.no_proxy();
        }
        let (token, sender) = (settings.bearer_token.clone(), settings.sender.clone());
        Some(Self {
            client: client.build().ok()?,
            url,
            token,
            sender,
        })
    }

    async fn post(&self, message: Outgoing<'_>) -> Result<(), Undelivered> {
        let wire = Wire {
            id: &message.id,
            to: message.to.spelling(),
            from: &self.sender,
            text: &message.text.body,
        };
        let mut request = self.client.post(self.url.clone()).json(&wire);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let answer = request.send().await.map_err(|error| {
            Undelivered::ForNow(match (error.is_timeout(), error.is_connect()) {
                (true, _) => "the SMS gateway did not answer in time",
                (_, true) => "the SMS gateway could not be reached",
                _ => "the connection to the SMS gateway broke",
            })
        })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            // The gateway understood and will not take this message, now or ever.
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNPROCESSABLE_ENTITY => {
                Err(Undelivered::ForGood("the SMS gateway refused the message"))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Undelivered::ForNow(
                "the SMS gateway does not accept the token",
            )),
            StatusCode::TOO_MANY_REQUESTS => {
                Err(Undelivered::ForNow("the SMS gateway asks to slow down"))
            }
            _ => Err(Undelivered::ForNow("the SMS gateway failed")),
        }
    }
}

impl WayOut for SmsGateway {
    fn hand_over<'a>(&'a self, message: Outgoing<'a>) -> Handing<'a> {
        Box::pin(self.post(message))
    }
}
