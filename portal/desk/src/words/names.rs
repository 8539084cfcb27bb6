//! What codes in records mean in the reader's language: in the words of the pack that decided, and
//! where that one is not at hand or does not know a code, of any that does. What none knows is said
//! to be unknown and shown beside it: an old record must never become unreadable, and a bare code
//! is no word of any language.

use std::sync::Arc;

use akashi_policies::{Pack, Shelf, Text};
use akashi_proof::consent::{AccessMode, Frequency, Span};
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, InstitutionId, ProcessId, PurposeCode, RoleCode, RuleCode, Timestamp,
};
use akashi_proof::reason::{Reason, Reasons};
use akashi_proof::record::Record;
use akashi_proof::record::kind::{AnsweredBy, Assurance, BasisKind, Channel, Language};
use akashi_proof::state::Registry;

use crate::words::quoted::inert;
use crate::words::reasons::{fault_sentence, forbidden, reason_sentence};
use crate::words::say::{pick, say, say_many};
use crate::words::when::When;

/// Looks names up.
#[derive(Clone)]
pub struct Names {
    /// The language names are said in.
    pub language: Language,
    /// The pack that says what codes mean: the one in force, or the one that decided what is told.
    pub pack: Arc<Pack>,
    shelf: Arc<Shelf>,
    /// The registry that says what institutions are called.
    pub registry: Arc<Registry>,
    /// Times, in that language and the ledger's time zone.
    pub when: When,
    /// The time whose names institutions are told by; absent where they are told by today's.
    as_of: Option<Timestamp>,
}

impl Names {
    /// In the words of the pack in force: what can be chosen now, and what stands now.
    pub fn new(language: Language, shelf: &Arc<Shelf>, registry: Arc<Registry>) -> Self {
        let when = When::new(&registry.time_zone, language);
        let in_force = registry.policy().digest;
        Self {
            language,
            pack: Arc::clone(shelf.words_of(&in_force, &in_force)),
            shelf: Arc::clone(shelf),
            registry,
            when,
            as_of: None,
        }
    }

    /// The same in the words of the pack with this digest, as far as it is at hand.
    pub fn under(&self, digest: &Digest) -> Self {
        let in_force = &self.registry.policy().digest;
        Self {
            pack: Arc::clone(self.shelf.words_of(digest, in_force)),
            ..self.clone()
        }
    }

    /// The same in the words of the pack that decided the record, or was in force when it was made,
    /// and with the names institutions had then: a record shows the words that were shown.
    pub fn of(&self, record: &Record) -> Self {
        let words = match record.event.decided() {
            Some(decided) => self.under(&decided.policy_digest),
            None => self.under(&self.registry.policy_at(record.time).digest),
        };
        Self {
            as_of: Some(record.time),
            ..words
        }
    }

    /// What the pack says, or where it says nothing, any other does.
    fn said(&self, find: impl Fn(&Pack) -> Option<&Text>) -> Option<String> {
        std::iter::once(&self.pack)
            .chain(self.shelf.packs())
            .find_map(|pack| find(pack))
            .map(|text| text.in_language(self.language).to_owned())
    }

    /// An institution, by its certified name.
    pub fn institution(&self, id: &InstitutionId) -> String {
        match self.registry.institution(id) {
            Some(known) => {
                let then = self.as_of.map(|time| known.particulars_at(time));
                then.unwrap_or(&known.particulars)
                    .name(self.language)
                    .to_string()
            }
            None => say!(
                self.language,
                "あかしに登録のない機関（{id}）",
                "an institution unknown to Akashi ({id})"
            ),
        }
    }

    /// A supervisor, by its certified name.
    pub fn supervisor(&self, id: &InstitutionId) -> String {
        match self.registry.supervisor_named(id) {
            Some(known) => known.particulars.name(self.language).to_string(),
            None => say!(
                self.language,
                "あかしに登録のない監督機関（{id}）",
                "a supervisor unknown to Akashi ({id})"
            ),
        }
    }

    /// A role.
    pub fn role(&self, code: &RoleCode) -> String {
        let known = self.said(|pack| pack.role(code).map(|role| &role.name));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "登録のない役割（{code}）",
                "a role unknown to the rules ({code})"
            )
        })
    }

    /// A purpose, by its name.
    pub fn purpose(&self, code: &PurposeCode) -> String {
        let known = self.said(|pack| pack.purpose(code).map(|purpose| &purpose.name));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "登録のない目的（{code}）",
                "a purpose unknown to the rules ({code})"
            )
        })
    }

    /// Purposes, as they are read out.
    pub fn purposes<'a>(&self, codes: impl IntoIterator<Item = &'a PurposeCode>) -> String {
        self.list(codes.into_iter().map(|code| self.purpose(code)))
    }

    /// What a purpose is for, in plain words: "to examine and treat you".
    pub fn purpose_sentence(&self, code: &PurposeCode) -> String {
        let known = self.said(|pack| pack.purpose(code).map(|purpose| &purpose.sentence));
        known.unwrap_or_else(|| self.purpose(code))
    }

    /// A business process.
    pub fn process(&self, id: &ProcessId) -> String {
        let known = self.said(|pack| pack.process(id).map(|process| &process.name));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "登録のない業務（{id}）",
                "work unknown to the rules ({id})"
            )
        })
    }

    /// Whether machines do this process in bulk, by the pack with this digest.
    pub fn is_machine_under(&self, policy: &Digest, id: &ProcessId) -> bool {
        let in_force = &self.registry.policy().digest;
        let process = self.shelf.words_of(policy, in_force).process(id);
        process.is_some_and(|process| process.machine)
    }

    /// A category of data.
    pub fn category(&self, code: &CategoryCode) -> String {
        let known = self.said(|pack| pack.category(code).map(|category| &category.name));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "登録のない種類の情報（{code}）",
                "data of a kind unknown to the rules ({code})"
            )
        })
    }

    /// Categories of data, as they are read out.
    pub fn categories<'a>(&self, codes: impl IntoIterator<Item = &'a CategoryCode>) -> String {
        self.list(codes.into_iter().map(|code| self.category(code)))
    }

    /// A list as it is read out.
    pub fn list(&self, items: impl Iterator<Item = String>) -> String {
        let items: Vec<String> = items.collect();
        match self.language {
            Language::Ja => items.join("、"),
            Language::En => english_list(&items),
        }
    }

    /// What a person is told of the reasons. Of a bad statement she is told in one sentence what
    /// kind of mistake it was; the rest is for whoever mends it.
    pub fn reasons(&self, reasons: &Reasons) -> String {
        let l = self.language;
        match reasons {
            Reasons::Fault(fault) => fault_sentence(l, fault.code).to_owned(),
            Reasons::Word(reason) => reason_sentence(l, *reason).to_owned(),
            Reasons::Rules(codes) => {
                let mut sentences = vec![forbidden(l).to_owned()];
                sentences.extend(codes.iter().map(|code| self.rule(code)));
                sentences.join(pick(l, "", " "))
            }
        }
    }

    /// What a rule says. A code that is unknown is one of a pack that is not at hand any more.
    fn rule(&self, code: &RuleCode) -> String {
        let known = self.said(|pack| pack.rule(code).map(|rule| &rule.sentence));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "今のルールにはない理由です（{code}）。",
                "The rules in force do not know this reason ({code})."
            )
        })
    }

    /// Why she was asked. That there is no consent is the usual case and no fault of hers.
    pub fn reasons_to_ask(&self, reasons: &Reasons) -> String {
        if *reasons == Reasons::Word(Reason::NoConsent) {
            return pick(
                self.language,
                "同意がまだないため、許可をお願いしました。",
                "You have given no consent to this yet, so you were asked.",
            )
            .to_owned();
        }
        self.reasons(reasons)
    }

    /// What refusing would mean.
    pub fn refusal_meaning(&self, code: &str) -> String {
        let known = self.said(|pack| pack.refusal_meaning(code).map(|meaning| &meaning.name));
        known.unwrap_or_else(|| {
            say!(
                self.language,
                "今のルールにはない説明です（{code}）。",
                "The rules in force do not say what it would mean ({code})."
            )
        })
    }

    /// What the recipient of a consent may do with the data.
    pub fn access_mode(&self, mode: AccessMode) -> String {
        let known = self.said(|pack| pack.access_mode(mode).map(|meaning| &meaning.name));
        known.unwrap_or_else(|| mode.to_string())
    }

    /// How often it may.
    pub fn frequency(&self, frequency: Frequency) -> String {
        let l = self.language;
        let known = self.said(|pack| pack.frequency(frequency).map(|meaning| &meaning.name));
        if let Some(known) = known {
            return known;
        }
        let Frequency::Times { most, each } = frequency else {
            return frequency.to_string();
        };
        let span = match each {
            Span::Day => pick(l, "1日", "a day"),
            Span::Week => pick(l, "1週間", "a week"),
            Span::Month => pick(l, "1か月", "a month"),
            Span::Year => pick(l, "1年", "a year"),
        };
        say_many!(
            l,
            "{span}に{most}回まで",
            "At most once {span}",
            "At most {most} times {span}",
            most
        )
    }

    /// Why an emergency was declared.
    pub fn emergency_reason(&self, code: &str) -> String {
        let known = self.said(|pack| pack.emergency_reason(code).map(|meaning| &meaning.name));
        known.unwrap_or_else(|| {
            // A requester wrote it: any text it liked.
            let code = inert(self.language, code);
            say!(
                self.language,
                "登録のない理由（{code}）",
                "a reason unknown to the rules ({code})"
            )
        })
    }

    /// How surely she was known.
    pub const fn assurance(&self, assurance: Assurance) -> &'static str {
        match assurance {
            Assurance::Sms => pick(self.language, "SMSの確認コード", "an SMS code"),
            Assurance::EmailAndRecovery => pick(
                self.language,
                "メールの確認コードと回復コード",
                "a code by e-mail and the recovery code",
            ),
            Assurance::SmsAndRecovery => pick(
                self.language,
                "SMSの確認コードと回復コード",
                "an SMS code and the recovery code",
            ),
            Assurance::TwoOfficers => pick(
                self.language,
                "窓口の職員2人の署名",
                "the signatures of two officers at a counter",
            ),
            Assurance::Passkey => pick(
                self.language,
                "あなたの端末の署名",
                "a signature of your own device",
            ),
        }
    }

    /// What an access rests on.
    pub const fn basis(&self, basis: BasisKind) -> &'static str {
        match basis {
            BasisKind::Consent => pick(self.language, "あなたの同意", "your consent"),
            BasisKind::Statute => pick(self.language, "法律の定め", "a law"),
            BasisKind::Emergency => pick(self.language, "緊急の宣言", "a declared emergency"),
            BasisKind::Statistics => pick(self.language, "人数だけの集計", "counting numbers only"),
        }
    }

    /// How she was told.
    pub const fn channel(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms => pick(self.language, "SMS", "SMS"),
            Channel::Email => pick(self.language, "電子メール", "e-mail"),
        }
    }

    /// Where she answered.
    pub const fn answered_by(&self, by: AnsweredBy) -> &'static str {
        match by {
            AnsweredBy::Portal => pick(self.language, "あかしの画面で", "in Akashi"),
            AnsweredBy::Reply => pick(self.language, "SMSへの返信で", "by answering the SMS"),
        }
    }
}

/// Items as English reads them out: what has an "and" of its own is set off by a comma, what has a
/// comma by a semicolon, so that nobody takes two items for three.
fn english_list(items: &[String]) -> String {
    let has = |mark: &str| items.iter().any(|item| item.contains(mark));
    let (between, last_two) = if has(", ") {
        ("; ", "; and ")
    } else if items.len() > 2 || has(" and ") {
        (", ", ", and ")
    } else {
        (", ", " and ")
    };
    match items {
        [first @ .., last] if !first.is_empty() => {
            format!("{}{last_two}{last}", first.join(between))
        }
        items => items.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akashi_proof::fault::{Fault, FaultCode};

    use akashi_actors::ledger_with;

    async fn names() -> [Names; 2] {
        let (ledger, ..) = ledger_with(1).await;
        let names = |language| {
            Names::new(
                language,
                &Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
                ledger.reader().registry(),
            )
        };
        [names(Language::Ja), names(Language::En)]
    }

    #[tokio::test]
    async fn a_bad_statement_is_one_plain_sentence_without_codes() {
        let [names_ja, names_en] = names().await;
        for code in FaultCode::ALL {
            let fault = Fault::new(*code, "holder", "one of `a`, `b`", "`hospital.nowhere`");
            let reasons = Reasons::from(fault);
            let (ja, en) = (names_ja.reasons(&reasons), names_en.reasons(&reasons));
            assert!(ja.ends_with('。') && ja.matches('。').count() == 1, "{ja}");
            assert!(en.ends_with('.') && en.matches('.').count() == 1, "{en}");
            assert!(
                !ja.is_ascii()
                    && !ja.contains("holder")
                    && !en.contains('`')
                    && !en.contains(code.as_str()),
                "{en}"
            );
        }
        let rules = Reasons::Rules(vec![RuleCode::parse("no-such-rule").unwrap()]);
        let said = names_en.reasons(&rules);
        assert!(said.contains("do not know this reason"), "{said}");
    }

    #[test]
    fn nobody_takes_two_items_of_an_english_list_for_three() {
        for (items, said) in [
            (&[][..], ""),
            (&["Medication"], "Medication"),
            (&["Diagnoses", "Medication"], "Diagnoses and Medication"),
            (
                &["Allergies and side effects", "Medication"],
                "Allergies and side effects, and Medication",
            ),
            (&["A", "B", "C"], "A, B, and C"),
            (&["A, B", "C"], "A, B; and C"),
        ] {
            let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(english_list(&items), said);
        }
    }

    #[tokio::test]
    async fn what_nothing_in_force_knows_is_said_to_be_unknown() {
        let [ja, en] = names().await;
        let (institution, purpose) = (
            InstitutionId::parse("hospital.nowhere"),
            PurposeCode::parse("payment"),
        );
        let (institution, purpose) = (institution.unwrap(), purpose.unwrap());
        assert_eq!(
            ja.institution(&institution),
            "あかしに登録のない機関（hospital.nowhere）"
        );
        assert_eq!(
            en.institution(&institution),
            "an institution unknown to Akashi (hospital.nowhere)"
        );
        assert_eq!(ja.purpose(&purpose), "登録のない目的（payment）");
        assert_eq!(
            en.purpose(&purpose),
            "a purpose unknown to the rules (payment)"
        );
        for names in [&ja, &en] {
            let l = names.language;
            for said in [
                names.purpose_sentence(&purpose),
                names.refusal_meaning("no-such-code"),
                names.emergency_reason("no-such-code"),
            ] {
                let is_said = said.contains(pick(l, "ない", "rules"));
                assert!(is_said && said.is_ascii() == (l == Language::En), "{said}");
            }
            let lie = names.emergency_reason("x）。y (z)。");
            assert_eq!(lie.matches(['（', '(']).count(), 1, "{lie}");
            assert_eq!(lie.matches(['）', ')']).count(), 1, "{lie}");
        }
    }
}
