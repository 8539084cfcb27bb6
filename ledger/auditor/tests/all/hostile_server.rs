//! Servers that are no log's, or one's enemy: what the log has not signed is never called its lie,
//! and nothing that is served can cost without bound.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use akashi_tlog::checkpoint::{Checkpoint, Origin, sign_checkpoint};
use akashi_tlog::merkle::{Hash, TreeSize};

use crate::server::{Answer, Server};
use crate::support::{ORIGIN, TestLog, assert_exit, log_signer};

const PAGE: &str = "<!doctype html>\n<html><body>Welcome! Please sign in.</body></html>\n";

fn fsck(url: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akashi-audit"));
    command
        .args(["fsck", url])
        .args(more)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap()
}

/// Serves a log; `bend` may answer first.
fn serve(size: u64, bend: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Server {
    let folder = tempfile::tempdir().unwrap();
    TestLog::honest(size).write(folder.path());
    Server::start(move |path| {
        bend(path).unwrap_or_else(|| {
            std::fs::read(folder.path().join(path))
                .map_or((404, "", vec![]), |bytes| (200, "", bytes))
        })
    })
}

fn page() -> Option<Answer> {
    Some((200, "Content-Type: text/html\r\n", PAGE.as_bytes().to_vec()))
}

#[test]
fn a_page_in_place_of_a_log_is_nobodys_lie() {
    let vkey = log_signer().vkey();
    let said = "checkpoint: this is not a log's checkpoint";
    let portal = Server::start(|_| page().unwrap());
    for more in [&[][..], &["--vkey", &vkey]] {
        assert_exit(&fsck(&portal.url, more), 2, said);
    }
    let of_checkpoint = serve(300, |path| (path == "checkpoint").then(page).flatten());
    for more in [&[][..], &["--vkey", &vkey]] {
        assert_exit(&fsck(&of_checkpoint.url, more), 2, said);
    }
    // With a checkpoint nobody can open because no key is known, and with one that is open.
    let of_vkey = serve(300, |path| (path == "vkey").then(page).flatten());
    for more in [&[][..], &["--vkey", &vkey]] {
        assert_exit(&fsck(&of_vkey.url, more), 2, "vkey: ");
    }
    // No checkpoint, and no keys either.
    let nothing = Server::start(|path| {
        if path == "checkpoint" {
            page().unwrap()
        } else {
            (404, "", vec![])
        }
    });
    assert_exit(&fsck(&nothing.url, &["--vkey", &vkey]), 2, said);
}

#[test]
fn other_things_in_place_of_a_checkpoint_are_nobodys_lie() {
    let good = {
        let log = TestLog::honest(300);
        log.checkpoint(&log.tree()).to_string().into_bytes()
    };
    let vkey = log_signer().vkey();
    for wrong in [
        vec![],
        vec![0],
        good[..good.len() - 1].to_vec(),
        good[..good.len() / 2].to_vec(),
        [&b"\xef\xbb\xbf"[..], &good].concat(),
        String::from_utf8_lossy(&good).replace('\n', "\r\n").into(),
        String::from_utf8_lossy(&good)
            .replacen("300", "301", 1)
            .into(),
        vkey.clone().into(),
        b"{\"status\":\"ok\"}\n".to_vec(),
    ] {
        let server = serve(300, move |path| {
            (path == "checkpoint").then(|| (200, "", wrong.clone()))
        });
        for more in [&[][..], &["--vkey", &vkey]] {
            assert_exit(&fsck(&server.url, more), 2, "COULD NOT CHECK");
        }
    }
}

#[test]
fn a_redirect_anywhere_could_not_be_checked() {
    for asked in ["checkpoint", "vkey", "tile/0/000", "registry/1"] {
        for status in [301, 302, 303, 307, 308] {
            let server = serve(300, move |path| {
                let to = "Location: http://127.0.0.1:1/login\r\n";
                (path == asked).then(|| (status, to, vec![]))
            });
            let said = format!("{asked}: the server answers {status}");
            assert_exit(&fsck(&server.url, &[]), 2, &said);
        }
    }
}

#[test]
fn a_server_that_fails_anywhere_could_not_be_checked() {
    for asked in ["checkpoint", "vkey", "tile/entries/000", "registry/1"] {
        let server = serve(300, move |path| {
            (path == asked).then(|| (503, "", PAGE.as_bytes().to_vec()))
        });
        let said = format!("{asked}: the server answers 503");
        assert_exit(&fsck(&server.url, &[]), 2, &said);
    }
}

/// Answers each connection with these bytes and, as long as it is read, with `drip` after them.
fn raw(answer: &'static [u8], drip: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("127.0.0.1:{}/log", listener.local_addr().unwrap().port());
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let counted = Arc::clone(&counted);
            thread::spawn(move || {
                let _read = stream.read(&mut [0; 4096]);
                let mut next = answer;
                while stream.write_all(next).is_ok() && !drip.is_empty() {
                    counted.fetch_add(next.len(), Ordering::Relaxed);
                    next = drip;
                }
            });
        }
    });
    (url, sent)
}

#[test]
fn an_endless_answer_is_left_after_its_bound() {
    for (answer, drip) in [
        (
            &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..],
            &b"400\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"[..],
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 65_536]),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 0123456789abcdef\r\n"),
        (
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
        ),
    ] {
        let (url, sent) = raw(answer, drip);
        let begun = Instant::now();
        assert_exit(&fsck(&format!("http://{url}"), &[]), 2, "checkpoint: ");
        assert!(begun.elapsed() < Duration::from_secs(60), "{answer:?}");
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < 64 << 20, "{sent} bytes for {answer:?}");
    }
}

#[test]
fn a_connection_that_breaks_off_in_tls_could_not_be_checked() {
    // The beginning of a ServerHello, and the end.
    let (url, _) = raw(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", b"");
    assert_exit(
        &fsck(&format!("https://{url}"), &[]),
        2,
        "checkpoint: cannot be fetched",
    );
    let (url, _) = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"");
    assert_exit(
        &fsck(&format!("https://{url}"), &[]),
        2,
        "checkpoint: cannot be fetched",
    );
}

#[test]
fn a_huge_size_that_is_signed_costs_nothing() {
    let signed = |size: u64| {
        let root = Hash::leaf(b"never built");
        let origin = Origin::new(ORIGIN).unwrap();
        let checkpoint = Checkpoint::new(origin, TreeSize::new(size), root).unwrap();
        sign_checkpoint(&checkpoint, &[&log_signer()]).unwrap()
    };
    for size in [(1 << 28) + 1, 1 << 40, u64::MAX] {
        let note = signed(size).to_string();
        let server = serve(300, move |path| {
            (path == "checkpoint").then(|| (200, "", note.clone().into_bytes()))
        });
        let said = format!("signs {size} entries, at most 268435456 are read");
        assert_exit(&fsck(&server.url, &[]), 2, &said);
        assert_eq!(server.requests.load(Ordering::Relaxed), 2);
    }
    let server = serve(300, |_| None);
    assert_exit(&fsck(&server.url, &["--entries-max", "299"]), 2, "at most");
    assert_exit(&fsck(&server.url, &["--entries-max", "300"]), 0, "GOOD");
}

#[test]
fn no_more_than_eight_files_are_asked_for_at_a_time() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&under_way);
    let most = Arc::new(AtomicUsize::new(0));
    let highest = Arc::clone(&most);
    let server = serve(5300, move |_| {
        let now = seen.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(now, Ordering::SeqCst);
        // Room for the others to come in, were there more of them.
        (0..64).for_each(|_| thread::yield_now());
        seen.fetch_sub(1, Ordering::SeqCst);
        None
    });
    assert_exit(&fsck(&server.url, &[]), 0, "GOOD");
    assert!(most.load(Ordering::SeqCst) <= 8, "at most eight at a time");
}
