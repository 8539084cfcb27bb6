//! Figures in the [Prometheus text format]: counters and histograms over fixed labels, so that no
//! visitor can make the list longer. Our own: four atomics a request, no registry, no macros.
//!
//! | file | what it does |
//! |---|---|
//! | `figures.rs` | what the server holds, has done and has refused |
//! | `text.rs` | how it is written: a counter is called `_total` and nothing else is |
//!
//! [Prometheus text format]: https://prometheus.io/docs/instrumenting/exposition_formats/

mod figures;
mod text;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use akashi_desk::app::App;
use axum::http::StatusCode;

use text::{Text, labels};

/// Routes of `/v1`, each with figures of its own.
const API: [&str; 11] = [
    "/v1/accesses",
    "/v1/accesses/{id}",
    "/v1/link-codes",
    "/v1/links/{code}/gates",
    "/v1/link-ends",
    "/v1/releases",
    "/v1/evidence/verify",
    "/v1/proofs/{index}",
    "/v1/acts",
    "/v1/policy",
    "/v1/openapi.json",
];

/// The other kinds of routes, in the order of [`Route`].
const OTHERS: [&str; 7] = [
    "/log",
    "/sms/inbound",
    "/sms/reports",
    "health",
    "static",
    "page",
    "none",
];

/// What kind of route a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// One of `/v1`, by its place in their list.
    Api(usize),
    /// `/log/*`.
    Log,
    /// `/sms/inbound`.
    SmsInbound,
    /// `/sms/reports`.
    SmsReports,
    /// `/healthz`, `/readyz`, `/metrics`.
    Health,
    /// Style sheets and pictures.
    Static,
    /// What people see.
    Page,
    /// Nothing.
    None,
}

/// How many routes have figures.
const ROUTES: usize = API.len() + OTHERS.len();

impl Route {
    /// The kind of a route as written in the router.
    pub fn of(matched: Option<&str>) -> Self {
        let Some(path) = matched else {
            return Self::None;
        };
        match path {
            "/healthz" | "/readyz" | "/metrics" => Self::Health,
            "/sms/inbound" => Self::SmsInbound,
            "/sms/reports" => Self::SmsReports,
            _ if path == "/log" || path.starts_with("/log/") => Self::Log,
            // Written once for everybody, but for the frame: nearly as cheap as a style sheet.
            "/docs" | "/problems/{code}" => Self::Static,
            _ if path.starts_with("/static/") => Self::Static,
            _ => API
                .iter()
                .position(|known| *known == path)
                .map_or(Self::Page, Self::Api),
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Api(place) => place,
            Self::Log => API.len(),
            Self::SmsInbound => API.len() + 1,
            Self::SmsReports => API.len() + 2,
            Self::Health => API.len() + 3,
            Self::Static => API.len() + 4,
            Self::Page => API.len() + 5,
            Self::None => API.len() + 6,
        }
    }

    fn label(place: usize) -> &'static str {
        let mut labels = API.iter().chain(&OTHERS);
        labels.nth(place).copied().unwrap_or("none")
    }
}

/// Upper ends of the histogram's buckets, in microseconds.
const BUCKETS_US: [u64; 12] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000,
];

#[derive(Default)]
struct OfRoute {
    /// Answers by the first digit of their status.
    by_class: [AtomicU64; 6],
    /// Answers by time; the last is everything slower.
    by_time: [AtomicU64; BUCKETS_US.len() + 1],
    microseconds: AtomicU64,
}

/// Requests: what became of them since the start.
#[derive(Default)]
pub struct Requests {
    routes: [OfRoute; ROUTES],
}

impl Requests {
    /// Counts one answer.
    pub fn count(&self, route: Route, status: StatusCode, took: Duration) {
        let Some(of) = self.routes.get(route.place()) else {
            return;
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = usize::from(status.as_u16() / 100).min(5);
        let slower = BUCKETS_US.iter().position(|end| micros <= *end);
        let bucket = slower.unwrap_or(BUCKETS_US.len());
        let counters = [of.by_class.get(class), of.by_time.get(bucket)];
        for counter in counters.into_iter().flatten() {
            counter.fetch_add(1, Relaxed);
        }
        of.microseconds.fetch_add(micros, Relaxed);
    }
}

/// All figures as text.
pub fn text(app: &App, requests: &Requests) -> String {
    let mut text = Text::default();
    figures::write(&mut text, app);
    requests.write(&mut text);
    text.into_string()
}

impl Requests {
    fn write(&self, text: &mut Text) {
        let mut answers = Vec::new();
        for (place, of) in self.routes.iter().enumerate() {
            let route = Route::label(place);
            for (class, count) in of.by_class.iter().enumerate() {
                let count = count.load(Relaxed);
                if count > 0 {
                    let status = format!("{class}xx");
                    let labels = labels(&[("route", route), ("status", &status)]);
                    answers.push((labels, count));
                }
            }
        }
        let help = "Answers by route and class of status.";
        text.counters("akashi_requests", help, answers);
        text.head(
            "akashi_request_seconds",
            "histogram",
            "Time to answer by route.",
        );
        for (place, of) in self.routes.iter().enumerate() {
            of.write_times(text, "akashi_request_seconds", Route::label(place));
        }
    }
}

impl OfRoute {
    /// The histogram of one route; nothing where nothing was answered.
    fn write_times(&self, text: &mut Text, name: &str, route: &str) {
        let counts = self.by_time.iter().map(|count| count.load(Relaxed));
        let counts: Vec<u64> = counts.collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return;
        }
        let bucket =
            |end: &str| format!("{name}_bucket{}", labels(&[("route", route), ("le", end)]));
        let mut so_far = 0;
        for (end, count) in BUCKETS_US.iter().zip(&counts) {
            so_far += count;
            let end = *end as f64 / 1e6;
            text.line(&bucket(&end.to_string()), so_far);
        }
        text.line(&bucket("+Inf"), total);
        let of_route = labels(&[("route", route)]);
        let seconds = self.microseconds.load(Relaxed) as f64 / 1e6;
        text.line(&format!("{name}_sum{of_route}"), seconds);
        text.line(&format!("{name}_count{of_route}"), total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_one_place_and_one_label() {
        let places: Vec<usize> = (0..API.len())
            .map(Route::Api)
            .chain([
                Route::Log,
                Route::SmsInbound,
                Route::SmsReports,
                Route::Health,
                Route::Static,
                Route::Page,
                Route::None,
            ])
            .map(Route::place)
            .collect();
        assert_eq!(places, (0..ROUTES).collect::<Vec<_>>());
        assert_eq!(
            Route::label(Route::of(Some("/v1/releases")).place()),
            "/v1/releases"
        );
        assert_eq!(
            Route::label(Route::of(Some("/log/tile/{*path}")).place()),
            "/log"
        );
        assert_eq!(Route::label(Route::of(None).place()), "none");
    }

    #[test]
    fn every_route_of_the_api_has_figures_of_its_own() {
        let documented = crate::openapi::ROUTES.iter().map(|route| route.path);
        let mut documented: Vec<_> = documented.filter(|path| path.starts_with("/v1/")).collect();
        documented.sort_unstable();
        let mut own = API.to_vec();
        own.sort_unstable();
        assert_eq!(own, documented);
        for path in API {
            assert_eq!(Route::label(Route::of(Some(path)).place()), path);
        }
    }

    #[test]
    fn buckets_add_up() {
        let requests = Requests::default();
        for micros in [100, 600, 10_000_000] {
            requests.count(Route::Log, StatusCode::OK, Duration::from_micros(micros));
        }
        let mut text = Text::default();
        requests.write(&mut text);
        let text = text.into_string();
        assert!(text.contains("akashi_request_seconds_bucket{route=\"/log\",le=\"0.001\"} 2\n"));
        assert!(text.contains("akashi_request_seconds_bucket{route=\"/log\",le=\"+Inf\"} 3\n"));
        assert!(text.contains("akashi_requests_total{route=\"/log\",status=\"2xx\"} 3\n"));
    }
}
