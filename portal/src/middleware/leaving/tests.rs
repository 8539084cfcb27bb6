use std::time::Instant;

use akashi_desk::crowd::Bounds;
use akashi_desk::limits::ANSWERS;
use axum::body::to_bytes;
use futures_util::stream::iter;

use super::*;

const READER: &[u8] = &[192, 0, 2, 1];
const LEN: usize = 5 * ANSWER_PIECE + 1;

fn answers() -> Arc<Crowd> {
    Crowd::new(ANSWERS)
}

/// Room for so many answers of this length, of one address.
fn room_for(count: usize) -> Arc<Crowd> {
    let one = count * (LEN + ANSWER_COST);
    Crowd::new(Bounds {
        most: 4 * one,
        by_ring: [one, one, 2 * one, 3 * one],
    })
}

fn text() -> Vec<u8> {
    (0..LEN).map(|n| n as u8).collect()
}

fn leaving(answers: &Arc<Crowd>, body: impl Into<Body>) -> (Body, Arc<Notice>) {
    let end = Arc::<Notice>::default();
    let response = Response::new(body.into());
    let response = counted(answers, READER, Some(Arc::clone(&end)), response);
    (response.into_body(), end)
}

fn parts(sent: Vec<Vec<u8>>) -> Body {
    Body::from_stream(iter(sent.into_iter().map(Ok::<_, std::io::Error>)))
}

fn next(body: &mut Body) -> Option<Result<Bytes, Error>> {
    let mut context = Context::from_waker(Waker::noop());
    match Pin::new(body).poll_frame(&mut context) {
        Poll::Ready(frame) => frame.map(|frame| frame.map(|data| data.into_data().unwrap())),
        Poll::Pending => panic!("it is all there"),
    }
}

fn is_ended(line: &Notice) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    line.poll_given(&mut context).is_ready()
}

#[tokio::test]
async fn an_answer_arrives_as_it_was_made() {
    let answers = answers();
    let (body, _) = leaving(&answers, text());
    assert_eq!(body.size_hint().exact(), Some(LEN as u64));
    assert_eq!(
        answers.weight(),
        LEN + ANSWER_COST,
        "before it is asked for"
    );
    assert_eq!(to_bytes(body, LEN).await.unwrap(), text());
    let (body, _) = leaving(&answers, parts(vec![text(), Vec::new(), vec![7], text()]));
    assert_eq!(answers.weight(), 0, "nothing of it is there yet");
    let sent = [text(), vec![7], text()].concat();
    assert_eq!(to_bytes(body, usize::MAX).await.unwrap(), sent);
    let (body, _) = leaving(&answers, Body::empty());
    assert!(body.is_end_stream());
    assert_eq!((answers.weight(), answers.count()), (0, 0));
}

#[test]
fn what_was_handed_on_is_counted_until_it_is_written() {
    let answers = answers();
    let (mut body, _) = leaving(&answers, text());
    let mut held = Vec::new();
    while let Some(piece) = next(&mut body) {
        let piece = piece.unwrap();
        assert!(piece.len() <= ANSWER_PIECE);
        held.push(piece);
    }
    drop(body);
    assert_eq!(held.len(), 6);
    assert_eq!(answers.weight(), LEN + ANSWER_COST, "the library holds it");
    let last = held.pop();
    drop(held);
    assert_eq!(answers.count(), 1);
    drop(last);
    assert_eq!((answers.weight(), answers.count()), (0, 0));
    // Also of what is broken off in the middle.
    let (mut body, _) = leaving(&answers, text());
    let piece = next(&mut body);
    drop(body);
    assert_eq!(answers.count(), 1);
    drop(piece);
    assert_eq!(answers.count(), 0);
}

#[test]
fn one_more_than_a_network_has_room_for_ends_the_one_not_taken_for_longest() {
    let answers = room_for(3);
    let mut held: Vec<_> = (0..3).map(|_| leaving(&answers, text())).collect();
    assert_eq!(answers.sent_away(), 0, "N");
    // The first goes on being read.
    drop(next(&mut held[0].0));
    held.push(leaving(&answers, text()));
    assert_eq!(answers.sent_away(), 1, "N + 1");
    let ended: Vec<bool> = held.iter().map(|(_, line)| is_ended(line)).collect();
    assert_eq!(ended, [false, true, false, false]);
    assert!(
        next(&mut held[1].0).unwrap().is_err(),
        "never as if it were whole"
    );
    assert!(next(&mut held[1].0).is_none());
    let rest = std::iter::from_fn(|| next(&mut held[0].0));
    assert_eq!(
        rest.map(|piece| piece.unwrap().len()).sum::<usize>(),
        LEN - ANSWER_PIECE
    );
    // Somebody else is not in its way.
    let honest = counted(
        &answers,
        &[198, 51, 100, 1],
        None,
        Response::new(text().into()),
    );
    assert_eq!(answers.sent_away(), 1);
    drop((held, honest));
    assert_eq!((answers.weight(), answers.count()), (0, 0));
}

#[test]
fn small_answers_have_a_weight() {
    let answers = room_for(1);
    let held: Vec<_> = (0..100).map(|_| leaving(&answers, "ok")).collect();
    assert!(answers.count() <= (LEN + ANSWER_COST) / ANSWER_COST);
    assert!(answers.sent_away() > 0);
    drop(held);
    assert_eq!(answers.weight(), 0);
}

#[test]
fn an_honest_download_at_a_slow_pace_goes_on_and_one_that_stands_still_ends() {
    let answers = answers();
    let (mut slow, line) = leaving(&answers, parts(vec![text(), text(), text()]));
    let (mut still, other) = leaving(&answers, parts(vec![text(), text()]));
    let first = next(&mut still);
    let mut read = 0;
    while let Some(piece) = next(&mut slow) {
        // A piece within its time, at each: whoever took nothing since then is resting.
        let before = Instant::now();
        read += piece.unwrap().len();
        answers.send_away_resting(before);
    }
    assert!(read == 3 * LEN && !is_ended(&line));
    assert!(is_ended(&other) && next(&mut still).unwrap().is_err());
    drop((first, still, slow));
    assert_eq!((answers.weight(), answers.count()), (0, 0));
}

#[test]
fn of_a_proxys_shared_connection_only_the_answer_ends() {
    let end = Arc::<Notice>::default();
    for (version, is_proxy, ends) in [
        (Version::HTTP_11, false, true),
        (Version::HTTP_2, false, true),
        (Version::HTTP_11, true, true),
        (Version::HTTP_2, true, false),
    ] {
        let mut request = Request::new(Body::empty());
        *request.version_mut() = version;
        let end = Arc::clone(&end);
        request.extensions_mut().insert(Line { end, is_proxy });
        assert_eq!(
            Line::end_of(&request).is_some(),
            ends,
            "{version:?} {is_proxy}"
        );
    }
    let answers = room_for(1);
    let answer = || counted(&answers, READER, None, Response::new(Body::from(text())));
    let mut first = answer().into_body();
    let _second = answer();
    assert!(next(&mut first).unwrap().is_err());
    assert_eq!(answers.count(), 1);
}
