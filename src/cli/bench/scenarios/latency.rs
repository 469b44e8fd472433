//! From call to callback at a pace that leaves the machine idle most of the time.
//! Never forgives a late call: the time counts from when it was meant to leave.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::load::Calls;
use super::super::report::Bound;
use super::{
    Bench, CommandError, Figure, MEDIAN, P99, QUANTILES, Server, called_back, count, heard, latencies, ms, until_called_back,
};

const PER_SECOND: u32 = 50;
/// Calls with which those are compared.
const RAW: usize = 250;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let calls = called_back(bench, &server, "bench-life");
    let wanted = usize::try_from(u64::from(PER_SECOND) * bench.seconds.as_secs()).unwrap_or(usize::MAX);
    let seen = bench.load.open(&calls, Duration::from_secs(1) / PER_SECOND, wanted).await?;
    heard(bench, seen.count, Duration::from_secs(30)).await?;
    server.stop().await?;
    // The same pace against somebody who stores nothing.
    let body = |number: usize| json!({"n": number}).to_string();
    let (host, path) = (bench.sink.address.clone(), "/none".to_owned());
    let raw = Calls { host, path, body: Arc::new(body), first: 0, keyed: true, status: 200 };
    let raw = bench.load.open(&raw, Duration::from_secs(1) / PER_SECOND, wanted.min(RAW)).await?;
    let mut figures = latencies("call → callback", &until_called_back(bench, &seen.meant));
    figures[MEDIAN].bound = Some(Bound::AtMost(2.5));
    figures[P99].bound = Some(Bound::AtMost(8.0));
    figures.extend(latencies("call → 202", &seen.answered_us));
    for (at, figure) in figures.iter_mut().enumerate() {
        figure.limit = Some(ms(&raw.answered_us, QUANTILES[at % QUANTILES.len()].1));
    }
    figures.push(Figure::new("refused or failed", count(seen.failures), "").at_most(0.0));
    Ok(figures)
}
