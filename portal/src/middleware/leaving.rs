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
mod tests;
