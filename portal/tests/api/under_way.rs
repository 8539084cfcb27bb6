//! Readers who do not read, at real sockets: what is made for them is bounded, ends, and is in
//! nobody's way.
//!
//! HTTP/2 is spoken here by hand: no client library asks for answers that it will not take.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use akashi::config::ServerConfig;
use akashi::server::{listen, run};
use akashi_desk::limits::{ANSWER_COST, ANSWERS, STREAMS_AT_ONCE};
use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::town::Town;

const PATH: &str = "/v1/policy";
const REFUSED_STREAM: u32 = 7;

/// The frames of RFC 9113, section 6, that are looked at here.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;

/// A town at a socket, until the test ends.
struct AtSocket {
    town: Town,
    address: SocketAddr,
    /// How long the answer is.
    len: usize,
    _server: JoinHandle<()>,
}

impl AtSocket {
    async fn new() -> Self {
        let town = Town::new().await;
        let len = town.get(PATH).await.body.len();
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Arc::clone(&town.app);
        let server = tokio::spawn(async move {
            run(app, &ServerConfig::default(), listener, Router::new())
                .await
                .unwrap();
        });
        Self {
            town,
            address,
            len,
            _server: server,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn weight(&self) -> usize {
        self.town.app.doors.answers.weight()
    }

    /// What one answer weighs of which nothing is taken.
    fn of_one(&self) -> usize {
        self.len + ANSWER_COST
    }

    fn sent_away(&self) -> u64 {
        self.town.app.doors.answers.sent_away()
    }

    /// The answer as somebody honest gets it, from the same address.
    async fn honest(&self) -> String {
        let mut stream = self.connect().await;
        let request =
            format!("GET {PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    /// A connection that asks so many times and opens no window for the answers.
    async fn shut(&self, asked: u32) -> TcpStream {
        let mut stream = self.connect().await;
        let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // SETTINGS_INITIAL_WINDOW_SIZE: 0.
        sent.extend(frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]));
        for n in 0..asked {
            // GET, http, and the path and host as literals (RFC 7541, section 6.2.2).
            let mut fields = vec![0x82, 0x86];
            for (name, value) in [(4, PATH), (1, "localhost")] {
                fields.extend([name, value.len() as u8]);
                fields.extend(value.as_bytes());
            }
            sent.extend(frame(HEADERS, 0x5, 2 * n + 1, &fields));
        }
        stream.write_all(&sent).await.unwrap();
        stream
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, len @ ..] = (payload.len() as u32).to_be_bytes();
    let mut frame = len.to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The next frame's kind and payload.
async fn read_frame(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await?;
    let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; len as usize];
    stream.read_exact(&mut payload).await?;
    Ok((head[3], payload))
}

/// Waits for it; nothing here is a matter of time.
async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_asks_for_so_many_answers_at_once_and_each_is_counted() {
    let at = AtSocket::new().await;
    let more = 8;
    let mut stream = at.shut(STREAMS_AT_ONCE + more).await;
    let (mut refused, mut said) = (0, None);
    while refused < more {
        let (kind, payload) = read_frame(&mut stream).await.unwrap();
        match kind {
            RST_STREAM => {
                assert_eq!(payload, REFUSED_STREAM.to_be_bytes(), "N + 1");
                refused += 1;
            }
            SETTINGS if said.is_none() => said = Some(payload),
            _ => {}
        }
    }
    // SETTINGS_MAX_CONCURRENT_STREAMS: an honest client keeps to it.
    let [.., most] = STREAMS_AT_ONCE.to_be_bytes();
    let said = said.unwrap();
    assert!(
        said.chunks(6).any(|pair| pair == [0, 3, 0, 0, 0, most]),
        "{said:?}"
    );
    let all = STREAMS_AT_ONCE as usize * at.of_one();
    until(|| at.weight() == all).await;
    let figures = at.town.get("/metrics").await.text();
    assert!(
        figures.contains(&format!("akashi_answers_bytes {all}\n")),
        "{figures}"
    );
    assert_eq!(at.sent_away(), 0);
    drop(stream);
    until(|| at.weight() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_shut_their_windows_make_room_for_each_other_and_for_everybody() {
    let at = AtSocket::new().await;
    let of_connection = STREAMS_AT_ONCE as usize * at.of_one();
    let fits = ANSWERS.by_ring[0] / of_connection;
    let mut streams = Vec::new();
    for n in 1..=fits {
        streams.push(at.shut(STREAMS_AT_ONCE).await);
        until(|| at.weight() == n * of_connection).await;
    }
    assert_eq!(at.sent_away(), 0, "N");
    let last = at.shut(STREAMS_AT_ONCE).await;
    until(|| at.sent_away() > 0).await;
    // The connection whose answers were taken longest ago has ended, whatever it still sends.
    let mut first = streams.remove(0);
    while read_frame(&mut first).await.is_ok() {}
    assert!(at.weight() <= ANSWERS.by_ring[0]);
    let answer = at.honest().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.len() > at.len);
    // And whoever takes nothing has its time.
    at.town.app.doors.answers.send_away_resting(Instant::now());
    for mut stream in streams.into_iter().chain([last]) {
        while read_frame(&mut stream).await.is_ok() {}
    }
    until(|| at.weight() == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_http_1_that_never_reads_holds_one_answer_and_its_connection_ends() {
    let at = AtSocket::new().await;
    let mut stream = at.connect().await;
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let (mut reads, mut writes) = stream.split();
    // Until what was answered fills every buffer between us, it is answered.
    let asks = async { while writes.write_all(request.as_bytes()).await.is_ok() {} };
    let ends = async {
        loop {
            let held = at.weight();
            assert!(held <= at.of_one(), "one at a time: {held}");
            at.town.app.doors.answers.send_away_resting(Instant::now());
            if at.sent_away() > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(asks, ends);
    let mut rest = Vec::new();
    let _ = reads.read_to_end(&mut rest).await;
    until(|| at.weight() == 0).await;
    assert!(at.honest().await.starts_with("HTTP/1.1 200"));
}
