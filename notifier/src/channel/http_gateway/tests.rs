//! A gateway, and a proxy before it, that these tests play themselves.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::*;
use crate::address::Address;
use crate::messages::message::Text;

fn gateway(proxies: &Matcher, url: String) -> Option<SmsGateway> {
    let settings = SmsSettings {
        gateway_url: url,
        bearer_token: Some(SecretText::new("token".into())),
        sender: "Akashi".into(),
    };
    SmsGateway::through(proxies, &settings)
}

async fn post(gateway: &SmsGateway) -> Result<Taken, Undelivered> {
    let to = Address::Phone(crate::Phone::parse("090-0000-0000").unwrap());
    let text = Text {
        subject: None,
        body: "text".into(),
    };
    let message = Outgoing {
        id: "1".into(),
        to: &to,
        text: &text,
    };
    gateway.post(message).await
}

/// Posts a message to this port of this machine.
async fn post_to(scheme: &str, port: u16) -> Result<Taken, Undelivered> {
    let url = format!("{scheme}://127.0.0.1:{port}/");
    post(&gateway(&Matcher::builder().build(), url).unwrap()).await
}

/// Reads one request: its head, and a body that ends with the object it is.
fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !(read.ends_with(b"}") || read.ends_with(b"\r\n\r\n") && !posts(&read)) {
        let mut some = [0; 4096];
        let length = stream.read(&mut some).unwrap();
        assert!(length > 0, "the request ends in the middle");
        read.extend_from_slice(&some[..length]);
    }
    String::from_utf8(read).unwrap()
}

fn posts(request: &[u8]) -> bool {
    request.starts_with(b"POST")
}

#[tokio::test]
async fn what_broke_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepting = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"this is not TLS\r\n").unwrap();
    });
    assert_eq!(
        post_to("https", port).await,
        Err(Undelivered::ForNow("the SMS gateway could not be trusted"))
    );
    accepting.join().unwrap();
    assert_eq!(
        post_to("http", port).await,
        Err(Undelivered::ForNow("the SMS gateway could not be reached"))
    );
}

#[tokio::test]
async fn messages_go_through_one_connection_and_a_long_answer_costs_another() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/send");
    let gateway = gateway(&Matcher::builder().build(), url).unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let first = request(&mut stream);
        let short = "HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(short.as_bytes()).unwrap();
        request(&mut stream);
        let length = 16 * ANSWER_LEN_MAX;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // It hangs up before all of this is written.
        let _ = stream.write_all(&vec![b' '; length]);
        let (mut stream, _) = listener.accept().unwrap();
        request(&mut stream);
        stream.write_all(short.as_bytes()).unwrap();
        first
    });
    for _ in 0..3 {
        assert_eq!(post(&gateway).await, Ok(Taken::default()));
    }
    let first = serving.join().unwrap();
    assert!(first.starts_with("POST /send HTTP/1.1\r\n"), "{first}");
    assert!(first.contains("authorization: Bearer token\r\n"), "{first}");
    let body = r#"{"id":"1","to":"+819000000000","from":"Akashi","text":"text"}"#;
    assert!(first.ends_with(body), "{first}");
}

#[test]
fn however_many_wait_for_it_no_thread_does() {
    const WAITING: usize = 96;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let gateway = Arc::new(gateway(&Matcher::builder().build(), url).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(1)
        .max_blocking_threads(1)
        .build()
        .unwrap();
    for _ in 0..WAITING {
        let gateway = Arc::clone(&gateway);
        runtime.spawn(async move { post(&gateway).await });
    }
    // Each has said what it wants, and gets no answer.
    let held: Vec<_> = (0..WAITING)
        .map(|_| {
            let (mut stream, _) = listener.accept().unwrap();
            request(&mut stream);
            stream
        })
        .collect();
    let free = runtime.spawn_blocking(|| 7);
    let free = runtime.block_on(async { tokio::time::timeout(TIMEOUT / 2, free).await });
    assert_eq!(free.unwrap().unwrap(), 7);
    drop(held);
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_asked_for_a_tunnel_and_shown_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxies = |proxy: String| Matcher::builder().https(proxy).no("else.example").build();
    let through = proxies(format!("http://user:word@127.0.0.1:{port}"));
    let gateway = |url: &str| gateway(&through, url.into()).unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let asked = request(&mut stream);
        let refused = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refused).unwrap();
        asked
    });
    assert_eq!(
        post(&gateway("https://sms.example/send")).await,
        Err(Undelivered::ForNow("the SMS gateway could not be reached"))
    );
    let asked = serving.join().unwrap();
    assert!(
        asked.starts_with("CONNECT sms.example:443 HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(
        asked.contains("Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n"),
        "{asked}"
    );
    assert!(!asked.contains("token"), "{asked}");
    let straight = [
        "https://else.example/",
        "https://127.0.0.1/",
        "http://127.0.0.1/",
    ];
    for url in straight {
        assert!(matches!(gateway(url).client, Way::Straight(_)), "{url}");
    }
    let settings = |url: &str| SmsSettings {
        gateway_url: url.into(),
        bearer_token: None,
        sender: "Akashi".into(),
    };
    let unknown = proxies("socks5://127.0.0.1:1".into());
    assert!(SmsGateway::through(&unknown, &settings("https://sms.example/")).is_none());
}

#[test]
fn only_a_refusal_of_the_message_itself_is_for_good() {
    for (status, good, for_good) in [
        (200, true, false),
        (202, true, false),
        (307, false, false),
        (400, false, true),
        (401, false, false),
        (413, false, true),
        (422, false, true),
        (429, false, false),
        (503, false, false),
    ] {
        let outcome = of_status(status);
        assert_eq!(outcome.is_ok(), good, "{status}");
        let ended = matches!(outcome, Err(Undelivered::ForGood(_)));
        assert_eq!(ended, for_good, "{status}");
    }
}
