//! What waits to be committed: queued by whoever has it, taken by the writer once it is ready.
//! Never lets anything be taken past a batch that failed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Ask, Asker, Mail};
use crate::domain::limits::{COMMIT_BYTES_MAX, COMMIT_ENTRIES_MAX};
use crate::store::write::Entry;

pub(super) struct Line {
    mail: Mutex<mpsc::UnboundedReceiver<Mail>>,
    /// Since when the writer is asked to take what waits, if he has not looked yet.
    called: Mutex<Option<Instant>>,
    /// Whatever waits does so behind a batch that failed.
    held: AtomicBool,
}

/// Entries that are committed together, and in the same order who waits for them.
pub(super) struct Batch {
    pub entries: Vec<Entry>,
    pub askers: Vec<Asker>,
    /// Whether something was left for the next one.
    pub is_full: bool,
}

impl Line {
    pub fn new(mail: mpsc::UnboundedReceiver<Mail>) -> Self {
        Self { mail: Mutex::new(mail), called: Mutex::new(None), held: AtomicBool::new(false) }
    }

    /// Whether the writer has to be asked to look: nobody else has since it looked last. Whatever was queued before is seen by that
    /// look.
    pub fn call(&self) -> bool {
        let mut called = self.called();
        let is_first = called.is_none();
        called.get_or_insert_with(Instant::now);
        is_first
    }

    /// Since when something waits that the writer has not taken.
    pub fn waits_since(&self) -> Option<Instant> {
        *self.called()
    }

    /// Takes what waits, as far as it fits into one commit.
    pub fn take(&self) -> Option<Batch> {
        if self.held.load(Ordering::Acquire) {
            return None;
        }
        // Before the queue is looked at, so that whoever comes too late for this look calls for another.
        *self.called() = None;
        let mut mail = self.mail();
        let mut next = mail.try_recv().ok();
        let waiting = (mail.len() + 1).min(COMMIT_ENTRIES_MAX);
        let mut batch = Batch { entries: Vec::with_capacity(waiting), askers: Vec::with_capacity(waiting), is_full: false };
        let mut bytes = 0;
        while let Some(one) = next {
            one.each(|Ask { entry, answer }| {
                bytes += weight(&entry);
                batch.entries.push(entry);
                batch.askers.push(answer);
            });
            batch.is_full = batch.entries.len() >= COMMIT_ENTRIES_MAX || bytes >= COMMIT_BYTES_MAX;
            next = if batch.is_full { None } else { mail.try_recv().ok() };
        }
        (!batch.entries.is_empty()).then_some(batch)
    }

    /// Keeps everything back. Only the writer does, before it looks again.
    pub fn hold(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Keeps nothing back any more; whether something waits that the writer does not know of.
    pub fn release(&self) -> bool {
        self.held.store(false, Ordering::Release);
        *self.called() = None;
        !self.mail().is_empty()
    }

    /// Takes nothing more, ever. Who waits for it is told so.
    pub fn close(&self) {
        self.held.store(false, Ordering::Release);
        let mut mail = self.mail();
        mail.close();
        while mail.try_recv().is_ok() {}
    }

    fn called(&self) -> MutexGuard<'_, Option<Instant>> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mail(&self) -> MutexGuard<'_, mpsc::UnboundedReceiver<Mail>> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Pending, Standing};
    use super::*;
    use crate::domain::ids::{DeliveryId, ExecutionId};
    use crate::domain::timestamp::Timestamp;

    pub(in super::super) fn asked() -> (Ask, Pending) {
        let id = DeliveryId::terminal(ExecutionId::random(Timestamp::default()));
        Ask::new(Entry::DeliveryReleased { id, due_at: Timestamp::default() }, Standing::Promised)
    }

    fn one() -> Mail {
        Mail::One(Box::new(asked().0))
    }

    fn many(count: usize) -> Mail {
        Mail::Many((0..count).map(|_| asked().0).collect())
    }

    fn taken(line: &Line) -> usize {
        line.take().map_or(0, |batch| batch.entries.len())
    }

    #[test]
    fn the_writer_is_called_once_for_whatever_waits_when_it_looks() {
        let (sender, mail) = mpsc::unbounded_channel();
        let line = Line::new(mail);
        assert_eq!(line.waits_since(), None);
        sender.send(one()).ok().unwrap();
        assert!(line.call());
        let since = line.waits_since();
        assert!(since.is_some());
        sender.send(many(3)).ok().unwrap();
        assert!(!line.call(), "it was called already");
        assert_eq!(line.waits_since(), since);
        assert_eq!(taken(&line), 4);
        assert_eq!(line.waits_since(), None);
        assert!(line.call(), "what comes from now on is for its next look");
        assert_eq!(taken(&line), 0);
    }

    #[test]
    fn a_batch_ends_where_a_commit_is_full() {
        let (sender, mail) = mpsc::unbounded_channel();
        let line = Line::new(mail);
        (0..COMMIT_ENTRIES_MAX + 2).for_each(|_| sender.send(one()).ok().unwrap());
        let full = line.take().unwrap();
        assert_eq!((full.entries.len(), full.askers.len(), full.is_full), (COMMIT_ENTRIES_MAX, COMMIT_ENTRIES_MAX, true));
        let rest = line.take().unwrap();
        assert_eq!((rest.entries.len(), rest.is_full), (2, false));
    }

    #[test]
    fn nothing_overtakes_a_batch_that_failed() {
        let (sender, mail) = mpsc::unbounded_channel();
        let line = Line::new(mail);
        line.hold();
        sender.send(one()).ok().unwrap();
        assert!(line.call());
        assert_eq!(taken(&line), 0);
        sender.send(one()).ok().unwrap();
        assert!(!line.call(), "it would look for nothing");
        assert!(line.release(), "what waited is to be looked for");
        assert!(line.call());
        assert_eq!(taken(&line), 2);
        line.hold();
        assert!(!line.release(), "nothing waits");
    }

    #[tokio::test]
    async fn who_waits_in_a_closed_line_is_told() {
        let (sender, mail) = mpsc::unbounded_channel();
        let line = Line::new(mail);
        let (ask, pending) = asked();
        sender.send(Mail::One(Box::new(ask))).ok().unwrap();
        line.close();
        assert_eq!(pending.await, Err(super::super::JournalError::Stopped));
        assert!(sender.send(one()).is_err());
    }
}
