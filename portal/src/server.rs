//! Sockets, TLS, and how the server ends.
//!
//! TLS 1.3 through rustls with ring, certificates from PEM files; without them plain HTTP, which
//! [`crate::config::safety`] allows only on loopback or when told so. Clients' certificates are not
//! asked for.

mod connections;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use akashi_desk::app::SharedApp;
use akashi_desk::counting::{Counting, RECORD_EVERY};
use akashi_desk::limits;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::config::ServerConfig;
use crate::middleware::one_host;
use crate::router::{Routers, routers};
use connections::Counted;

/// How long requests may still run after the server was told to end: longer than any may take by
/// default.
const DRAIN: Duration = Duration::from_secs(20);

/// How long a connection may take for its next request's head: slow ones hold a file descriptor
/// each.
const HEAD: Duration = Duration::from_secs(30);

/// Why a server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address could not be listened on.
    #[error("`{address}`: {error}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("`{path}`: {what}")]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The sockets failed.
    #[error("server: {0}")]
    Io(#[from] io::Error),
}

/// Listens; port 0 takes any that is free.
///
/// # Errors
/// [`ServerError::Listen`].
pub fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    let open = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|error| ServerError::Listen { address, error })
}

/// Serves all routes, `more` among them, until SIGTERM or SIGINT, then lets requests end, and the
/// notifier what it is doing.
///
/// # Errors
/// [`ServerError`].
pub async fn run(
    app: SharedApp,
    server: &ServerConfig,
    listener: TcpListener,
    more: Router<SharedApp>,
) -> Result<(), ServerError> {
    let handle = Handle::new();
    let signals = tokio::spawn(end_on_signal(handle.clone()));
    let counting = Counting::start(Arc::clone(&app), RECORD_EVERY);
    let idle = tokio::spawn(end_the_idle(Arc::clone(&app)));
    let connections = &app.doors.connections;
    connections.at_most(connections::room());
    let counted = Counted::new(Arc::clone(connections), server.proxies());
    let Routers { public, figures } = routers(Arc::clone(&app), server, more);
    let figures = server.metrics_listen.map(|at| serve_figures(at, figures));
    let figures = figures.transpose()?;
    let service = one_host::only(public).into_make_service_with_connect_info::<SocketAddr>();
    let outcome = match (&server.tls_certificate, &server.tls_key) {
        (Some(certificate), Some(key)) => {
            let config = RustlsConfig::from_config(Arc::new(tls(certificate, key)?));
            let acceptor = RustlsAcceptor::new(config).acceptor(counted);
            let mut server = axum_server::from_tcp(listener)?
                .acceptor(acceptor)
                .handle(handle);
            bound(&mut server);
            server.serve(service).await
        }
        _ => {
            let mut server = axum_server::from_tcp(listener)?
                .acceptor(counted)
                .handle(handle);
            bound(&mut server);
            server.serve(service).await
        }
    };
    signals.abort();
    idle.abort();
    if let Some(figures) = figures {
        figures.abort();
    }
    counting.end().await;
    app.notifier.shutdown().await;
    tracing::info!("the server has ended");
    Ok(outcome?)
}

/// `/metrics` on a socket of its own, until the server ends.
fn serve_figures(
    address: SocketAddr,
    figures: Router,
) -> Result<JoinHandle<io::Result<()>>, ServerError> {
    let mut server = axum_server::from_tcp(listen(address)?)?;
    bound(&mut server);
    Ok(tokio::spawn(
        server.serve(one_host::only(figures).into_make_service()),
    ))
}

/// Bounds what one connection costs, and ends those that send no whole head, or no sign of life, in
/// time.
fn bound<A>(server: &mut axum_server::Server<SocketAddr, A>) {
    let [of_stream, of_connection] = limits::UNREAD_MAX;
    let http = server.http_builder();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(limits::HEAD_LEN_MAX as usize);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .max_concurrent_streams(limits::STREAMS_AT_ONCE)
        .max_pending_accept_reset_streams(limits::STREAMS_RESET_MAX)
        .max_local_error_reset_streams(limits::STREAMS_RESET_MAX)
        .max_header_list_size(limits::HEAD_LEN_MAX)
        .initial_stream_window_size(of_stream)
        .initial_connection_window_size(of_connection)
        .max_send_buf_size(limits::ANSWER_PIECE);
}

/// Ends the connections of those who have taken nothing of an answer for too long.
async fn end_the_idle(app: SharedApp) {
    let longest = Duration::from_secs(limits::TAKEN_SECONDS);
    loop {
        tokio::time::sleep(longest / 16).await;
        if let Some(before) = Instant::now().checked_sub(longest) {
            app.doors.answers.send_away_resting(before);
        }
    }
}

async fn end_on_signal(handle: Handle<SocketAddr>) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("told to end: no new requests, those that run are finished");
    handle.graceful_shutdown(Some(DRAIN));
    Ok(())
}

/// TLS 1.3 with this certificate.
fn tls(certificate: &Path, key: &Path) -> Result<rustls::ServerConfig, ServerError> {
    let wrong = |path: &Path, what: String| ServerError::Certificate {
        path: path.to_owned(),
        what,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(certificate, error.to_string()))?;
    // What is wrong with a key is not repeated: the error could quote it.
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|_| wrong(key, "not a private key in PEM".to_owned()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        })
        .map_err(|error| wrong(certificate, error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
