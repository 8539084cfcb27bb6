//! Every route of the API under every kind of bad input: what it answers, one line each, as a
//! developer of another system reads it. The lines are a snapshot, to be read by eye; what holds
//! for all of them is asserted.

mod claims;
mod inputs;
mod reads;
mod walk;

use std::fmt::Write as _;

use akashi_api::openapi::ROUTES;
use akashi_desk::limits::Rates;

use crate::town::Town;
use walk::Walk;

/// A town whose strangers may be wrong as often as this takes.
async fn patient_town() -> Town {
    let limits = Rates {
        unsigned_per_minute: 1_000_000,
        log_per_minute: 1_000_000,
        open_per_minute: 1_000_000,
        ..Rates::default()
    };
    Town::new().await.restart_under(limits).await
}

/// A route that is in the router and not here makes this fail, by [`inputs::of`].
#[tokio::test]
async fn every_kind_of_bad_input_is_answered_as_in_its_snapshot() {
    let town = patient_town().await;
    let link = town.link("hospital.chuo").await;
    let mut text = String::new();
    for route in ROUTES {
        let name = format!("{} {}", route.method.to_uppercase(), route.path);
        writeln!(text, "\n{name}").unwrap();
        let mut walk = Walk::of(&town, &name, &link);
        for input in inputs::of(&town, route, &link) {
            walk.send(input).await;
        }
        text += &walk.told();
        // So many refusals of one institution are recorded in a minute, and no more.
        town.pass_seconds(60);
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("problems", text);
    });
}
