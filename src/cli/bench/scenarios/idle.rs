//! A server that nobody calls.
//! Never warms it up.

use std::time::Duration;

use super::{Bench, CommandError, Figure, Server, as_f64};

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let ready_ms = server.ready_after.as_secs_f64() * 1000.0;
    let rests = bench.seconds.max(Duration::from_secs(5));
    let before = server.cpu_s();
    tokio::time::sleep(rests).await;
    let used_ms = (server.cpu_s() - before) / rests.as_secs_f64() * 1000.0;
    let resident = as_f64(server.resident_bytes()) / 1_048_576.0;
    server.kill().await?;
    Ok(vec![
        Figure::new("ready after", ready_ms, "ms").at_most(200.0),
        Figure::new("memory at rest", resident, "MiB").at_most(40.0),
        Figure::new("CPU at rest", used_ms, "ms a second"),
    ])
}
