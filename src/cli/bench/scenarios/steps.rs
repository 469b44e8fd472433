//! Recorded steps, one after the other: of one execution alone, and of fifty side by side.
//! Never folds two steps of one execution into one commit: each waits for the one before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::load::Calls;
use super::{Bench, CommandError, Figure, Server, count, heard};

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let mut figures = Vec::new();
    let server = Server::start(&bench.database).await?;
    let mut from = 0;
    for (executions, steps) in [(1, 1000), (50, 100)] {
        let (sink, first) = (bench.sink.address.clone(), from);
        let body = move |number: usize| {
            let number = first + number;
            json!({"n": number, "count": steps, "async": true, "callback_url": format!("http://{sink}/{number}")}).to_string()
        };
        let path = "/api/bench-steps".to_owned();
        let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), keyed: false, status: 202 };
        let began = Instant::now();
        bench.load.closed(&calls, executions, Duration::from_secs(60), executions).await?;
        from += executions;
        heard(bench, from, Duration::from_secs(120)).await?;
        let per_second = count(executions * steps) / began.elapsed().as_secs_f64();
        figures.push(Figure::new(format!("{executions} × {steps} steps"), per_second, "/s"));
    }
    server.kill().await?;
    Ok(figures)
}
