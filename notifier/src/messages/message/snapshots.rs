//! Every message as people read it, one file a template below `snapshots/`: whoever changes a
//! template shows the change to its readers' eyes (CONTRIBUTING, "Snapshots").

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use akashi_proof::record::kind::{Channel, Language, Template};

use super::{Enquiries, Facts, Message, Office, Uses};
use crate::settings::{Settings, SmsSettings};

#[test]
fn every_message_reads_as_in_its_snapshot_and_every_template_has_one() {
    let settings = settings();
    for message in Message::all() {
        let mut shown = String::new();
        for (channel, language) in [
            (Channel::Sms, Language::Ja),
            (Channel::Sms, Language::En),
            (Channel::Email, Language::Ja),
            (Channel::Email, Language::En),
        ] {
            let mut before = BTreeSet::new();
            for (when, facts) in facts(message, language) {
                let text = message
                    .render(channel, language, &facts, &settings)
                    .unwrap();
                let subject = text
                    .subject
                    .map(|subject| format!("Subject: {subject}\n\n"));
                let whole = subject.unwrap_or_default() + text.body.trim_end();
                if before.insert(whole.clone()) {
                    writeln!(shown, "=== {channel}, {language}{when}\n{whole}\n").unwrap();
                }
            }
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(folder_of(message), shown);
        });
    }
    let declared: BTreeSet<String> = Message::all().map(folder_of).collect();
    assert_eq!(declared, names("templates", ""));
    assert_eq!(
        declared,
        names("src/messages/message/snapshots", ".snap"),
        "a template without a snapshot, or a snapshot whose template is gone"
    );
}

/// What stands in a folder of this package under names that end so, their only dot.
fn names(folder: &str, end: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(end).map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect()
}

/// The name of the folder of its texts, and of its snapshot.
fn folder_of(message: Message) -> String {
    message.name().replace('-', "_")
}

/// Made-up values, and the same with each answer that a text may turn on.
fn facts(message: Message, language: Language) -> [(&'static str, Facts); 6] {
    let (who, until, from) = match language {
        Language::Ja => ("みなと総合病院", "6月3日18時0分", "6月3日"),
        Language::En => ("Minato General Hospital", "3 Jun 18:00", "3 Jun"),
    };
    let uses = |permitted, refused| Uses {
        from: from.into(),
        days: 7,
        permitted,
        refused,
    };
    let facts = Facts {
        who: who.into(),
        reference: "BKTR".into(),
        code: "482913".into(),
        low_risk: false,
        reported: false,
        allowed: false,
        until: until.into(),
        uses: uses(12, 3),
        enquiries: enquiries(message, language),
    };
    [
        ("", facts.clone()),
        (
            ", where a reply may allow",
            Facts {
                low_risk: true,
                ..facts.clone()
            },
        ),
        (
            ", where she reported it",
            Facts {
                reported: true,
                ..facts.clone()
            },
        ),
        (
            ", where she allowed it",
            Facts {
                allowed: true,
                ..facts.clone()
            },
        ),
        (
            ", where all was allowed",
            Facts {
                uses: uses(1, 0),
                ..facts.clone()
            },
        ),
        (
            ", where nothing was allowed",
            Facts {
                uses: uses(0, 1),
                ..facts
            },
        ),
    ]
}

/// Whom she can ring up, as the notifier says it with this message; nobody has these numbers.
fn enquiries(message: Message, language: Language) -> Enquiries {
    let office = |name: &str, telephone: &str, hours: &str| Office {
        name: name.into(),
        telephone: telephone.into(),
        hours: hours.into(),
    };
    let (hospital, office_1, office_2) = match language {
        Language::Ja => (
            office("みなと総合病院", "055-000-1201", "平日8時30分〜17時15分"),
            office("県個人情報保護局", "055-000-1101", "平日9時〜17時"),
            office("みなと市監査委員", "0120-000-110", "毎日9時〜20時"),
        ),
        Language::En => (
            office(
                "Minato General Hospital",
                "+81 55 000 1201",
                "Weekdays 8:30-17:15",
            ),
            office(
                "Prefecture Data Protection Office",
                "+81 55 000 1101",
                "Weekdays 9:00-17:00",
            ),
            office(
                "Minato City Audit Board",
                "+81 120 000 110",
                "Daily 9:00-20:00",
            ),
        ),
    };
    let supervisors = vec![office_1, office_2];
    let template = match message {
        Message::Notice(template) => template,
        Message::Code(_) => return Enquiries::default(),
    };
    match template {
        Template::ApprovalRequest
        | Template::ApprovalPermitted
        | Template::ApprovalNotPermitted
        | Template::ApprovalRefused
        | Template::ApprovalExpired
        | Template::OutOfPurpose
        | Template::EmergencyAccess
        | Template::AccessPermitted
        | Template::AccessRefused
        | Template::ReleaseRefused
        | Template::LinkIssued
        | Template::LinkEnded
        | Template::LinkCorrected => Enquiries {
            institution: Some(hospital),
            supervisors,
        },
        Template::ConsentGiven
        | Template::ConsentNarrowed
        | Template::ConsentWithdrawn
        | Template::ConsentsStopped
        | Template::MeansBlocked
        | Template::MeansUnblocked
        | Template::PapersReplaced
        | Template::ContactReplacing
        | Template::ContactKept
        | Template::ContactEnded
        | Template::ContactDoubted
        | Template::AccountChanged
        | Template::ContactChanged
        | Template::Summary
        | Template::MoreHappened
        | Template::NoticeUndelivered => Enquiries {
            institution: None,
            supervisors,
        },
        Template::ReplyHelp
        | Template::ReplyLate
        | Template::ReplyRecorded
        | Template::ReplyAnswered
        | Template::ReplyInPortal => Enquiries::default(),
    }
}

fn settings() -> Settings {
    let sms = SmsSettings {
        gateway_url: "http://localhost/".into(),
        bearer_token: None,
        sender: "Akashi".into(),
    };
    Settings::new(sms, None, "https://portal.example.jp".into())
}
