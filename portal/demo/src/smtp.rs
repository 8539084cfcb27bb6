//! A small real mail server for loopback: takes what the mail channel sends, delivers it to memory,
//! relays nothing.
//!
//! Speaks as much of [RFC 5321] as a client without authentication needs: `EHLO`, `HELO`, `MAIL`,
//! `RCPT`, `DATA`, `RSET`, `NOOP`, `VRFY`, `QUIT`, with `PIPELINING` ([RFC 2920]), `8BITMIME` (RFC
//! 6152), `SMTPUTF8` ([RFC 6531]) and `SIZE` ([RFC 1870]).
//!
//! [RFC 5321]: https://www.rfc-editor.org/rfc/rfc5321
//! [RFC 2920]: https://www.rfc-editor.org/rfc/rfc2920
//! [RFC 6531]: https://www.rfc-editor.org/rfc/rfc6531
//! [RFC 1870]: https://www.rfc-editor.org/rfc/rfc1870

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use akashi_proof::clock::Clock;
use mail_parser::MessageParser;
use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::phone::rfc_3339;

/// Longest line ([RFC 5321 section 4.5.3.1] asks for 1,000; long encoded headers deserve some
/// room).
///
/// [RFC 5321 section 4.5.3.1]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1
const LINE_LEN_MAX: usize = 4_096;
/// Longest message: notices are a few kilobytes.
const MESSAGE_LEN_MAX: usize = 256 * 1024;
/// Recipients of one message ([RFC 5321 section 4.5.3.1.8] asks for 100).
///
/// [RFC 5321 section 4.5.3.1.8]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8
const RECIPIENTS_MAX: usize = 100;
/// Conversations at once: the mail channel keeps a pool of ten at most.
const CONVERSATIONS_MAX: usize = 32;
/// Longest silence within a conversation ([RFC 5321 section 4.5.3.2] asks servers for five
/// minutes).
///
/// [RFC 5321 section 4.5.3.2]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2
const SILENCE_MAX: Duration = Duration::from_secs(300);
/// Messages kept; with [`MESSAGE_LEN_MAX`] at most 64 MiB, in practice one.
const MAILS_MAX: usize = 256;

/// A mail that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Counts arrivals.
    pub id: u64,
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Decoded subject.
    pub subject: String,
    /// Decoded text.
    pub text: String,
    /// When it arrived, [RFC 3339].
    ///
    /// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
    pub at: String,
}

/// The mails that arrived, newest last.
#[derive(Default)]
pub struct Mails {
    kept: Mutex<(u64, VecDeque<Mail>)>,
}

impl Mails {
    /// All that are kept, newest last.
    pub fn all(&self) -> Vec<Mail> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .iter()
            .cloned()
            .collect()
    }

    fn receive(&self, envelope: Envelope, message: &[u8], at: String) {
        let parsed = MessageParser::default().parse(message);
        let subject = parsed
            .as_ref()
            .and_then(|parsed| parsed.subject())
            .unwrap_or_default()
            .to_owned();
        let text = parsed.as_ref().and_then(|parsed| parsed.body_text(0));
        let text = text.map_or_else(
            || String::from_utf8_lossy(message).into_owned(),
            |text| text.into_owned(),
        );
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 += 1;
        let id = kept.0;
        kept.1.push_back(Mail {
            id,
            from: envelope.from,
            to: envelope.to,
            subject,
            text,
            at,
        });
        if kept.1.len() > MAILS_MAX {
            kept.1.pop_front();
        }
    }
}

/// Takes mail until the listener fails; conversations end with the runtime.
pub async fn serve(listener: TcpListener, mails: Arc<Mails>, clock: Arc<dyn Clock>) {
    let room = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "the demo's mail server could not accept a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let (mails, clock) = (Arc::clone(&mails), Arc::clone(&clock));
        tokio::spawn(async move {
            let (read, write) = stream.into_split();
            let mut conversation = Conversation {
                write,
                envelope: None,
                mails: &mails,
                clock: clock.as_ref(),
            };
            // A client that goes away in the middle has lost its own message: nobody else is
            // concerned.
            let _ = conversation
                .hold(BufReader::with_capacity(LINE_LEN_MAX, read))
                .await;
            drop(permit);
        });
    }
}

struct Envelope {
    from: String,
    to: Vec<String>,
}

struct Conversation<'a, W> {
    write: W,
    envelope: Option<Envelope>,
    mails: &'a Mails,
    clock: &'a dyn Clock,
}

impl<W: AsyncWrite + Unpin> Conversation<'_, W> {
    async fn hold(&mut self, mut read: impl AsyncBufRead + Unpin) -> io::Result<()> {
        self.say("220 demo.akashi.example ESMTP, all mail stays here")
            .await?;
        while let Some(line) = read_line(&mut read).await? {
            let Ok(line) = String::from_utf8(line) else {
                self.say("500 not UTF-8").await?;
                continue;
            };
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => {
                    self.envelope = None;
                    let size = format!("250-SIZE {MESSAGE_LEN_MAX}");
                    for line in [
                        "250-demo.akashi.example",
                        &size,
                        "250-PIPELINING",
                        "250-8BITMIME",
                        "250 SMTPUTF8",
                    ] {
                        self.say(line).await?;
                    }
                }
                "HELO" => {
                    self.envelope = None;
                    self.say("250 demo.akashi.example").await?;
                }
                "MAIL" => self.mail(rest).await?,
                "RCPT" => self.recipient(rest).await?,
                "DATA" => self.data(&mut read).await?,
                "RSET" => {
                    self.envelope = None;
                    self.say("250 OK").await?;
                }
                "NOOP" => self.say("250 OK").await?,
                "VRFY" => self.say("252 send it and see").await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("502 not known here").await?,
            }
        }
        Ok(())
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        match path(rest, "FROM:") {
            Some(_) if self.envelope.is_some() => self.say("503 one sender at a time").await,
            Some(from) => {
                self.envelope = Some(Envelope {
                    from,
                    to: Vec::new(),
                });
                self.say("250 OK").await
            }
            None => self.say("501 MAIL FROM:<address>").await,
        }
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        let answer = match (&mut self.envelope, path(rest, "TO:")) {
            (_, None) => "501 RCPT TO:<address>",
            (_, Some(to)) if to.is_empty() => "501 RCPT TO:<address>",
            (None, _) => "503 MAIL first",
            (Some(envelope), _) if envelope.to.len() >= RECIPIENTS_MAX => "452 too many recipients",
            (Some(envelope), Some(to)) => {
                envelope.to.push(to);
                "250 OK"
            }
        };
        self.say(answer).await
    }

    async fn data(&mut self, read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<()> {
        let Some(envelope) = self.envelope.take_if(|envelope| !envelope.to.is_empty()) else {
            return self.say("503 MAIL and RCPT first").await;
        };
        self.say("354 end with a dot on a line of its own").await?;
        let mut message = Vec::new();
        let mut too_long = false;
        loop {
            let Some(line) = read_line(read).await? else {
                return Ok(());
            };
            if line == b"." {
                break;
            }
            // A dot in front of a dot is not part of the message (RFC 5321 section 4.5.2).
            let line = line.strip_prefix(b".").unwrap_or(&line);
            too_long |= message.len() + line.len() > MESSAGE_LEN_MAX;
            if !too_long {
                message.extend_from_slice(line);
                message.extend_from_slice(b"\r\n");
            }
        }
        if too_long {
            return self.say("552 longer than what is taken here").await;
        }
        self.mails
            .receive(envelope, &message, rfc_3339(self.clock.wall()));
        self.say("250 delivered").await
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.write.write_all(format!("{line}\r\n").as_bytes()).await
    }
}

/// The address between angle brackets after `FROM:` or `TO:`; parameters after it are the
/// extensions offered.
fn path(rest: &str, prefix: &str) -> Option<String> {
    let (_, address) = rest
        .split_at_checked(prefix.len())
        .filter(|(start, _)| start.eq_ignore_ascii_case(prefix))?;
    let address = address.trim_start().strip_prefix('<')?;
    Some(address.split_once('>')?.0.to_owned())
}

/// One line without its end; `None` when the client has gone.
async fn read_line(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let chunk = timeout(SILENCE_MAX, read.fill_buf()).await??;
        if chunk.is_empty() {
            return Ok(None);
        }
        let (taken, ended) = match chunk.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), false),
        };
        line.extend(chunk.iter().take(taken));
        read.consume(taken);
        if line.len() > LINE_LEN_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line is too long",
            ));
        }
        if ended {
            line.pop();
            line.pop_if(|byte| *byte == b'\r');
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use akashi_ledger::clock::SystemClock;

    use super::*;

    async fn converse(client: &[u8]) -> (String, Vec<Mail>) {
        let mails = Mails::default();
        let mut written = Vec::new();
        let clock = SystemClock::default();
        let mut conversation = Conversation {
            write: &mut written,
            envelope: None,
            mails: &mails,
            clock: &clock,
        };
        let _ = conversation.hold(client).await;
        (String::from_utf8(written).unwrap(), mails.all())
    }

    #[tokio::test]
    async fn a_pipelined_conversation_delivers_decoded_mail() {
        let (said, mails) = converse(
            b"EHLO [127.0.0.1]\r\nMAIL FROM:<akashi@example.jp> BODY=8BITMIME\r\nRCPT TO:<haruka@mail.example>\r\nDATA\r\n\
              Subject: =?utf-8?b?44GK55+l44KJ44Gb?=\r\nContent-Type: text/plain; charset=utf-8\r\n\
              Content-Transfer-Encoding: base64\r\n\r\n44GK55+l44KJ44Gb\r\n.\r\nQUIT\r\n",
        )
        .await;
        assert!(
            said.contains("250 SMTPUTF8\r\n") && said.ends_with("250 delivered\r\n221 bye\r\n"),
            "{said}"
        );
        assert_eq!(
            (mails[0].subject.as_str(), mails[0].text.trim()),
            ("お知らせ", "お知らせ")
        );
        assert_eq!(
            (mails[0].from.as_str(), mails[0].to.as_slice()),
            (
                "akashi@example.jp",
                ["haruka@mail.example".to_owned()].as_slice()
            )
        );
    }

    #[tokio::test]
    async fn the_order_is_kept_and_dots_are_unstuffed() {
        let (said, mails) = converse(
            b"HELO x\r\nDATA\r\nRCPT TO:<a@b>\r\nMAIL TO:<a@b>\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n\r\n..dot\r\n.\r\n\
              DATA\r\nSTARTTLS\r\n",
        )
        .await;
        let codes: Vec<&str> = said.lines().map(|line| &line[..3]).collect();
        assert_eq!(
            codes,
            [
                "220", "250", "503", "503", "501", "250", "250", "354", "250", "503", "502"
            ]
        );
        assert_eq!(mails[0].text.trim_end(), ".dot");
    }

    #[tokio::test]
    async fn what_is_too_long_is_refused_and_never_kept() {
        let mut client = b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n".to_vec();
        for _ in 0..MESSAGE_LEN_MAX / 1000 + 2 {
            client.extend_from_slice(&[b'x'; 1000]);
            client.extend_from_slice(b"\r\n");
        }
        client.extend_from_slice(b".\r\n");
        let (said, mails) = converse(&client).await;
        assert!(said.ends_with("552 longer than what is taken here\r\n") && mails.is_empty());
        let (said, _) = converse(&[b'x'; LINE_LEN_MAX + 2]).await;
        assert_eq!(
            said.lines().count(),
            1,
            "nothing is answered to an endless line"
        );
    }
}
