//! A server that nobody calls.
//! Never warms it up.

use std::time::Duration;

use super::{Bench, CommandError, Figure, Server, as_f64};

/// Long enough for whatever happens every minute.
const RESTS: Duration = Duration::from_secs(60);

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let ready_ms = server.ready_after.as_secs_f64() * 1000.0;
    // What a start does is over.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (cpu_before, asked_before) = (server.cpu_s(), server.metric("ringback_database_statements_total").await?);
    tokio::time::sleep(RESTS).await;
    let asked = server.metric("ringback_database_statements_total").await? - asked_before;
    let used_ms = (server.cpu_s() - cpu_before) / RESTS.as_secs_f64() * 1000.0;
    let resident = as_f64(server.resident_bytes()) / 1_048_576.0;
    server.kill().await?;
    Ok(vec![
        Figure::new("ready after", ready_ms, "ms").at_most(200.0),
        Figure::new("memory at rest", resident, "MiB").at_most(40.0),
        Figure::new("statements at rest", asked, "a minute").at_most(60.0),
        Figure::new("CPU at rest", used_ms, "ms a second"),
    ])
}
