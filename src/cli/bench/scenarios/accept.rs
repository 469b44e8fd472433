//! Calls that are only accepted: what they start is delayed by an hour.
//! Never runs anything.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::load::Calls;
use super::super::report::Bound;
use super::{Bench, CommandError, Figure, P99, Server, count, latencies};

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let mut figures = Vec::new();
    // What a POST costs that stores nothing, on the same two ends: the receiver answers it.
    let body = |number: usize| json!({"n": number, "async": true, "options": {"delay": 3600}}).to_string();
    let raw = Calls {
        host: bench.sink.address.clone(),
        path: "/none".into(),
        body: Arc::new(body),
        first: 0,
        keyed: true,
        status: 200,
    };
    let bounds = [(64, 40_000.0, 40.0), (256, 55_000.0, 10.0)];
    for (connections, least, p99_ms) in bounds {
        let path = "/api/bench-life".to_owned();
        let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), first: 0, keyed: false, status: 202 };
        let limit = bench.load.closed(&raw, connections, Duration::from_secs(2), usize::MAX).await?;
        let seen = bench.load.closed(&calls, connections, bench.seconds, usize::MAX).await?;
        let rate = |seen: &super::super::load::Seen| count(seen.count) / seen.took.as_secs_f64();
        figures.push(
            Figure::new(format!("accepted, {connections} connections"), rate(&seen), "/s").beside(rate(&limit)).at_least(least),
        );
        let mut answered = latencies(&format!("call → 202, {connections} connections"), &seen.answered_us);
        answered[P99].bound = Some(Bound::AtMost(p99_ms));
        figures.extend(answered);
        figures.push(Figure::new(format!("refused or failed, {connections}"), count(seen.failures), "").at_most(0.0));
    }
    server.stop().await?;
    Ok(figures)
}
