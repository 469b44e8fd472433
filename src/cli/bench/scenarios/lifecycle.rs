//! Whole life cycles: accepted under a key, one recorded step, ended, called back.
//! Never counts what was not called back.

use std::time::Instant;

use super::super::bare;
use super::super::database::Scratch;
use super::super::processes::{postgres_cpu_s, threads_cpu_s};
use super::super::{load, sink};
use super::{Bench, CommandError, Figure, Server, as_f64, called_back, count, heard, ms};

/// Enough work in flight for full batches.
const CONNECTIONS: usize = 256;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let calls = called_back(bench, &server, "bench-life");
    let cpu = |server: &Server| [server.cpu_s(), postgres_cpu_s(), threads_cpu_s(load::THREADS), threads_cpu_s(sink::THREADS)];
    let before = cpu(&server);
    let began = Instant::now();
    let seen = bench.load.closed(&calls, CONNECTIONS, bench.seconds, usize::MAX).await?;
    heard(bench, seen.count, bench.seconds * 4).await?;
    let took = began.elapsed().as_secs_f64();
    let after = cpu(&server);
    server.kill().await?;
    let lives = count(seen.count);
    let used = |at: usize| (after[at] - before[at]) / lives * 1e6;
    let database = if bench.database.is_postgres() { used(1) } else { 0.0 };

    let url = bench.database.is_postgres().then(|| bench.database.url.clone());
    let scratch = Scratch::make(url.as_deref()).await?;
    let bare = bare::lifecycles_per_second(&scratch, bench.seconds / 2).await;
    scratch.drop().await;
    let bare = bare?;
    let per_second = lives / took;
    let least = if bench.database.is_postgres() { 15_000.0 } else { 18_000.0 };
    Ok(vec![
        Figure::new("whole life cycles", per_second, "/s").beside(bare).at_least(least),
        Figure::new("of the bare path", per_second / bare, "").at_least(0.5),
        Figure::new("accepted meanwhile", lives / seen.took.as_secs_f64(), "/s"),
        Figure::new("refused or failed", count(seen.failures), "").at_most(0.0),
        Figure::new("call → 202, median", ms(&seen.answered_us, 0.5), "ms"),
        Figure::new("call → 202, 99 %", ms(&seen.answered_us, 0.99), "ms"),
        Figure::new("callbacks that came twice", as_f64(bench.sink.all() - bench.sink.distinct()), "").at_most(0.0),
        Figure::new("CPU of the server", used(0), "µs each"),
        Figure::new("CPU of the database", database, "µs each"),
        Figure::new("CPU of both", used(0) + database, "µs each").at_most(80.0),
        Figure::new("CPU of the generator", used(2), "µs each"),
        Figure::new("CPU of the receiver", used(3), "µs each"),
    ])
}
