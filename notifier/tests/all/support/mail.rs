//! A mail server that keeps what it is given.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::listener;

/// A message as it came, its text decoded.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub head: String,
    pub body: String,
}

/// What the server answers where something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It takes messages.
    None,
    /// It greets with "no service".
    Greeting,
    /// It knows no such password.
    Password,
    /// It asks to come again.
    NotNow,
    /// It has no such mailbox.
    NoMailbox,
}

pub struct MailServer {
    port: u16,
    taken: Arc<Mutex<Vec<Mail>>>,
    state: Arc<Mutex<(Trouble, u64)>>,
}

impl MailServer {
    pub fn start() -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let state = Arc::new(Mutex::new((Trouble::None, 0)));
        let (shared, asked) = (Arc::clone(&taken), Arc::clone(&state));
        let port = listener::serve(move |stream| {
            converse(stream, Arc::clone(&shared), Arc::clone(&asked))
        });
        Self { port, taken, state }
    }

    /// From now on this is wrong with it.
    pub fn set(&self, trouble: Trouble) {
        *self.state.lock().unwrap() = (trouble, 0);
    }

    /// How often it has said so.
    pub fn said_no(&self) -> u64 {
        self.state.lock().unwrap().1
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn taken(&self) -> Vec<Mail> {
        self.taken.lock().unwrap().clone()
    }
}

/// [RFC 5321], as far as a client needs it.
///
/// [RFC 5321]: https://www.rfc-editor.org/rfc/rfc5321
async fn converse(
    stream: TcpStream,
    taken: Arc<Mutex<Vec<Mail>>>,
    state: Arc<Mutex<(Trouble, u64)>>,
) {
    let refuses = |trouble| {
        let mut state = state.lock().unwrap();
        let refuses = state.0 == trouble;
        state.1 += u64::from(refuses);
        refuses
    };
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    if refuses(Trouble::Greeting) {
        let _ = write.write_all(b"554 no service here\r\n").await;
        return;
    }
    write
        .write_all(b"220 mail.example.jp ESMTP\r\n")
        .await
        .unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let word = line.get(..4).unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.example.jp\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n",
            "AUTH" if refuses(Trouble::Password) => "535 5.7.8 credentials invalid\r\n",
            "AUTH" => "235 ok\r\n",
            "RCPT" if refuses(Trouble::NotNow) => "450 4.2.0 greylisted\r\n",
            "RCPT" if refuses(Trouble::NoMailbox) => "550 5.1.1 no such user\r\n",
            "RCPT" => {
                to = line
                    .split_once('<')
                    .unwrap()
                    .1
                    .split_once('>')
                    .unwrap()
                    .0
                    .to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut text = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                let (head, body) = text.split_once("\n\n").unwrap();
                let body = decode(head, body);
                taken.lock().unwrap().push(Mail {
                    to: to.clone(),
                    head: head.to_owned(),
                    body,
                });
                "250 taken\r\n"
            }
            "QUIT" => {
                let _ = write.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => "250 ok\r\n",
        };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn decode(head: &str, body: &str) -> String {
    let head = head.to_lowercase();
    if head.contains("content-transfer-encoding: base64") {
        let plain: String = body.split_whitespace().collect();
        return String::from_utf8(akashi_tlog::base64::standard::decode(&plain).unwrap()).unwrap();
    }
    if !head.contains("content-transfer-encoding: quoted-printable") {
        return body.to_owned();
    }
    let body = body.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), body.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
