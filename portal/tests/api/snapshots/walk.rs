//! Sends one thing after another and writes down what comes back.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::town::{Answer, Town, qid};

/// What is sent, in a few words, and how.
pub struct Input {
    pub name: String,
    pub request: Request<Body>,
}

/// Stands in for whatever is personal; it must come back nowhere.
pub const PERSONAL: &str = "\u{5c71}\u{7530}\u{82b1}\u{5b50} 090-1234-5678";
/// No answer to bad input is longer.
const ANSWER_LEN_MAX: usize = 1_024;

pub struct Walk<'t> {
    town: &'t Town,
    route: &'t str,
    /// A link code that is sent and comes back nowhere.
    link: &'t str,
    lines: Vec<(String, String)>,
}

impl<'t> Walk<'t> {
    pub const fn of(town: &'t Town, route: &'t str, link: &'t str) -> Self {
        Self {
            town,
            route,
            link,
            lines: Vec::new(),
        }
    }

    pub async fn send(&mut self, input: Input) {
        let Input { name, request } = input;
        let answer = self.town.call(request).await;
        let told = if answer.status.is_client_error() || answer.status.is_server_error() {
            self.check(&name, &answer);
            problem(&answer.json())
        } else {
            answer.status.as_u16().to_string()
        };
        self.lines.push((name, told));
    }

    /// What holds for every problem, whatever was sent.
    fn check(&self, name: &str, answer: &Answer) {
        let at = format!("{}, {name}: {}", self.route, answer.text());
        assert!(!answer.status.is_server_error(), "{at}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{at}"
        );
        assert!(!answer.header("x-request-id").is_empty(), "{at}");
        assert!(answer.body.len() <= ANSWER_LEN_MAX, "{at}");
        for personal in ["\u{5c71}\u{7530}", "090-1234", self.link, &qid()] {
            assert!(!answer.text().contains(personal), "{at}");
        }
        let problem = answer.json();
        assert_eq!(problem["status"], answer.status.as_u16(), "{at}");
        assert!(
            problem["title"].is_string() && problem["type"].is_string(),
            "{at}"
        );
        let says = ["field", "expected", "found", "detail"].map(|name| problem[name].is_string());
        assert!(
            says.iter().all(|said| *said == says[0]),
            "all of them or none: {at}"
        );
        // Where there is something to name, it is named.
        let is_bare = [404, 405, 409, 429].contains(&answer.status.as_u16());
        assert!(says[0] || is_bare || is_bare_401(self.route), "{at}");
        let waits = [429, 503].contains(&answer.status.as_u16());
        assert_eq!(waits, !answer.header("retry-after").is_empty(), "{at}");
        let unknown = answer.status == 401;
        assert_eq!(
            unknown,
            answer.header("www-authenticate") == "Bearer",
            "{at}"
        );
        let other_method = answer.status == 405;
        assert_eq!(other_method, !answer.header("allow").is_empty(), "{at}");
    }

    /// All of it; what is answered alike stands in one line.
    pub fn told(self) -> String {
        let mut alike: Vec<(String, Vec<String>)> = Vec::new();
        for (name, told) in self.lines {
            match alike.iter_mut().find(|(one, _)| *one == told) {
                Some((_, names)) => names.push(name),
                None => alike.push((told, vec![name])),
            }
        }
        let mut text = String::new();
        for (told, names) in alike {
            writeln!(text, "  {told}\n    {}", names.join("; ")).unwrap();
        }
        text
    }
}

/// The gateway's token is a secret: nothing is said of what is wrong with it.
fn is_bare_401(route: &str) -> bool {
    ["POST /sms/inbound", "POST /sms/reports"].contains(&route)
}

fn problem(problem: &Value) -> String {
    let kind = problem["type"].as_str().unwrap();
    let kind = kind.strip_prefix("/problems/").unwrap();
    let detail = problem["detail"].as_str().unwrap_or("-");
    // How far the log has grown while the notifier works is no part of what is held here.
    let detail = match (
        detail.find("at most "),
        detail.find(", the size of this log"),
    ) {
        (Some(from), Some(to)) => format!("{}<size>{}", &detail[..from + 8], &detail[to..]),
        _ => detail.to_owned(),
    };
    let recorded = if problem["index"].is_u64() {
        ", recorded"
    } else {
        ""
    };
    format!("{} {kind}{recorded}: {detail}", problem["status"])
}
