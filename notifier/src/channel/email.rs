//! E-mail through a mail server.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, header};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::way_out::{Handing, Outgoing, Taken, Undelivered, WayOut};
use crate::address::Address;
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
        let to: lettre::Address = match message.to {
            Address::Email(email) => email.for_sending().parse().ok()?,
            Address::Phone(_) => return None,
        };
        // Given, not read back from the header: reading drops the quotes of a quoted mailbox.
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()]).ok()?;
        Message::builder()
            .envelope(envelope)
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

    async fn send(&self, message: Outgoing<'_>) -> Result<Taken, Undelivered> {
        let mail = self
            .message(&message)
            .ok_or(Undelivered::ForGood("the message makes no e-mail"))?;
        let sending = tokio::time::timeout(WHOLE_TIMEOUT, self.transport.send(mail));
        match sending.await {
            Err(_) => Err(Undelivered::ForNow(
                "the mail server did not answer in time",
            )),
            Ok(Ok(answer)) if answer.is_positive() => Ok(Taken::default()),
            Ok(Ok(_)) => Err(Undelivered::ForNow(
                "the mail server did not take the message",
            )),
            Ok(Err(error)) if is_about_recipient(&error) => Err(Undelivered::ForGood(
                "the mail server refused the recipient",
            )),
            Ok(Err(error)) if error.is_permanent() => Err(Undelivered::ForNow(
                "the mail server refuses us, or says not now",
            )),
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

/// Whether a refusal is for good: only one that is about this recipient. A wrong password, a server
/// that greets with "no service" and a rule that bars its sender are mended by somebody, and then
/// the message still matters.
fn is_about_recipient(error: &lettre::transport::smtp::Error) -> bool {
    let Some(code) = error.status().filter(|_| error.is_permanent()) else {
        return false;
    };
    let said = std::error::Error::source(error).map(ToString::to_string);
    concerns_recipient(u16::from(code), said.as_deref().unwrap_or_default())
}

/// By the [enhanced status code] where the server gives one: of addresses (5.1) and mailboxes
/// (5.2), but the sender's (5.1.7, 5.1.8). Otherwise by the [reply code]: no such mailbox, not
/// here, over its quota, not a name of a mailbox.
///
/// [enhanced status code]: https://www.rfc-editor.org/rfc/rfc3463
/// [reply code]: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3
fn concerns_recipient(code: u16, said: &str) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    let mut numbers = first.split('.').map(str::parse::<u16>);
    match (
        numbers.next(),
        numbers.next(),
        numbers.next(),
        numbers.next(),
    ) {
        (Some(Ok(5)), Some(Ok(subject)), Some(Ok(detail)), None) => match subject {
            1 => !matches!(detail, 7 | 8),
            2 => true,
            _ => false,
        },
        _ => matches!(code, 550..=553),
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::address::Email;
    use crate::messages::message::Text;

    #[tokio::test]
    async fn whatever_is_read_as_an_address_makes_a_message_to_it() {
        let smtp = Smtp::new(&EmailSettings {
            host: "mail.example.jp".to_owned(),
            port: 25,
            tls: SmtpTls::None,
            credentials: None,
            from: "Akashi <akashi@example.jp>".to_owned(),
        });
        let smtp = smtp.unwrap();
        let text = Text {
            subject: Some("あかし".to_owned()),
            body: "123456".to_owned(),
        };
        let users = [
            "hana",
            "hana..ko",
            "hana.ko.",
            "\"hana..ko\"",
            ".hana",
            "..",
            ".",
            "a+b/c",
            "!#$%&'*",
            "-",
            "{}|~",
            "a b",
            "\"",
            "a\\b",
            "9",
            "99",
            "日本",
            "a@b",
            "a\r\nb",
            "<a>",
            "a,b",
            "",
            "a=?utf-8?q?b?=",
        ];
        let domains = [
            "docomo.ne.jp",
            "a.example",
            "[127.0.0.1]",
            "[10.0.0.1]",
            "[IPv6:::1]",
            "1.2.3.4",
            "127.1",
            "1.2.3.example",
            "9.jp",
            "xn--r8jz45g.jp",
            "例え.jp",
            "a-.jp",
            "-a.jp",
            "a_b.jp",
            "a..jp",
            ".jp",
            "jp",
            "a.jp.",
            "a.j9",
            "a.9j",
            "a--b.jp",
            "a.jp>",
            "a.jp,b.jp",
            "",
        ];
        let mut read = 0;
        for user in users {
            for domain in domains {
                let Ok(email) = Email::parse(&format!("{user}@{domain}")) else {
                    continue;
                };
                read += 1;
                let sent_to = email.for_sending().into_owned();
                let message = smtp.message(&Outgoing {
                    id: "id".to_owned(),
                    to: &Address::Email(email),
                    text: &text,
                });
                let message = message.unwrap_or_else(|| panic!("{sent_to} makes no message"));
                let to: Vec<_> = message
                    .envelope()
                    .to()
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                assert_eq!(to, [sent_to.as_str()]);
                let head = String::from_utf8(message.formatted()).unwrap();
                assert!(head.contains(&format!("To: {sent_to}\r\n")), "{head}");
            }
        }
        assert!(read > 50, "{read}");
    }

    #[test]
    fn only_what_is_about_the_recipient_is_for_good() {
        for (code, said, for_good) in [
            (550, "5.1.1 user unknown", true),
            (550, "no such user here", true),
            (551, "", true),
            (552, "5.2.2 mailbox full", true),
            (553, "mailbox name not allowed", true),
            (550, "5.7.1 relaying denied", false),
            (550, "5.7.26 unauthenticated sender", false),
            (553, "5.1.8 bad sender's system", false),
            (550, "5.1.7 bad sender", false),
            (535, "5.7.8 credentials invalid", false),
            (535, "no", false),
            (530, "authentication required", false),
            (554, "no SMTP service here", false),
            (554, "5.3.2 not accepting messages", false),
            (554, "5.1.1 unknown", true),
            (521, "host accepts no mail", false),
            (500, "what?", false),
        ] {
            assert_eq!(concerns_recipient(code, said), for_good, "{code} {said}");
        }
    }
}
