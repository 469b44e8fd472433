//! The one door to the truth: a queue of entries before the store, from which its writer takes them.
//! Never acknowledges what is not committed, and never waits for more once something is there.

mod bundle;
mod departure;
mod failures;
mod line;
mod underway;

use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

pub use self::bundle::Bundle;
use self::departure::DepartureSender;
pub use self::departure::{Departure, Departures};
pub use self::failures::Failures;
use self::line::Line;
use self::underway::Failed;
use super::follow::{Followers, Following};
use super::metrics::Metrics;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::JOURNAL_INBOX_MAX;
use crate::store::Store;
use crate::store::write::{Entry, Receipt, Refusal, Write};

/// Sends entries to the writer. Cheap to clone. Entries of one execution keep the order in which they were sent.
#[derive(Clone)]
pub struct Journal(Arc<Desk>);

/// Where entries are handed in.
struct Desk {
    sender: mpsc::UnboundedSender<Mail>,
    shared: Arc<Shared>,
    /// Not within what is shared: the writer's thread must not be the last to hold its own store.
    write: Arc<dyn Write>,
}

struct Shared {
    line: Line,
    leaving: DepartureSender,
    /// To whoever tries again what failed.
    notices: mpsc::UnboundedSender<Notice>,
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

/// What the writer leaves to others.
enum Notice {
    Failed(Failed),
    /// More waited than one commit takes.
    More,
}

/// What is queued at once is committed at once.
enum Mail {
    One(Box<Ask>),
    Many(Vec<Ask>),
}

impl Mail {
    fn each(self, mut told: impl FnMut(Ask)) {
        match self {
            Self::One(ask) => told(*ask),
            Self::Many(asks) => asks.into_iter().for_each(told),
        }
    }
}

struct Ask {
    entry: Entry,
    answer: Asker,
}

impl Ask {
    fn new(entry: Entry, standing: Standing) -> (Self, Pending) {
        let (reply, receiver) = oneshot::channel();
        (Self { entry, answer: Asker { standing, since: Instant::now(), departure: None, reply } }, Pending(receiver))
    }
}

/// What becomes of an entry while the database is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It waits: it must not be lost.
    Promised,
    /// It is given up: nobody was promised anything yet.
    Offered,
    /// The same, and whatever follows of its execution with it: that has run ahead, and has nothing else to stand on.
    Newborn,
}

/// Who waits for an entry.
struct Asker {
    standing: Standing,
    since: Instant,
    /// What leaves once the entry is durable.
    departure: Option<Departure>,
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

/// An entry on its way: resolves when it is durable or refused. On every error (see [`JournalError`]) nothing of it is durable.
pub struct Pending(oneshot::Receiver<Result<Receipt, JournalError>>);

impl Future for Pending {
    type Output = Result<Receipt, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(JournalError::Stopped)))
    }
}

/// The other ends of a journal, for those who run it.
pub struct Ends {
    /// Tries again whatever the writer could not commit. Dropping it closes the queue.
    pub failures: Failures,
    /// For the courier.
    pub departures: Departures,
}

/// A queue before a store.
pub fn queue(store: &Store) -> (Journal, Ends) {
    let (sender, mail) = mpsc::unbounded_channel();
    let (notices, noticed) = mpsc::unbounded_channel();
    let (leaving, departures) = DepartureSender::new();
    let shared = Arc::new(Shared::new(mail, leaving, notices));
    let desk = Arc::new(Desk { sender, shared, write: Arc::clone(&store.write) });
    let failures = Failures::new(Arc::clone(&desk), noticed, Arc::clone(&store.read));
    (Journal(desk), Ends { failures, departures })
}

impl Journal {
    /// Queues an entry that must not be lost; it waits for as long as the database is away.
    pub fn send(&self, entry: Entry) -> Pending {
        self.queue(entry, Standing::Promised)
    }

    /// Sends an entry that must not be lost and waits until it is durable.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn record(&self, entry: Entry) -> Result<Receipt, JournalError> {
        self.send(entry).await
    }

    /// Offers an entry of which nothing was promised yet: refused at once while too much waits or the database is away.
    ///
    /// # Errors
    /// See [`JournalError`]; on every error nothing of the entry is durable.
    pub async fn offer(&self, entry: Entry) -> Result<Receipt, JournalError> {
        self.is_open()?;
        self.queue(entry, Standing::Offered).await
    }

    /// The same, but the entry is held until its bundle is sent, with whatever follows it by then.
    ///
    /// # Errors
    /// See [`JournalError`]; nothing was held.
    pub fn offer_in_bundle(&self, entry: Entry) -> Result<(Bundle, Pending), JournalError> {
        self.is_open()?;
        let (ask, pending) = Ask::new(entry, Standing::Newborn);
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
        if self.0.shared.waiting.load(Ordering::Relaxed) >= JOURNAL_INBOX_MAX {
            return Err(JournalError::Full);
        }
        Ok(())
    }

    /// Hears of every entry of this execution that becomes durable here.
    pub fn follow(&self, id: ExecutionId) -> Following {
        self.0.shared.followers.follow(id)
    }

    /// Why the database is away, while it is.
    pub fn away(&self) -> Option<String> {
        self.0.shared.away.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The longest that an entry has waited to become durable since the last `forget_worst_lag`, in milliseconds.
    pub fn worst_lag_ms(&self) -> i64 {
        self.0.shared.worst_lag_ms.load(Ordering::Relaxed).max(self.lag_ms())
    }

    /// How long the oldest entry has been waiting, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.0.shared.lag_ms()
    }

    /// How many entries wait to become durable.
    pub fn waiting(&self) -> usize {
        self.0.shared.waiting.load(Ordering::Relaxed)
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.shared.metrics
    }

    pub fn forget_worst_lag(&self) {
        self.0.shared.worst_lag_ms.store(0, Ordering::Relaxed);
    }

    /// Waits until the monitor should look at once.
    pub async fn alarmed(&self) {
        self.0.shared.alarm.notified().await;
    }

    pub fn sound_alarm(&self) {
        self.0.shared.alarm.notify_one();
    }

    fn queue(&self, entry: Entry, standing: Standing) -> Pending {
        let (ask, pending) = Ask::new(entry, standing);
        self.post(1, Mail::One(Box::new(ask)));
        pending
    }

    fn post(&self, entries: usize, mail: Mail) {
        self.0.shared.waiting.fetch_add(entries, Ordering::Relaxed);
        // A closed queue drops the asks and with them their replies, which the receivers see as `Stopped`.
        drop(self.0.sender.send(mail));
        self.0.call_writer();
    }
}

impl Desk {
    /// Lets the writer take what waits as soon as it is ready, unless it was asked to already.
    fn call_writer(&self) {
        if self.shared.line.call() {
            let shared = Arc::clone(&self.shared);
            self.write.commit_when_ready(Box::new(move || underway::next(shared)));
        }
    }

    /// Lets go on what waited behind a batch that had failed.
    fn go_on(&self) {
        if self.shared.line.release() {
            self.call_writer();
        }
    }
}

impl Shared {
    fn new(mail: mpsc::UnboundedReceiver<Mail>, leaving: DepartureSender, notices: mpsc::UnboundedSender<Notice>) -> Self {
        Self {
            line: Line::new(mail),
            leaving,
            notices,
            waiting: AtomicUsize::default(),
            away: Mutex::default(),
            followers: Followers::default(),
            oldest: Mutex::default(),
            worst_lag_ms: AtomicI64::default(),
            metrics: Metrics::default(),
            alarm: Notify::default(),
        }
    }

    /// How long the oldest has been waiting: of the commit under way, or for a writer that is busy with something else.
    fn lag_ms(&self) -> i64 {
        let under_way = *self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.into_iter().chain(self.line.waits_since()).map(elapsed_ms).max().unwrap_or(0)
    }

    fn is_away(&self) -> bool {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn set_away(&self, reason: Option<String>) {
        let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_none() && away.is_some() {
            tracing::info!("the database is back");
        }
        *away = reason;
    }

    /// Since when the oldest entry of the commit under way waits.
    fn set_oldest(&self, since: Option<Instant>) {
        *self.oldest.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// The commit has an answer whose oldest entry has waited since then. The next may be under way already.
    fn forget_oldest(&self, since: Instant) {
        self.oldest.lock().unwrap_or_else(PoisonError::into_inner).take_if(|oldest| *oldest == since);
    }
}

fn elapsed_ms(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}
