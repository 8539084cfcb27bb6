//! An SMS gateway: takes what a server sends to phones, as any operator's would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// Numbers and texts, oldest first.
type Taken = Arc<Mutex<Vec<(String, String)>>>;

#[derive(Clone)]
pub struct Gateway {
    pub url: String,
    taken: Taken,
}

impl Gateway {
    /// A gateway on a thread of its own, which ends with the test's process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/messages", listener.local_addr().unwrap());
        let taken = Taken::default();
        let shared = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who hangs up half-way sends again.
                let _ = take(&stream, &shared);
            }
        });
        Self { url, taken }
    }

    /// How many messages were sent to numbers that begin so.
    pub fn sent_to(&self, prefix: &str) -> usize {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken
            .iter()
            .filter(|(to, _)| to.starts_with(prefix))
            .count()
    }

    /// What was sent to a number.
    pub fn texts(&self, number: &str) -> Vec<String> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let to_it = taken.iter().filter(|(to, _)| to == number);
        to_it.map(|(_, text)| text.clone()).collect()
    }
}

/// Takes one message and hangs up.
fn take(mut stream: &TcpStream, taken: &Taken) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_lowercase();
        if let Some(said) = line.strip_prefix("content-length:") {
            length = said.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let sms: Value = serde_json::from_slice(&body)?;
    let member = |name: &str| sms[name].as_str().unwrap_or_default().to_owned();
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    taken.push((member("to"), member("text")));
    stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}
