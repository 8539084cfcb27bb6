//! An answer is counted until all of it is written, and goes on being taken or ends.
//!
//! It is handed on in pieces, each copied out of what is left: what somebody does not take costs a
//! piece or two in the HTTP library's hands, and the rest here, where it can be dropped. Pieces
//! carry the answer's weight with them: they are counted until the library has written them or has
//! thrown them away, wherever it keeps them.
//!
//! Who takes nothing for too long, or is the slowest of a network that has its share
//! ([`ANSWERS`](akashi_desk::limits::ANSWERS)), loses the answer. The library asks a body for more
//! only when there is somewhere to put it, so a body cannot end its stream by itself: its
//! connection ends. Of a trusted proxy's HTTP/2 connection only the answer does, since others' are
//! on it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use akashi_desk::crowd::{Crowd, Guest, Notice, Seat};
use akashi_desk::limits::{ANSWER_COST, ANSWER_PIECE};
use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::Version;
use axum::response::Response;
use http_body::{Frame, SizeHint};

/// The connection a request came by.
#[derive(Clone, Debug)]
pub struct Line {
    /// Ends it.
    pub end: Arc<Notice>,
    /// Whether a trusted proxy is at its other end.
    pub is_proxy: bool,
}

impl Line {
    /// What ends the connection this request came by, where that is its sender's alone.
    pub fn end_of(request: &Request) -> Option<Arc<Notice>> {
        let line = request.extensions().get::<Self>()?;
        let is_shared = line.is_proxy && request.version() == Version::HTTP_2;
        (!is_shared).then(|| Arc::clone(&line.end))
    }
}

/// The same answer, counted among these for this sender until it is taken.
pub fn counted(
    answers: &Arc<Crowd>,
    sender: &[u8],
    end: Option<Arc<Notice>>,
    response: Response,
) -> Response {
    response.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        let mut leaving = Leaving {
            answers: Arc::clone(answers),
            sender: sender.to_vec(),
            end,
            body,
            part: None,
            is_over: false,
        };
        // What is whole in memory counts from now on, whenever its turn to be written comes.
        if leaving.body.size_hint().exact().is_some() {
            let _ = leaving.poll_part(&mut Context::from_waker(Waker::noop()));
        }
        Body::new(leaving)
    })
}

/// A body on its way.
struct Leaving {
    answers: Arc<Crowd>,
    sender: Vec<u8>,
    end: Option<Arc<Notice>>,
    body: Body,
    part: Option<Arc<Part>>,
    /// Whether it broke off.
    is_over: bool,
}

/// What was in memory at once, until the last piece of it is gone.
struct Part {
    rest: Arc<Rest>,
    seat: Seat,
}

/// What of it was not handed on yet.
struct Rest {
    bytes: Mutex<Option<Bytes>>,
    end: Option<Arc<Notice>>,
}

/// What was handed on.
struct Piece {
    bytes: Bytes,
    part: Arc<Part>,
}

/// Why a body breaks off.
#[derive(Debug, thiserror::Error)]
#[error("the answer was not taken")]
struct NotTaken;

impl Guest for Rest {
    fn leave(&self) {
        self.held(|rest| *rest = None);
        if let Some(end) = &self.end {
            end.leave();
        }
    }
}

impl Rest {
    fn held<T>(&self, look: impl FnOnce(&mut Option<Bytes>) -> T) -> T {
        look(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.held(|rest| rest.as_ref().map_or(0, Bytes::len))
    }

    /// The next bytes, none after the last.
    fn next(&self) -> Result<Bytes, NotTaken> {
        self.held(|rest| {
            let rest = rest.as_mut().ok_or(NotTaken)?;
            if rest.len() <= ANSWER_PIECE {
                return Ok(std::mem::take(rest));
            }
            // A slice would keep all of it.
            Ok(Bytes::copy_from_slice(&rest.split_to(ANSWER_PIECE)))
        })
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.part.seat.touch();
    }
}

impl Leaving {
    /// The next piece of this part; after the last the part is the pieces' alone.
    fn next_of(&mut self, part: Arc<Part>) -> Result<Bytes, Error> {
        let next = part.rest.next();
        self.is_over = next.is_err();
        if part.rest.len() == 0 {
            self.part = None;
        }
        let piece = |bytes| Bytes::from_owner(Piece { bytes, part });
        next.map(piece).map_err(Error::new)
    }

    /// Waits for the next part of the body; `None` where there is none, or what is no data.
    fn poll_part(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Option<Frame<Bytes>>, Error>>> {
        match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => Poll::Ready(Some(match frame.into_data() {
                Ok(bytes) => self.begin(bytes).map(|()| None),
                Err(other) => Ok(Some(other)),
            })),
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => Poll::Ready(None),
        }
    }

    fn begin(&mut self, bytes: Bytes) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let weight = bytes.len().saturating_add(ANSWER_COST);
        let rest = Arc::new(Rest {
            bytes: Mutex::new(Some(bytes)),
            end: self.end.clone(),
        });
        let guest = Arc::clone(&rest) as Arc<dyn Guest>;
        let seat = self.answers.push_in_with(&self.sender, weight, guest);
        let seat = seat.ok_or_else(|| Error::new(NotTaken));
        self.is_over = seat.is_err();
        self.part = Some(Arc::new(Part { rest, seat: seat? }));
        Ok(())
    }
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        loop {
            if let Some(part) = self.part.clone() {
                return Poll::Ready(Some(self.next_of(part).map(Frame::data)));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            match ready!(self.poll_part(context)) {
                Some(Ok(None)) => {}
                Some(Ok(Some(frame))) => return Poll::Ready(Some(Ok(frame))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.part.is_none() && (self.is_over || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let here = self.part.as_ref().map_or(0, |part| part.rest.len() as u64);
        let (mut hint, more) = (SizeHint::new(), self.body.size_hint());
        if let Some(upper) = more.upper() {
            hint.set_upper(upper.saturating_add(here));
        }
        hint.set_lower(more.lower().saturating_add(here));
        hint
    }
}

#[cfg(test)]
mod tests {
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
}
