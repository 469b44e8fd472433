//! The one door to the truth: a queue of entries, and the loop step that commits whatever is waiting.
//! Never acknowledges what is not committed, and never waits for more once something is there.

mod bundle;

use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

pub use self::bundle::Bundle;
use super::follow::{Followers, Following};
use super::metrics::Metrics;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::{COMMIT_BYTES_MAX, COMMIT_ENTRIES_MAX, JOURNAL_INBOX_MAX};
use crate::store::read::Read;
use crate::store::write::{Entry, Receipt, Refusal, Write};
use crate::store::{Store, StoreError};

/// The first wait before a failed commit is tried again, and the longest.
const BACKOFF_MS: (u64, u64) = (50, 2000);

/// Sends entries to the writer. Cheap to clone. Entries of one execution keep the order in which they were sent.
#[derive(Clone)]
pub struct Journal {
    sender: mpsc::UnboundedSender<Mail>,
    shared: Arc<Shared>,
}

/// The writer's end of the queue.
pub struct Inbox {
    receiver: mpsc::UnboundedReceiver<Mail>,
    shared: Arc<Shared>,
    write: Arc<dyn Write>,
    read: Arc<dyn Read>,
}

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    /// Why the database is away, while it is.
    away: Mutex<Option<String>>,
    followers: Followers,
    /// Since when the oldest entry of the commit under way waits.
    oldest: Mutex<Option<Instant>>,
    /// The longest that an entry waited since somebody took note.
    worst_lag_ms: AtomicI64,
    metrics: Metrics,
    /// An alert was raised, or something else that the monitor should look at.
    alarm: Notify,
}

/// What is queued at once is committed at once.
enum Mail {
    One(Ask),
    Many(Vec<Ask>),
}

impl Mail {
    fn each(self, mut told: impl FnMut(Ask)) {
        match self {
            Self::One(ask) => told(ask),
            Self::Many(asks) => asks.into_iter().for_each(told),
        }
    }
}

struct Ask {
    entry: Entry,
    answer: Asker,
}

impl Ask {
    fn new(entry: Entry, optional: bool) -> (Self, Pending) {
        let (reply, receiver) = oneshot::channel();
        (Self { entry, answer: Asker { optional, since: Instant::now(), reply } }, Pending(receiver))
    }
}

/// Who waits for an entry.
struct Asker {
    /// May be given up while the database is away: nobody was promised anything yet.
    optional: bool,
    since: Instant,
    reply: oneshot::Sender<Result<Receipt, JournalError>>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is waiting already: try again later.
    #[error("the journal is full")]
    Full,
    /// The database is away: try again later. Only for entries that were offered; others wait.
    #[error("the database is away: {0}")]
    Away(String),
    #[error("the journal has stopped")]
    Stopped,
}

/// An entry on its way: resolves when it is durable or refused.
pub struct Pending(oneshot::Receiver<Result<Receipt, JournalError>>);

impl Pending {
    /// Waits until the entry is durable.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn durable(self) -> Result<Receipt, JournalError> {
        self.await
    }
}

impl Future for Pending {
    type Output = Result<Receipt, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(JournalError::Stopped)))
    }
}

/// A queue before a store, with both of its ends.
pub fn queue(store: &Store) -> (Journal, Inbox) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    let (write, read) = (Arc::clone(&store.write), Arc::clone(&store.read));
    (Journal { sender, shared: Arc::clone(&shared) }, Inbox { receiver, shared, write, read })
}

impl Journal {
    /// Queues an entry that must not be lost; it waits for as long as the database is away.
    pub fn send(&self, entry: Entry) -> Pending {
        self.queue(entry, false)
    }

    /// Sends an entry that must not be lost and waits until it is durable.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn record(&self, entry: Entry) -> Result<Receipt, JournalError> {
        self.send(entry).durable().await
    }

    /// Offers an entry of which nothing was promised yet: refused at once while too much waits or the database is away.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn offer(&self, entry: Entry) -> Result<Receipt, JournalError> {
        self.is_open()?;
        self.queue(entry, true).await
    }

    /// The same, but the entry is held until its bundle is sent, with whatever follows it by then.
    ///
    /// # Errors
    /// See [`JournalError`]; nothing was held.
    pub fn offer_in_bundle(&self, entry: Entry) -> Result<(Bundle, Pending), JournalError> {
        self.is_open()?;
        let (ask, pending) = Ask::new(entry, true);
        Ok((Bundle::begun_with(self.clone(), ask), pending))
    }

    /// Entries of one execution that are to be sent together.
    pub fn bundle(&self) -> Bundle {
        Bundle::new(self.clone())
    }

    fn is_open(&self) -> Result<(), JournalError> {
        if let Some(reason) = self.away() {
            return Err(JournalError::Away(reason));
        }
        if self.shared.waiting.load(Ordering::Relaxed) >= JOURNAL_INBOX_MAX {
            return Err(JournalError::Full);
        }
        Ok(())
    }

    /// Hears of every entry of this execution that becomes durable here.
    pub fn follow(&self, id: ExecutionId) -> Following {
        self.shared.followers.follow(id)
    }

    /// Why the database is away, while it is.
    pub fn away(&self) -> Option<String> {
        self.shared.away.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The longest that an entry has waited to become durable since the last `forget_worst_lag`, in milliseconds.
    pub fn worst_lag_ms(&self) -> i64 {
        let waiting = self.shared.oldest.lock().unwrap_or_else(PoisonError::into_inner).map_or(0, elapsed_ms);
        self.shared.worst_lag_ms.load(Ordering::Relaxed).max(waiting)
    }

    /// How long the oldest entry has been waiting, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.shared.oldest.lock().unwrap_or_else(PoisonError::into_inner).map_or(0, elapsed_ms)
    }

    /// How many entries wait to become durable.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    pub fn forget_worst_lag(&self) {
        self.shared.worst_lag_ms.store(0, Ordering::Relaxed);
    }

    /// Waits until the monitor should look at once.
    pub async fn alarmed(&self) {
        self.shared.alarm.notified().await;
    }

    pub fn sound_alarm(&self) {
        self.shared.alarm.notify_one();
    }

    fn queue(&self, entry: Entry, optional: bool) -> Pending {
        let (ask, pending) = Ask::new(entry, optional);
        self.post(1, Mail::One(ask));
        pending
    }

    fn post(&self, entries: usize, mail: Mail) {
        self.shared.waiting.fetch_add(entries, Ordering::Relaxed);
        // A closed queue drops the asks and with them their replies, which the receivers see as `Stopped`.
        drop(self.sender.send(mail));
    }
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
        self.set_oldest(askers.first().map(|asker| asker.since));
        let mut backoff_ms = BACKOFF_MS.0;
        loop {
            let began = Instant::now();
            match self.write.commit(Arc::clone(&batch)).await {
                Ok(results) => {
                    self.shared.metrics.batch(batch.len(), began.elapsed().as_secs_f64());
                    self.set_away(None);
                    return Ok(self.answer(&batch, askers, results));
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(error = %error, entries = batch.len(), "commit failed, trying again");
                    self.set_away(Some(error.to_string()));
                    (batch, askers) = self.give_up_optional(&batch, askers, &error);
                    if batch.is_empty() {
                        self.set_oldest(None);
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
                Ok(()) => self.set_away(None),
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

    fn answer(&self, batch: &[Entry], askers: Vec<Asker>, results: Vec<Result<Receipt, Refusal>>) -> Turn {
        debug_assert_eq!(batch.len(), results.len(), "a store answers every entry");
        let entries = batch.len();
        self.shared.waiting.fetch_sub(entries, Ordering::Relaxed);
        self.note_lag(&askers);
        if batch.iter().any(raises_alert) {
            self.shared.alarm.notify_one();
        }
        for ((entry, asker), result) in batch.iter().zip(askers).zip(results) {
            if !matches!(result, Err(_) | Ok(Receipt::Replayed(_))) {
                self.shared.metrics.committed(entry);
            }
            if let (Ok(_), Some(id)) = (&result, entry.execution()) {
                self.shared.followers.ring(id);
            }
            // Whoever asked may be gone by now; the entry is durable all the same.
            drop(asker.reply.send(result.map_err(JournalError::from)));
        }
        Turn::Committed { entries }
    }

    /// What must not be lost of a batch that failed; the others hear that the database is away.
    fn give_up_optional(&self, batch: &[Entry], askers: Vec<Asker>, error: &StoreError) -> (Arc<Vec<Entry>>, Vec<Asker>) {
        let (mut kept, mut waiting) = (Vec::new(), Vec::new());
        for (entry, asker) in batch.iter().zip(askers) {
            if asker.optional {
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                drop(asker.reply.send(Err(JournalError::Away(error.to_string()))));
            } else {
                kept.push(entry.clone());
                waiting.push(asker);
            }
        }
        (kept.into(), waiting)
    }

    fn set_oldest(&self, since: Option<Instant>) {
        *self.shared.oldest.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn note_lag(&self, askers: &[Asker]) {
        let lag_ms = askers.first().map_or(0, |asker| elapsed_ms(asker.since));
        self.shared.worst_lag_ms.fetch_max(lag_ms, Ordering::Relaxed);
        self.set_oldest(None);
    }

    fn set_away(&self, reason: Option<String>) {
        let mut away = self.shared.away.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_none() && away.is_some() {
            tracing::info!("the database is back");
        }
        *away = reason;
    }
}

fn elapsed_ms(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
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
