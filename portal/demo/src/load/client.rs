//! A lean HTTP/1.1 client over one kept-alive connection: it shares two cores with the server it
//! measures, so it writes requests that are ready and reads only what it needs of the answers.
//! Plain HTTP; answers carry `Content-Length`. What is written is made by `akashi-client`, whose
//! own way over HTTP would be measured with the server (docs/DEPENDENCIES.md).

use std::io;
use std::time::Duration;

use akashi_client::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest head of an answer.
const HEAD_LEN_MAX: usize = 16 * 1024;
/// Longest body taken: a list of 20,000 people is 3 MB.
const BODY_LEN_MAX: usize = 16 * 1024 * 1024;
/// Longest wait for one answer, making people included.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Where a server listens: `http://host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    authority: String,
    prefix: String,
}

/// A URL is not one that is driven here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`--url`: expected `http://host:port` (put a proxy in front to reach a server over TLS), found `{found}`"
)]
pub struct TargetError {
    found: String,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`TargetError`] for anything but plain HTTP.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError {
            found: url.to_owned(),
        };
        let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let forbidden =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '?' | '#');
        if authority.is_empty() || url.contains(forbidden) {
            return Err(wrong());
        }
        let port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if port {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        Ok(Self {
            authority,
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }

    /// What an institution asks, ready to be written any number of times.
    pub fn write(&self, message: &Message) -> Vec<u8> {
        let headers: Vec<_> = message.headers().collect();
        self.request(message.method(), message.path(), &headers, message.body())
    }

    /// A whole request, ready to be written any number of times.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<u8> {
        let mut request = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\n",
            self.prefix, self.authority
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        request
    }
}

/// One connection, made when it is first needed and again after it was lost.
pub struct Connection {
    target: Target,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: &'a [u8],
}

impl Connection {
    /// A connection to this server, not made yet.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            stream: None,
            buffer: Vec::new(),
        }
    }

    /// Writes a request and reads its answer. After an error the connection is made anew with the
    /// next request; whether the server carried out this one is unknown.
    ///
    /// # Errors
    /// What the system says; `InvalidData` for an answer this client does not take.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        let outcome = timeout(WAIT_MAX, self.exchange_now(request)).await;
        let (status, body, close) = match outcome {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => {
                self.stream = None;
                return Err(error);
            }
            Err(_) => {
                self.stream = None;
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        if close {
            self.stream = None;
        }
        Ok(Answer {
            status,
            body: self.buffer.get(body).unwrap_or_default(),
        })
    }

    /// A GET with the answer's body, however short the request.
    ///
    /// # Errors
    /// As [`Self::exchange`].
    pub async fn get(&mut self, path: &str) -> io::Result<Answer<'_>> {
        let request = self.target.request("GET", path, &[], b"");
        self.exchange(&request).await
    }

    async fn exchange_now(
        &mut self,
        request: &[u8],
    ) -> io::Result<(u16, std::ops::Range<usize>, bool)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(&self.target.authority).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if self.buffer.len() > HEAD_LEN_MAX {
                return Err(invalid("the head of the answer is too long"));
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = Head::parse(self.buffer.get(..head_end).unwrap_or_default())
            .ok_or_else(|| invalid("the answer is not HTTP/1.1"))?;
        let length = head
            .content_length
            .ok_or_else(|| invalid("the answer has no Content-Length"))?;
        if length > BODY_LEN_MAX {
            return Err(invalid("the answer is too long"));
        }
        while self.buffer.len() < head_end + length {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok((head.status, head_end..head_end + length, head.close))
    }
}

struct Head {
    status: u16,
    content_length: Option<usize>,
    close: bool,
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.split("\r\n");
        let status = lines
            .next()?
            .strip_prefix("HTTP/1.1 ")?
            .get(..3)?
            .parse()
            .ok()?;
        let mut head = Self {
            status,
            content_length: None,
            close: false,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                head.content_length = Some(value.trim().parse().ok()?);
            } else if name.eq_ignore_ascii_case("connection") {
                head.close = value.trim().eq_ignore_ascii_case("close");
            }
        }
        Some(head)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn targets_are_plain_http() {
        let target = Target::parse("http://127.0.0.1:8080/").unwrap();
        let request =
            String::from_utf8(target.request("POST", "/v1", &[("A", "b")], b"xy")).unwrap();
        assert_eq!(
            request,
            "POST /v1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nA: b\r\nContent-Length: 2\r\n\r\nxy"
        );
        assert_eq!(
            Target::parse("http://x/p/").unwrap(),
            Target {
                authority: "x:80".into(),
                prefix: "/p".into()
            }
        );
        for bad in ["https://x", "x", "http://", "http://u@x", "http://x y"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn one_connection_serves_many_answers_and_a_lost_one_is_made_anew() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            for answers in [2, 1] {
                let (mut stream, _) = listener.accept().await.unwrap();
                for number in 0..answers {
                    let mut request = [0; 1024];
                    let _ = stream.read(&mut request).await.unwrap();
                    // In two pieces, cut inside the head.
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-le")
                        .await
                        .unwrap();
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    stream
                        .write_all(format!("ngth: 6\r\n\r\nbody {number}").as_bytes())
                        .await
                        .unwrap();
                }
            }
        });
        let mut connection = Connection::new(target);
        assert_eq!(
            connection.get("/").await.unwrap(),
            Answer {
                status: 200,
                body: b"body 0"
            }
        );
        assert_eq!(connection.get("/").await.unwrap().body, b"body 1");
        assert!(
            connection.get("/").await.is_err(),
            "the server has closed it"
        );
        assert_eq!(connection.get("/").await.unwrap().body, b"body 0");
    }
}
