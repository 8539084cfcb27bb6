//! An SMS gateway that does what a test tells it to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::listener;

/// What the gateway does with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes it.
    Up,
    /// Answers 503.
    Down,
    /// Takes it, but the answer never arrives; from then on it is up.
    TakeAndBreakOnce,
    /// Answers 422.
    Refuse,
    /// Redirects to itself.
    Redirect,
    /// Takes the connection, and never answers.
    Silent,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Sms {
    pub id: String,
    pub to: String,
    pub text: String,
}

pub struct Gateway {
    port: u16,
    state: Arc<Mutex<(Mood, Vec<Sms>, u64)>>,
    /// How many names it gives; the last to all behind.
    names: Arc<AtomicUsize>,
}

impl Gateway {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new((Mood::Up, Vec::new(), 0)));
        let names = Arc::new(AtomicUsize::new(0));
        let (shared, named) = (Arc::clone(&state), Arc::clone(&names));
        let port = listener::serve(move |stream| {
            answer(stream, Arc::clone(&shared), named.load(Ordering::Relaxed))
        });
        Self { port, state, names }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/send", self.port)
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().unwrap().0 = mood;
    }

    /// From now on it says what it calls a message it takes: `gw-1`, `gw-2`, ...
    pub fn gives_names(&self) {
        self.names.store(usize::MAX, Ordering::Relaxed);
    }

    /// From now on it calls every message `gw-1`.
    pub fn gives_one_name(&self) {
        self.names.store(1, Ordering::Relaxed);
    }

    /// What was taken.
    pub fn taken(&self) -> Vec<Sms> {
        self.state.lock().unwrap().1.clone()
    }

    /// How many requests came, taken or not.
    pub fn requests(&self) -> u64 {
        self.state.lock().unwrap().2
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<(Mood, Vec<Sms>, u64)>>, names: usize) {
    let mut bytes = Vec::new();
    let body = loop {
        let mut more = [0; 4096];
        let Ok(count) = stream.read(&mut more).await else {
            return;
        };
        if count == 0 {
            return;
        }
        bytes.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            assert!(
                head.starts_with("post /send ")
                    && head.contains("authorization: bearer gateway-token"),
                "{head}"
            );
            break body.to_owned();
        }
    };
    let wire: Value = serde_json::from_str(&body).unwrap();
    let member = |name: &str| wire[name].as_str().unwrap().to_owned();
    let sms = Sms {
        id: member("id"),
        to: member("to"),
        text: member("text"),
    };
    assert_eq!(member("from"), "Akashi");
    let (status, count) = {
        let mut state = state.lock().unwrap();
        state.2 += 1;
        let status = match state.0 {
            Mood::Up => {
                state.1.push(sms);
                "202 Accepted"
            }
            Mood::Down => "503 Service Unavailable",
            Mood::Refuse => "422 Unprocessable Content",
            Mood::Redirect => "307 Temporary Redirect\r\nlocation: /elsewhere",
            Mood::Silent => "",
            Mood::TakeAndBreakOnce => {
                state.1.push(sms);
                state.0 = Mood::Up;
                return;
            }
        };
        (status, state.1.len())
    };
    if status.is_empty() {
        return std::future::pending().await;
    }
    let count = count.min(names);
    let name = format!("{{\"messages\":[{{\"messageId\":\"gw-{count}\"}}]}}");
    let body = if names > 0 { name } else { String::new() };
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
