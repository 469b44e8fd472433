//! Whole life cycles with nothing in the store, and with more and more that has ended; and a start on all of that.
//! Never fills in rows of its own making: they are copies of what the product wrote.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::load::Calls;
use super::lives::{self, Kind, Lives};
use super::{Bench, CommandError, Figure, Server, count, failed};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::measuring;

/// Within what is kept by default.
const WITHIN_MS: i64 = 29 * 24 * 60 * 60 * 1000;
/// Executions that wait for their time when the server starts again.
const LIVE: usize = 100_000;
/// Of the rate with nothing in the store.
const FLAT: f64 = 0.85;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let (server, empty) = measure(bench).await?;
    let mut figures = vec![Figure::new("life cycles, nothing in the store", empty.per_second, "/s")];
    figures.extend(empty.figures("nothing in the store"));
    // Its last messages are noted as delivered.
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.kill().await?;
    let mut stored = i64::try_from(empty.count).unwrap_or(i64::MAX);
    for history in &bench.history {
        let wanted = i64::try_from(*history).unwrap_or(i64::MAX) - stored;
        let now = SystemClock.now();
        let began = Instant::now();
        let added = measuring::multiply(&bench.database.url, wanted, WITHIN_MS, now).await;
        stored += added.map_err(|error| failed("the store cannot be filled", error))?;
        let filled_s = began.elapsed().as_secs_f64();
        let (server, full) = measure(bench).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.kill().await?;
        let when = format!("{history} ended");
        let rate = Figure::new(format!("life cycles, {when}"), full.per_second, "/s").beside(empty.per_second);
        figures.push(rate.at_least(FLAT * empty.per_second));
        figures.extend(full.figures(&when));
        figures.push(Figure::new(format!("filling in, {when}"), filled_s, "s"));
        stored += i64::try_from(full.count).unwrap_or(0);
    }
    figures.push(start(bench).await?);
    Ok(figures)
}

async fn measure(bench: &Bench) -> Result<(Server, Lives), CommandError> {
    let servers = [Server::start(&bench.database).await?];
    lives::warm_up(bench, &servers).await?;
    let lives = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    let [server] = servers;
    Ok((server, lives))
}

/// From starting the process to its line, with all that has ended and many that live.
async fn start(bench: &Bench) -> Result<Figure, CommandError> {
    let server = Server::start(&bench.database).await?;
    let body = |number: usize| json!({"n": number, "async": true, "options": {"delay": 36_000}}).to_string();
    let (host, path) = (server.host.clone(), "/api/bench-life".to_owned());
    let calls = Calls { host, path, body: Arc::new(body), first: 0, keyed: false, status: 202 };
    let seen = bench.load.closed(&calls, bench.connections, Duration::from_secs(600), LIVE).await?;
    server.kill().await?;
    let server = Server::start(&bench.database).await?;
    let ready_ms = server.ready_after.as_secs_f64() * 1000.0;
    server.kill().await?;
    Ok(Figure::new(format!("ready after, with all of them and {} live", count(seen.count)), ready_ms, "ms").at_most(2000.0))
}
