//! Whole life cycles beside a connection that has read and stays in its transaction, so that nothing may be cleared away.
//! Never on a file: there nobody else reads.

use super::super::database::Session;
use super::lives::{self, Kind};
use super::{Bench, CommandError, Figure, Server};

/// Of the rate without it.
const LEAST: f64 = 0.85;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    if !bench.database.is_postgres() {
        return Ok(Vec::new());
    }
    let servers = [Server::start(&bench.database).await?];
    lives::warm_up(bench, &servers).await?;
    // Without it before and after, so that the machine's moods and the table's growth count on both sides.
    let before = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    let reader = Session::lingering(&bench.database.url).await?;
    let beside = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    reader.close().await;
    let after = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    for server in servers {
        server.kill().await?;
    }
    let without = f64::midpoint(before.per_second, after.per_second);
    let rate = Figure::new("life cycles beside an idle reader", beside.per_second, "/s").beside(without);
    let mut figures = vec![rate.at_least(LEAST * without)];
    figures.extend(beside.figures("beside it"));
    figures.extend(before.figures("without it"));
    Ok(figures)
}
