//! What is measured, one file each.
//! Never shares a store between two scenarios.

mod accept;
mod bodies;
mod dead_neighbours;
mod growth;
mod hostile_neighbours;
mod idle;
mod latency;
mod lifecycle;
mod lives;
mod nodes;
mod pages;
mod promises;
mod reader;
mod recovery;
mod sleepers;
mod steps;
mod takeover;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use hdrhistogram::Histogram;
use serde_json::json;

use super::load::{Calls, histogram};
use super::report::Figure;
use super::server::Server;
use super::{Bench, failed};
use crate::cli::error::CommandError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Calls that are accepted, stepped, ended and called back
    Lifecycle,
    /// Calls that are only accepted
    Accept,
    /// Recorded steps of one execution, and of fifty at once
    Steps,
    /// From call to callback at fifty a second
    Latency,
    /// What sleeping executions cost in memory
    Sleepers,
    /// From a kill to the last callback
    Recovery,
    /// From a kill, and from a freeze, of one of two nodes until the other has all its work; on PostgreSQL
    Takeover,
    /// A healthy receiver beside fifty dead ones
    DeadNeighbours,
    /// Ordinary calls beside loops without an end, full heaps and requests without an answer
    HostileNeighbours,
    /// Start, memory and processor time of a server that does nothing
    Idle,
    /// Every page and list with a hundred thousand executions in the store
    Pages,
    /// Life cycles with ever more finished executions in the store, and a start on them
    Growth,
    /// Life cycles with one, two and three servers (PostgreSQL)
    Nodes,
    /// Life cycles with bodies of 1 KB, 64 KB and 1 MB
    Bodies,
    /// Life cycles beside a reader that stays in its transaction (PostgreSQL)
    Reader,
    /// Life cycles with one promise left out
    Promises,
}

impl Scenario {
    pub const ALL: [Self; 16] = [
        Self::Lifecycle,
        Self::Accept,
        Self::Steps,
        Self::Latency,
        Self::Sleepers,
        Self::Recovery,
        Self::Takeover,
        Self::DeadNeighbours,
        Self::HostileNeighbours,
        Self::Idle,
        Self::Pages,
        Self::Growth,
        Self::Nodes,
        Self::Bodies,
        Self::Reader,
        Self::Promises,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Accept => "accept",
            Self::Steps => "steps",
            Self::Latency => "latency",
            Self::Sleepers => "sleepers",
            Self::Recovery => "recovery",
            Self::Takeover => "takeover",
            Self::DeadNeighbours => "dead-neighbours",
            Self::HostileNeighbours => "hostile-neighbours",
            Self::Idle => "idle",
            Self::Pages => "pages",
            Self::Growth => "growth",
            Self::Nodes => "nodes",
            Self::Bodies => "bodies",
            Self::Reader => "reader",
            Self::Promises => "promises",
        }
    }
}

pub async fn run(scenario: Scenario, bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    match scenario {
        Scenario::Lifecycle => lifecycle::run(bench).await,
        Scenario::Accept => accept::run(bench).await,
        Scenario::Steps => steps::run(bench).await,
        Scenario::Latency => latency::run(bench).await,
        Scenario::Sleepers => sleepers::run(bench).await,
        Scenario::Recovery => recovery::run(bench).await,
        Scenario::Takeover => takeover::run(bench).await,
        Scenario::DeadNeighbours => dead_neighbours::run(bench).await,
        Scenario::HostileNeighbours => hostile_neighbours::run(bench).await,
        Scenario::Idle => idle::run(bench).await,
        Scenario::Pages => pages::run(bench).await,
        Scenario::Growth => growth::run(bench).await,
        Scenario::Nodes => nodes::run(bench).await,
        Scenario::Bodies => bodies::run(bench).await,
        Scenario::Reader => reader::run(bench).await,
        Scenario::Promises => promises::run(bench).await,
    }
}

/// Calls of a function that ask for a callback under their number.
fn called_back(bench: &Bench, server: &Server, function: &str) -> Calls {
    let sink = bench.sink.address.clone();
    let body =
        move |number: usize| json!({"n": number, "async": true, "callback_url": format!("http://{sink}/{number}")}).to_string();
    Calls {
        host: server.host.clone(),
        path: format!("/api/{function}"),
        body: Arc::new(body),
        first: 0,
        keyed: true,
        status: 202,
    }
}

/// Waits until so many numbers were heard of.
async fn heard(bench: &Bench, count: usize, within: Duration) -> Result<(), CommandError> {
    let until = Instant::now() + within;
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    while bench.sink.distinct() < count {
        if Instant::now() > until {
            return Err(failed("callbacks are missing", format_args!("{} of {count} came", bench.sink.distinct())));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// The place of the 99th percentile among `latencies`, and that of the median.
const P99: usize = 2;
const MEDIAN: usize = 0;
const QUANTILES: [(&str, f64); 4] = [("median", 0.5), ("90 %", 0.9), ("99 %", 0.99), ("longest", 1.0)];

/// A distribution as people read it.
fn latencies(what: &str, histogram: &Histogram<u64>) -> Vec<Figure> {
    QUANTILES.map(|(name, quantile)| Figure::new(format!("{what}, {name}"), ms(histogram, quantile), "ms")).into()
}

fn ms(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    as_f64(histogram.value_at_quantile(quantile)) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "figures of a benchmark are shown with four digits")]
fn as_f64(value: u64) -> f64 {
    value as f64
}

fn count(value: usize) -> f64 {
    as_f64(u64::try_from(value).unwrap_or(u64::MAX))
}

/// Microseconds from when each call was meant to leave until its callback came.
fn until_called_back(bench: &Bench, meant: &[Instant]) -> Histogram<u64> {
    let mut all = histogram();
    for (number, meant) in meant.iter().enumerate() {
        if let Some(arrived_ns) = bench.sink.arrived_ns(number) {
            let meant_ns = u64::try_from(meant.duration_since(bench.sink.base()).as_nanos()).unwrap_or(0);
            all.saturating_record(arrived_ns.saturating_sub(meant_ns) / 1000);
        }
    }
    all
}
