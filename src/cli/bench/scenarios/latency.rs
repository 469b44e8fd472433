//! From call to callback at a pace that leaves the machine idle most of the time.
//! Never forgives a late call: the time counts from when it was meant to leave.

use std::time::Duration;

use super::{Bench, CommandError, Figure, Server, called_back, count, heard, ms, until_called_back};

const PER_SECOND: u32 = 50;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let calls = called_back(bench, &server, "bench-life");
    let wanted = usize::try_from(u64::from(PER_SECOND) * bench.seconds.as_secs()).unwrap_or(usize::MAX);
    let seen = bench.load.open(&calls, Duration::from_secs(1) / PER_SECOND, wanted).await?;
    heard(bench, seen.count, Duration::from_secs(30)).await?;
    server.kill().await?;
    let all = until_called_back(bench, &seen.meant);
    Ok(vec![
        Figure::new("call → callback, median", ms(&all, 0.5), "ms").at_most(2.5),
        Figure::new("call → callback, 90 %", ms(&all, 0.9), "ms"),
        Figure::new("call → callback, 99 %", ms(&all, 0.99), "ms").at_most(8.0),
        Figure::new("call → callback, longest", ms(&all, 1.0), "ms"),
        Figure::new("call → 202, median", ms(&seen.answered_us, 0.5), "ms"),
        Figure::new("refused or failed", count(seen.failures), "").at_most(0.0),
    ])
}
