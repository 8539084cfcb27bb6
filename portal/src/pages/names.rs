//! What codes in records mean in the reader's language. A code the pack in force no longer knows is shown as it is: an
//! old record must never become unreadable.

use std::sync::Arc;

use akashi_policies::{Pack, Reason};
use akashi_proof::ids::{CategoryCode, InstitutionId, ProcessId, PurposeCode, RoleCode};
use akashi_proof::record::event::{AnsweredBy, Assurance, BasisKind, Channel, Language};
use akashi_proof::state::Registry;

use super::text::{pick, say};
use super::when::When;

/// Looks names up.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) language: Language,
    pub(crate) pack: Arc<Pack>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) when: When,
}

impl Names {
    pub(crate) fn new(language: Language, pack: Arc<Pack>, registry: Arc<Registry>) -> Self {
        let when = When::new(&registry.time_zone, language);
        Self { language, pack, registry, when }
    }

    pub(crate) fn institution(&self, id: &InstitutionId) -> String {
        match (self.registry.institution(id), self.language) {
            (Some(known), Language::Ja) => known.name_ja.clone(),
            (Some(known), Language::En) => known.name_en.clone(),
            (None, _) => id.as_str().to_owned(),
        }
    }

    pub(crate) fn role(&self, code: &RoleCode) -> String {
        let known = self.pack.role(code).map(|role| role.name.in_language(self.language));
        known.unwrap_or(code.as_str()).to_owned()
    }

    pub(crate) fn purpose(&self, code: &PurposeCode) -> String {
        let known = self.pack.purpose(code).map(|purpose| purpose.name.in_language(self.language));
        known.unwrap_or(code.as_str()).to_owned()
    }

    pub(crate) fn purposes<'a>(&self, codes: impl IntoIterator<Item = &'a PurposeCode>) -> String {
        self.list(codes.into_iter().map(|code| self.purpose(code)))
    }

    /// What a purpose is for, in plain words: "to examine and treat you".
    pub(crate) fn purpose_sentence(&self, code: &PurposeCode) -> String {
        let known = self.pack.purpose(code).map(|purpose| purpose.sentence.in_language(self.language));
        known.unwrap_or(code.as_str()).to_owned()
    }

    pub(crate) fn process(&self, id: &ProcessId) -> String {
        let known = self.pack.process(id).map(|process| process.name.in_language(self.language));
        known.unwrap_or(id.as_str()).to_owned()
    }

    /// Whether machines do this process in bulk.
    pub(crate) fn is_machine(&self, id: &ProcessId) -> bool {
        self.pack.process(id).is_some_and(|process| process.machine)
    }

    pub(crate) fn category(&self, code: &CategoryCode) -> String {
        let known = self.pack.category(code).map(|category| category.name.in_language(self.language));
        known.unwrap_or(code.as_str()).to_owned()
    }

    pub(crate) fn categories<'a>(&self, codes: impl IntoIterator<Item = &'a CategoryCode>) -> String {
        self.list(codes.into_iter().map(|code| self.category(code)))
    }

    /// A list as it is read out.
    pub(crate) fn list(&self, items: impl Iterator<Item = String>) -> String {
        let items: Vec<String> = items.collect();
        match (self.language, items.as_slice()) {
            (Language::Ja, items) => items.join("、"),
            (Language::En, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            (Language::En, items) => items.join(", "),
        }
    }

    /// Why something was decided, as a sentence: a reason of the decision, a rule of the pack, or a fault's code.
    pub(crate) fn reason(&self, code: &str) -> String {
        if let Some(reason) = Reason::parse(code) {
            return reason.sentence(self.language).to_owned();
        }
        if let Some(rule) = self.pack.rule(code) {
            return rule.sentence.in_language(self.language).to_owned();
        }
        say!(
            self.language,
            "申し出の書き方に誤りがありました（{code}）。",
            "The request itself was not written as it must be ({code})."
        )
    }

    pub(crate) fn reasons(&self, codes: &[String]) -> String {
        let sentences: Vec<String> = codes.iter().map(|code| self.reason(code)).collect();
        sentences.join(pick(self.language, "", " "))
    }

    /// What refusing would mean.
    pub(crate) fn refusal_meaning(&self, code: &str) -> String {
        let known = self.pack.refusal_meaning(code).map(|meaning| meaning.name.in_language(self.language));
        known.unwrap_or(code).to_owned()
    }

    pub(crate) fn emergency_reason(&self, code: &str) -> String {
        let known = self.pack.emergency_reason(code).map(|meaning| meaning.name.in_language(self.language));
        known.unwrap_or(code).to_owned()
    }

    pub(crate) const fn assurance(&self, assurance: Assurance) -> &'static str {
        match assurance {
            Assurance::Sms => pick(self.language, "SMS の確認コードだけ", "an SMS code alone"),
            Assurance::SmsAndRecovery => {
                pick(self.language, "SMS の確認コードと回復コード", "an SMS code and the recovery code")
            }
            Assurance::TwoOfficers => {
                pick(self.language, "窓口の職員 2 人の署名", "the signatures of two officers at a counter")
            }
            Assurance::Passkey => pick(self.language, "あなたの端末の署名", "a signature of your own device"),
        }
    }

    pub(crate) const fn basis(&self, basis: BasisKind) -> &'static str {
        match basis {
            BasisKind::Consent => pick(self.language, "あなたの同意", "your consent"),
            BasisKind::Statute => pick(self.language, "法律の定め", "a law"),
            BasisKind::Emergency => pick(self.language, "緊急の宣言", "a declared emergency"),
            BasisKind::Statistics => pick(self.language, "人数だけの集計", "counting numbers only"),
        }
    }

    pub(crate) const fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms => pick(self.language, "SMS", "SMS"),
            Channel::Email => pick(self.language, "電子メール", "e-mail"),
        }
    }

    pub(crate) const fn answered_by(&self, by: AnsweredBy) -> &'static str {
        match by {
            AnsweredBy::Portal => pick(self.language, "このサイトで", "on this site"),
            AnsweredBy::Reply => pick(self.language, "SMS への返信で", "by answering the SMS"),
        }
    }
}
