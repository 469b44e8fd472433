//! A thousand ordinary calls, alone and beside functions that loop for ever, fill their memory or wait for what never comes.
//! Never lets a hostile one end by itself: what reaches its limit is started again.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;

use super::super::database::HOSTILE;
use super::super::load::Calls;
use super::super::processes;
use super::{Bench, CommandError, Figure, Server, as_f64, count, failed, ms};

const CALLS: usize = 1000;
const GAP: Duration = Duration::from_millis(10);
/// Between two looks at the memory, and between two starts of those that fill theirs.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const STARTS_EVERY: u32 = 50;
const MEMORY_MIB_MAX: f64 = (4 * 64 + 300) as f64;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed("a neighbour", error))?;
    let url = format!("http://{}/", silent.local_addr().map_err(|error| failed("a neighbour", error))?);
    let ordinary = Calls {
        host: server.host.clone(),
        path: "/api/bench-life".to_owned(),
        body: Arc::new(|number: usize| json!({"n": number}).to_string()),
        first: 0,
        keyed: false,
        status: 200,
    };
    let alone = bench.load.open(&ordinary, GAP, CALLS).await?;
    for (name, _) in HOSTILE {
        start(bench, &server, name, &url).await?;
    }
    let mut most = 0;
    let beside = tokio::select! {
        beside = bench.load.open(&ordinary, GAP, CALLS) => beside?,
        error = keep_hostile(bench, &server, &url, &mut most) => return Err(error),
    };
    let most = as_f64(most) / 1_048_576.0;
    server.kill().await?;
    let (alone_ms, beside_ms) = (ms(&alone.answered_us, 0.5), ms(&beside.answered_us, 0.5));
    Ok(vec![
        Figure::new("1,000 calls alone, median", alone_ms, "ms"),
        Figure::new("beside hostile ones, median", beside_ms, "ms").beside(alone_ms),
        Figure::new("times as long", beside_ms / alone_ms, "").at_most(2.0),
        Figure::new("beside hostile ones, 99 %", ms(&beside.answered_us, 0.99), "ms"),
        Figure::new("memory with all of them", most, "MiB").at_most(MEMORY_MIB_MAX),
        Figure::new("refused or failed", count(alone.failures + beside.failures), "").at_most(0.0),
    ])
}

/// Notes the memory that all of them take, and starts those again that have filled theirs; returns only with an error.
async fn keep_hostile(bench: &Bench, server: &Server, url: &str, most: &mut u64) -> CommandError {
    let mut look = 0_u32;
    loop {
        *most = (*most).max(processes::resident_bytes_with_children(server.pid));
        look = look.wrapping_add(1);
        if look.is_multiple_of(STARTS_EVERY) {
            for (name, _) in HOSTILE.iter().filter(|(name, _)| name.ends_with("doubles")) {
                if let Err(error) = start(bench, server, name, url).await {
                    return error;
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn start(bench: &Bench, server: &Server, name: &str, url: &str) -> Result<(), CommandError> {
    let body = json!({"async": true, "url": url}).to_string();
    let calls = Calls {
        host: server.host.clone(),
        path: format!("/api/{name}"),
        body: Arc::new(move |_| body.clone()),
        first: 0,
        keyed: false,
        status: 202,
    };
    bench.load.closed(&calls, 1, Duration::from_secs(10), 1).await.map(drop)
}
