//! Every URL. The API's are listed one by one in [`akashi_api::openapi::ROUTES`], which the API
//! document is made of.

use std::sync::Arc;

use akashi_api::metrics::Requests;
use akashi_api::openapi::openapi;
use akashi_api::problem::Kind;
use akashi_desk::app::SharedApp;
use akashi_pages::docs::Explained;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;
use axum::{Extension, Router};

use crate::config::ServerConfig;
use crate::middleware;
use crate::middleware::Envelope;

/// Addresses people type with a slash too many. They are no resources of their own and stand in no
/// document.
fn with_slash() -> Router<SharedApp> {
    Router::new()
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .route("/log/", get(akashi_api::log::index))
}

/// What each kind of problem means, for the page that says so.
fn explained() -> Vec<Explained> {
    let explain = |kind: &Kind| Explained {
        code: kind.code,
        status: kind.status.as_u16(),
        title: kind.title,
    };
    Kind::ALL.iter().map(explain).collect()
}

/// All routes, `more` among them, wrapped into what every request passes.
pub fn router(app: SharedApp, server: &ServerConfig, more: Router<SharedApp>) -> Router {
    routers(app, server, more).public
}

/// What is served, and where.
pub struct Routers {
    /// For everybody.
    pub public: Router,
    /// `/metrics` alone, for a socket of its own: whoever reaches that socket may read it.
    pub figures: Router,
}

/// All routes, and those of the socket for figures.
pub fn routers(app: SharedApp, server: &ServerConfig, more: Router<SharedApp>) -> Routers {
    let requests = Arc::new(Requests::default());
    let envelope = Envelope::new(Arc::clone(&app), Arc::clone(&requests), server);
    let figures = Router::new()
        .route("/metrics", get(akashi_api::health::figures_for_all))
        .layer(Extension(Arc::clone(&requests)))
        .with_state(Arc::clone(&app));
    let public = Router::new()
        .merge(akashi_api::routes())
        .merge(with_slash())
        .merge(akashi_pages::routes())
        .merge(akashi_pages::docs::routes(openapi(), explained()))
        .merge(more)
        .fallback(middleware::not_found)
        .method_not_allowed_fallback(middleware::wrong_method)
        .layer(Extension(requests))
        .layer(from_fn_with_state(envelope, middleware::envelope))
        .with_state(app);
    Routers { public, figures }
}
