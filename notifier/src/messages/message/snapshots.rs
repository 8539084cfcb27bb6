//! Every message as people read it, one file a template below `snapshots/`: whoever changes a
//! template shows the change to its readers' eyes (CONTRIBUTING, "Snapshots").

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use akashi_proof::record::kind::{Channel, Language};

use super::{Facts, Template};
use crate::settings::{Settings, SmsSettings};

#[test]
fn every_message_reads_as_in_its_snapshot_and_every_template_has_one() {
    let settings = settings();
    for template in Template::ALL {
        let mut shown = String::new();
        for (channel, language) in [
            (Channel::Sms, Language::Ja),
            (Channel::Sms, Language::En),
            (Channel::Email, Language::Ja),
            (Channel::Email, Language::En),
        ] {
            let mut before = BTreeSet::new();
            for (when, facts) in facts(language) {
                let text = template
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
            insta::assert_snapshot!(folder_of(*template), shown);
        });
    }
    let declared: BTreeSet<String> = Template::ALL.iter().copied().map(folder_of).collect();
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
fn folder_of(template: Template) -> String {
    template.as_str().replace('-', "_")
}

/// Made-up values, and the same with each answer that a text may turn on.
fn facts(language: Language) -> [(&'static str, Facts); 4] {
    let (who, until) = match language {
        Language::Ja => ("みなと総合病院", "6月3日18時0分"),
        Language::En => ("Minato General Hospital", "3 Jun 18:00"),
    };
    let facts = Facts {
        who: who.into(),
        reference: "BKTR".into(),
        code: "482913".into(),
        low_risk: false,
        reported: false,
        allowed: false,
        until: until.into(),
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
                ..facts
            },
        ),
    ]
}

fn settings() -> Settings {
    let sms = SmsSettings {
        gateway_url: "http://localhost/".into(),
        bearer_token: None,
        sender: "Akashi".into(),
    };
    Settings::new(sms, None, "https://portal.example.jp".into())
}
