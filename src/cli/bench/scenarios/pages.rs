//! Every page for people and every list of the API, with a hundred thousand executions in the store.
//! Never asks twice at the same time: a page is looked at on an idle machine.

use std::time::Instant;

use super::{Bench, CommandError, Figure, Server, as_f64, failed, ms};
use crate::cli::bench::bare;
use crate::cli::bench::load::{histogram, micros};
use crate::cli::bench::wire::{Wire, get};

const EXECUTIONS: usize = 100_000;
/// They ended within the last five days.
const WITHIN_MS: i64 = 5 * 24 * 60 * 60 * 1000;
/// Looks at each page.
const LOOKS: usize = 11;
/// Milliseconds at the median.
const BOUND_MS: f64 = 200.0;

/// `ID` stands for the newest execution.
const PATHS: &[&str] = &[
    "/ui",
    "/ui/executions",
    "/ui/executions?state=failed",
    "/ui/executions?state=running,cancelling",
    "/ui/executions?state=completed",
    "/ui/executions?state=cancelled",
    "/ui/executions?function=bench-life",
    "/ui/executions?function=bench-life&state=failed",
    "/ui/executions?q=bench",
    "/ui/executions?q=there-is-no-such-text",
    "/ui/executions?q=5f3e",
    "/ui/executions?tag=nobody",
    "/ui/executions?parent=ID",
    "/ui/executions/ID",
    "/ui/functions",
    "/ui/functions/bench-life",
    "/ui/functions/bench-life/versions",
    "/ui/deliveries",
    "/ui/deliveries?state=dead",
    "/ui/deliveries?state=pending",
    "/ui/deliveries?state=delivered",
    "/ui/destinations",
    "/ui/alerts?all=true",
    "/ui/schedules",
    "/ui/keys",
    "/ui/tables",
    "/v1/executions?limit=200",
    "/v1/executions?status=error",
    "/v1/executions?created_before=2026-01-01T00:00:00Z",
    "/v1/executions/ID",
    "/v1/executions/ID/steps",
    "/v1/executions/ID/deliveries",
    "/v1/functions",
    "/v1/functions/bench-life",
    "/v1/deliveries",
    "/v1/deliveries?created_before=2026-01-01T00:00:00Z",
    "/v1/destinations",
    "/v1/alerts",
    "/v1/schedules",
    "/v1/tables",
    "/v1/tables/async_executions/records",
    "/v1/audit",
    "/v1/keys",
    "/metrics",
    "/openapi.json",
];

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let newest = bare::fill(&bench.database, EXECUTIONS, WITHIN_MS).await?.to_string();
    bench.database.settle().await?;
    let server = Server::start(&bench.database).await?;
    let mut figures = Vec::with_capacity(PATHS.len());
    for path in PATHS {
        let median = median_ms(&server.host, &path.replace("ID", &newest)).await?;
        figures.push(Figure::new(*path, median, "ms").at_most(BOUND_MS));
    }
    server.kill().await?;
    figures.push(Figure::new("executions in the store", as_f64(u64::try_from(EXECUTIONS).unwrap_or(u64::MAX)), ""));
    Ok(figures)
}

async fn median_ms(host: &str, path: &str) -> Result<f64, CommandError> {
    let broken = |error: std::io::Error| failed(path, error);
    let mut took = histogram();
    let mut wire = Wire::connect(host).await.map_err(broken)?;
    for _ in 0..LOOKS {
        let asked = Instant::now();
        wire.write(&get(host, path)).await.map_err(broken)?;
        let status = wire.read().await.map_err(broken)?.map_or(0, |answer| answer.status());
        if status != 200 {
            return Err(failed(path, format_args!("it was answered {status}")));
        }
        took.saturating_record(micros(asked.elapsed()));
    }
    Ok(ms(&took, 0.5))
}
