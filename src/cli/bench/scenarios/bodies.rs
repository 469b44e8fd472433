//! Whole life cycles whose input, answer and message are of a kilobyte, of many and of a megabyte.
//! Never longer than a few seconds: every byte of them is stored.

use std::time::Duration;

use super::lives::{self, Kind};
use super::{Bench, CommandError, Figure, Server};

/// Bytes, and connections.
const SIZES: [(usize, usize, &str); 3] = [(1024, 256, "1 KB"), (64 * 1024, 64, "64 KB"), (1024 * 1024, 8, "1 MB")];
const LASTS_MAX: Duration = Duration::from_secs(5);
const MEGABYTE: f64 = 1_048_576.0;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let mut figures = Vec::new();
    let servers = [Server::start(&bench.database).await?];
    lives::warm_up(bench, &servers).await?;
    for (text, connections, name) in SIZES {
        let kind = Kind { function: "bench-echo", text, connections, ..Kind::WHOLE };
        let raw = lives::raw_posts(bench, &kind).await?;
        let lives = lives::run(bench, &servers, &kind, bench.seconds.min(LASTS_MAX)).await?;
        figures.push(Figure::new(format!("life cycles, {name}"), lives.per_second, "/s").beside(raw));
        #[expect(clippy::cast_precision_loss, reason = "sizes of a benchmark are small")]
        let megabytes = lives.per_second * text as f64 / MEGABYTE;
        figures.push(Figure::new(format!("through it, {name}"), megabytes, "MB/s"));
        figures.extend(lives.figures(name));
    }
    for server in servers {
        server.stop().await?;
    }
    Ok(figures)
}
