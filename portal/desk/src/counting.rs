//! Recording what was counted, for as long as the server runs, and all of it where it ends.
//!
//! Nothing counted is lost at an orderly end: recording is never broken off. It is told to end
//! between two rounds, and its last round records everything.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::SharedApp;

/// How often what was counted is recorded; a server that is killed loses the count of this long.
pub const RECORD_EVERY: Duration = Duration::from_secs(60);

/// The task that records. Whoever drops it ends it as well, and does not wait for its last round.
pub struct Counting {
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Counting {
    /// Records from now on: [`RECORD_EVERY`], where it is no test.
    pub fn start(app: SharedApp, every: Duration) -> Self {
        let (end, mut ends) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = &mut ends => break,
                    () = tokio::time::sleep(every) => app.record_counted(false).await,
                }
            }
            app.record_counted(true).await;
        });
        Self { end, task }
    }

    /// Lets the round that runs come to its end, and returns when all that was counted is recorded,
    /// or was refused by the ledger, which is logged.
    pub async fn end(self) {
        // Only a task that has panicked does not hear it.
        drop(self.end);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "what was counted could not be recorded");
        }
    }
}
