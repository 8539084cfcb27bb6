//! Every URL. The API's are listed one by one in [`crate::api::openapi::ROUTES`], which the API
//! document is made of.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;

use crate::app::SharedApp;
use crate::{api, demo, middleware, pages};

/// Addresses people type with a slash too many. They are no resources of their own and stand in no
/// document.
fn with_slash() -> Router<SharedApp> {
    Router::new()
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .route("/log/", get(api::log::index))
}

/// All routes, wrapped into what every request passes.
pub fn router(app: SharedApp) -> Router {
    let mut routes = Router::new()
        .merge(api::routes())
        .merge(with_slash())
        .merge(pages::routes());
    if app.demo.is_some() {
        routes = routes.merge(demo::routes());
    }
    routes
        .fallback(middleware::not_found)
        .method_not_allowed_fallback(middleware::wrong_method)
        .layer(from_fn_with_state(app.clone(), middleware::envelope))
        .with_state(app)
}
