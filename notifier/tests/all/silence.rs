//! Nothing personal and no code is logged, at any level, by this crate or any it uses.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use akashi_actors::until_so;
use akashi_notifier::{Address, CodeUse};
use akashi_proof::record::kind::Language;
use akashi_tlog::base64;

use crate::support::gateway::Mood;
use crate::support::{ASKER, Town, idle, reference_and_code};
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_at_its_finest_holds_no_address_no_code_and_no_handle() {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .init();

    let mut town = Town::new().await;
    town.settings.retry.attempts_max = 3;
    let citizen = town.with_citizen().await;
    let process = town.start();
    let phone = Address::Phone(citizen.phone.clone());
    process
        .notifier
        .send_code(CodeUse::SignIn, &phone, &ASKER, Language::Ja)
        .await
        .unwrap();
    until_so("the code arrived", || town.gateway.taken().len() == 1).await;
    let code = town.gateway.taken()[0]
        .text
        .chars()
        .filter(char::is_ascii_digit)
        .take(6)
        .collect::<String>();
    town.drill_down(&process.ledger, &citizen).await;
    idle(&process).await;
    let (reference, approval_code) = reference_and_code(&town.gateway.taken()[1].text);
    process
        .notifier
        .inbound_sms(&citizen.phone, &format!("はい {reference} {approval_code}"))
        .await
        .unwrap();
    process
        .notifier
        .inbound_sms(&citizen.phone, &format!("いいえ {reference}"))
        .await
        .unwrap();
    town.gateway.set(Mood::Down);
    town.out_of_purpose(&process.ledger, &citizen).await;
    idle(&process).await;
    process.shutdown().await;

    let log = String::from_utf8_lossy(&kept.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("could not be delivered and was given up") && log.contains("TRACE"),
        "the log is kept"
    );
    let handle = citizen.person.subject.as_bytes();
    let hex: String = handle.iter().map(|byte| format!("{byte:02x}")).collect();
    for (what, never) in [
        (
            "the number",
            citizen.phone.as_e164().trim_start_matches("+81").to_owned(),
        ),
        ("the address", citizen.email.as_str().to_owned()),
        ("a one-time code", code),
        ("an approval code", approval_code),
        ("a reference", format!(" {reference}")),
        ("the handle", base64::url::encode(handle)),
        ("the handle", hex),
        ("the gateway's token", crate::support::TOKEN.to_owned()),
        ("a text", "みなと市役所".to_owned()),
    ] {
        let found = log.lines().find(|line| line.contains(&never));
        assert!(found.is_none(), "{what}: {found:?}");
    }
}
