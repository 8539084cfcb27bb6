//! What messages say: one folder of templates each, in both languages, as SMS and as e-mail.
//!
//! No message says which data or what for: whoever sees the phone's screen must not learn it. An
//! SMS holds no link either, so that no one gets used to following one.

use akashi_proof::digest::Digest;
use akashi_proof::record::kind::{Channel, Language, Template};

use crate::codes::challenge::CodeUse;
use crate::settings::Settings;
use crate::text::{shortened, to_gsm};

/// The exact text of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject line; only e-mail has one.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
}

impl std::fmt::Debug for Text {
    /// A text may hold a code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Text(..)")
    }
}

impl Text {
    /// Digest of exactly this text, as it stands in records: of an e-mail its subject, a line feed,
    /// and its text.
    pub fn digest(&self) -> Digest {
        match &self.subject {
            Some(subject) => Digest::of_wording(&format!("{subject}\n{}", self.body)),
            None => Digest::of_wording(&self.body),
        }
    }
}

/// What a text is made with.
#[derive(Clone, Default)]
pub struct Facts {
    /// The institution it is about, in the language of the message.
    pub who: String,
    /// The short reference of a question.
    pub reference: String,
    /// A code.
    pub code: String,
    /// Whether a reply may approve.
    pub low_risk: bool,
    /// Whether the person reported the request.
    pub reported: bool,
    /// Whether she allowed it.
    pub allowed: bool,
    /// Until when she can answer, as people write it.
    pub until: String,
    /// How many uses there were; only a summary says so.
    pub uses: Uses,
    /// Whom she can ring up about it; only e-mail says so.
    pub enquiries: Enquiries,
}

/// How many uses of her data there were in some days.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// The first day, as people write it.
    pub from: String,
    /// Of how many days.
    pub days: u64,
    /// How many uses were allowed.
    pub permitted: u64,
    /// How many requests were not.
    pub refused: u64,
}

impl Uses {
    /// What happened, without its stop.
    fn in_japanese(&self) -> String {
        let permitted = format!("あなたの情報の利用が{}件認められ", self.permitted);
        let refused = format!("依頼{}件が認められませんでした", self.refused);
        match (self.permitted, self.refused) {
            (_, 0) => format!("{permitted}ました"),
            (0, _) => format!("あなたの情報を使う{refused}"),
            _ => format!("{permitted}、{refused}"),
        }
    }

    /// The same; a sentence begins with it.
    fn in_english(&self) -> String {
        let permitted = match self.permitted {
            1 => "1 use of your data was allowed".to_owned(),
            many => format!("{many} uses of your data were allowed"),
        };
        match (self.permitted, self.refused) {
            (_, 0) => permitted,
            (0, 1) => "1 request to use your data was not allowed".to_owned(),
            (0, many) => format!("{many} requests to use your data were not allowed"),
            (_, 1) => format!("{permitted} and 1 request was not"),
            (_, many) => format!("{permitted} and {many} requests were not"),
        }
    }

    fn days_in_english(&self) -> String {
        match self.days {
            1 => "1 day".to_owned(),
            many => format!("{many} days"),
        }
    }
}

/// Whom she can ring up about a message, as supervisors certified it.
///
/// An SMS says none of it. It has no room: two segments hold a name and what happened. And whoever
/// imitates one wants to be rung up: who never saw a number in an SMS of ours does not believe one.
#[derive(Clone, Debug, Default)]
pub struct Enquiries {
    /// The institution the message is about, where it names one the registry knows.
    pub institution: Option<Office>,
    /// The supervisors, who watch over it; none where the message is about no record of hers.
    pub supervisors: Vec<Office>,
}

/// An institution or a supervisor, in the language of the message.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its name.
    pub name: String,
    /// Its telephone number, as people write it.
    pub telephone: String,
    /// When somebody answers there.
    pub hours: String,
}

/// Longest name of an institution in a Japanese SMS, in units of UTF-16: with it the longest
/// message still fits two segments.
const WHO_MAX_JA: usize = 16;
/// The same in an English one, which has more room, in septets.
const WHO_MAX_EN: usize = 40;
/// The same in an e-mail.
const WHO_MAX_EMAIL: usize = 80;

/// What templates read.
struct View<'a> {
    ja: bool,
    portal: &'a str,
    portal_url: &'a str,
    who: String,
    reference: &'a str,
    code: &'a str,
    low_risk: bool,
    reported: bool,
    allowed: bool,
    until: &'a str,
    uses: &'a Uses,
    enquiries: &'a Enquiries,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A notice, by the word that stands in `notice.sent` and `notice.failed`.
    Notice(Template),
    /// A one-time code, which no record knows of.
    Code(CodeUse),
}

/// Makes the text of one message for one channel.
type Fill = fn(Channel, &View<'_>) -> Result<Text, askama::Error>;

/// Declares a message's folder and the files in it.
macro_rules! texts {
    ($( $message:ident: $sms:tt, $subject:tt, $body:tt; )*) => { $(
        mod $message {
            use akashi_proof::record::kind::Channel;
            use askama::Template;

            use super::{Text, View};

            #[derive(Template)]
            #[template(path = $sms)]
            struct Sms<'a> { v: &'a View<'a> }

            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> { v: &'a View<'a> }

            #[derive(Template)]
            #[template(path = $body)]
            struct Body<'a> { v: &'a View<'a> }

            pub(super) fn fill(channel: Channel, v: &View<'_>) -> Result<Text, askama::Error> {
                Ok(match channel {
                    Channel::Sms => {
                        let body = Sms { v }.render()?.trim().to_owned();
                        Text { subject: None, body }
                    }
                    Channel::Email => Text {
                        subject: Some(Subject { v }.render()?.trim().to_owned()),
                        body: format!("{}\n", Body { v }.render()?.trim()),
                    },
                })
            }
        }
    )* };
}

texts! {
    approval_request:
        "approval_request/sms.txt", "approval_request/subject.txt", "approval_request/body.txt";
    approval_permitted:
        "approval_permitted/sms.txt", "approval_permitted/subject.txt",
        "approval_permitted/body.txt";
    approval_not_permitted:
        "approval_not_permitted/sms.txt", "approval_not_permitted/subject.txt",
        "approval_not_permitted/body.txt";
    approval_refused:
        "approval_refused/sms.txt", "approval_refused/subject.txt", "approval_refused/body.txt";
    approval_expired:
        "approval_expired/sms.txt", "approval_expired/subject.txt", "approval_expired/body.txt";
    out_of_purpose:
        "out_of_purpose/sms.txt", "out_of_purpose/subject.txt", "out_of_purpose/body.txt";
    emergency_access:
        "emergency_access/sms.txt", "emergency_access/subject.txt", "emergency_access/body.txt";
    access_permitted:
        "access_permitted/sms.txt", "access_permitted/subject.txt", "access_permitted/body.txt";
    access_refused:
        "access_refused/sms.txt", "access_refused/subject.txt", "access_refused/body.txt";
    release_refused:
        "release_refused/sms.txt", "release_refused/subject.txt", "release_refused/body.txt";
    consent_given: "consent_given/sms.txt", "consent_given/subject.txt", "consent_given/body.txt";
    consent_narrowed:
        "consent_narrowed/sms.txt", "consent_narrowed/subject.txt", "consent_narrowed/body.txt";
    consent_withdrawn:
        "consent_withdrawn/sms.txt", "consent_withdrawn/subject.txt", "consent_withdrawn/body.txt";
    link_issued: "link_issued/sms.txt", "link_issued/subject.txt", "link_issued/body.txt";
    link_ended: "link_ended/sms.txt", "link_ended/subject.txt", "link_ended/body.txt";
    link_corrected:
        "link_corrected/sms.txt", "link_corrected/subject.txt", "link_corrected/body.txt";
    consents_stopped:
        "consents_stopped/sms.txt", "consents_stopped/subject.txt", "consents_stopped/body.txt";
    means_blocked:
        "means_blocked/sms.txt", "means_blocked/subject.txt", "means_blocked/body.txt";
    means_unblocked:
        "means_unblocked/sms.txt", "means_unblocked/subject.txt", "means_unblocked/body.txt";
    papers_replaced:
        "papers_replaced/sms.txt", "papers_replaced/subject.txt", "papers_replaced/body.txt";
    contact_replacing:
        "contact_replacing/sms.txt", "contact_replacing/subject.txt", "contact_replacing/body.txt";
    contact_kept:
        "contact_kept/sms.txt", "contact_kept/subject.txt", "contact_kept/body.txt";
    contact_ended:
        "contact_ended/sms.txt", "contact_ended/subject.txt", "contact_ended/body.txt";
    contact_doubted:
        "contact_doubted/sms.txt", "contact_doubted/subject.txt", "contact_doubted/body.txt";
    account_changed:
        "account_changed/sms.txt", "account_changed/subject.txt", "account_changed/body.txt";
    contact_changed:
        "contact_changed/sms.txt", "contact_changed/subject.txt", "contact_changed/body.txt";
    reply_help: "reply_help/sms.txt", "reply_help/subject.txt", "reply_help/body.txt";
    reply_late: "reply_late/sms.txt", "reply_late/subject.txt", "reply_late/body.txt";
    reply_recorded:
        "reply_recorded/sms.txt", "reply_recorded/subject.txt", "reply_recorded/body.txt";
    reply_answered:
        "reply_answered/sms.txt", "reply_answered/subject.txt", "reply_answered/body.txt";
    reply_in_portal:
        "reply_in_portal/sms.txt", "reply_in_portal/subject.txt", "reply_in_portal/body.txt";
    summary: "summary/sms.txt", "summary/subject.txt", "summary/body.txt";
    more_happened: "more_happened/sms.txt", "more_happened/subject.txt", "more_happened/body.txt";
    notice_undelivered:
        "notice_undelivered/sms.txt", "notice_undelivered/subject.txt",
        "notice_undelivered/body.txt";
    code_enrol: "code_enrol/sms.txt", "code_enrol/subject.txt", "code_enrol/body.txt";
    code_sign_in: "code_sign_in/sms.txt", "code_sign_in/subject.txt", "code_sign_in/body.txt";
    code_add_contact:
        "code_add_contact/sms.txt", "code_add_contact/subject.txt", "code_add_contact/body.txt";
}

impl Message {
    /// Every one there is.
    #[cfg(test)]
    fn all() -> impl Iterator<Item = Self> {
        let codes = [CodeUse::Enrol, CodeUse::SignIn, CodeUse::AddContact];
        let notices = Template::ALL.iter().copied().map(Self::Notice);
        notices.chain(codes.map(Self::Code))
    }

    const fn texts(self) -> Fill {
        match self {
            Self::Notice(template) => match template {
                Template::ApprovalRequest => approval_request::fill,
                Template::ApprovalPermitted => approval_permitted::fill,
                Template::ApprovalNotPermitted => approval_not_permitted::fill,
                Template::ApprovalRefused => approval_refused::fill,
                Template::ApprovalExpired => approval_expired::fill,
                Template::OutOfPurpose => out_of_purpose::fill,
                Template::EmergencyAccess => emergency_access::fill,
                Template::AccessPermitted => access_permitted::fill,
                Template::AccessRefused => access_refused::fill,
                Template::ReleaseRefused => release_refused::fill,
                Template::ConsentGiven => consent_given::fill,
                Template::ConsentNarrowed => consent_narrowed::fill,
                Template::ConsentWithdrawn => consent_withdrawn::fill,
                Template::LinkIssued => link_issued::fill,
                Template::LinkEnded => link_ended::fill,
                Template::LinkCorrected => link_corrected::fill,
                Template::ConsentsStopped => consents_stopped::fill,
                Template::MeansBlocked => means_blocked::fill,
                Template::MeansUnblocked => means_unblocked::fill,
                Template::PapersReplaced => papers_replaced::fill,
                Template::ContactReplacing => contact_replacing::fill,
                Template::ContactKept => contact_kept::fill,
                Template::ContactEnded => contact_ended::fill,
                Template::ContactDoubted => contact_doubted::fill,
                Template::AccountChanged => account_changed::fill,
                Template::ContactChanged => contact_changed::fill,
                Template::ReplyHelp => reply_help::fill,
                Template::ReplyLate => reply_late::fill,
                Template::ReplyRecorded => reply_recorded::fill,
                Template::ReplyAnswered => reply_answered::fill,
                Template::ReplyInPortal => reply_in_portal::fill,
                Template::Summary => summary::fill,
                Template::MoreHappened => more_happened::fill,
                Template::NoticeUndelivered => notice_undelivered::fill,
            },
            Self::Code(CodeUse::Enrol) => code_enrol::fill,
            Self::Code(CodeUse::SignIn) => code_sign_in::fill,
            Self::Code(CodeUse::AddContact) => code_add_contact::fill,
        }
    }

    /// Its name, as its folder is named.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice(template) => template.as_str(),
            Self::Code(CodeUse::Enrol) => "code-enrol",
            Self::Code(CodeUse::SignIn) => "code-sign-in",
            Self::Code(CodeUse::AddContact) => "code-add-contact",
        }
    }

    /// Makes the text for one channel in one language. An English SMS keeps to the alphabet phones
    /// pack tightly.
    ///
    /// # Errors
    /// Never for the templates of this crate; askama says so by type only.
    pub fn render(
        self,
        channel: Channel,
        language: Language,
        facts: &Facts,
        settings: &Settings,
    ) -> Result<Text, askama::Error> {
        let ja = language == Language::Ja;
        let who = match (channel, language) {
            (Channel::Sms, Language::Ja) => shortened(&facts.who, WHO_MAX_JA),
            (Channel::Sms, Language::En) => shortened(&name_on_phones(&facts.who), WHO_MAX_EN),
            (Channel::Email, _) => shortened(&facts.who, WHO_MAX_EMAIL),
        };
        let view = View {
            ja,
            portal: if ja {
                &settings.portal_name_ja
            } else {
                &settings.portal_name_en
            },
            portal_url: &settings.portal_url,
            who,
            reference: &facts.reference,
            code: &facts.code,
            low_risk: facts.low_risk,
            reported: facts.reported,
            allowed: facts.allowed,
            until: &facts.until,
            uses: &facts.uses,
            enquiries: &facts.enquiries,
        };
        self.texts()(channel, &view)
    }
}

/// A name in the alphabet phones pack tightly; where nothing of it can be written so, words in its
/// place.
fn name_on_phones(name: &str) -> String {
    let plain = to_gsm(name).trim().to_owned();
    if plain.is_empty() && !name.is_empty() {
        "An institution".to_owned()
    } else {
        plain
    }
}

#[cfg(test)]
mod snapshots;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{PORTAL_NAME_MAX, SmsSettings};
    use crate::text::sms_segments;

    fn settings() -> Settings {
        let sms = SmsSettings {
            gateway_url: "http://localhost/".into(),
            bearer_token: None,
            sender: "Akashi".into(),
        };
        Settings::new(sms, None, "https://portal.example.jp".into())
    }

    fn facts(who: &str) -> Facts {
        Facts {
            who: who.into(),
            reference: "BKTR".into(),
            code: "482913".into(),
            low_risk: true,
            reported: true,
            allowed: false,
            until: "12月31日23時59分".into(),
            uses: Uses {
                from: "12月31日".into(),
                days: 31,
                permitted: 12_345,
                refused: 12_345,
            },
            enquiries: enquiries(),
        }
    }

    fn enquiries() -> Enquiries {
        let office = |name: &str, telephone: &str| Office {
            name: name.into(),
            telephone: telephone.into(),
            hours: "平日9時〜17時".into(),
        };
        Enquiries {
            institution: Some(office("みなと市役所", "055-000-7777")),
            supervisors: vec![office("県監督局", "055-000-8888")],
        }
    }

    #[test]
    fn every_sms_fits_two_segments_with_the_longest_names_and_holds_no_link() {
        let mut settings = settings();
        settings.portal_name_ja = "証".repeat(PORTAL_NAME_MAX);
        settings.portal_name_en = "A".repeat(PORTAL_NAME_MAX);
        for language in [Language::Ja, Language::En] {
            for message in Message::all() {
                for who in [
                    "独立行政法人みなと市立中央総合病院機構",
                    "Minato Chūō General Hospital Organisation of Gifu 東",
                    "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷",
                    "葛\u{e0100}葛\u{e0100}葛\u{e0100}葛\u{e0100}葛\u{e0100}葛\u{e0100}葛\u{e0100}葛",
                    "[Minato] {Chuo} ~General~ ^Hospital^ |Gifu| [Minato]",
                ] {
                    let until = match language {
                        Language::Ja => "12月31日23時59分",
                        Language::En => "31 Dec 23:59",
                    };
                    let facts = Facts {
                        until: until.into(),
                        ..facts(who)
                    };
                    let text = message
                        .render(Channel::Sms, language, &facts, &settings)
                        .unwrap()
                        .body;
                    assert!(
                        sms_segments(&text) <= 2,
                        "{} {language}: {} {text}",
                        message.name(),
                        text.chars().count()
                    );
                    assert!(
                        !text.contains("http")
                            && !text.contains("://")
                            && !text.contains("example"),
                        "{text}"
                    );
                    assert!(!text.contains("055"), "no number: {text}");
                    assert!(
                        !text.contains('\n') && !text.contains("  ") && !text.contains("{{"),
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_mail_has_one_line_of_subject_and_says_where_to_look() {
        for language in [Language::Ja, Language::En] {
            for message in Message::all() {
                let facts = facts("みなと市役所");
                let text = message
                    .render(Channel::Email, language, &facts, &settings())
                    .unwrap();
                let subject = text.subject.unwrap();
                assert!(
                    !subject.contains('\n') && subject.chars().count() <= 60,
                    "{subject}"
                );
                assert!(
                    text.body.contains("\n\n--\n") && text.body.ends_with('\n'),
                    "{}",
                    text.body
                );
                assert!(
                    text.body.contains("\nみなと市役所　055-000-7777")
                        || text.body.contains("\nみなと市役所, 055-000-7777"),
                    "{}",
                    text.body
                );
                assert!(
                    text.body.contains("portal.example.jp") && !text.body.contains("\n\n\n"),
                    "{}",
                    text.body
                );
            }
        }
    }

    #[test]
    fn no_template_can_name_data_or_purpose() {
        let pack = akashi_policies::Pack::town().unwrap();
        let words = pack
            .categories()
            .iter()
            .flat_map(|c| [c.name.ja.clone(), c.name.en.clone()]);
        let words: Vec<String> = words
            .chain(
                pack.purposes()
                    .iter()
                    .flat_map(|p| [p.name.ja.clone(), p.name.en.clone()]),
            )
            .collect();
        for message in Message::all() {
            for channel in [Channel::Sms, Channel::Email] {
                for language in [Language::Ja, Language::En] {
                    let text = message
                        .render(channel, language, &facts("X"), &settings())
                        .unwrap();
                    let all =
                        format!("{}{}", text.subject.unwrap_or_default(), text.body).to_lowercase();
                    let named: Vec<_> = words
                        .iter()
                        .filter(|word| all.contains(&word.to_lowercase()))
                        .collect();
                    assert!(named.is_empty(), "{}: {named:?}", message.name());
                    assert!(!all.contains("qid"), "{}", message.name());
                }
            }
        }
    }

    #[test]
    fn a_question_that_is_not_low_risk_does_not_offer_a_reply_that_allows() {
        let facts = Facts {
            low_risk: false,
            ..facts("みなと市役所")
        };
        let ja = Message::Notice(Template::ApprovalRequest)
            .render(Channel::Sms, Language::Ja, &facts, &settings())
            .unwrap()
            .body;
        assert_eq!(
            ja,
            "【あかし】みなと市役所から許可のお願いです。受付番号BKTR、確認コード482913。画面で内容を見て決めてください。\
             返信でも、「いいえ BKTR」で断ることができます。期限12月31日23時59分"
        );
        let facts = Facts {
            who: "Minato City Office".into(),
            ..facts
        };
        let en = Message::Notice(Template::ApprovalRequest)
            .render(Channel::Sms, Language::En, &facts, &settings())
            .unwrap()
            .body;
        assert!(en.contains("reply NO BKTR.") && !en.contains("YES"), "{en}");
    }

    #[test]
    fn a_recorded_reply_says_what_was_recorded_in_one_segment() {
        for (allowed, reported, ja, en) in [
            (true, false, "許可", "allowed"),
            (false, false, "お断り", "refused."),
            (false, true, "お断りと報告", "refused and reported"),
        ] {
            let facts = Facts {
                allowed,
                reported,
                ..facts("")
            };
            let text = |l| {
                Message::Notice(Template::ReplyRecorded)
                    .render(Channel::Sms, l, &facts, &settings())
                    .unwrap()
                    .body
            };
            assert!(
                text(Language::Ja).contains(&format!("（{ja}）")),
                "{}",
                text(Language::Ja)
            );
            assert!(text(Language::En).contains(en), "{}", text(Language::En));
            for language in [Language::Ja, Language::En] {
                assert!(
                    text(language).contains("BKTR") && sms_segments(&text(language)) == 1,
                    "{}",
                    text(language)
                );
            }
        }
    }

    #[test]
    fn the_digest_covers_subject_and_text() {
        let text = |subject: Option<&str>, body: &str| Text {
            subject: subject.map(Into::into),
            body: body.into(),
        };
        let digest = text(Some("a"), "b").digest();
        assert_eq!(digest, Digest::of_wording("a\nb"));
        assert_ne!(digest, text(Some("a"), "c").digest());
        assert_eq!(text(None, "b").digest(), Digest::of_wording("b"));
    }
}
