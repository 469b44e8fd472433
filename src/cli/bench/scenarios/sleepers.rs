//! What executions cost in memory that wait for an hour to pass.
//! Never counts what the first of them cost: the slope is told.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::load::Calls;
use super::{Bench, CommandError, Figure, Server, as_f64, count};

const SLEEPERS: usize = 100_000;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let body = |number: usize| json!({"n": number, "async": true, "options": {"delay": 3600}}).to_string();
    let path = "/api/bench-life".to_owned();
    let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), keyed: false, status: 202 };
    // What a crowd leaves behind in buffers and caches is there after the first half.
    let mut resident = Vec::new();
    for _ in 0..2 {
        bench.load.closed(&calls, bench.connections, Duration::from_secs(600), SLEEPERS / 2).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        resident.push(server.resident_bytes());
    }
    server.kill().await?;
    let restarted = Server::start(&bench.database).await?;
    let ready_ms = restarted.ready_after.as_secs_f64() * 1000.0;
    restarted.kill().await?;
    let slope = as_f64(resident[1].saturating_sub(resident[0])) / count(SLEEPERS / 2);
    Ok(vec![
        Figure::new("memory of one sleeper", slope, "bytes").at_most(64.0),
        Figure::new("memory of the server", as_f64(resident[1]) / 1_048_576.0, "MiB"),
        Figure::new("ready after a restart with them", ready_ms, "ms").at_most(2000.0),
    ])
}
