//! Figures in the [Prometheus text format]: counters and histograms over fixed labels, so that no
//! visitor can make the list longer. Our own: four atomics a request, no registry, no macros.
//!
//! [Prometheus text format]: https://prometheus.io/docs/instrumenting/exposition_formats/

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use akashi_desk::app::App;
use akashi_desk::crowd::Crowd;
use akashi_desk::reading::Work;
use akashi_ledger::WaitingFor;
use akashi_ledger::sequencer::Lane;
use akashi_proof::record::kind::{CountedFor, Outcome};
use axum::http::StatusCode;

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
const OTHERS: [&str; 6] = ["/log", "/sms/inbound", "health", "static", "page", "none"];

/// What kind of route a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// One of `/v1`, by its place in their list.
    Api(usize),
    /// `/log/*`.
    Log,
    /// `/sms/inbound`.
    SmsInbound,
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
            Self::Health => API.len() + 2,
            Self::Static => API.len() + 3,
            Self::Page => API.len() + 4,
            Self::None => API.len() + 5,
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
    let mut text = String::with_capacity(16 * 1024);
    ledger(&mut text, app);
    commands(&mut text, app);
    messages(&mut text, app);
    codes(&mut text, app);
    sessions(&mut text, app);
    histories(&mut text, app);
    doors(&mut text, app);
    reads(&mut text, app);
    decisions(&mut text, app);
    requests.write(&mut text);
    text
}

/// What the ledger holds, and whether it takes more.
fn ledger(text: &mut String, app: &App) {
    let stopped = |stopped| u64::from(stopped);
    for (name, help, value) in [
        (
            "akashi_log_entries",
            "Entries in the log.",
            app.head().head.size.value(),
        ),
        (
            "akashi_people",
            "Persons enrolled.",
            app.people_count() as u64,
        ),
        (
            "akashi_writer_stopped",
            "1 while the writer takes no commands.",
            stopped(app.stopped().is_some()),
        ),
        (
            "akashi_key_maker_stopped",
            "1 while no new keys can be made.",
            stopped(!app.makes_keys()),
        ),
    ] {
        gauge(text, name, help, value);
    }
}

/// How far people have been told.
fn messages(text: &mut String, app: &App) {
    let backlog = app.notifier.backlog();
    for (name, help, value) in [
        (
            "akashi_notifier_cursor",
            "Log index the notifier has read up to.",
            backlog.cursor.value(),
        ),
        (
            "akashi_notifier_waiting",
            "Entries the notifier has not read.",
            backlog.unread(),
        ),
        (
            "akashi_notifier_oldest_unread_seconds",
            "How old the oldest entry is that the notifier has not read.",
            backlog.oldest_unread_millis / 1_000,
        ),
        (
            "akashi_outbox_waiting",
            "Messages that wait to be handed over.",
            backlog.waiting,
        ),
        (
            "akashi_outbox_failed",
            "Messages given up since the start.",
            backlog.failed,
        ),
        (
            "akashi_open_questions",
            "Questions to people without an answer yet.",
            backlog.open_questions,
        ),
        (
            "akashi_alerts_counted_total",
            "Alerts that were counted into another one.",
            backlog.alerts_counted,
        ),
        (
            "akashi_questions_held_back_total",
            "Questions that did not make a phone ring.",
            backlog.questions_held_back,
        ),
    ] {
        gauge(text, name, help, value);
    }
}

/// What became of one-time codes.
fn codes(text: &mut String, app: &App) {
    let figures = app.notifier.code_figures();
    for (name, help, value) in [
        (
            "akashi_codes_drawn_total",
            "One-time codes drawn for a message.",
            figures.drawn,
        ),
        (
            "akashi_codes_held_back_total",
            "One-time codes to newcomers above the hourly ceiling.",
            figures.held_back,
        ),
        (
            "akashi_codes_wrong_total",
            "Wrong one-time codes typed.",
            figures.wrong,
        ),
    ] {
        head(text, name, "counter", help);
        line(text, name, value);
    }
}

/// Who is signed in, and whom guessing or ringing has paused.
fn sessions(text: &mut String, app: &App) {
    let (signed_in, forgotten) = app.sessions.figures();
    let name = "akashi_sessions";
    head(text, name, "gauge", "People signed in.");
    line(text, name, signed_in as u64);
    for (name, help, value) in [
        (
            "akashi_sessions_forgotten_total",
            "Sessions ended because too many were signed in.",
            forgotten,
        ),
        (
            "akashi_guessers_paused_total",
            "Codes not looked at: their network had typed too many wrong ones.",
            app.limits.guessers_paused(),
        ),
        (
            "akashi_rung_too_often_total",
            "Codes not sent because of who asked for them.",
            app.limits.rung_too_often(),
        ),
    ] {
        head(text, name, "counter", help);
        line(text, name, value);
    }
}

/// What pages look at, and what is remembered of it.
fn histories(text: &mut String, app: &App) {
    let (rows, forgotten, stopped) = app.outlines.figures();
    let name = "akashi_outline_rows";
    head(text, name, "gauge", "Records remembered in outline.");
    line(text, name, rows as u64);
    for (name, help, value) in [
        (
            "akashi_outlines_forgotten_total",
            "Outlines of histories forgotten to make room for others.",
            forgotten,
        ),
        (
            "akashi_pages_stopped_total",
            "Pages that looked at as many records as one page may, and went no further.",
            stopped,
        ),
    ] {
        head(text, name, "counter", help);
        line(text, name, value);
    }
}

/// What was decided, and what was refused.
fn decisions(text: &mut String, app: &App) {
    let (name, help) = ("akashi_decisions_total", "Decisions on accesses, as told.");
    head(text, name, "counter", help);
    for told in [Outcome::Permit, Outcome::Deny, Outcome::Ask] {
        let of = format!("{name}{{decision=\"{}\"}}", told.as_str());
        line(text, &of, app.figures.decisions(told));
    }
    let name = "akashi_statements_refused_total";
    let help = "Signed statements refused and recorded.";
    head(text, name, "counter", help);
    line(text, name, app.figures.refusals());
    let name = "akashi_statements_unrecorded_total";
    let help = "Signed statements refused and not recorded: late ones above the bound of their key, supervisors'.";
    head(text, name, "counter", help);
    line(text, name, app.figures.unrecorded());
    let name = "akashi_statements_counted_total";
    let help =
        "Signed statements not looked at but counted into their institution's stream, by why.";
    head(text, name, "counter", help);
    for counted_for in CountedFor::ALL {
        let of = format!("{name}{{why=\"{counted_for}\"}}");
        line(text, &of, app.figures.counted(*counted_for));
    }
    let name = "akashi_statements_known_total";
    let help = "Known statements sent again by somebody who may not have their answer.";
    head(text, name, "counter", help);
    line(text, name, app.figures.known());
}

impl Requests {
    fn write(&self, text: &mut String) {
        let (name, help) = (
            "akashi_requests_total",
            "Answers by route and class of status.",
        );
        head(text, name, "counter", help);
        for (place, of) in self.routes.iter().enumerate() {
            let label = Route::label(place);
            for (class, count) in of.by_class.iter().enumerate() {
                let count = count.load(Relaxed);
                if count > 0 {
                    let name = format!("{name}{{route=\"{label}\",status=\"{class}xx\"}}");
                    line(text, &name, count);
                }
            }
        }
        let (name, help) = ("akashi_request_seconds", "Time to answer by route.");
        head(text, name, "histogram", help);
        for (place, of) in self.routes.iter().enumerate() {
            of.write_times(text, name, Route::label(place));
        }
    }
}

impl OfRoute {
    /// The histogram of one route; nothing where nothing was answered.
    fn write_times(&self, text: &mut String, name: &str, route: &str) {
        let counts = self.by_time.iter().map(|count| count.load(Relaxed));
        let counts: Vec<u64> = counts.collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return;
        }
        let mut so_far = 0;
        for (end, count) in BUCKETS_US.iter().zip(&counts) {
            so_far += count;
            let end = *end as f64 / 1e6;
            let bucket = format!("{name}_bucket{{route=\"{route}\",le=\"{end}\"}}");
            line(text, &bucket, so_far);
        }
        let bucket = format!("{name}_bucket{{route=\"{route}\",le=\"+Inf\"}}");
        line(text, &bucket, total);
        let seconds = self.microseconds.load(Relaxed) as f64 / 1e6;
        // Writing into a text cannot fail.
        let _ = writeln!(text, "{name}_sum{{route=\"{route}\"}} {seconds}");
        line(text, &format!("{name}_count{{route=\"{route}\"}}"), total);
    }
}

/// What waits for new keys and for the writer, by lane.
fn commands(text: &mut String, app: &App) {
    let each = || {
        let lanes = |what| Lane::ALL.map(|lane| (what, lane));
        WaitingFor::ALL.into_iter().flat_map(lanes)
    };
    let (name, help) = ("akashi_commands_waiting", "Commands that wait now.");
    head(text, name, "gauge", help);
    for (what, lane) in each() {
        let waiting = app.waiting(what, lane).waiting as u64;
        line(text, &in_lane(name, what, lane), waiting);
    }
    let (name, help) = ("akashi_commands_refused_total", "Commands above a bound.");
    head(text, name, "counter", help);
    for (what, lane) in each() {
        let refused = app.waiting(what, lane).refused;
        line(text, &in_lane(name, what, lane), refused);
    }
    let name = "akashi_commands_of_one_refused_total";
    let help = "Commands above one payer's share of a lane.";
    head(text, name, "counter", help);
    for (what, lane) in each() {
        let refused = app.waiting(what, lane).refused_of_one;
        line(text, &in_lane(name, what, lane), refused);
    }
}

fn in_lane(name: &str, what: WaitingFor, lane: Lane) -> String {
    let (what, lane) = (what.name(), lane.name());
    format!("{name}{{for=\"{what}\",lane=\"{lane}\"}}")
}

/// Who is here now, by door, and who found no place.
fn doors(text: &mut String, app: &App) {
    type Figure = fn(&Crowd) -> u64;
    let figures: [(&str, &str, &str, Figure); 3] = [
        (
            "akashi_door_under_way",
            "gauge",
            "Connections, arriving bodies and requests worked on now.",
            |crowd| crowd.count() as u64,
        ),
        (
            "akashi_door_turned_away_total",
            "counter",
            "Those who found no place.",
            Crowd::turned_away,
        ),
        (
            "akashi_door_sent_away_total",
            "counter",
            "Those who were slow and lost their place to others.",
            Crowd::sent_away,
        ),
    ];
    for (name, kind, help, figure) in figures {
        head(text, name, kind, help);
        for (door, crowd) in app.doors.each() {
            line(text, &format!("{name}{{door=\"{door}\"}}"), figure(crowd));
        }
    }
    let (name, help) = ("akashi_downloads_running", "Histories being written now.");
    gauge(text, name, help, app.downloads.count() as u64);
}

/// What is read, by kind of work.
fn reads(text: &mut String, app: &App) {
    let (name, help) = ("akashi_reads_under_way", "Reads that run or wait now.");
    head(text, name, "gauge", help);
    for work in Work::ALL {
        let (under_way, _) = app.reading(work);
        line(text, &of_work(name, work), under_way as u64);
    }
    let (name, help) = ("akashi_reads_refused_total", "Reads above their bound.");
    head(text, name, "counter", help);
    for work in Work::ALL {
        let (_, refused) = app.reading(work);
        line(text, &of_work(name, work), refused);
    }
}

fn of_work(name: &str, work: Work) -> String {
    format!("{name}{{work=\"{}\"}}", work.name())
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, value: u64) {
    let _ = writeln!(text, "{name} {value}");
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    head(text, name, "gauge", help);
    line(text, name, value);
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
        let mut text = String::new();
        requests.write(&mut text);
        assert!(text.contains("akashi_request_seconds_bucket{route=\"/log\",le=\"0.001\"} 2\n"));
        assert!(text.contains("akashi_request_seconds_bucket{route=\"/log\",le=\"+Inf\"} 3\n"));
        assert!(text.contains("akashi_requests_total{route=\"/log\",status=\"2xx\"} 3\n"));
    }
}
