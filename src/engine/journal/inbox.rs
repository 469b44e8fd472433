//! The writer's end of the queue: one commit after the other, of whatever waits.
//! Never loses what must not be lost: it is tried again for as long as the database is away.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Ask, Asker, JournalError, Mail, Shared, Standing, elapsed_ms};
use crate::domain::ids::ExecutionId;
use crate::domain::limits::{COMMIT_BYTES_MAX, COMMIT_ENTRIES_MAX};
use crate::domain::map::HashSet;
use crate::store::StoreError;
use crate::store::read::Read;
use crate::store::write::{Answers, Entry, Receipt, Write};

/// The first wait before a failed commit is tried again, and the longest.
const BACKOFF_MS: (u64, u64) = (50, 2000);

/// The writer's end of the queue.
pub struct Inbox {
    pub(super) receiver: mpsc::UnboundedReceiver<Mail>,
    pub(super) shared: Arc<Shared>,
    pub(super) write: Arc<dyn Write>,
    pub(super) read: Arc<dyn Read>,
}

/// What one turn of the writer did.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Committed {
        entries: usize,
    },
    /// Every handle is gone: there will be nothing more.
    Closed,
}

impl Inbox {
    /// Waits for an entry, takes whatever else is waiting, and commits it all in one transaction; tries again until that works.
    ///
    /// # Errors
    /// Only what makes going on impossible: this process was fenced, or the database holds what it should not.
    pub async fn commit_next(&mut self) -> Result<Turn, StoreError> {
        let Some(first) = self.receiver.recv().await else { return Ok(Turn::Closed) };
        let (mut batch, mut askers) = self.drain(first);
        self.shared.set_oldest(askers.first().map(|asker| asker.since));
        let mut backoff_ms = BACKOFF_MS.0;
        loop {
            let began = Instant::now();
            let waiting = Arc::new(Mutex::new(askers));
            let on_commit = {
                let (shared, batch, waiting) = (Arc::clone(&self.shared), Arc::clone(&batch), Arc::clone(&waiting));
                Box::new(move |results| {
                    shared.set_away(None);
                    shared.answer(&batch, taken(&waiting), results);
                })
            };
            match self.write.commit_and_tell(Arc::clone(&batch), on_commit).await {
                Ok(()) => {
                    self.shared.metrics.batch(batch.len(), began.elapsed().as_secs_f64());
                    return Ok(Turn::Committed { entries: batch.len() });
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, entries = batch.len(), "commit failed, trying again");
                    self.shared.set_away(Some(error.to_string()));
                    (batch, askers) = self.give_up_offered(&batch, taken(&waiting), &error);
                    if batch.is_empty() {
                        self.shared.set_oldest(None);
                        return Ok(Turn::Committed { entries: 0 });
                    }
                    tokio::time::sleep(Duration::from_millis(backoff_ms)).await;
                    backoff_ms = (backoff_ms * 2).min(BACKOFF_MS.1);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// While the database is marked as away and nothing waits to be committed: asks it until it answers or something waits.
    pub async fn probe(&self) {
        while self.receiver.is_empty() && !self.receiver.is_closed() {
            let away = self.shared.away.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if !away {
                return;
            }
            match self.read.ping().await {
                Ok(()) => self.shared.set_away(None),
                Err(_) => tokio::time::sleep(Duration::from_millis(BACKOFF_MS.1 / 4)).await,
            }
        }
    }

    /// The entries that wait, and in the same order who waits for them.
    fn drain(&mut self, first: Mail) -> (Arc<Vec<Entry>>, Vec<Asker>) {
        let waiting = (self.receiver.len() + 1).min(COMMIT_ENTRIES_MAX);
        let (mut batch, mut askers, mut bytes) = (Vec::with_capacity(waiting), Vec::with_capacity(waiting), 0);
        let mut next = Some(first);
        while let Some(mail) = next {
            mail.each(|Ask { entry, answer }| {
                bytes += weight(&entry);
                batch.push(entry);
                askers.push(answer);
            });
            let is_full = batch.len() >= COMMIT_ENTRIES_MAX || bytes >= COMMIT_BYTES_MAX;
            next = if is_full { None } else { self.receiver.try_recv().ok() };
        }
        (batch.into(), askers)
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
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                drop(asker.reply.send(Err(JournalError::Away(error.to_string()))));
            } else {
                kept.push(entry.clone());
                waiting.push(asker);
            }
        }
        (kept.into(), waiting)
    }
}

impl Shared {
    /// Tells everybody who waits for an entry of a batch.
    fn answer(&self, batch: &[Entry], askers: Vec<Asker>, results: Answers) {
        debug_assert_eq!(batch.len(), results.len(), "a store answers every entry");
        self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        self.note_lag(&askers);
        if batch.iter().any(raises_alert) {
            self.alarm.notify_one();
        }
        for ((entry, asker), result) in batch.iter().zip(askers).zip(results) {
            if !matches!(result, Err(_) | Ok(Receipt::Replayed(_))) {
                self.metrics.committed(entry);
            }
            if let (Ok(_), Some(id)) = (&result, entry.execution()) {
                self.followers.ring(id);
            }
            // Whoever asked may be gone by now; the entry is durable all the same.
            drop(asker.reply.send(result.map_err(JournalError::from)));
        }
    }

    fn set_oldest(&self, since: Option<Instant>) {
        *self.oldest.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn note_lag(&self, askers: &[Asker]) {
        let lag_ms = askers.first().map_or(0, |asker| elapsed_ms(asker.since));
        self.worst_lag_ms.fetch_max(lag_ms, Ordering::Relaxed);
        self.set_oldest(None);
    }

    fn set_away(&self, reason: Option<String>) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_none() && away.is_some() {
            tracing::info!("the database is back");
        }
        *away = reason;
    }
}

fn taken(waiting: &Mutex<Vec<Asker>>) -> Vec<Asker> {
    std::mem::take(&mut waiting.lock().unwrap_or_else(PoisonError::into_inner))
}

fn raises_alert(entry: &Entry) -> bool {
    match entry {
        Entry::Alert(_) => true,
        Entry::Checkpoint(checkpoint) => {
            !checkpoint.alerts.is_empty() || checkpoint.records.iter().any(|write| **write.table() == *"alerts")
        }
        Entry::Finish(finish) => !finish.alerts.is_empty(),
        _ => false,
    }
}

/// Roughly how many bytes an entry adds to its transaction.
fn weight(entry: &Entry) -> usize {
    const FIXED: usize = 512;
    FIXED
        + match entry {
            Entry::Submit(submit) => submit.birth.input.len() + submit.birth.request.as_ref().map_or(0, |request| request.len()),
            Entry::Checkpoint(checkpoint) => checkpoint.delta.text.len() + checkpoint.records.len() * FIXED,
            Entry::Park(park) => park.delta.text.len(),
            Entry::Finish(finish) => finish.deliveries.iter().map(|owed| owed.delivery.body.len() * 2).sum(),
            _ => 0,
        }
}
