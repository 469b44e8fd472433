//! Two nodes on one PostgreSQL: one is killed, then another frozen, each with two thousand requests under way.
//! Never counts one as taken over before its request is made again.

use std::time::{Duration, Instant};

use super::world::World;
use super::{Bench, CommandError, Figure, Server, as_f64, heard};

const IN_FLIGHT: usize = 2000;
/// As in the defaults.
const LEASE: Duration = Duration::from_secs(10);

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    if !bench.database.is_postgres() {
        return Ok(Vec::new());
    }
    let world = World::start().await?;
    let survivor = Server::start(&bench.database).await?;
    let killed = Server::start(&bench.database).await?;
    // Who is to be believed that somebody is gone has looked for a lease.
    tokio::time::sleep(LEASE + Duration::from_secs(1)).await;
    world.hold(bench, &killed, 0, IN_FLIGHT).await?;
    let began = Instant::now();
    killed.kill().await?;
    let after_kill = world.all_again(began, IN_FLIGHT).await?;
    heard(bench, IN_FLIGHT, Duration::from_secs(120)).await?;
    let home_after_kill = began.elapsed();

    let frozen = Server::start(&bench.database).await?;
    world.hold(bench, &frozen, IN_FLIGHT, IN_FLIGHT).await?;
    let began = Instant::now();
    frozen.freeze()?;
    let after_freeze = world.all_again(began, 2 * IN_FLIGHT).await?;
    heard(bench, 2 * IN_FLIGHT, Duration::from_secs(120)).await?;
    let home_after_freeze = began.elapsed();
    frozen.kill().await?;
    survivor.kill().await?;
    let twice = as_f64(bench.sink.all() - bench.sink.distinct());
    Ok(vec![
        Figure::new("kill → all 2,000 at the other", after_kill.as_secs_f64(), "s").at_most(4.0),
        Figure::new("kill → last callback", home_after_kill.as_secs_f64(), "s"),
        Figure::new("freeze → all 2,000 at the other", after_freeze.as_secs_f64(), "s").at_most(LEASE.as_secs_f64() + 2.0),
        Figure::new("freeze → last callback", home_after_freeze.as_secs_f64(), "s"),
        Figure::new("callbacks that came twice", twice, ""),
    ])
}
