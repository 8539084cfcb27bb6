//! One-time codes through the real channels.

use akashi_actors::until_so;
use akashi_notifier::{Address, Challenge, CodeRefused, CodeUse, Email, Phone};
use akashi_proof::record::kind::Language;

use crate::support::gateway::Mood;
use crate::support::{ASKER, Town};

fn digits(text: &str) -> String {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.rfind(|run| run.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn a_code_arrives_and_comes_back_once() {
    let town = Town::new().await;
    let process = town.start();
    let to = Address::Phone(Phone::parse("090-1234-5678").unwrap());
    let challenge = process
        .notifier
        .send_code(CodeUse::Enrol, &to, &ASKER, Language::Ja)
        .await
        .unwrap();
    until_so("the code arrived", || !town.gateway.taken().is_empty()).await;
    let sms = town.gateway.taken().remove(0);
    assert_ne!(sms.id, challenge.as_str());
    let carried = Challenge::parse(CodeUse::Enrol, challenge.as_str()).unwrap();
    assert_eq!(
        process.notifier.check_code(&carried, "12345"),
        Err(CodeRefused::Wrong)
    );
    assert_eq!(
        process.notifier.check_code(&carried, &digits(&sms.text)),
        Ok(to)
    );
    assert_eq!(
        process.notifier.check_code(&carried, &digits(&sms.text)),
        Err(CodeRefused::Wrong),
        "as for a code that never was: nothing tells that this one came back"
    );
    process.shutdown().await;
}

#[tokio::test]
async fn a_code_goes_by_mail_and_survives_a_hiccup_of_the_gateway() {
    let town = Town::new().await;
    let process = town.start();
    let mail = Address::Email(Email::parse("hanako@example.jp").unwrap());
    let challenge = process
        .notifier
        .send_code(CodeUse::AddContact, &mail, &ASKER, Language::En)
        .await
        .unwrap();
    until_so("the mail arrived", || !town.mail.taken().is_empty()).await;
    let body = town.mail.taken().remove(0).body;
    assert_eq!(
        process.notifier.check_code(&challenge, &digits(&body)),
        Ok(mail)
    );

    town.gateway.set(Mood::Down);
    let phone = Address::Phone(Phone::parse("090-1234-5678").unwrap());
    process
        .notifier
        .send_code(CodeUse::Enrol, &phone, &ASKER, Language::En)
        .await
        .unwrap();
    until_so("it was tried", || town.gateway.requests() == 1).await;
    town.gateway.set(Mood::Up);
    until_so("the code arrived", || town.gateway.taken().len() == 1).await;
    process.shutdown().await;
}

#[tokio::test]
async fn signing_in_answers_the_same_whether_the_number_is_known_or_not() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let known = Address::Phone(citizen.phone.clone());
    let unknown = Address::Phone(Phone::parse("070-1111-1111").unwrap());
    for address in [&known, &unknown] {
        for _ in 0..4 {
            assert!(
                process
                    .notifier
                    .send_code(CodeUse::SignIn, address, &ASKER, Language::Ja)
                    .await
                    .is_ok()
            );
        }
        let fifth = process
            .notifier
            .send_code(CodeUse::SignIn, address, &ASKER, Language::Ja)
            .await
            .unwrap();
        for _ in 1..5 {
            assert_eq!(
                process.notifier.check_code(&fifth, "x"),
                Err(CodeRefused::Wrong)
            );
        }
        assert_eq!(
            process.notifier.check_code(&fifth, "x"),
            Err(CodeRefused::Void)
        );
    }
    until_so("codes arrived", || town.gateway.taken().len() == 3).await;
    // Looked up was either as often, whether or not there was somebody to find.
    let looked_up = || process.notifier.code_figures().looked_up;
    until_so("all were looked up", || looked_up() == 10).await;
    // What was asked for later has come: nothing asked for before is still on its way.
    let newcomer = Phone::parse("070-2222-2222").unwrap();
    let to = Address::Phone(newcomer.clone());
    let sent = process
        .notifier
        .send_code(CodeUse::Enrol, &to, &ASKER, Language::Ja);
    sent.await.unwrap();
    until_so("the last code arrived", || town.gateway.taken().len() > 3).await;
    let phones = town.gateway.taken().into_iter().map(|sms| sms.to);
    let hers = citizen.phone.as_e164();
    assert_eq!(
        phones.collect::<Vec<_>>(),
        [hers, hers, hers, newcomer.as_e164()],
        "strangers' phones stay silent"
    );
    process.shutdown().await;
}

#[tokio::test]
async fn three_requests_of_a_stranger_do_not_keep_the_owner_of_a_number_out() {
    let town = Town::new().await;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let hers = Address::Phone(citizen.phone.clone());
    for code_use in [CodeUse::Enrol, CodeUse::SignIn] {
        for _ in 0..3 {
            let known = town.gateway.taken().len();
            process
                .notifier
                .send_code(code_use, &hers, &ASKER, Language::Ja)
                .await
                .unwrap();
            until_so("the code arrived", || town.gateway.taken().len() > known).await;
        }
    }
    let challenge = process
        .notifier
        .send_code(CodeUse::SignIn, &hers, &ASKER, Language::Ja)
        .await
        .unwrap();
    let newest = digits(&town.gateway.taken().last().unwrap().text);
    assert_eq!(process.notifier.check_code(&challenge, &newest), Ok(hers));
    assert_eq!(town.gateway.taken().len(), 6);
    process.shutdown().await;
}
