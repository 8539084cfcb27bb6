//! A panic in a handler ends that request, not the server.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// The future panicked. What it panicked with was written to standard error by the hook; it never
/// reaches a visitor.
#[derive(Debug)]
pub struct Panicked;

/// Runs the future; a panic inside becomes an error. Nothing of the future is touched again after
/// it.
pub async fn catch<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Panicked)),
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_a_result_passes() {
        assert_eq!(catch(async { 7 }).await.unwrap(), 7);
        let panics = async {
            tokio::task::yield_now().await;
            "not a number".parse::<u8>().unwrap()
        };
        assert!(catch(panics).await.is_err());
    }
}
