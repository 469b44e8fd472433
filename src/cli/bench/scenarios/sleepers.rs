//! What executions cost that have begun and sleep: their memory, a restart with all of them, and how late they wake.
//! Never counts what the first of them cost: the slope is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::json;

use super::super::load::{Calls, histogram, micros};
use super::{Bench, CommandError, Figure, Server, as_f64, count, heard, ms};

/// They come in parts, and after each the memory at rest is noted.
const PARTS: usize = 10;
const PART: usize = 10_000;
/// What a crowd leaves behind in buffers and caches differs from rest to rest: the least of some is what is needed. Those of the
/// first half leave out the first two, in which caches fill.
const FIRST: std::ops::Range<usize> = 2..5;
const LAST: std::ops::Range<usize> = 7..10;
/// Those that wake while the others sleep, one every `GAP`, and how long they sleep.
const WAKING: usize = 1000;
const GAP: Duration = Duration::from_millis(5);
const NAP: Duration = Duration::from_secs(5);
/// Long enough for a restart in between.
const LONG_NAP: Duration = Duration::from_secs(20);
/// A server that uses less than this of a second has laid all of them down.
const IDLE_CPU_S: f64 = 0.1;
/// A server gives up what it keeps of its file after a few seconds without work.
const REST: Duration = Duration::from_secs(5);

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let body = |number: usize| json!({"n": number, "seconds": 36_000, "async": true}).to_string();
    let calls = sleeping(&server, Arc::new(body));
    let empty = server.resident_bytes();
    let mut resident = Vec::new();
    for _ in 0..PARTS {
        bench.load.closed(&calls, bench.connections, Duration::from_secs(600), PART).await?;
        all_asleep(&server).await;
        tokio::time::sleep(REST).await;
        resident.push(server.resident_bytes());
    }
    let meant = fall_asleep(bench, &server, 0, LONG_NAP).await?;
    all_asleep(&server).await;
    server.kill().await?;
    let restarted = Server::start(&bench.database).await?;
    let ready_ms = restarted.ready_after.as_secs_f64() * 1000.0;
    let anew = restarted.resident_bytes();
    let across_us = late(bench, 0, &meant, LONG_NAP).await?;
    let meant = fall_asleep(bench, &restarted, WAKING, NAP).await?;
    let late_us = late(bench, WAKING, &meant, NAP).await?;
    restarted.kill().await?;
    let least = |range: std::ops::Range<usize>| resident[range].iter().copied().min().unwrap_or(0);
    let grown = as_f64(least(LAST).saturating_sub(least(FIRST)));
    Ok(vec![
        Figure::new("memory of one sleeper", grown / count((LAST.start - FIRST.start) * PART), "bytes").at_most(64.0),
        Figure::new("memory of one after a restart", as_f64(anew.saturating_sub(empty)) / count(PARTS * PART), "bytes")
            .at_most(64.0),
        Figure::new("memory of the server", as_f64(resident[PARTS - 1]) / 1_048_576.0, "MiB"),
        Figure::new("ready after a restart with them", ready_ms, "ms").at_most(2000.0),
        Figure::new("sleep across the restart, late by, median", ms(&across_us, 0.5), "ms"),
        Figure::new("sleep across the restart, late by, at most", ms(&across_us, 1.0), "ms").at_most(1000.0),
        Figure::new("call + sleep → callback, late by, median", ms(&late_us, 0.5), "ms"),
        Figure::new("call + sleep → callback, late by, at most", ms(&late_us, 1.0), "ms").at_most(1000.0),
    ])
}

fn sleeping(server: &Server, body: Arc<dyn Fn(usize) -> String + Send + Sync>) -> Calls {
    Calls { host: server.host.clone(), path: "/api/bench-sleep".to_owned(), body, first: 0, keyed: false, status: 202 }
}

async fn all_asleep(server: &Server) {
    loop {
        let before = server.cpu_s();
        tokio::time::sleep(Duration::from_secs(1)).await;
        if server.cpu_s() - before < IDLE_CPU_S {
            return;
        }
    }
}

/// Calls at a steady pace, numbered from `first`, that sleep and then call back; when each was meant to leave.
async fn fall_asleep(bench: &Bench, server: &Server, first: usize, nap: Duration) -> Result<Vec<Instant>, CommandError> {
    let sink = bench.sink.address.clone();
    let body = move |number: usize| {
        let number = first + number;
        json!({"n": number, "seconds": nap.as_secs(), "async": true, "callback_url": format!("http://{sink}/{number}")})
            .to_string()
    };
    let seen = bench.load.open(&sleeping(server, Arc::new(body)), GAP, WAKING).await?;
    Ok(seen.meant)
}

/// How late they are called back.
async fn late(bench: &Bench, first: usize, meant: &[Instant], nap: Duration) -> Result<Histogram<u64>, CommandError> {
    heard(bench, first + WAKING, nap + Duration::from_secs(60)).await?;
    let mut late_us = histogram();
    for (number, meant) in meant.iter().enumerate() {
        let due = *meant + nap;
        if let Some(arrived_ns) = bench.sink.arrived_ns(first + number) {
            let arrived: Instant = bench.sink.base() + Duration::from_nanos(arrived_ns);
            late_us.saturating_record(micros(arrived.saturating_duration_since(due)));
        }
    }
    Ok(late_us)
}
