//! A hostile network, a /48 behind the proxy: bodies that never end, and people who try to sign in
//! with numbers nobody has.

use std::collections::BTreeMap;

use akashi_actors::Browser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::Strength;
use crate::behind::{Behind, FORWARDED_FOR, NONE};
use crate::town::{NOBODY, Town};

/// Browsers that sign in side by side.
const BROWSERS: usize = 4;
/// What they sign in at, or enrol.
const PAGES: [&str; 2] = ["/sign-in", "/enrol"];
/// Three of four bodies come from one customer's network, the others from all over the /48.
const CROWDED: usize = 4;
/// How often a body that was ended is begun again in one stretch.
const AGAIN_MAX: usize = 50;

/// What became of it.
#[derive(Default)]
pub struct Tried {
    /// Bodies that were ended by the server, by the status it answered with.
    pub bodies: BTreeMap<u16, usize>,
    /// Sign-ins by status.
    pub sign_ins: BTreeMap<u16, usize>,
}

/// Both until the rest of the storm is over.
pub fn storm(
    town: &Town,
    strength: &Strength,
    handle: &Handle,
    over: &watch::Receiver<()>,
) -> Tried {
    std::thread::scope(|scope| {
        let bodies = scope.spawn(|| handle.block_on(bodies(town, strength.open, over)));
        let browsers: Vec<_> = (0..BROWSERS)
            .map(|browser| {
                let count = strength.sign_ins / BROWSERS;
                scope.spawn(move || handle.block_on(sign_ins(town, browser, count, over)))
            })
            .collect();
        let mut tried = Tried::default();
        for browser in browsers {
            for status in browser.join().unwrap() {
                *tried.sign_ins.entry(status).or_default() += 1;
            }
        }
        for status in bodies.join().unwrap() {
            *tried.bodies.entry(status).or_default() += 1;
        }
        tried
    })
}

/// An address of the /48.
fn address(customer: usize, host: usize) -> String {
    format!("2001:db8:66:{customer:x}::{host:x}")
}

/// Requests that say how long they are and send one byte; each begun anew when it was ended.
async fn bodies(town: &Town, open: usize, over: &watch::Receiver<()>) -> Vec<u16> {
    let authority = town.server.url.trim_start_matches("http://").to_owned();
    let mut tasks = JoinSet::new();
    for number in 0..open {
        let customer = if number % CROWDED == 0 { number } else { 1 };
        let address = address(customer, number + 1);
        let (authority, mut over) = (authority.clone(), over.clone());
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..AGAIN_MAX {
                tokio::select! {
                    status = drip(&authority, &address) => answers.push(status.unwrap_or(NONE)),
                    _ = over.changed() => break,
                }
            }
            answers
        });
    }
    tasks.join_all().await.concat()
}

/// The status the server answers with when it has waited long enough.
async fn drip(authority: &str, address: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(authority).await?;
    let head = format!(
        "POST /v1/accesses HTTP/1.1\r\nHost: {authority}\r\n{FORWARDED_FOR}: {address}\r\n\
         Content-Type: application/jose\r\nContent-Length: 900\r\n\r\na"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = answer
        .get(9..12)
        .and_then(|digits| std::str::from_utf8(digits).ok());
    Ok(status
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(NONE))
}

/// So many try to sign in, or to enrol, with numbers nobody has, each from another customer of the
/// network.
async fn sign_ins(
    town: &Town,
    browser: usize,
    count: usize,
    over: &watch::Receiver<()>,
) -> Vec<u16> {
    let mut answers = Vec::new();
    // Where the rest is over sooner, there is nobody left to be disturbed.
    for number in 0..count {
        if over.has_changed().is_err() {
            break;
        }
        let number = browser * count + number;
        let behind = Behind {
            server: &town.server,
            address: address(number, 1),
        };
        let mut browser = Browser::new(&behind);
        let path = PAGES[number % PAGES.len()];
        let mut page = browser.get(path).await;
        if page.status == 200 {
            let phone = format!("{NOBODY}{number:07}");
            page = browser.post(path, &[("phone", &phone)]).await;
        }
        answers.push(page.status);
    }
    answers
}
