//! What waits while a gateway is down goes to nobody whose it is no longer: a number may end, be
//! blocked, or become somebody else's before the gateway is back.

use std::time::Duration;

use akashi_actors::until_so;
use akashi_ledger::command::{BlockMeans, DoubtContact, EndContact, ReplaceContact};
use akashi_notifier::{Address, Phone};
use akashi_proof::ids::ContactId;
use akashi_proof::record::kind::{
    Assurance, BlockedBy, Channel, Event, Language, NoticeDelivery, Template,
};

use crate::support::gateway::Mood;
use crate::support::{Citizen, Process, Town, idle, picked};

const IN_HAND: (Assurance, Language) = (Assurance::SmsAndRecovery, Language::Ja);

/// What of hers was given up, and by which channel.
fn given_up(process: &Process, citizen: &Citizen) -> Vec<(Template, Channel)> {
    let mut given_up = picked(&process.ledger, citizen, |event| match event {
        Event::NoticeFailed(NoticeDelivery {
            template, channel, ..
        }) => Some((template, channel)),
        _ => None,
    });
    given_up.sort_by_key(|(template, _)| template.as_str());
    given_up
}

fn phone_of(process: &Process, citizen: &Citizen) -> ContactId {
    let phone = Address::Phone(citizen.phone.clone());
    let mut contacts = process.contacts.contacts_of(&phone).into_iter();
    let hers = contacts.find(|contact| contact.subject == citizen.person.subject);
    hers.unwrap().id
}

/// A town where an emergency, a question and an answer to a reply wait for her phone.
async fn three_wait_for_her_phone() -> (Town, Citizen, Process) {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    // Her mail address has been hers for long enough that her phone may end beside it.
    town.clock.pass(Duration::from_secs(2 * 86_400));
    let process = town.start();
    wait_for_her_phone(&town, &citizen, &process).await;
    (town, citizen, process)
}

async fn wait_for_her_phone(town: &Town, citizen: &Citizen, process: &Process) {
    idle(process).await;
    town.gateway.set(Mood::Down);
    let reply = process.notifier.inbound_sms(&citizen.phone, "いいえ");
    reply.await.unwrap();
    town.emergency(&process.ledger, citizen).await;
    town.drill_down(&process.ledger, citizen).await;
    until_so("her mail is told, her phone is not", || {
        let backlog = process.notifier.backlog();
        backlog.unread() == 0 && backlog.waiting == 3 && town.mail.taken().len() == 1
    })
    .await;
}

/// What rang, and where.
async fn rings(town: &Town, process: &Process) -> Vec<(String, String)> {
    until_so("all is read", || process.notifier.backlog().unread() == 0).await;
    town.gateway.set(Mood::Up);
    idle(process).await;
    let taken = town.gateway.taken().into_iter();
    taken.map(|sms| (sms.to, sms.text)).collect()
}

/// All that waited for her phone is given up, on the record.
const ALL: [(Template, Channel); 3] = [
    (Template::ApprovalRequest, Channel::Sms),
    (Template::EmergencyAccess, Channel::Sms),
    (Template::ReplyLate, Channel::Sms),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_else_has_shown_to_be_theirs_hears_nothing_that_waited() {
    let (town, citizen, process) = three_wait_for_her_phone().await;
    let doubt = DoubtContact {
        subject: citizen.person.subject,
        contact: phone_of(&process, &citizen),
    };
    process.ledger.submit(doubt).await.unwrap();
    let rang = rings(&town, &process).await;
    assert!(rang.is_empty(), "{rang:?}");
    assert_eq!(given_up(&process, &citizen), ALL);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_ended_and_is_anothers_hears_nothing_that_waited() {
    for is_anothers in [true, false] {
        let (town, citizen, process) = three_wait_for_her_phone().await;
        let contact = phone_of(&process, &citizen);
        if is_anothers {
            let other = akashi_actors::Person::new();
            let phone = Address::Phone(citizen.phone.clone());
            let contact = town.add(&process.contacts, other.subject, phone);
            let enrolment = other.enrolment(contact);
            process.ledger.submit(enrolment).await.unwrap();
        }
        let (assurance, language) = IN_HAND;
        let end = EndContact {
            subject: citizen.person.subject,
            contact,
            assurance,
            language,
        };
        process.ledger.submit(end).await.unwrap();
        let rang = rings(&town, &process).await;
        // That it has ended is told there as long as it is nobody else's.
        assert_eq!(rang.len(), usize::from(!is_anothers), "{rang:?}");
        assert!(
            rang.iter().all(|(_, text)| !text.contains("緊急")),
            "{rang:?}"
        );
        assert_eq!(given_up(&process, &citizen), ALL);
        process.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_blocked_hears_that_and_nothing_that_waited() {
    let (town, citizen, process) = three_wait_for_her_phone().await;
    let block = BlockMeans {
        subject: citizen.person.subject,
        contact: phone_of(&process, &citizen),
        blocked_by: BlockedBy::Person,
        language: Language::Ja,
    };
    process.ledger.submit(block).await.unwrap();
    let rang = rings(&town, &process).await;
    assert_eq!(rang.len(), 1, "that it is blocked: {rang:?}");
    assert!(!rang[0].1.contains("緊急"), "{rang:?}");
    assert_eq!(given_up(&process, &citizen), ALL);
    process.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_number_goes_to_the_one_in_its_place() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let old = phone_of(&process, &citizen);
    let phone = Phone::parse("080-1234-5678").unwrap();
    let subject = citizen.person.subject;
    let new = town.add(&process.contacts, subject, Address::Phone(phone.clone()));
    let (assurance, language) = IN_HAND;
    let replace = ReplaceContact {
        subject,
        contact: new,
        replaces: old,
        assurance,
        language,
    };
    process.ledger.submit(replace).await.unwrap();
    let hour = Duration::from_secs(3_600);
    idle(&process).await;
    town.clock.pass(Duration::from_secs(3 * 86_400) - hour);
    let (rang, mails) = (town.gateway.taken().len(), town.mail.taken().len());
    town.gateway.set(Mood::Down);
    town.emergency(&process.ledger, &citizen).await;
    town.drill_down(&process.ledger, &citizen).await;
    until_so("both wait", || {
        let backlog = process.notifier.backlog();
        let told = town.mail.taken().len() > mails;
        backlog.unread() == 0 && backlog.waiting == 2 && told
    })
    .await;
    town.clock.pass(hour);
    let now = rings(&town, &process).await.split_off(rang);
    assert_eq!(now.len(), 2, "{now:?}");
    assert!(now.iter().all(|(to, _)| to == phone.as_e164()), "{now:?}");
    let sent = picked(&process.ledger, &citizen, |event| match event {
        Event::NoticeSent(e) if e.channel == Channel::Sms => Some(e.contact),
        _ => None,
    });
    assert_eq!(sent[sent.len() - 2..], [new, new], "as it is recorded");
    assert!(given_up(&process, &citizen).is_empty());
    process.shutdown().await;
}
