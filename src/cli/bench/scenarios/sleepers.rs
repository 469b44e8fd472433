//! What executions cost that have begun and sleep: their memory, a restart with all of them, and how late they wake.
//! Never counts what the first of them cost: the slope is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::json;

use super::super::load::{Calls, histogram, micros};
use super::{Bench, CommandError, Figure, Server, as_f64, count, heard, ms};

const SLEEPERS: usize = 100_000;
/// Those that wake while the others sleep, one every `GAP`, and how long they sleep.
const WAKING: usize = 1000;
const GAP: Duration = Duration::from_millis(5);
const NAP: Duration = Duration::from_secs(5);
/// A server that uses less than this of a second has laid all of them down.
const IDLE_CPU_S: f64 = 0.1;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let body = |number: usize| json!({"n": number, "seconds": 36_000, "async": true}).to_string();
    let calls = sleeping(&server, Arc::new(body));
    // What a crowd leaves behind in buffers and caches is there after the first half.
    let mut resident = Vec::new();
    for _ in 0..2 {
        bench.load.closed(&calls, bench.connections, Duration::from_secs(600), SLEEPERS / 2).await?;
        all_asleep(&server).await;
        resident.push(server.resident_bytes());
    }
    server.kill().await?;
    let restarted = Server::start(&bench.database).await?;
    let ready_ms = restarted.ready_after.as_secs_f64() * 1000.0;
    let late_us = wake(bench, &restarted).await?;
    restarted.kill().await?;
    let slope = as_f64(resident[1].saturating_sub(resident[0])) / count(SLEEPERS / 2);
    Ok(vec![
        Figure::new("memory of one sleeper", slope, "bytes").at_most(64.0),
        Figure::new("memory of the server", as_f64(resident[1]) / 1_048_576.0, "MiB"),
        Figure::new("ready after a restart with them", ready_ms, "ms").at_most(2000.0),
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

/// How late they are told of that wake beside all the others.
async fn wake(bench: &Bench, server: &Server) -> Result<Histogram<u64>, CommandError> {
    let sink = bench.sink.address.clone();
    let body = move |number: usize| {
        json!({"n": number, "seconds": NAP.as_secs(), "async": true, "callback_url": format!("http://{sink}/{number}")})
            .to_string()
    };
    let seen = bench.load.open(&sleeping(server, Arc::new(body)), GAP, WAKING).await?;
    heard(bench, seen.count, NAP + Duration::from_secs(60)).await?;
    let mut late_us = histogram();
    for (number, meant) in seen.meant.iter().enumerate() {
        let due = *meant + NAP;
        if let Some(arrived_ns) = bench.sink.arrived_ns(number) {
            let arrived: Instant = bench.sink.base() + Duration::from_nanos(arrived_ns);
            late_us.saturating_record(micros(arrived.saturating_duration_since(due)));
        }
    }
    Ok(late_us)
}
