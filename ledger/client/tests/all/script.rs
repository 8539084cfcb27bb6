//! A server that does with each request what a script says, and keeps what it was sent; and the
//! institution that asks it.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use akashi_actors::log::{prove, random_entry};
use akashi_actors::{SeededSigner, named};
use akashi_client::{
    Access, Decision, Http, Institution, Message, Query, Recorded, Request, Response, Stamp,
    Transport, TransportError,
};
use akashi_proof::ids::{Jti, LeafIndex, LinkCode, Timestamp};
use akashi_proof::statement::Presentation;
use akashi_proof::statement::RequestNonce;
use akashi_tlog::checkpoint::Origin;
use serde_json::{Value, json};

pub const ORIGIN: &str = "test.akashi.example/log";

/// What the server does with one request.
pub enum Step {
    /// Takes it and says nothing.
    Cut,
    /// Takes it, and breaks off after these bytes.
    CutAfter(&'static str),
    /// Answers.
    Say(String),
}

pub struct Server {
    pub url: String,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    /// Plays these steps, each on a connection of its own.
    pub fn playing(steps: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&taken);
        std::thread::spawn(move || {
            for step in steps {
                let (mut stream, _) = listener.accept().unwrap();
                keep.lock().unwrap().push(request(&stream));
                // Who has read enough may be gone.
                let _ = match step {
                    Step::Cut => Ok(()),
                    Step::CutAfter(bytes) => stream.write_all(bytes.as_bytes()),
                    Step::Say(answer) => stream.write_all(answer.as_bytes()),
                };
            }
        });
        Self { url, taken }
    }

    /// The requests so far, byte for byte.
    pub fn taken(&self) -> Vec<Vec<u8>> {
        self.taken.lock().unwrap().clone()
    }
}

/// One request, head and body.
fn request(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let (mut taken, mut length) = (Vec::new(), 0);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        taken.extend(line);
        if let Some(value) = text.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if text == "\r\n" || text.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    [taken, body].concat()
}

/// An answer with these headers (each line ended) and this body.
pub fn say(status: u16, headers: &str, body: impl AsRef<str>) -> Step {
    let body = body.as_ref();
    Step::Say(format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A good answer.
pub fn say_json(body: &Value) -> Step {
    say(200, "content-type: application/json\r\n", body.to_string())
}

/// A problem, as its own media type says.
pub fn say_problem(status: u16, headers: &str, body: &Value) -> Step {
    let headers = format!("content-type: application/problem+json\r\n{headers}");
    say(status, &headers, body.to_string())
}

/// What a writer that takes nothing now answers.
pub fn say_busy(headers: &str) -> Step {
    let body = json!({"type": "/problems/busy", "title": "Busy.", "status": 503});
    say_problem(503, headers, &body)
}

/// The signer of the script's log.
pub fn log() -> SeededSigner {
    SeededSigner::log(ORIGIN, 7)
}

/// That record 9 of a log of twelve was made.
pub fn recorded() -> Value {
    let entries: Vec<Vec<u8>> = (0..12).map(random_entry).collect();
    json!({"index": 9, "proof": prove(&entries, 9, &log()).to_string()})
}

/// Goes over HTTP, and only notes how long it would have waited.
pub struct Impatient {
    http: Http,
    pub waited: RefCell<Vec<Duration>>,
}

impl Impatient {
    pub fn to(server: &Server) -> Self {
        Self::at(&server.url)
    }

    pub fn at(url: &str) -> Self {
        Self {
            http: Http::new(url).unwrap(),
            waited: RefCell::default(),
        }
    }
}

impl Transport for &Impatient {
    fn send(&self, message: &Message) -> Result<Response, TransportError> {
        self.http.send(message)
    }

    fn pause(&self, time: Duration) {
        self.waited.borrow_mut().push(time);
    }
}

pub fn hospital() -> Institution {
    Institution::new(named("hospital.chuo"), Origin::new(ORIGIN).unwrap())
}

pub fn stamp() -> Stamp {
    Stamp {
        now: Timestamp::from_seconds(1_790_000_000),
        jti: Jti::from_bytes([1; 16]),
    }
}

pub fn release() -> Request<Recorded> {
    let presented = akashi_actors::permit::presented("evidence", stamp().now);
    let presented = Presentation::parse(presented.as_bytes()).unwrap();
    hospital()
        .release(stamp(), LeafIndex::new(7), "evidence", presented)
        .unwrap()
}

/// A look at the medication of the person with this code.
pub fn asked(code: &LinkCode) -> Access<'_> {
    Access {
        subject: Some(code.as_str()),
        role_holder: "physician-1",
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        holder: "pharmacy.midori",
        categories: &["medication"],
        ..Access::VIEW
    }
}

pub fn access() -> Request<Decision> {
    let code = LinkCode::from_sealed(&[3; 35]);
    let nonce = RequestNonce::from_bytes([2; 16]);
    hospital()
        .access(stamp(), &asked(&code), &Query::get("/medication"), &nonce)
        .unwrap()
}
