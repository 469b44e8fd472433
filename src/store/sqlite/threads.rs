//! The threads that own connections: one writes, a few read; each takes jobs from a channel.
//! Never lets a connection leave its thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use tokio::sync::oneshot;

use crate::store::{StoreError, Stored};

/// What a job works with.
pub trait Seat: Send + 'static {
    fn connection(&mut self) -> &mut SqliteConnection;
}

impl Seat for SqliteConnection {
    fn connection(&mut self) -> &mut SqliteConnection {
        self
    }
}

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Queues jobs that nobody waits for. The threads go on for as long as one of these lives.
pub struct Jobs<S>(Sender<Job<S>>);

impl<S> Jobs<S> {
    pub fn queue(&self, job: impl FnOnce(&mut S) + Send + 'static) {
        // A queue without threads drops the job.
        let _ = self.0.send(Box::new(job));
    }
}

/// Threads that share one queue of jobs. Dropping it lets them finish their queue and waits for them.
pub struct Threads<S> {
    jobs: Option<Sender<Job<S>>>,
    handles: Vec<JoinHandle<()>>,
}

impl<S: Seat> Threads<S> {
    /// One thread per seat.
    pub fn start(name: &str, seats: Vec<S>) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut handles = Vec::with_capacity(seats.len());
        for seat in seats {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(seat, &queue));
            handles.push(thread.map_err(|error| StoreError::Setup(format!("cannot start a database thread: {error}")))?);
        }
        Ok(Self { jobs: Some(jobs), handles })
    }

    /// Queues a job that nobody waits for.
    pub fn queue(&self, job: impl FnOnce(&mut S) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            // A queue without threads drops the job.
            let _ = jobs.send(Box::new(job));
        }
    }

    /// A way to queue jobs from elsewhere.
    pub fn jobs(&self) -> Option<Jobs<S>> {
        self.jobs.clone().map(Jobs)
    }

    /// Queues a job at once; the future only waits for its answer.
    pub fn run<T, F>(&self, job: F) -> Stored<'static, T>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // A job that is dropped is reported by the answer's end.
        self.queue(move |seat| {
            // Nobody waits any more: what was done stays done.
            let _ = reply.send(job(seat));
        });
        Box::pin(async move {
            answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the database thread dropped a job".to_owned())))
        })
    }
}

fn work<S: Seat>(mut seat: S, queue: &Mutex<Receiver<Job<S>>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(|| job(&mut seat))).is_err() {
            tracing::error!("a database job panicked; its transaction is rolled back");
            // Fails when no transaction was open, which is just as well.
            let _ = seat.connection().batch_execute("ROLLBACK");
        }
    }
}

impl<S> Drop for Threads<S> {
    fn drop(&mut self) {
        self.jobs = None;
        for handle in self.handles.drain(..) {
            // Jobs' panics are caught, so a thread has nothing to report.
            let _ = handle.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::Connection;

    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_leaves_its_thread_and_no_transaction() {
        let threads = Threads::start("test", vec![SqliteConnection::establish(":memory:").unwrap()]).unwrap();
        let died = threads.run(|conn: &mut SqliteConnection| -> Result<(), StoreError> {
            conn.batch_execute("BEGIN").unwrap();
            panic!("a job of a test panics");
        });
        assert!(matches!(died.await, Err(StoreError::Unavailable(_))));
        let began = threads.run(|conn| Ok(conn.batch_execute("BEGIN").is_ok()));
        assert_eq!(began.await.ok(), Some(true));
    }
}
