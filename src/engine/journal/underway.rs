//! A batch in the writer's hands, and what is done once it is known what became of it.
//! Never leaves anybody without an answer: what is dropped on the way has failed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::{Asker, JournalError, Notice, Shared, elapsed_ms};
use crate::store::StoreError;
use crate::store::write::{Answers, Entry, Receipt, Supplied};

/// So few are answered the last first: who has ended has something to send, and should not have to wait for a core until whoever
/// was accepted with him has been told. Of more than that each waits for others anyway.
const FEW: usize = 8;

/// A batch of which nothing is durable.
pub(super) struct Failed {
    pub batch: Arc<Vec<Entry>>,
    pub askers: Vec<Asker>,
    pub error: StoreError,
}

struct Underway {
    shared: Arc<Shared>,
    batch: Arc<Vec<Entry>>,
    /// Taken by whoever is told what became of it.
    askers: Option<Vec<Asker>>,
    is_full: bool,
    began: Instant,
}

/// Whatever waits, for a writer that is ready.
pub(super) fn next(shared: Arc<Shared>) -> Option<Supplied> {
    let taken = shared.line.take()?;
    shared.set_oldest(taken.askers.first().map(|asker| asker.since));
    let batch = Arc::new(taken.entries);
    let askers = Some(taken.askers);
    let underway = Underway { shared, batch: Arc::clone(&batch), askers, is_full: taken.is_full, began: Instant::now() };
    Some(Supplied { batch, told: Box::new(move |result| underway.told(result)) })
}

impl Underway {
    fn told(mut self, result: Result<Answers, StoreError>) {
        let answers = match result {
            Ok(answers) => answers,
            Err(error) => return self.failed(error),
        };
        // Taken before anything else is done: what is durable has not failed, whatever happens here.
        let askers = self.askers.take();
        self.shared.set_away(None);
        self.shared.metrics.batch(self.batch.len(), self.began.elapsed().as_secs_f64());
        tracing::trace!(entries = self.batch.len(), "committed");
        if self.is_full {
            self.notice(Notice::More);
        }
        if let Some(askers) = askers {
            self.shared.answer(&self.batch, askers, answers);
        }
    }

    fn failed(&mut self, error: StoreError) {
        let Some(askers) = self.askers.take() else { return };
        // Before the writer looks again, so that nothing overtakes it.
        self.shared.line.hold();
        self.notice(Notice::Failed(Failed { batch: Arc::clone(&self.batch), askers, error }));
    }

    fn notice(&self, notice: Notice) {
        // Where nobody tries again the process is stopping, and who waits is told so.
        drop(self.shared.notices.send(notice));
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.failed(StoreError::Unavailable("the database thread dropped a job".to_owned()));
    }
}

impl Shared {
    /// Tells everybody who waits for an entry of a batch.
    pub(super) fn answer(&self, batch: &[Entry], askers: Vec<Asker>, results: Answers) {
        debug_assert_eq!(batch.len(), results.len(), "a store answers every entry");
        self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        self.note_lag(&askers);
        if batch.iter().any(raises_alert) {
            self.alarm.notify_one();
        }
        let mut answered: Vec<_> = batch.iter().zip(askers).zip(results).collect();
        if answered.len() <= FEW {
            answered.reverse();
        }
        for ((entry, asker), result) in answered {
            if !matches!(result, Err(_) | Ok(Receipt::Replayed(_))) {
                self.metrics.committed(entry);
            }
            if let (Ok(_), Some(id)) = (&result, entry.execution()) {
                self.followers.ring(id);
            }
            if let (Ok(_), Some(departure)) = (&result, &asker.departure) {
                self.leaving.send_off(departure);
            }
            // Whoever asked may be gone by now; the entry is durable all the same.
            drop(asker.reply.send(result.map_err(JournalError::from)));
        }
    }

    fn note_lag(&self, askers: &[Asker]) {
        let Some(first) = askers.first() else { return };
        self.worst_lag_ms.fetch_max(elapsed_ms(first.since), Ordering::Relaxed);
        self.forget_oldest(first.since);
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::super::departure::tests::departure;
    use super::super::departure::{Departure, DepartureSender, Departures};
    use super::super::line::tests::asked;
    use super::super::{Ask, Mail, Pending};
    use super::*;
    use crate::store::write::Refusal;

    struct Queued {
        shared: Arc<Shared>,
        noticed: mpsc::UnboundedReceiver<Notice>,
        departures: Departures,
        pending: Vec<Pending>,
    }

    fn queued(asks: Vec<(Ask, Pending)>) -> Queued {
        let (sender, mail) = mpsc::unbounded_channel();
        let (notices, noticed) = mpsc::unbounded_channel();
        let (leaving, departures) = DepartureSender::new();
        let shared = Arc::new(Shared::new(mail, leaving, notices));
        let (asks, pending): (Vec<_>, Vec<_>) = asks.into_iter().unzip();
        shared.waiting.fetch_add(asks.len(), Ordering::Relaxed);
        sender.send(Mail::Many(asks)).ok().unwrap();
        assert!(shared.line.call());
        Queued { shared, noticed, departures, pending }
    }

    fn three() -> Queued {
        queued((0..3).map(|_| asked()).collect())
    }

    #[tokio::test]
    async fn what_is_durable_is_answered_to_each() {
        let Queued { shared, mut noticed, pending, .. } = three();
        let Supplied { batch, told } = next(Arc::clone(&shared)).unwrap();
        told(Ok(vec![Ok(Receipt::Done); batch.len()]));
        for one in pending {
            assert_eq!(one.await, Ok(Receipt::Done));
        }
        assert!(noticed.try_recv().is_err());
        assert_eq!(shared.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_message_leaves_with_its_end_and_not_with_one_that_was_refused() {
        let ending = |departure: &Departure| {
            let (mut ask, pending) = asked();
            ask.answer.departure = Some(departure.clone());
            (ask, pending)
        };
        let (refused, ended) = (departure(), departure());
        let Queued { shared, mut departures, pending, .. } = queued(vec![ending(&refused), ending(&ended)]);
        let Supplied { told, .. } = next(Arc::clone(&shared)).unwrap();
        assert!(departures.try_recv().is_err(), "nothing is durable yet");
        told(Ok(vec![Err(Refusal::LostOwnership), Ok(Receipt::Done)]));
        assert!(departures.try_recv().is_ok() && departures.try_recv().is_err());
        assert!(ended.take().is_none() && refused.take().is_some());
        let mut answers = Vec::new();
        for one in pending {
            answers.push(one.await);
        }
        assert_eq!(answers, [Err(Refusal::LostOwnership.into()), Ok(Receipt::Done)]);
    }

    #[test]
    fn a_batch_that_is_dropped_on_the_way_has_failed_and_nothing_is_taken_behind_it() {
        let Queued { shared, mut noticed, .. } = three();
        drop(next(Arc::clone(&shared)).unwrap().told);
        let Ok(Notice::Failed(failed)) = noticed.try_recv() else { panic!("nobody heard of it") };
        assert!(failed.error.is_transient());
        assert_eq!((failed.batch.len(), failed.askers.len()), (3, 3));
        assert!(noticed.try_recv().is_err(), "it was said twice");
        assert!(shared.line.call());
        assert!(next(Arc::clone(&shared)).is_none());
        assert!(!shared.line.release(), "nothing else waits");
    }

    #[tokio::test]
    async fn what_is_told_late_says_nothing_of_the_batch_behind_it() {
        let (sender, mail) = mpsc::unbounded_channel();
        let (notices, _noticed) = mpsc::unbounded_channel();
        let (leaving, _departures) = DepartureSender::new();
        let shared = Arc::new(Shared::new(mail, leaving, notices));
        let mut pending = Vec::new();
        let mut supplied = Vec::new();
        for _ in 0..2 {
            let (ask, waits) = asked();
            shared.waiting.fetch_add(1, Ordering::Relaxed);
            sender.send(Mail::One(Box::new(ask))).ok().unwrap();
            supplied.push(next(Arc::clone(&shared)).unwrap());
            pending.push(waits);
        }
        let is_under_way = || shared.oldest.lock().unwrap().is_some();
        for (told, left) in [(supplied.remove(0), true), (supplied.remove(0), false)] {
            (told.told)(Ok(vec![Ok(Receipt::Done)]));
            assert_eq!(is_under_way(), left);
        }
        for one in pending {
            assert_eq!(one.await, Ok(Receipt::Done));
        }
    }

    #[tokio::test]
    async fn what_waits_for_a_busy_writer_counts_as_waiting() {
        let Queued { shared, noticed: _noticed, .. } = queued(vec![asked()]);
        // The journal's own clock is not that of the engine: it measures, and is not set.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let untaken_ms = shared.lag_ms();
        assert!(untaken_ms >= 20, "{untaken_ms} ms");
        let Supplied { batch, told } = next(Arc::clone(&shared)).unwrap();
        assert!(shared.lag_ms() >= untaken_ms, "it is on its way, and still waits");
        told(Ok(vec![Ok(Receipt::Done); batch.len()]));
        assert_eq!(shared.lag_ms(), 0);
        assert!(shared.worst_lag_ms.load(Ordering::Relaxed) >= untaken_ms);
    }
}
