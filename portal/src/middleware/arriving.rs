//! A request is worked on when all of it is here.
//!
//! Who sends slowly waits among those who send slowly, and takes a place from nobody else: a whole
//! /48 of them loses its oldest bodies to its newer ones, and to everybody's from elsewhere.
//! Whoever lost a place hears so when the time for a body is over, and not at once: to begin anew
//! at once would cost the server a connection each time, and take from everybody else. So many wait
//! to hear it ([`LATE_BODIES`](akashi_desk::limits::LATE_BODIES)), since each holds a connection.

use std::time::Duration;

use akashi_api::body::len_max;
use akashi_api::problem::{Kind, Problem};
use akashi_desk::doors::Doors;
use akashi_desk::limits::{BODY_LEN_MAX, BODY_SECONDS, LONG_BODY_LEN_MAX};
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header;

/// What a handler is given instead of a body that is longer than any it would take: it refuses it
/// in its own words.
static TOO_LONG: [u8; LONG_BODY_LEN_MAX + 1] = [0; LONG_BODY_LEN_MAX + 1];

/// The request with its whole body in memory.
///
/// # Errors
/// A [`Problem`]: it took too long, lost its place to others, or the connection broke.
pub async fn whole(doors: &Doors, sender: &[u8], request: Request) -> Result<Request, Problem> {
    within(Duration::from_secs(BODY_SECONDS), doors, sender, request).await
}

async fn within(
    time: Duration,
    doors: &Doors,
    sender: &[u8],
    request: Request,
) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(parts, body));
    }
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let most = len_max(parts.uri.path());
    if announced.is_some_and(|announced| announced > most) {
        return Ok(Request::from_parts(parts, too_long(most)));
    }
    let waiting = if most > BODY_LEN_MAX {
        &doors.long_bodies
    } else {
        &doors.bodies
    };
    let over = tokio::time::sleep(time);
    tokio::pin!(over);
    if let Some(place) = waiting.push_in(sender) {
        let arrived = tokio::select! {
            body = to_bytes(body, most) => Some(body),
            () = place.sent_away() => None,
            () = &mut over => None,
        };
        match arrived {
            Some(Ok(bytes)) => return Ok(Request::from_parts(parts, Body::from(bytes))),
            Some(Err(error)) if is_too_long(&error) => {
                return Ok(Request::from_parts(parts, too_long(most)));
            }
            Some(Err(_)) => return Err(Kind::BAD_REQUEST.into()),
            None => {}
        }
    }
    if let Some(_place) = doors.late_bodies.enter(sender) {
        over.await;
    }
    Err(Problem::from(Kind::TIMEOUT).retry_after(1))
}

/// One byte more than is read.
fn too_long(most: usize) -> Body {
    let body = TOO_LONG.get(..=most).unwrap_or(&TOO_LONG);
    Body::from(Bytes::from_static(body))
}

fn is_too_long(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(|source| source.to_string().contains("length limit"))
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Instant;

    use akashi_api::body::ACT_LEN_MAX;
    use akashi_desk::limits::{BODIES, LATE_BODIES};
    use akashi_proof::evidence::EVIDENCE_LEN_MAX;
    use futures_util::future::{FutureExt as _, join_all};
    use futures_util::stream::once;

    use super::*;

    const SLOW: &[u8] = &[192, 0, 2, 1];

    fn never_ends() -> Request {
        let body = once(pending::<Result<Bytes, std::io::Error>>());
        Request::post("/v1/accesses")
            .body(Body::from_stream(body))
            .unwrap()
    }

    async fn len_of(doors: &Doors, body: impl Into<Body>) -> usize {
        len_at(doors, "/", body).await
    }

    async fn len_at(doors: &Doors, path: &str, body: impl Into<Body>) -> usize {
        let request = Request::post(path).body(body.into()).unwrap();
        let whole = whole(doors, SLOW, request).await.unwrap();
        to_bytes(whole.into_body(), usize::MAX).await.unwrap().len()
    }

    #[tokio::test]
    async fn a_body_is_handed_on_whole_or_as_one_that_is_too_long() {
        let doors = Doors::default();
        for (sent, handed_on) in [
            (0, 0),
            (BODY_LEN_MAX, BODY_LEN_MAX),
            (BODY_LEN_MAX + 1, BODY_LEN_MAX + 1),
            (10 * BODY_LEN_MAX, BODY_LEN_MAX + 1),
        ] {
            assert_eq!(len_of(&doors, vec![1; sent]).await, handed_on);
        }
        assert_eq!(doors.bodies.count(), 0);
    }

    #[tokio::test]
    async fn acts_and_evidence_may_be_longer_and_never_without_end() {
        let doors = Doors::default();
        for (path, most) in [
            ("/v1/acts", ACT_LEN_MAX),
            ("/v1/evidence/verify", EVIDENCE_LEN_MAX),
        ] {
            assert!(most > BODY_LEN_MAX && most <= LONG_BODY_LEN_MAX);
            for (sent, handed_on) in [
                (BODY_LEN_MAX + 1, BODY_LEN_MAX + 1),
                (most, most),
                (most + 1, most + 1),
                (10 * most, most + 1),
            ] {
                assert_eq!(len_at(&doors, path, vec![1; sent]).await, handed_on);
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_given_up() {
        let doors = Doors::default();
        let soon = Duration::from_millis(1);
        let problem = within(soon, &doors, SLOW, never_ends()).await.unwrap_err();
        assert_eq!(problem.kind().code, "timeout");
        assert_eq!(doors.bodies.count(), 0);
    }

    #[tokio::test]
    async fn whoever_loses_its_place_hears_so_when_its_time_is_over() {
        let (doors, begun) = (Doors::default(), Instant::now());
        let time = Duration::from_millis(100);
        let slow = (0..=BODIES.by_ring[0]).map(|_| async {
            let answer = within(time, &doors, SLOW, never_ends()).await;
            (answer.unwrap_err().kind().code, begun.elapsed())
        });
        for (code, heard) in join_all(slow).await {
            assert_eq!(code, "timeout");
            assert!(heard >= time, "{heard:?}");
        }
        assert_eq!(doors.bodies.sent_away(), 1);
    }

    #[tokio::test]
    async fn so_many_wait_to_hear_that_they_lost_their_place_and_others_hear_it_at_once() {
        let (doors, one) = (Doors::default(), LATE_BODIES.by_ring[0]);
        let waiting: Vec<_> = (0..one)
            .map_while(|_| doors.late_bodies.enter(SLOW))
            .collect();
        assert_eq!(waiting.len(), one);
        let _bodies: Vec<_> = (0..BODIES.by_ring[0])
            .map_while(|_| doors.bodies.push_in(SLOW))
            .collect();
        // The one begun first gives way to whoever comes; only an hour would end it otherwise.
        let hour = Duration::from_secs(3_600);
        let mut slow = Box::pin(within(hour, &doors, SLOW, never_ends()));
        assert!(slow.as_mut().now_or_never().is_none());
        let _more: Vec<_> = (0..BODIES.by_ring[0])
            .map_while(|_| doors.bodies.push_in(SLOW))
            .collect();
        assert_eq!(slow.await.unwrap_err().kind().code, "timeout");
        assert_eq!(doors.late_bodies.turned_away(), 1);
    }

    #[tokio::test]
    async fn slow_bodies_cost_only_their_sender() {
        let doors = std::sync::Arc::new(Doors::default());
        let one = BODIES.by_ring[0];
        let slow: Vec<_> = (0..=one)
            .map(|_| {
                let doors = std::sync::Arc::clone(&doors);
                tokio::spawn(async move { whole(&doors, SLOW, never_ends()).await })
            })
            .collect();
        tokio::task::yield_now().await;
        while doors.bodies.sent_away() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!((doors.bodies.count(), doors.bodies.sent_away()), (one, 1));
        assert_eq!(
            len_of(&doors, "honest, from the very same address").await,
            34
        );
        assert_eq!(slow.len(), one + 1);
    }
}
