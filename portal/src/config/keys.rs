//! Every setting by its name: the one list that environment, `--set` and the example file follow. A
//! test holds it and the structs together.

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts; outside the file separated by commas.
    Texts,
    /// Tables, which only the file has room for.
    Tables,
}

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Section and name: `server.listen`.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
}

impl Key {
    /// The variable that sets it: `AKASHI_SERVER_LISTEN`.
    pub fn variable(&self) -> String {
        format!("AKASHI_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// Section and name apart.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or((self.name, ""))
    }
}

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind }
}

/// Every setting there is.
pub const KEYS: &[Key] = &[
    key("ledger.origin", Kind::Text),
    key("ledger.data", Kind::Text),
    key("ledger.keys", Kind::Text),
    key("ledger.contacts", Kind::Text),
    key("ledger.time_zone", Kind::Text),
    key("ledger.supervisors", Kind::Tables),
    key("ledger.threshold", Kind::Number),
    key("policy.packs", Kind::Texts),
    key("server.listen", Kind::Text),
    key("server.public_url", Kind::Text),
    key("server.tls_certificate", Kind::Text),
    key("server.tls_key", Kind::Text),
    key("server.insecure_plain_http", Kind::Switch),
    key("server.trusted_proxies", Kind::Texts),
    key("server.proxy_header", Kind::Text),
    key("server.metrics_listen", Kind::Text),
    key("server.request_seconds", Kind::Number),
    key("portal.name_ja", Kind::Text),
    key("portal.name_en", Kind::Text),
    key("sms.gateway_url", Kind::Text),
    key("sms.token_file", Kind::Text),
    key("sms.sender", Kind::Text),
    key("sms.inbound_token_file", Kind::Text),
    key("email.host", Kind::Text),
    key("email.port", Kind::Number),
    key("email.tls", Kind::Text),
    key("email.from", Kind::Text),
    key("email.user", Kind::Text),
    key("email.password_file", Kind::Text),
    key("limits.pages_per_minute", Kind::Number),
    key("limits.sign_in_per_minute", Kind::Number),
    key("limits.wrong_codes_per_ten_minutes", Kind::Number),
    key("limits.newcomers_per_hour", Kind::Number),
    key("limits.newcomers_number_per_day", Kind::Number),
    key("limits.sign_in_number_per_day", Kind::Number),
    key("limits.inbound_sms_per_minute", Kind::Number),
    key("limits.sms_reports_per_minute", Kind::Number),
    key("limits.statements_per_minute", Kind::Number),
    key("limits.statement_megabytes_per_day", Kind::Number),
    key("limits.supervisor_acts_per_minute", Kind::Number),
    key("limits.key_acts_per_minute", Kind::Number),
    key("limits.unsigned_per_minute", Kind::Number),
    key("limits.log_per_minute", Kind::Number),
    key("limits.open_per_minute", Kind::Number),
    key("log.level", Kind::Text),
    key("log.format", Kind::Text),
];

/// A setting by its name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
