//! Connections: so many in all and of one network, each with its place for as long as it is open.

use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use akashi_api::client::sender;
use akashi_api::proxies::Proxies;
use akashi_desk::crowd::{Crowd, Place};
use akashi_desk::limits::FILES_KEPT;
use axum_server::accept::Accept;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

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

    fn place(&self, peer: IpAddr) -> io::Result<Place> {
        let sender = if self.trusted.contains(peer) {
            Vec::new()
        } else {
            sender(peer)
        };
        let place = self.connections.push_in(&sender);
        place.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionRefused))
    }
}

impl<S> Accept<TcpStream, S> for Counted {
    type Stream = Held;
    type Service = S;
    type Future = Ready<io::Result<(Held, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let held = || {
            stream.set_nodelay(true)?;
            let place = self.place(stream.peer_addr()?.ip())?;
            Ok(place)
        };
        let place = held();
        ready(place.map(|place| (Held { stream, place }, service)))
    }
}

/// A connection with its place. Once that was given to somebody else, it is broken.
pub struct Held {
    stream: TcpStream,
    place: Place,
}

impl Held {
    fn broken(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.place.poll_sent_away(context) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.broken(context)?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Held {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.broken(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.broken(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
