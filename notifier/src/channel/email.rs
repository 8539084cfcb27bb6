//! E-mail through a mail server.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::way_out::{Handing, Outgoing, Undelivered, WayOut};
use crate::settings::{EmailSettings, SmtpTls};

/// How long one command of the conversation may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the whole conversation may take, waiting for a connection included.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections kept: as many as messages are handed over at once (see `deliver.rs`).
const CONNECTIONS_MAX: u32 = 32;

pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Nothing is connected yet. `None` if the settings are not usable.
    pub(crate) fn new(settings: &EmailSettings) -> Option<Self> {
        let tls = match settings.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::StartTls => Tls::Required(TlsParameters::new(settings.host.clone()).ok()?),
            SmtpTls::Implicit => Tls::Wrapper(TlsParameters::new(settings.host.clone()).ok()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS_MAX));
        if let Some((user, password)) = &settings.credentials {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Some(Self {
            transport: builder.build(),
            from: settings.from.parse().ok()?,
        })
    }

    fn message(&self, message: &Outgoing<'_>) -> Option<Message> {
        let to: lettre::Address = message.to.spelling().parse().ok()?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.text.subject.clone().unwrap_or_default())
            .message_id(Some(format!(
                "<{}@{}>",
                message.id,
                self.from.email.domain()
            )))
            // No holiday notices in answer to ours (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.body.clone())
            .ok()
    }

    async fn send(&self, message: Outgoing<'_>) -> Result<(), Undelivered> {
        let mail = self
            .message(&message)
            .ok_or(Undelivered::ForGood("the message makes no e-mail"))?;
        let sending = tokio::time::timeout(WHOLE_TIMEOUT, self.transport.send(mail));
        match sending.await {
            Err(_) => Err(Undelivered::ForNow(
                "the mail server did not answer in time",
            )),
            Ok(Ok(answer)) if answer.is_positive() => Ok(()),
            Ok(Ok(_)) => Err(Undelivered::ForNow(
                "the mail server did not take the message",
            )),
            Ok(Err(error)) if error.is_permanent() => {
                Err(Undelivered::ForGood("the mail server refused the message"))
            }
            Ok(Err(error)) if error.is_timeout() => Err(Undelivered::ForNow(
                "the mail server did not answer in time",
            )),
            Ok(Err(error)) if error.is_tls() => {
                Err(Undelivered::ForNow("the mail server could not be trusted"))
            }
            Ok(Err(error)) if error.is_response() || error.is_transient() => {
                Err(Undelivered::ForNow("the mail server asks to try later"))
            }
            Ok(Err(_)) => Err(Undelivered::ForNow("the mail server could not be reached")),
        }
    }
}

impl WayOut for Smtp {
    fn hand_over<'a>(&'a self, message: Outgoing<'a>) -> Handing<'a> {
        Box::pin(self.send(message))
    }
}

#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
