//! What executions ask while a scenario goes on: a server whose first answers never come.
//! Never answers anybody who has not asked before.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;

use super::super::load::Calls;
use super::super::wire::Wire;
use super::{Bench, CommandError, Server, failed};

const CONNECTIONS: usize = 64;

/// Lets the first request of each number hang, and answers the next.
pub struct World {
    address: String,
    /// How many numbers were asked for once, and again.
    first: Arc<AtomicU64>,
    again: Arc<AtomicU64>,
}

impl World {
    pub async fn start() -> Result<Self, CommandError> {
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

    /// So many calls with numbers from `first` on, until the request of each hangs.
    pub async fn hold(&self, bench: &Bench, server: &Server, first: usize, calls: usize) -> Result<(), CommandError> {
        let (sink, address) = (bench.sink.address.clone(), self.address.clone());
        let body = move |number: usize| {
            let number = first + number;
            json!({"n": number, "async": true, "url": format!("http://{address}/{number}"),
                   "callback_url": format!("http://{sink}/{number}")})
            .to_string()
        };
        let reached = self.first.load(Ordering::Relaxed) + count_u64(calls);
        let path = "/api/bench-hold".to_owned();
        let held = Calls { host: server.host.clone(), path, body: Arc::new(body), keyed: false, first: 0, status: 202 };
        bench.load.closed(&held, CONNECTIONS, Duration::from_secs(120), calls).await?;
        self.reached(&self.first, reached).await
    }

    /// How long after `since` the last of so many was asked for again.
    pub async fn all_again(&self, since: Instant, numbers: usize) -> Result<Duration, CommandError> {
        self.reached(&self.again, count_u64(numbers)).await?;
        Ok(since.elapsed())
    }

    async fn reached(&self, counter: &AtomicU64, numbers: u64) -> Result<(), CommandError> {
        let until = Instant::now() + Duration::from_secs(120);
        while counter.load(Ordering::Relaxed) < numbers {
            if Instant::now() > until {
                let came = counter.load(Ordering::Relaxed);
                return Err(failed("requests are missing", format_args!("{came} of {numbers} came")));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}

fn count_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
