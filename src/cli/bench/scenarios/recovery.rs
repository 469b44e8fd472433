//! From a kill of the only node to the last callback: in the middle of two thousand calls, and with as many requests under way.
//! Never waits before it starts the server again.

use std::time::{Duration, Instant};

use super::world::World;
use super::{Bench, CommandError, Figure, Server, as_f64, called_back, count, heard};

const IN_FLIGHT: usize = 2000;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    // A database's server that has just started proves nothing about who is gone.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let calls = called_back(bench, &server, "bench-trip");
    let seen = bench.load.closed(&calls, bench.connections, Duration::from_secs(60), IN_FLIGHT).await?;
    let heard_before = bench.sink.distinct();
    server.kill().await?;
    let killed = Instant::now();
    let server = Server::start(&bench.database).await?;
    heard(bench, seen.count, Duration::from_secs(120)).await?;
    let took = killed.elapsed().as_secs_f64();
    let twice = bench.sink.all() - bench.sink.distinct();

    let world = World::start().await?;
    world.hold(bench, &server, seen.count, IN_FLIGHT).await?;
    server.kill().await?;
    let killed = Instant::now();
    let server = Server::start(&bench.database).await?;
    heard(bench, seen.count + IN_FLIGHT, Duration::from_secs(120)).await?;
    let took_held = killed.elapsed().as_secs_f64();
    server.kill().await?;
    Ok(vec![
        Figure::new("kill → last callback", took, "s").at_most(2.0),
        Figure::new("in flight at the kill", count(seen.count) - as_f64(heard_before), ""),
        Figure::new("callbacks that came twice", as_f64(twice), ""),
        Figure::new("kill → last callback, 2,000 requests", took_held, "s").at_most(2.0),
    ])
}
