//! Whole life cycles: accepted under a key, one recorded step, ended, called back.
//! Never counts what was not called back.

use super::super::bare;
use super::lives::{self, Kind};
use super::{Bench, CommandError, Figure, Server, as_f64, count, latencies};

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let raw_posts = lives::raw_posts(bench, &Kind::WHOLE).await?;
    let servers = [Server::start(&bench.database).await?];
    let lives = lives::run(bench, &servers, &Kind::WHOLE, bench.seconds).await?;
    for server in servers {
        server.stop().await?;
    }
    let scratch = bench.database.another().await?;
    let bare = bare::lifecycles_per_second(&scratch, bench.seconds / 2).await;
    scratch.drop().await;
    let bare = bare?;
    let least = if bench.database.is_postgres() { 15_000.0 } else { 18_000.0 };
    let [server, database, generator, receiver] = lives.cpu_us;
    let mut figures = vec![
        Figure::new("whole life cycles", lives.per_second, "/s").beside(bare).at_least(least),
        Figure::new("of the bare path", lives.per_second / bare, "").at_least(0.5),
        Figure::new("accepted meanwhile", lives.accepted_per_second, "/s").beside(raw_posts),
        Figure::new("refused or failed", count(lives.failures), "").at_most(0.0),
        Figure::new("callbacks that came twice", as_f64(lives.twice), "").at_most(0.0),
        Figure::new("CPU of the server", server, "µs each"),
        Figure::new("CPU of the database", database, "µs each"),
        Figure::new("CPU of both", server + database, "µs each").at_most(80.0),
        Figure::new("CPU of the generator", generator, "µs each"),
        Figure::new("CPU of the receiver", receiver, "µs each"),
    ];
    figures.extend(latencies("call → 202", &lives.answered_us));
    figures.extend(latencies("call → callback", &lives.called_back_us));
    Ok(figures)
}
