//! How long what is open stays open, and what can be done about it: said on every page of hers, and
//! two minutes before it is over. The browser shows the warning by itself, without a script.

use askama::Template;

use crate::frame::guard::Holder;
use crate::frame::shell::Shell;
use crate::frame::visit::{Answer, Visit, page};
use crate::words::texts::Closes as Texts;

/// How long before the end it is said: long enough to read it and press a button, at the pace of
/// somebody who reads slowly. The style sheet has the delays that come of it.
const WARNED_MILLIS: u64 = 2 * 60_000;

/// Where the time is lengthened.
pub(crate) const PATH: &str = "/me/time";

/// When what is open closes.
pub(crate) struct Closes {
    /// When, if no page is opened any more.
    pub(crate) at: String,
    /// When in any case.
    pub(crate) latest: String,
    /// It cannot be lengthened any more.
    pub(crate) is_last: bool,
    /// It closes within the time of the warning.
    pub(crate) is_near: bool,
    is_person: bool,
}

impl Closes {
    /// For a visit; `None` where nothing is open.
    pub(crate) fn of(visit: &Visit) -> Option<Self> {
        let session = visit.session().ok()?;
        let (at, latest) = session.closes(visit.monotonic())?;
        let (now, when) = (visit.now(), visit.names().when);
        Some(Self {
            at: when.clock(now.plus_millis(at)),
            latest: when.clock(now.plus_millis(latest)),
            is_last: at == latest,
            is_near: at <= WARNED_MILLIS,
            is_person: session.level() == 2,
        })
    }

    /// When the style sheet shows the warning: see `07-banners.css`.
    pub(crate) const fn class(&self) -> &'static str {
        match (self.is_near || self.is_last, self.is_person) {
            (true, _) => "closes closes--at-last",
            (false, true) => "closes",
            (false, false) => "closes closes--holder",
        }
    }
}

#[derive(Template)]
#[template(path = "time.html")]
struct TimePage {
    shell: Shell,
    t: Texts,
}

/// `GET /me/time`: opening it is what lengthens the time, as opening any page is. It stands in a
/// window of its own, so that what is being filled in stays where it is.
pub(crate) async fn time(holder: Holder) -> Answer {
    let shown = holder.read(|books, _| {
        let t = Texts(books.language);
        page(TimePage {
            shell: books.shell(t.title()).narrow(),
            t,
        })
    });
    shown.await
}

#[cfg(test)]
mod tests {
    use akashi_desk::identity::session::{IDLE_MILLIS, PERSON_IDLE_MILLIS};

    use super::*;

    #[test]
    fn the_style_sheet_warns_as_long_before_as_is_said() {
        let sheet = include_str!("../../static/sheet/07-banners.css");
        for idle in [PERSON_IDLE_MILLIS, IDLE_MILLIS] {
            let delay = format!("{}s", (idle - WARNED_MILLIS) / 1_000);
            assert!(sheet.contains(&delay), "{delay}");
        }
    }
}
