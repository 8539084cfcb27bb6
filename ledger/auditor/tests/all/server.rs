//! A server of static files for one test: answers what it is told to, on a free port of this
//! machine.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What to answer to a path: status, further header lines, body.
pub type Answer = (u16, &'static str, Vec<u8>);

pub struct Server {
    pub url: String,
    pub requests: Arc<AtomicUsize>,
}

impl Server {
    /// Serves until the test ends.
    pub fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/log", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (answer, counted) = (Arc::new(answer), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, counted) = (Arc::clone(&answer), Arc::clone(&counted));
                thread::spawn(move || serve(&stream, &*answer, &counted));
            }
        });
        Self { url, requests }
    }
}

fn serve(stream: &TcpStream, answer: &dyn Fn(&str) -> Answer, counted: &AtomicUsize) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let request = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        counted.fetch_add(1, Ordering::Relaxed);
        let path = request
            .split(' ')
            .nth(1)?
            .strip_prefix("/log/")
            .unwrap_or("?")
            .to_owned();
        let (status, headers, body) = answer(&path);
        let head = format!(
            "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        let mut stream = stream;
        stream.write_all(&[head.as_bytes(), &body].concat()).ok()?;
    }
}
