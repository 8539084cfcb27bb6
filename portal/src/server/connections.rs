//! Connections: so many in all and of one network, each with its place for as long as it is open
//! and somebody takes what is written to it.

use std::future::{Future, Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use akashi_api::client::sender;
use akashi_api::proxies::Proxies;
use akashi_desk::crowd::{Crowd, Place};
use akashi_desk::limits::{FILES_KEPT, TAKEN_SECONDS};
use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tower::Layer;

use crate::middleware::leaving::Line;

/// Asks the system for as many file descriptors as it gives, and returns how many connections that
/// leaves room for.
pub fn room() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit {
            current: limit.maximum,
            ..limit
        };
        // Where it is not given, what there is must do.
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = getrlimit(Resource::Nofile);
        }
    }
    let files = limit.current.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    files.saturating_sub(FILES_KEPT).max(1)
}

/// Gives each connection its place before anything is read from it.
#[derive(Clone)]
pub struct Counted {
    connections: Arc<Crowd>,
    trusted: Arc<Proxies>,
}

impl Counted {
    /// Counting among these. A trusted proxy's connections are of no network: who is before it is
    /// counted request by request.
    pub fn new(connections: Arc<Crowd>, trusted: Proxies) -> Self {
        Self {
            connections,
            trusted: Arc::new(trusted),
        }
    }

    fn place(&self, peer: IpAddr) -> io::Result<(Place, Line)> {
        let is_proxy = self.trusted.contains(peer);
        let sender = if is_proxy { Vec::new() } else { sender(peer) };
        let place = self.connections.push_in(&sender);
        let place = place.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        let end = place.notice();
        Ok((place, Line { end, is_proxy }))
    }
}

impl<S> Accept<TcpStream, S> for Counted {
    type Stream = Held<TcpStream>;
    type Service = AddExtension<S, Line>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let held = || {
            stream.set_nodelay(true)?;
            self.place(stream.peer_addr()?.ip())
        };
        let place = held();
        ready(place.map(|(place, line)| {
            let held = Held {
                stream,
                place,
                longest: Duration::from_secs(TAKEN_SECONDS),
                stuck: None,
            };
            (held, Extension(line).layer(service))
        }))
    }
}

/// A connection with its place. It is broken once that was given to somebody else, an answer on it
/// was, or nothing written to it was taken for too long.
pub struct Held<S> {
    stream: S,
    place: Place,
    longest: Duration,
    /// Since something waits to be written.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Held<S> {
    fn broken(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let stuck = self.stuck.as_mut();
        if stuck.is_some_and(|over| over.as_mut().poll(context).is_ready()) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match self.place.poll_sent_away(context) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    /// Notes whether something was taken.
    fn written<T>(&mut self, written: Poll<T>, context: &mut Context<'_>) -> Poll<T> {
        if written.is_ready() {
            self.stuck = None;
        } else if self.stuck.is_none() {
            let mut over = Box::pin(sleep(self.longest));
            // Wakes this connection when it is over; looked at then.
            let _ = over.as_mut().poll(context);
            self.stuck = Some(over);
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.broken(context)?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.broken(context)?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.broken(context)?;
        // No sign of anything: of a socket it is always ready.
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.broken(context)?;
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.written(ended, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.broken(context)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use akashi_desk::crowd::{Bounds, Guest};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const ROOM: usize = 64;

    /// One end of a connection whose other end takes so much and no more.
    fn held(longest: Duration) -> (Held<DuplexStream>, DuplexStream) {
        let (stream, other) = duplex(ROOM);
        let crowd = Crowd::new(Bounds {
            most: 8,
            by_ring: [8; 4],
        });
        let held = Held {
            stream,
            place: crowd.push_in(&[192, 0, 2, 1]).unwrap(),
            longest,
            stuck: None,
        };
        (held, other)
    }

    #[tokio::test]
    async fn a_connection_that_takes_nothing_ends() {
        let (mut held, _other) = held(Duration::from_millis(10));
        held.write_all(&[7; ROOM]).await.unwrap();
        assert!(held.stuck.is_none());
        let stuck = held.write_all(&[7; ROOM]).await.unwrap_err();
        assert_eq!(stuck.kind(), io::ErrorKind::TimedOut);
        let read = held.read_u8().await.unwrap_err();
        assert_eq!(read.kind(), io::ErrorKind::TimedOut, "in both directions");
    }

    #[tokio::test]
    async fn a_connection_that_takes_something_now_and_then_goes_on() {
        let (mut held, mut other) = held(Duration::from_secs(3_600));
        let write = tokio::spawn(async move {
            held.write_all(&[7; 10 * ROOM]).await.unwrap();
            held.stuck.is_none()
        });
        for _ in 0..10 * ROOM {
            assert_eq!(other.read_u8().await.unwrap(), 7);
        }
        assert!(write.await.unwrap(), "its time begins anew with each");
    }

    #[tokio::test]
    async fn an_answer_that_lost_its_room_ends_the_connection_at_once() {
        let (mut held, _other) = held(Duration::from_secs(3_600));
        let end = held.place.notice();
        let waits = tokio::spawn(async move { held.read_u8().await.unwrap_err().kind() });
        tokio::task::yield_now().await;
        end.leave();
        assert_eq!(waits.await.unwrap(), io::ErrorKind::ConnectionAborted);
    }
}
