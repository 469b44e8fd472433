//! The batches that the writer could not commit: they are tried again until that works.
//! Never loses what must not be lost, and lets nothing overtake it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::underway::Failed;
use super::{Asker, Desk, JournalError, Notice, Standing};
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashSet;
use crate::store::StoreError;
use crate::store::read::Read;
use crate::store::write::Entry;

/// The first wait before a failed commit is tried again, and the longest.
const BACKOFF_MS: (u64, u64) = (50, 2000);

/// Dropping it closes the queue.
pub struct Failures {
    desk: Arc<Desk>,
    notices: mpsc::UnboundedReceiver<Notice>,
    read: Arc<dyn Read>,
}

impl Failures {
    pub(super) fn new(desk: Arc<Desk>, notices: mpsc::UnboundedReceiver<Notice>, read: Arc<dyn Read>) -> Self {
        Self { desk, notices, read }
    }

    /// Mends one failure after the other.
    ///
    /// # Errors
    /// Only what makes going on impossible: this process was fenced, or the database holds what it should not.
    pub async fn mend(&mut self) -> Result<(), StoreError> {
        loop {
            let is_away = self.desk.shared.is_away();
            let noticed = tokio::select! {
                biased;
                noticed = self.notices.recv() => noticed,
                () = probe(&self.desk, &*self.read), if is_away => continue,
            };
            match noticed {
                Some(Notice::Failed(failed)) => {
                    self.commit_again(failed).await?;
                    self.desk.go_on();
                }
                Some(Notice::More) => self.desk.call_writer(),
                None => return Ok(()),
            }
        }
    }

    async fn commit_again(&self, failed: Failed) -> Result<(), StoreError> {
        let shared = &self.desk.shared;
        let Failed { mut batch, mut askers, mut error } = failed;
        let mut backoff_ms = BACKOFF_MS.0;
        while error.is_transient() {
            tracing::warn!(error = %error, entries = batch.len(), "commit failed, trying again");
            shared.set_away(Some(error.to_string()));
            (batch, askers) = self.give_up_offered(&batch, askers, &error);
            if batch.is_empty() {
                shared.set_oldest(None);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(backoff_ms)).await;
            backoff_ms = (backoff_ms * 2).min(BACKOFF_MS.1);
            let began = Instant::now();
            error = match self.desk.write.commit(Arc::clone(&batch)).await {
                Ok(answers) => {
                    shared.set_away(None);
                    shared.metrics.batch(batch.len(), began.elapsed().as_secs_f64());
                    shared.answer(&batch, askers, answers);
                    // Whoever had waited the longest may have been given up.
                    shared.set_oldest(None);
                    return Ok(());
                }
                Err(error) => error,
            };
        }
        Err(error)
    }

    /// What must not be lost of a batch that failed; the others hear that the database is away.
    fn give_up_offered(&self, batch: &[Entry], askers: Vec<Asker>, error: &StoreError) -> (Arc<Vec<Entry>>, Vec<Asker>) {
        let (mut kept, mut waiting) = (Vec::new(), Vec::new());
        let mut unborn: HashSet<ExecutionId> = HashSet::default();
        for (entry, asker) in batch.iter().zip(askers) {
            if asker.standing == Standing::Newborn {
                unborn.extend(entry.execution());
            }
            let is_unborn = entry.execution().is_some_and(|id| unborn.contains(&id));
            if asker.standing != Standing::Promised || is_unborn {
                self.desk.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                drop(asker.reply.send(Err(JournalError::Away(error.to_string()))));
            } else {
                kept.push(entry.clone());
                waiting.push(asker);
            }
        }
        (kept.into(), waiting)
    }
}

/// Asks a database that is marked as away once.
async fn probe(desk: &Desk, read: &dyn Read) {
    match read.ping().await {
        Ok(()) => desk.shared.set_away(None),
        Err(_) => tokio::time::sleep(Duration::from_millis(BACKOFF_MS.1 / 4)).await,
    }
}

impl Drop for Failures {
    fn drop(&mut self) {
        self.desk.shared.line.close();
    }
}
