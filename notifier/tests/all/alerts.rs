//! What goes wrong is told at once, by SMS and by e-mail.

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{claims, particulars, until_so};
use akashi_ledger::command::{EndContact, WithdrawConsent};
use akashi_notifier::{Address, Email, Phone};
use akashi_policies::{Pack, Shelf};
use akashi_proof::ids::LeafIndex;
use akashi_proof::particulars::{Line, Particulars, Telephone};
use akashi_proof::record::kind::{Assurance, Channel, Event, Language, Rule, Template};

use crate::support::{Citizen, Process, Town, consent, consultation, idle, picked};

#[tokio::test]
async fn a_request_outside_the_whitelist_raises_an_alert_and_is_told_by_sms_and_mail() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let access = town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    let alerts = picked(&process.ledger, &citizen, |event| match event {
        Event::AlertRaised(e) => Some((e.access, e.rule)),
        _ => None,
    });
    assert_eq!(alerts, [(access, Rule::OutOfPurpose)]);
    let sms = town.gateway.taken();
    assert_eq!(
        (sms.len(), sms[0].to.as_str()),
        (1, citizen.phone.as_e164())
    );
    assert!(
        sms[0].text.contains("中央病院が、認められていない形で"),
        "{}",
        sms[0].text
    );
    let mail = town.mail.taken();
    assert_eq!(
        (mail.len(), mail[0].to.as_str()),
        (1, citizen.email.as_str())
    );
    assert!(
        mail[0].body.contains("中央病院が、認められていない形で"),
        "{}",
        mail[0].body
    );
    assert!(
        mail[0].head.contains("Auto-Submitted: auto-generated"),
        "{}",
        mail[0].head
    );
    assert!(
        mail[0].head.contains("@example.jp>"),
        "a message identity of its own: {}",
        mail[0].head
    );
    for text in [&sms[0].text, &mail[0].body] {
        assert!(
            !text.contains("診断") && !text.contains("研究") && !text.contains("diagnosis"),
            "{text}"
        );
    }
    process.shutdown().await;
}

/// What was found about a person, and how often.
fn alerts(process: &Process, citizen: &Citizen) -> Vec<(LeafIndex, Rule, u64)> {
    picked(&process.ledger, citizen, |event| match event {
        Event::AlertRaised(e) => Some((e.access, e.rule, e.count)),
        _ => None,
    })
}

#[tokio::test]
async fn alerts_of_one_kind_about_one_person_are_counted_into_one_also_across_a_restart() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let other = town.citizen(&process.ledger, &process.contacts).await;
    let first = town.out_of_purpose(&process.ledger, &citizen).await;
    let second = town.out_of_purpose(&process.ledger, &citizen).await;
    let of_other = town.out_of_purpose(&process.ledger, &other).await;
    idle(&process).await;
    process.shutdown().await;
    let process = town.start();
    town.out_of_purpose(&process.ledger, &citizen).await;
    let by_city = town.misuse(&process.ledger, &citizen, &town.city).await;
    idle(&process).await;
    let one = |access| (access, Rule::OutOfPurpose, 1);
    assert_eq!(alerts(&process, &citizen), [one(first), one(by_city)]);
    assert_eq!(alerts(&process, &other), [one(of_other)]);
    assert_eq!(
        process.notifier.backlog().alerts_counted,
        1,
        "since the start"
    );

    town.clock.pass(HOUR);
    until_so("the others are told", || {
        alerts(&process, &citizen).len() == 3
    })
    .await;
    let others = (second, Rule::OutOfPurpose, 2);
    assert_eq!(alerts(&process, &citizen)[2], others);

    // Two hours in which nothing happens say nothing, and then the first is told at once again.
    for _ in 0..2 {
        town.clock.pass(HOUR);
        let access = town.out_of_purpose(&process.ledger, &other).await;
        until_so("it is told at once", || {
            alerts(&process, &other).last() == Some(&one(access))
        })
        .await;
    }
    idle(&process).await;
    assert_eq!(alerts(&process, &citizen).len(), 3);
    assert_eq!(alerts(&process, &other).len(), 3);
    process.shutdown().await;
}

#[tokio::test]
async fn a_role_holder_without_the_role_raises_an_alert() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let asked = consultation("somebody-else");
    town.access(&process.ledger, &citizen, &town.hospital, asked)
        .await;
    idle(&process).await;
    assert_eq!(
        (town.gateway.taken().len(), town.mail.taken().len()),
        (1, 1)
    );
    process.shutdown().await;
}

#[tokio::test]
async fn an_emergency_is_permitted_and_told_at_once() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    town.emergency(&process.ledger, &citizen).await;
    idle(&process).await;
    let (sms, mail) = (town.gateway.taken(), town.mail.taken());
    assert_eq!((sms.len(), mail.len()), (1, 1));
    assert!(
        sms[0].text.contains("中央病院が緊急を宣言し"),
        "{}",
        sms[0].text
    );
    assert!(!sms[0].text.contains("accident") && !mail[0].body.contains("accident"));
    process.shutdown().await;
}

#[tokio::test]
async fn a_contact_that_ended_hears_of_it_and_is_swept_only_then() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let ledger = town.open();
    let contacts = town.open_contacts(&ledger);
    let old = Address::Phone(citizen.phone.clone());
    let old_id = contacts.contacts_of(&old)[0].id;
    let new = Address::Phone(Phone::parse("080-1111-2222").unwrap());
    let new_id = town.add(&contacts, citizen.person.subject, new.clone());
    let orphan = Address::Email(Email::parse("orphan@example.jp").unwrap());
    town.add(&contacts, citizen.person.subject, orphan.clone());
    // Her mail address has been hers for three days, so that she may end the number at once.
    town.clock.pass(Duration::from_secs(86_400));
    let subject = citizen.person.subject;
    town.verify(&ledger, subject, new_id, Channel::Sms).await;
    let end = EndContact {
        subject,
        contact: old_id,
        assurance: Assurance::SmsAndRecovery,
        language: Language::Ja,
    };
    ledger.submit(end).await.unwrap();
    assert_eq!(
        contacts.sweep_orphans(ledger.reader()).unwrap(),
        1,
        "the orphan alone: the old one is to be told"
    );
    assert!(contacts.contacts_of(&orphan).is_empty());
    assert!(
        contacts.people_of(ledger.reader(), &old).is_empty(),
        "a replaced number opens nothing"
    );
    assert_eq!(contacts.people_of(ledger.reader(), &new).len(), 1);

    let process = town.notify(ledger, contacts.into());
    idle(&process).await;
    let mut sms = town.gateway.taken();
    sms.retain(|sms| sms.to.as_str() == citizen.phone.as_e164());
    assert_eq!(sms.len(), 1);
    assert!(sms[0].text.contains("お知らせ先"), "{}", sms[0].text);
    process.notifier.shutdown().await;
    assert_eq!(
        process
            .contacts
            .sweep_orphans(process.ledger.reader())
            .unwrap(),
        1
    );
    assert!(process.contacts.contacts_of(&old).is_empty());
}

/// What the registry says is text in a mail, whatever it looks like.
#[tokio::test]
async fn a_mail_says_whom_to_ring_up_by_what_is_certified_now_and_an_sms_never() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let now = Particulars {
        telephone: Telephone::parse("+81-55-000-4321").unwrap(),
        hours_ja: Line::parse("<b>毎日</b> Bcc: {{ v.code }}").unwrap(),
        ..particulars("中央病院", "Chuo Hospital")
    };
    let act = claims::changed(town.hospital.id(), &now);
    town.by_supervisors(&process.ledger, &act).await;
    town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    let mail = &town.mail.taken()[0];
    for line in [
        "中央病院　055-000-4321（<b>毎日</b> Bcc: {{ v.code }}）",
        "ためし監督局　055-000-1234（平日 9時〜17時）",
    ] {
        assert!(mail.body.lines().any(|said| said == line), "{}", mail.body);
    }
    assert!(
        !mail.head.contains("Bcc") && mail.head.contains("text/plain"),
        "{}",
        mail.head
    );
    let sms = &town.gateway.taken()[0].text;
    assert!(!sms.contains("055-000") && !sms.contains("+81"), "{sms}");
    process.shutdown().await;
}

#[tokio::test]
async fn an_act_of_hers_is_announced_on_the_second_channel() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let consents = [1, 2].map(|days| consent(&town, days));
    let id = consents[0].consent;
    let give = akashi_ledger::command::GiveConsent {
        subject: citizen.person.subject,
        consents: consents.into(),
        policies: Arc::new(Shelf::of(Arc::new(Pack::town().unwrap()))),
    };
    process.ledger.submit(give).await.unwrap();
    let (assurance, language) = (Assurance::SmsAndRecovery, Language::Ja);
    let withdraw = WithdrawConsent {
        subject: citizen.person.subject,
        consent: id,
        assurance,
        language,
    };
    process.ledger.submit(withdraw).await.unwrap();
    idle(&process).await;
    let mut subjects: Vec<_> = picked(&process.ledger, &citizen, |event| match event {
        Event::NoticeSent(e) => Some((e.template, e.channel)),
        _ => None,
    });
    subjects.sort();
    let expected =
        [Template::ConsentGiven, Template::ConsentWithdrawn].map(|said| (said, Channel::Email));
    assert_eq!(
        subjects, expected,
        "one screen of consent is announced once"
    );
    assert!(town.gateway.taken().is_empty());
    process.shutdown().await;
}
