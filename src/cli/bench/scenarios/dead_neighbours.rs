//! A thousand deliveries to a healthy receiver, alone and beside a thousand to each of fifty that are dead or hang.
//! Never lets the fifty answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;

use super::super::load::Calls;
use super::{Bench, CommandError, Figure, Server, count, failed, heard};

const NEIGHBOURS: usize = 50;
const EACH: usize = 1000;

pub async fn run(bench: &Bench) -> Result<Vec<Figure>, CommandError> {
    let server = Server::start(&bench.database).await?;
    let alone = healthy(bench, &server, 0).await?;
    // Half of them take connections and say nothing, half refuse.
    let mut hanging = Vec::new();
    let mut addresses = Vec::new();
    for at in 0..NEIGHBOURS {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed("a neighbour", error))?;
        addresses.push(listener.local_addr().map_err(|error| failed("a neighbour", error))?.to_string());
        if at % 2 == 0 {
            hanging.push(listener);
        }
    }
    let body = move |number: usize| {
        let neighbour = &addresses[number % NEIGHBOURS];
        json!({"n": number, "async": true, "callback_url": format!("http://{neighbour}/{number}")}).to_string()
    };
    let path = "/api/bench-life".to_owned();
    let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), first: 0, keyed: false, status: 202 };
    bench.load.closed(&calls, bench.connections, Duration::from_secs(600), NEIGHBOURS * EACH).await?;
    let beside = healthy(bench, &server, EACH).await?;
    server.kill().await?;
    drop(hanging);
    Ok(vec![
        Figure::new("1,000 deliveries alone", alone, "s"),
        Figure::new("beside fifty dead neighbours", beside, "s").beside(alone),
        Figure::new("times as long", beside / alone, "").at_most(1.5),
        Figure::new("deliveries owed to the dead", count(NEIGHBOURS * EACH), ""),
    ])
}

/// Seconds until a thousand numbers from `first` on were heard of.
async fn healthy(bench: &Bench, server: &Server, first: usize) -> Result<f64, CommandError> {
    let sink = bench.sink.address.clone();
    let body = move |number: usize| {
        let number = first + number;
        json!({"n": number, "async": true, "callback_url": format!("http://{sink}/{number}")}).to_string()
    };
    let path = "/api/bench-life".to_owned();
    let calls = Calls { host: server.host.clone(), path, body: Arc::new(body), first: 0, keyed: false, status: 202 };
    let began = Instant::now();
    bench.load.closed(&calls, bench.connections, Duration::from_secs(60), EACH).await?;
    heard(bench, first + EACH, Duration::from_secs(120)).await?;
    Ok(began.elapsed().as_secs_f64())
}
