//! Every URL. The API's are listed one by one in [`crate::api::openapi::ROUTES`], which the API document is made of.

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::app::SharedApp;
use crate::{api, demo, middleware, pages};

/// All routes, wrapped into what every request passes.
pub fn router(app: SharedApp) -> Router {
    let mut routes = Router::new().merge(api::routes()).merge(pages::routes());
    if app.demo.is_some() {
        routes = routes.merge(demo::routes());
    }
    routes
        .fallback(middleware::not_found)
        .method_not_allowed_fallback(middleware::wrong_method)
        .layer(from_fn_with_state(app.clone(), middleware::envelope))
        .with_state(app)
}
