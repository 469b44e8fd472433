//! The threads that own connections: one writes, a few read; each takes jobs from a channel.
//! Never lets a connection leave its thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::connection::PgConnection;
use tokio::sync::oneshot;

use crate::store::{StoreError, Stored};

/// What a job works with.
pub trait Seat: 'static {
    /// Whether a job that found the database away gets a new one next time; others mend themselves.
    const RENEWED: bool;

    /// A job panicked in the middle of something: whether to keep the connection.
    fn panicked(&mut self) -> Fate;

    /// Does what was put off until something else is under way, since nothing is.
    fn rest(&mut self) {}
}

impl Seat for PgConnection {
    const RENEWED: bool = true;

    fn panicked(&mut self) -> Fate {
        Fate::Renew
    }
}

/// What becomes of a connection after a job.
pub enum Fate {
    Keep,
    /// It is broken: the next job gets a new one.
    Renew,
}

type Job<S> = Box<dyn FnOnce(Result<&mut S, StoreError>) -> Fate + Send>;

/// Threads that share one queue of jobs. Dropping it lets them finish their queue and waits for them.
pub struct Threads<S> {
    jobs: Option<Sender<Job<S>>>,
    handles: Vec<JoinHandle<()>>,
}

impl<S: Seat> Threads<S> {
    /// One thread per seat.
    pub fn start<F>(name: &str, count: usize, open: F) -> Result<Self, StoreError>
    where
        F: Fn() -> Result<S, StoreError> + Send + Sync + 'static,
    {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let (open, losses) = (Arc::new(open), Arc::new(AtomicU64::new(0)));
        let mut handles = Vec::with_capacity(count);
        for _ in 0..count {
            let (queue, open, losses) = (Arc::clone(&queue), Arc::clone(&open), Arc::clone(&losses));
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&*open, &queue, &losses));
            handles.push(thread.map_err(|error| StoreError::Setup(format!("cannot start a database thread: {error}")))?);
        }
        Ok(Self { jobs: Some(jobs), handles })
    }

    /// Queues a job that nobody waits for, and that mends its own seat.
    pub fn queue(&self, job: impl FnOnce(Result<&mut S, StoreError>) + Send + 'static) {
        self.send(Box::new(move |seat| {
            job(seat);
            Fate::Keep
        }));
    }

    fn send(&self, job: Job<S>) {
        if let Some(jobs) = &self.jobs {
            // A queue without threads drops the job.
            let _ = jobs.send(job);
        }
    }

    /// Queues a job at once; the future only waits for its answer.
    pub fn run<T, F>(&self, job: F) -> Stored<'static, T>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // A job that is dropped is reported by the answer's end.
        self.send(Box::new(move |seat| {
            let (done, fate) = match seat {
                Ok(seat) => {
                    seat.rest();
                    let done = job(seat);
                    let renew = S::RENEWED && matches!(done, Err(StoreError::Unavailable(_)));
                    (done, if renew { Fate::Renew } else { Fate::Keep })
                }
                Err(error) => (Err(error), Fate::Renew),
            };
            // Nobody waits any more: what was done stays done.
            let _ = reply.send(done);
            fate
        }));
        Box::pin(async move {
            answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the database thread dropped a job".to_owned())))
        })
    }
}

/// One job after the other. Where one thread has lost its connection, those of the others are as old, and made anew, too.
fn work<S: Seat>(open: &dyn Fn() -> Result<S, StoreError>, queue: &Mutex<Receiver<Job<S>>>, losses: &AtomicU64) {
    let mut seat: Option<S> = None;
    let mut opened_at = 0;
    loop {
        let waiting = queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
        let job = waiting.or_else(|_| {
            seat.iter_mut().for_each(Seat::rest);
            queue.lock().unwrap_or_else(PoisonError::into_inner).recv()
        });
        let Ok(job) = job else { return };
        let lost = losses.load(Ordering::Relaxed);
        let opened = match seat.take() {
            Some(seat) if !S::RENEWED || opened_at == lost => Ok(seat),
            _ => {
                opened_at = lost;
                open()
            }
        };
        match opened {
            Ok(mut open_seat) => match catch_unwind(AssertUnwindSafe(|| job(Ok(&mut open_seat)))) {
                Ok(Fate::Keep) => seat = Some(open_seat),
                Ok(Fate::Renew) => {
                    // Only the first to notice counts: the others find theirs old by then.
                    let _ = losses.compare_exchange(opened_at, opened_at + 1, Ordering::Relaxed, Ordering::Relaxed);
                }
                Err(_) => {
                    tracing::error!("a database job panicked; its connection is made anew");
                    if matches!(open_seat.panicked(), Fate::Keep) {
                        seat = Some(open_seat);
                    }
                }
            },
            Err(error) => {
                if catch_unwind(AssertUnwindSafe(|| job(Err(error)))).is_err() {
                    tracing::error!("a database job panicked that had no connection");
                }
            }
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
    use std::time::Duration;

    use super::*;

    /// One that puts off saying what was done.
    struct Putting {
        off: Option<&'static str>,
        said: Sender<&'static str>,
    }

    impl Seat for Putting {
        const RENEWED: bool = false;

        fn panicked(&mut self) -> Fate {
            Fate::Keep
        }

        fn rest(&mut self) {
            self.off.take().into_iter().for_each(|word| self.said.send(word).unwrap());
        }
    }

    #[tokio::test]
    async fn what_is_put_off_is_done_before_somebody_elses_job_and_once_nothing_waits() {
        let (said, heard) = channel();
        let said = Mutex::new(said);
        let open = move || Ok(Putting { off: None, said: said.lock().unwrap().clone() });
        let threads = Threads::start("test", 1, open).unwrap();
        let put_off = |word| threads.queue(move |seat: Result<&mut Putting, StoreError>| seat.unwrap().off = Some(word));

        let (gate, opened) = channel::<()>();
        threads.queue(move |_| opened.recv().unwrap());
        put_off("before a job");
        let left = threads.run(|seat| Ok(seat.off));
        gate.send(()).unwrap();
        assert_eq!(left.await.ok(), Some(None), "the job came first");
        assert_eq!(heard.try_recv(), Ok("before a job"));

        put_off("since nothing waits");
        assert_eq!(heard.recv_timeout(Duration::from_secs(30)), Ok("since nothing waits"));
    }
}
