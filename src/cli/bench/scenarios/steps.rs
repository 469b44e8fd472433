//! Recorded steps, one after the other: of one execution alone, and of fifty side by side.
//! Never waits between them: how many steps one commit carries is the server's business.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::load::Calls;
use super::{Bench, CommandError, Figure, Server, count, failed, heard};
use crate::store::measuring;

/// Commits of one raw connection with which steps are compared, before and after them.
const RAW_COMMITS: u32 = 500;

/// Executions, steps of each, and how much of the commits of one raw connection they should reach.
const CASES: [(usize, usize, f64); 2] = [(1, 1000, 0.8), (50, 100, 0.7)];

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let mut figures = Vec::new();
    let server = Server::start(&bench.database).await?;
    let mut from = 0;
    let mut before = raw_commits(bench).await?;
    for (executions, steps, share) in CASES {
        let sink = bench.sink.address.clone();
        let body = move |number: usize| {
            json!({"n": number, "count": steps, "async": true, "callback_url": format!("http://{sink}/{number}")}).to_string()
        };
        let (host, path) = (server.host.clone(), "/api/bench-steps".to_owned());
        let calls = Calls { host, path, body: Arc::new(body), first: from, keyed: false, status: 202 };
        let began = Instant::now();
        bench.load.closed(&calls, executions, Duration::from_secs(60), executions).await?;
        from += executions;
        heard(bench, from, Duration::from_secs(120)).await?;
        let per_second = count(executions * steps) / began.elapsed().as_secs_f64();
        // The disk has moods: the commits before and after the steps count.
        let after = raw_commits(bench).await?;
        let raw = f64::midpoint(before, after) * count(executions);
        before = after;
        let figure = Figure::new(format!("{executions} × {steps} steps"), per_second, "/s");
        figures.push(figure.beside(raw).at_least(share * raw));
    }
    figures.push(Figure::new("commits of one raw connection", before, "/s"));
    server.stop().await?;
    Ok(figures)
}

async fn raw_commits(bench: &Bench) -> Result<f64, CommandError> {
    let took = measuring::raw_commits(&bench.database.url, RAW_COMMITS).await;
    Ok(f64::from(RAW_COMMITS) / took.map_err(|error| failed("raw commits", error))?.as_secs_f64())
}
