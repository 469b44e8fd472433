//! Two nodes on one PostgreSQL: one is killed, then another frozen, each with two thousand requests under way.
//! Never counts one as taken over before its request is made again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;

use super::super::load::Calls;
use super::super::wire::Wire;
use super::{Bench, CommandError, Figure, Server, as_f64, count, failed, heard};

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
    send(bench, &killed, &world, 0).await?;
    let began = Instant::now();
    killed.kill().await?;
    let after_kill = world.all_again(began, IN_FLIGHT).await?;
    heard(bench, IN_FLIGHT, Duration::from_secs(120)).await?;
    let home_after_kill = began.elapsed();

    let frozen = Server::start(&bench.database).await?;
    send(bench, &frozen, &world, IN_FLIGHT).await?;
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

/// Two thousand calls, until the request of each hangs.
async fn send(bench: &Bench, server: &Server, world: &World, first: usize) -> Result<(), CommandError> {
    let (sink, world_address) = (bench.sink.address.clone(), world.address.clone());
    let body = move |number: usize| {
        let number = first + number;
        json!({"n": number, "async": true, "url": format!("http://{world_address}/{number}"),
               "callback_url": format!("http://{sink}/{number}")})
        .to_string()
    };
    let path = "/api/bench-hold".to_owned();
    let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), keyed: false, first: 0, status: 202 };
    bench.load.closed(&calls, 64, Duration::from_secs(120), IN_FLIGHT).await?;
    world.reached(&world.first, first + IN_FLIGHT).await
}

/// Lets the first request of each number hang, and answers the next.
struct World {
    address: String,
    /// How many numbers were asked for once, and again.
    first: Arc<AtomicU64>,
    again: Arc<AtomicU64>,
}

impl World {
    async fn start() -> Result<Self, CommandError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed("the world", error))?;
        let address = listener.local_addr().map_err(|error| failed("the world", error))?.to_string();
        let world = Self { address, first: Arc::default(), again: Arc::default() };
        let (first, again) = (Arc::clone(&world.first), Arc::clone(&world.again));
        let known: Arc<Mutex<HashSet<String>>> = Arc::default();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (first, again, known) = (Arc::clone(&first), Arc::clone(&again), Arc::clone(&known));
                tokio::spawn(async move {
                    let mut wire = Wire::new(stream)?;
                    while let Some(message) = wire.read().await? {
                        if known.lock().unwrap_or_else(PoisonError::into_inner).insert(message.path().to_owned()) {
                            first.fetch_add(1, Ordering::Relaxed);
                            // Until its caller leaves.
                            drop(wire.read().await?);
                            return Ok(());
                        }
                        again.fetch_add(1, Ordering::Relaxed);
                        wire.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}").await?;
                    }
                    Ok::<(), std::io::Error>(())
                });
            }
        });
        Ok(world)
    }

    /// How long after `since` the last of so many was asked for again.
    async fn all_again(&self, since: Instant, numbers: usize) -> Result<Duration, CommandError> {
        self.reached(&self.again, numbers).await?;
        Ok(since.elapsed())
    }

    async fn reached(&self, counter: &AtomicU64, numbers: usize) -> Result<(), CommandError> {
        let until = Instant::now() + Duration::from_secs(120);
        while count(numbers) > as_f64(counter.load(Ordering::Relaxed)) {
            if Instant::now() > until {
                let came = counter.load(Ordering::Relaxed);
                return Err(failed("requests are missing", format_args!("{came} of {numbers} came")));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}
