//! The words a person agrees to, says no to, or changes - as text, so that the record can hold the
//! digest of exactly what was on the screen, and so that they can be written again from the record
//! and compared.
//!
//! Changing any of these words makes older consents show without them; the digest of what was shown
//! stays.

use akashi_proof::consent::{AccessMode, Terms};
use akashi_proof::digest::Digest;
use akashi_proof::record::kind::{AccessDecided, Language};
use akashi_proof::state::PendingAsk;

use crate::words::names::Names;
use crate::words::say::{pick, say, say_many};

/// Lines of text, each shown as a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The lines.
    pub lines: Vec<String>,
    /// The language they are in.
    pub language: Language,
}

impl Wording {
    /// Digest of the lines, joined by line feeds.
    pub fn digest(&self) -> Digest {
        Digest::of_wording(&self.lines.join("\n"))
    }

    /// The words of a consent: one to be given, or again of one that was.
    pub fn consent(names: &Names, terms: &Terms) -> Self {
        let l = names.language;
        let (to, from) = (
            names.institution(&terms.recipient),
            names.institution(&terms.holder),
        );
        let (what, until) = (
            names.categories(terms.categories.iter()),
            names.when.say_last_day(terms.valid_until),
        );
        let mut lines = vec![
            say!(
                l,
                "私は、{to}が、{from}にある私の次の情報を使うことに同意します。",
                "I agree that {to} may use the following data about me kept at {from}."
            ),
            say!(l, "情報：{what}", "Data: {what}"),
        ];
        for purpose in terms.purposes.iter() {
            let (name, sentence) = (names.purpose(purpose), names.purpose_sentence(purpose));
            lines.push(say!(
                l,
                "目的：{name}（{sentence}）",
                "Purpose: {name} ({sentence})"
            ));
        }
        let how = names.access_mode(terms.access_mode);
        lines.push(say!(l, "使い方：{how}", "How: {how}"));
        let often = names.frequency(terms.frequency);
        lines.push(say!(l, "回数：{often}", "How often: {often}"));
        lines.push(say!(l, "期限：{until}まで", "Until: the end of {until}"));
        let meanings = meanings_of_refusing(names, terms);
        lines.push(say!(
            l,
            "断った場合：{meanings}",
            "If I do not agree: {meanings}"
        ));
        lines.push(
            pick(
                l,
                "この同意は、いつでも範囲を減らすことも、取り消すこともできます。次の依頼からすぐに効きます。使われるたびに、あかしに記録されます。",
                "I can narrow or withdraw this consent at any time, with effect from the next request. Every use is recorded in Akashi.",
            )
            .to_owned(),
        );
        Self { lines, language: l }
    }

    /// The words of what is left of a consent.
    pub fn narrowed(names: &Names, terms: &Terms) -> Self {
        let l = names.language;
        let (to, from) = (
            names.institution(&terms.recipient),
            names.institution(&terms.holder),
        );
        let what = names.categories(terms.categories.iter());
        let (purpose, until) = (
            names.purposes(terms.purposes.iter()),
            names.when.say_last_day(terms.valid_until),
        );
        let lines = vec![
            say!(
                l,
                "私は、{to}が{from}にある私の情報を使うことへの同意の範囲を、次のとおりに減らします。",
                "I narrow my consent that {to} may use data about me kept at {from} to the following."
            ),
            say!(l, "残る情報：{what}", "Data that remains: {what}"),
            say!(l, "残る目的：{purpose}", "Purposes that remain: {purpose}"),
            say!(l, "新しい期限：{until}まで", "New end: the end of {until}"),
            pick(
                l,
                "ここにない情報や目的には、次の依頼から、この同意は使えません。もとに戻すには、新しく同意します。",
                "From the next request, this consent cannot be used for what is not listed here. To allow it again I give a new consent.",
            )
            .to_owned(),
        ];
        Self { lines, language: l }
    }

    /// The words of a question about one access: those of the pack that asked, also when another
    /// comes into force while she thinks.
    pub fn question(names: &Names, asked: &AccessDecided, ask: &PendingAsk) -> Self {
        let names = &names.under(&asked.policy_digest);
        let l = names.language;
        let until = names.when.say(ask.expires);
        let meaning = names
            .pack
            .purpose(&asked.purpose)
            .map(|purpose| names.refusal_meaning(&purpose.refusal_meaning));
        let meaning = meaning.unwrap_or_default();
        let mut lines = what_is_asked(names, asked);
        lines.extend(within_which_limits(names, asked));
        lines.extend([
            pick(
                l,
                "回数：この依頼の1回だけ",
                "How often: once, for this request only",
            )
            .to_owned(),
            say!(l, "返事の期限：{until}", "Answer by: {until}"),
            say!(l, "断った場合：{meaning}", "If you refuse: {meaning}"),
        ]);
        Self { lines, language: l }
    }

    /// Label and text of each line, for showing as a list: every line but prose is `label：text`.
    pub fn facts(&self) -> Vec<(&str, &str)> {
        let separator = pick(self.language, "：", ": ");
        self.lines
            .iter()
            .filter_map(|line| line.split_once(separator))
            .collect()
    }
}

/// What refusing each of the purposes would mean, each meaning once.
fn meanings_of_refusing(names: &Names, terms: &Terms) -> String {
    let mut meanings: Vec<String> = Vec::new();
    for purpose in terms.purposes.iter() {
        let meaning = names
            .pack
            .purpose(purpose)
            .map(|purpose| names.refusal_meaning(&purpose.refusal_meaning));
        meanings.extend(meaning.filter(|meaning| !meanings.contains(meaning)));
    }
    meanings.join(pick(names.language, "", " "))
}

/// Who asks for what, from where, what for.
fn what_is_asked(names: &Names, asked: &AccessDecided) -> Vec<String> {
    let l = names.language;
    let (signer, role) = (names.institution(&asked.requester), names.role(&asked.role));
    let (from, what) = (
        names.institution(&asked.holder),
        names.categories(asked.categories.iter()),
    );
    let (purpose, sentence) = (
        names.purpose(&asked.purpose),
        names.purpose_sentence(&asked.purpose),
    );
    let process = names.process(&asked.process);
    let mut lines = vec![say!(
        l,
        "誰が：{signer}（{role}）",
        "Who: {signer} ({role})"
    )];
    // Nobody has checked it: it stands beside the certified name, as the words of the one who
    // signed.
    lines.extend(asked.on_behalf_of.as_ref().map(|other| {
        say!(
            l,
            "誰のためか（相手の説明）：{other}",
            "On behalf of (as they say): {other}"
        )
    }));
    lines.extend([
        say!(l, "何を：{what}", "What: {what}"),
        say!(l, "どこから：{from}", "From where: {from}"),
        say!(
            l,
            "何のために：{purpose}（{sentence}）",
            "What for: {purpose} ({sentence})"
        ),
        say!(l, "業務：{process}", "Work: {process}"),
    ]);
    lines
}

/// What would be done with the data, of what time it is, when it is erased: as far as it is not the
/// usual.
fn within_which_limits(names: &Names, asked: &AccessDecided) -> Vec<String> {
    let l = names.language;
    let mut lines = Vec::new();
    if asked.access_mode != AccessMode::View {
        let how = names.access_mode(asked.access_mode);
        lines.push(say!(l, "使い方：{how}", "How: {how}"));
    }
    if let Some(from) = asked.period_from.map(|from| names.when.say(from)) {
        lines.push(say!(
            l,
            "この時刻からの情報だけ：{from}",
            "Only data from: {from}"
        ));
    }
    if let Some(until) = asked.period_until.map(|until| names.when.say(until)) {
        lines.push(say!(
            l,
            "この時刻より前の情報だけ：{until}",
            "Only data before: {until}"
        ));
    }
    let process = names.pack.process(&asked.process);
    if let Some(days) = process.and_then(|process| process.erase_after_days) {
        lines.push(say_many!(
            l,
            "受け取った情報：{days}日以内に消します",
            "What they receive: erased within one day",
            "What they receive: erased within {days} days",
            days
        ));
    }
    lines
}
