//! The generator: closed loops that ask for the next answer when they have the last, and an open loop that asks by the clock.
//! Never lets a slow answer hide the wait of those behind it: an open loop counts from when a call was meant to leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::runtime::Runtime;

use super::failed;
use super::wire::{Wire, post};
use crate::cli::error::CommandError;

/// The name of its threads, by which their CPU time is found.
pub const THREADS: &str = "bench-load";

/// What one kind of call looks like.
#[derive(Clone)]
pub struct Calls {
    /// `127.0.0.1:8080`
    pub host: String,
    pub path: String,
    pub body: Arc<dyn Fn(usize) -> String + Send + Sync>,
    /// The first number; the others follow it.
    pub first: usize,
    /// Whether each carries an idempotency key of its own.
    pub keyed: bool,
    pub status: u16,
}

impl Calls {
    fn request(&self, number: usize) -> Vec<u8> {
        let number = self.first + number;
        let key = if self.keyed { format!("idempotency-key: bench-{number}\r\n") } else { String::new() };
        post(&self.host, &self.path, &key, &(self.body)(number))
    }
}

/// What a generator saw.
pub struct Seen {
    /// Numbers that were answered as they should be: so many from the first on, as far as there were no failures.
    pub count: usize,
    pub failures: usize,
    pub took: Duration,
    /// Microseconds from asking to the answer; a closed loop adds those who would have asked while it waited.
    pub answered_us: Histogram<u64>,
    /// When each call of an open loop was meant to leave.
    pub meant: Vec<Instant>,
}

/// Ten minutes; what takes longer counts as that.
const LONGEST_US: u64 = 600_000_000;

pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).expect("the bounds are in order")
}

pub struct Load {
    runtime: Option<Runtime>,
}

impl Load {
    pub fn start() -> Result<Self, CommandError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build();
        Ok(Self { runtime: Some(runtime.map_err(|error| failed("the generator has no thread", error))?) })
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("the generator runs until it is dropped")
    }

    /// As many loops as connections, each asking again as soon as it was answered, until the time or the number is over.
    pub async fn closed(&self, calls: &Calls, connections: usize, lasts: Duration, most: usize) -> Result<Seen, CommandError> {
        let next = Arc::new(AtomicUsize::new(0));
        let began = Instant::now();
        let loops: Vec<_> = (0..connections)
            .map(|_| self.runtime().spawn(one_loop(calls.clone(), Arc::clone(&next), began + lasts, most)))
            .collect();
        let mut seen = Seen { count: 0, failures: 0, took: lasts, answered_us: histogram(), meant: Vec::new() };
        for one in loops {
            let (answered, failures) = one.await.map_err(|error| failed("the generator broke", error))?;
            seen.count += usize::try_from(answered.len()).unwrap_or(usize::MAX);
            seen.failures += failures;
            seen.answered_us.add(&answered).expect("all histograms have the same bounds");
        }
        seen.took = began.elapsed();
        // Whoever waits does not ask: one long wait stands for as many as would have been asked meanwhile.
        let usual_us = seen.answered_us.value_at_quantile(0.5);
        seen.answered_us = seen.answered_us.clone_correct(usual_us);
        Ok(seen)
    }

    /// A call every `gap`, whether or not the last was answered.
    pub async fn open(&self, calls: &Calls, gap: Duration, count: usize) -> Result<Seen, CommandError> {
        let began = Instant::now() + Duration::from_millis(50);
        let mut seen = Seen { count: 0, failures: 0, took: Duration::ZERO, answered_us: histogram(), meant: Vec::new() };
        seen.meant.extend((0..count).map(|number| began + gap * u32::try_from(number).unwrap_or(u32::MAX)));
        let (calls, meant, runtime) = (calls.clone(), seen.meant.clone(), self.runtime().handle().clone());
        let (asked, mut answers) = tokio::sync::mpsc::unbounded_channel();
        let pace = move || {
            for (number, meant) in meant.into_iter().enumerate() {
                wait_until(meant);
                let (calls, asked) = (calls.clone(), asked.clone());
                runtime.spawn(async move {
                    let answered = ask_anew(&calls, number).await;
                    // Whoever listens waits for all of them.
                    drop(asked.send(answered.map(|answered| (answered, meant.elapsed()))));
                });
            }
        };
        let pace = std::thread::Builder::new().name(THREADS.to_owned()).spawn(pace);
        pace.map_err(|error| failed("the generator has no thread", error))?;
        while let Some(answered) = answers.recv().await {
            match answered {
                Ok((true, took)) => {
                    seen.count += 1;
                    seen.answered_us.saturating_record(micros(took));
                }
                _ => seen.failures += 1,
            }
        }
        seen.took = began.elapsed();
        Ok(seen)
    }
}

/// The runtime's own timers go in steps of a millisecond, which would be counted as a wait for the server.
#[expect(clippy::disallowed_methods, reason = "a thread of its own that has nothing else to do")]
fn wait_until(at: Instant) {
    std::thread::sleep(at.saturating_duration_since(Instant::now()));
}

/// On a connection of its own, as somebody who calls once does.
async fn ask_anew(calls: &Calls, number: usize) -> std::io::Result<bool> {
    let mut wire = Wire::connect(&calls.host).await?;
    wire.write(&calls.request(number)).await?;
    let answer = wire.read().await?;
    Ok(answer.is_some_and(|answer| answer.status() == calls.status))
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn one_loop(calls: Calls, next: Arc<AtomicUsize>, until: Instant, most: usize) -> (Histogram<u64>, usize) {
    let (mut answered, mut failures) = (histogram(), 0);
    let mut wire: Option<Wire> = None;
    while Instant::now() < until {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= most {
            break;
        }
        let asked = Instant::now();
        match ask(&mut wire, &calls, number).await {
            Ok(true) => answered.saturating_record(micros(asked.elapsed())),
            Ok(false) => failures += 1,
            Err(_) => {
                failures += 1;
                wire = None;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
    (answered, failures)
}

async fn ask(wire: &mut Option<Wire>, calls: &Calls, number: usize) -> std::io::Result<bool> {
    let open = match wire {
        Some(open) => open,
        None => wire.insert(Wire::connect(&calls.host).await?),
    };
    open.write(&calls.request(number)).await?;
    let answer = open.read().await?;
    Ok(answer.is_some_and(|answer| answer.status() == calls.status))
}

pub fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
