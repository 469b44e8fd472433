//! A stretch of whole life cycles on one server or several: what most scenarios compare under one condition and another.
//! Never counts what did not end, or was not called back where it should be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use serde_json::json;

use super::super::load::{Calls, histogram, micros};
use super::super::processes::threads_cpu_s;
use super::super::{load, sink};
use super::{Bench, CommandError, Figure, Server, as_f64, count, failed, heard, ms};

/// More than are answered in a second on any machine that this has seen.
const PER_SECOND_MAX: usize = 50_000;

/// What is asked for.
#[derive(Clone)]
pub struct Kind {
    pub function: &'static str,
    pub keyed: bool,
    pub called_back: bool,
    /// Bytes of text that come along.
    pub text: usize,
    pub connections: usize,
}

impl Kind {
    /// Accepted under a key, one recorded step, ended, called back; with enough in flight for full batches.
    pub const WHOLE: Self = Self { function: "bench-life", keyed: true, called_back: true, text: 0, connections: 256 };
}

/// What came of it.
pub struct Lives {
    pub count: usize,
    pub failures: usize,
    pub per_second: f64,
    pub accepted_per_second: f64,
    pub answered_us: Histogram<u64>,
    pub called_back_us: Histogram<u64>,
    pub twice: u64,
    /// Microseconds of processor time each: servers, database, generator, receiver.
    pub cpu_us: [f64; 4],
}

impl Lives {
    /// What comparisons show of it.
    pub fn figures(&self, when: &str) -> Vec<Figure> {
        vec![
            Figure::new(format!("call → 202, 99 %, {when}"), ms(&self.answered_us, 0.99), "ms"),
            Figure::new(format!("call → callback, 99 %, {when}"), ms(&self.called_back_us, 0.99), "ms"),
            Figure::new(format!("CPU of the server, {when}"), self.cpu_us[0], "µs each"),
            Figure::new(format!("CPU of the database, {when}"), self.cpu_us[1], "µs each"),
            Figure::new(format!("refused or failed, {when}"), count(self.failures), "").at_most(0.0),
        ]
    }
}

type Asked = Arc<Mutex<Vec<(usize, Instant)>>>;

/// Asks all of these servers for as long as said, and waits for the last to end.
pub async fn run(bench: &Bench, servers: &[Server], kind: &Kind, lasts: Duration) -> Result<Lives, CommandError> {
    let most = PER_SECOND_MAX * usize::try_from(lasts.as_secs()).unwrap_or(1).max(1) / servers.len();
    let first = bench.numbers(most * servers.len())?;
    let asked: Asked = Arc::default();
    let (before, heard_before) = (cpu_s(bench, servers), bench.sink.distinct());
    let twice_before = bench.sink.all() - heard_before;
    let ended_before = ended(servers).await?;
    let began = Instant::now();
    let calls = servers.iter().enumerate().map(|(at, server)| calls(bench, server, kind, first + at * most, &asked));
    let calls: Vec<Calls> = calls.collect();
    let all = calls.iter().map(|calls| bench.load.closed(calls, kind.connections / servers.len(), lasts, most));
    let seen = try_join_all(all).await?;
    let done: usize = seen.iter().map(|seen| seen.count).sum();
    if kind.called_back {
        heard(bench, usize::try_from(heard_before).unwrap_or(usize::MAX) + done, lasts * 4 + Duration::from_secs(10)).await?;
    } else {
        while ended(servers).await? - ended_before < count(done) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let took = began.elapsed().as_secs_f64();
    let after = cpu_s(bench, servers);
    let (mut answered_us, mut accepted_per_second) = (histogram(), 0.0);
    for seen in &seen {
        answered_us.add(&seen.answered_us).map_err(|error| failed("the latencies", error))?;
        accepted_per_second += count(seen.count) / seen.took.as_secs_f64();
    }
    Ok(Lives {
        count: done,
        failures: seen.iter().map(|seen| seen.failures).sum(),
        per_second: count(done) / took,
        accepted_per_second,
        answered_us,
        called_back_us: called_back_us(bench, &asked),
        twice: bench.sink.all() - bench.sink.distinct() - twice_before,
        cpu_us: std::array::from_fn(|at| (after[at] - before[at]) / count(done.max(1)) * 1e6),
    })
}

fn calls(bench: &Bench, server: &Server, kind: &Kind, first: usize, asked: &Asked) -> Calls {
    let (sink, asked, called_back) = (bench.sink.address.clone(), Arc::clone(asked), kind.called_back);
    let text: Arc<str> = "0123456789abcdef".repeat(kind.text.div_ceil(16)).into();
    let body = move |number: usize| {
        if !called_back {
            return json!({"n": number, "async": true}).to_string();
        }
        // Nothing panics while this is held.
        asked.lock().unwrap_or_else(PoisonError::into_inner).push((number, Instant::now()));
        let url = format!("http://{sink}/{number}");
        if text.is_empty() {
            json!({"n": number, "async": true, "callback_url": url}).to_string()
        } else {
            json!({"n": number, "text": &*text, "async": true, "callback_url": url}).to_string()
        }
    };
    let path = format!("/api/{}", kind.function);
    Calls { host: server.host.clone(), path, body: Arc::new(body), first, keyed: kind.keyed, status: 202 }
}

/// Microseconds from asking to the callback.
fn called_back_us(bench: &Bench, asked: &Asked) -> Histogram<u64> {
    let mut all = histogram();
    for (number, asked) in asked.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        if let Some(arrived_ns) = bench.sink.arrived_ns(*number) {
            let arrived = bench.sink.base() + Duration::from_nanos(arrived_ns);
            all.saturating_record(micros(arrived.saturating_duration_since(*asked)));
        }
    }
    all
}

async fn ended(servers: &[Server]) -> Result<f64, CommandError> {
    let each = servers.iter().map(|server| server.metric("ringback_executions_ended_total"));
    Ok(try_join_all(each).await?.into_iter().sum())
}

fn cpu_s(bench: &Bench, servers: &[Server]) -> [f64; 4] {
    let servers = servers.iter().map(Server::cpu_s).sum();
    [servers, bench.database.cpu_s(), threads_cpu_s(load::THREADS), threads_cpu_s(sink::THREADS)]
}

/// Lets a server prepare its statements and grow its buffers before anything counts.
pub async fn warm_up(bench: &Bench, servers: &[Server]) -> Result<(), CommandError> {
    run(bench, servers, &Kind::WHOLE, Duration::from_secs(2)).await.map(|_| ())
}

/// The same POST to the receiver, which stores nothing: the machine's own limit of asking.
pub async fn raw_posts(bench: &Bench, kind: &Kind) -> Result<f64, CommandError> {
    let text = "0123456789abcdef".repeat(kind.text.div_ceil(16));
    let body = move |number: usize| json!({"n": number, "text": text, "async": true}).to_string();
    let host = bench.sink.address.clone();
    let calls = Calls { host, path: "/none".into(), body: Arc::new(body), first: 0, keyed: true, status: 200 };
    let seen = bench.load.closed(&calls, kind.connections, Duration::from_secs(2), usize::MAX).await?;
    Ok(as_f64(u64::try_from(seen.count).unwrap_or(u64::MAX)) / seen.took.as_secs_f64())
}
