//! What an operator decides about messages, checked before anything is sent.

use std::fmt;
use std::time::Duration;

use http::Uri;
use lettre::message::Mailbox;

/// A secret text from the configuration: never printed.
#[derive(Clone)]
pub struct SecretText(String);

impl SecretText {
    /// Takes over a secret.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// How SMS leave.
#[derive(Clone, Debug)]
pub struct SmsSettings {
    /// Where messages are posted: `https`, or `http` to this machine.
    pub gateway_url: String,
    /// Sent as `Authorization: Bearer`.
    pub bearer_token: Option<SecretText>,
    /// The sender people see: a registered name or number.
    pub sender: String,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte (port 465).
    Implicit,
    /// Plain at first, then STARTTLS or nothing is sent (port 587).
    StartTls,
    /// None; only to this machine.
    None,
}

/// How e-mail leaves.
#[derive(Clone, Debug)]
pub struct EmailSettings {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User and password, where the server wants them.
    pub credentials: Option<(String, SecretText)>,
    /// The sender: `Akashi <akashi@example.jp>` or the address alone.
    pub from: String,
}

/// At most `most` within any stretch of `within`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many.
    pub most: u32,
    /// In which time.
    pub within: Duration,
}

/// What may be sent at most: a person must not be worn down, and nobody's SMS bill be run up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// One-time codes for one use to one address.
    pub codes_per_address: Budget,
    /// One-time codes for one use to one address in a day, where nobody is known by it yet: a
    /// stranger's phone must not be made to ring all day.
    pub codes_per_new_address: Budget,
    /// One-time codes to addresses nobody is known by yet, to all of them together. Above it nobody
    /// enrols for a while; who is known signs in as before.
    pub codes_to_newcomers: Budget,
    /// Questions by SMS to one number. A question over it waits in the portal.
    pub questions_per_number: Budget,
    /// Questions by SMS one institution may cause. A question over it waits in the portal.
    pub questions_per_requester: Budget,
    /// Other messages to one address, warnings aside. What is over it stands in the history all the
    /// same.
    pub notices_per_address: Budget,
    /// Warnings of one kind about one institution to one address: nothing else can use it up.
    pub warnings_of_one_kind: Budget,
    /// Answers to replies by SMS, to one number: whoever forges a sender must not make a phone ring
    /// all day.
    pub reply_answers_per_number: Budget,
}

impl Default for Budgets {
    fn default() -> Self {
        const TEN_MINUTES: Duration = Duration::from_secs(600);
        const HOUR: Duration = Duration::from_secs(3_600);
        Self {
            // Three are a typing mistake, a lost message and one more.
            codes_per_address: Budget {
                most: 3,
                within: TEN_MINUTES,
            },
            // Two tries at enrolling, each with its typing mistake and its lost message.
            codes_per_new_address: Budget {
                most: 6,
                within: Duration::from_secs(24 * 3_600),
            },
            // A town of a hundred thousand enrols in two weeks of office hours; a stranger's bill
            // for an hour is some 10,000 yen.
            codes_to_newcomers: Budget {
                most: 1_000,
                within: HOUR,
            },
            questions_per_number: Budget {
                most: 3,
                within: TEN_MINUTES,
            },
            // A busy counter asks once a minute for an hour.
            questions_per_requester: Budget {
                most: 60,
                within: HOUR,
            },
            // More than any honest hour in one life; a flood is told twenty times, not a thousand.
            notices_per_address: Budget {
                most: 20,
                within: HOUR,
            },
            warnings_of_one_kind: Budget {
                most: 20,
                within: HOUR,
            },
            // A reply that could not be used and the one after it.
            reply_answers_per_number: Budget {
                most: 2,
                within: TEN_MINUTES,
            },
        }
    }
}

/// How delivery is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The wait after the first failure; it doubles each time.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// After so many failures a message is given up.
    pub attempts_max: u32,
}

impl Default for Retry {
    /// 2 s, 4 s, ... 10 min: nineteen failures in a row take about two hours.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            longest: Duration::from_secs(600),
            attempts_max: 20,
        }
    }
}

/// All settings of the notifier.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How SMS leave.
    pub sms: SmsSettings,
    /// How e-mail leaves; absent where there is no mail server.
    pub email: Option<EmailSettings>,
    /// The portal's name in Japanese, at most [`PORTAL_NAME_MAX`] characters.
    pub portal_name_ja: String,
    /// The portal's name in English.
    pub portal_name_en: String,
    /// The portal's address as people know it, named in e-mail as text. Never in an SMS.
    pub portal_url: String,
    /// What may be sent at most.
    pub budgets: Budgets,
    /// How delivery is tried again.
    pub retry: Retry,
    /// Of what is older than this when it is read from the log, nobody is told by message: it
    /// stands in the history.
    pub stale_after: Duration,
    /// How often the log is looked at for something new.
    pub poll_every: Duration,
    /// Whether the SMS gateway posts delivery reports, so that they are waited for.
    pub sms_reports: bool,
    /// How long messages that reached one person are gathered before it is recorded.
    pub sms_reported_every: Duration,
}

/// Longest name of the portal, in units of UTF-16, of which a letter may take several: it stands at
/// the beginning of every SMS.
pub const PORTAL_NAME_MAX: usize = 8;

/// The settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{setting}`: expected {expected}")]
pub struct SettingsError {
    /// Which setting.
    pub setting: &'static str,
    /// What it must be. The value is not repeated: it may hold a password.
    pub expected: &'static str,
}

impl Settings {
    /// Settings with everything but the surroundings at its default.
    pub fn new(sms: SmsSettings, email: Option<EmailSettings>, portal_url: String) -> Self {
        Self {
            sms,
            email,
            portal_name_ja: "あかし".to_owned(),
            portal_name_en: "Akashi".to_owned(),
            portal_url,
            budgets: Budgets::default(),
            retry: Retry::default(),
            // A day: after that the page is where one looks, not the phone.
            stale_after: Duration::from_secs(24 * 3_600),
            poll_every: Duration::from_millis(100),
            sms_reports: false,
            // One record of it a person and day, however many messages reached her.
            sms_reported_every: Duration::from_secs(24 * 3_600),
        }
    }

    /// [`Self::stale_after`] as times of records are counted.
    pub(crate) fn stale_after_millis(&self) -> u64 {
        u64::try_from(self.stale_after.as_millis()).unwrap_or(u64::MAX)
    }

    /// Refuses what would be unsafe or could never work.
    ///
    /// # Errors
    /// [`SettingsError`] naming the setting.
    pub fn check(&self) -> Result<(), SettingsError> {
        let refuse = |setting, expected| Err(SettingsError { setting, expected });
        if self.sms.gateway().is_none() {
            return refuse(
                "sms.gateway_url",
                "an https URL, or an http URL of this machine",
            );
        }
        if self.sms.sender.is_empty() || self.sms.sender.chars().any(char::is_control) {
            return refuse("sms.sender", "the name or number messages come from");
        }
        if let Some(email) = &self.email {
            if email.tls == SmtpTls::None && !is_loopback(&email.host) {
                return refuse(
                    "email.tls",
                    "`implicit` or `starttls`, unless the mail server is this machine",
                );
            }
            if email.from.parse::<Mailbox>().is_err() {
                return refuse("email.from", "an e-mail address");
            }
        }
        for (setting, name) in [
            ("portal.name_ja", &self.portal_name_ja),
            ("portal.name_en", &self.portal_name_en),
        ] {
            if !(1..=PORTAL_NAME_MAX).contains(&name.encode_utf16().count()) {
                return refuse(setting, "1 to 8 characters (units of UTF-16)");
            }
        }
        let times = [self.retry.first, self.poll_every, self.sms_reported_every];
        if self.retry.attempts_max == 0 || times.iter().any(Duration::is_zero) {
            return refuse("retry", "times and counts above zero");
        }
        Ok(())
    }
}

impl SmsSettings {
    /// The gateway's URL, if messages may be sent to it.
    pub(crate) fn gateway(&self) -> Option<Uri> {
        let url: Uri = self.gateway_url.parse().ok()?;
        let safe = match url.scheme_str() {
            Some("https") => true,
            Some("http") => url.host().is_some_and(is_loopback),
            _ => false,
        };
        let user = url.authority().is_some_and(|at| at.as_str().contains('@'));
        (safe && !user).then_some(url)
    }
}

/// Whether a host is this machine by its very spelling, without asking a name server.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(gateway: &str) -> Settings {
        let sms = SmsSettings {
            gateway_url: gateway.into(),
            bearer_token: None,
            sender: "Akashi".into(),
        };
        Settings::new(sms, None, "https://portal.example.jp".into())
    }

    #[test]
    fn messages_leave_the_machine_only_protected() {
        for good in [
            "https://sms.example.jp/send",
            "http://127.0.0.1:8080/x",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert_eq!(settings(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "http://sms.example.jp/",
            "ftp://127.0.0.1/",
            "https://u:p@sms.example.jp/",
            "x",
            "http://127.0.0.1.nip.io/",
        ] {
            assert_eq!(
                settings(bad).check().unwrap_err().setting,
                "sms.gateway_url",
                "{bad}"
            );
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_by_its_setting() {
        let long = || "A".repeat(PORTAL_NAME_MAX + 1);
        let rare = "𠮷".repeat(PORTAL_NAME_MAX / 2 + 1);
        let mut in_rare_letters = settings("http://localhost/");
        in_rare_letters.portal_name_ja = rare;
        let mut in_japanese = settings("http://localhost/");
        in_japanese.portal_name_ja = long();
        let mut in_english = settings("http://localhost/");
        in_english.portal_name_en = long();
        for (refused, setting) in [
            (in_rare_letters, "portal.name_ja"),
            (in_japanese, "portal.name_ja"),
            (in_english, "portal.name_en"),
        ] {
            assert_eq!(refused.check().unwrap_err().setting, setting);
        }
    }

    #[test]
    fn mail_leaves_the_machine_only_protected() {
        let with = |host: &str, tls| {
            let from = "Akashi <akashi@example.jp>".to_owned();
            let email = EmailSettings {
                host: host.into(),
                port: 25,
                tls,
                credentials: None,
                from,
            };
            Settings {
                email: Some(email),
                ..settings("http://localhost/")
            }
            .check()
        };
        assert_eq!(with("127.0.0.1", SmtpTls::None), Ok(()));
        assert_eq!(with("mail.example.jp", SmtpTls::StartTls), Ok(()));
        assert_eq!(
            with("mail.example.jp", SmtpTls::None).unwrap_err().setting,
            "email.tls"
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut settings = settings("http://localhost/");
        settings.sms.bearer_token = Some(SecretText::new("opensesame".into()));
        assert!(!format!("{settings:?}").contains("opensesame"));
    }
}
