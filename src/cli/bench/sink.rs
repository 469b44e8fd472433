//! The receiver: notes when the callback of each number arrived, and answers at once.
//! Never looks into a message: its number is in the path.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::failed;
use super::wire::Wire;
use crate::app::listen;
use crate::cli::error::CommandError;

/// Numbers that one scenario may use.
pub const NUMBERS_MAX: usize = 16_000_000;
/// The name of its threads, by which their CPU time is found.
pub const THREADS: &str = "bench-sink";

struct Arrivals {
    base: Instant,
    /// Nanoseconds after `base`, plus one; 0 where nothing has arrived.
    at: Vec<AtomicU64>,
    distinct: AtomicU64,
    all: AtomicU64,
}

pub struct Sink {
    pub address: String,
    arrivals: Arc<Arrivals>,
    runtime: Option<Runtime>,
}

impl Sink {
    pub fn start() -> Result<Self, CommandError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name(THREADS).enable_all().build();
        let runtime = runtime.map_err(|error| failed("the receiver has no thread", error))?;
        let (listener, address) = listen("127.0.0.1:0").map_err(|error| failed("the receiver cannot listen", error))?;
        let address = address.to_string();
        let at = std::iter::repeat_with(|| AtomicU64::new(0)).take(NUMBERS_MAX).collect();
        let arrivals = Arc::new(Arrivals { base: Instant::now(), at, distinct: AtomicU64::new(0), all: AtomicU64::new(0) });
        let shared = Arc::clone(&arrivals);
        runtime.spawn(async move {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((stream, _)) = listener.accept().await {
                let arrivals = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A caller that breaks off is the server's business.
                    let _ = serve(&arrivals, stream).await;
                });
            }
        });
        Ok(Self { address, arrivals, runtime: Some(runtime) })
    }

    /// The moment from which its times count.
    pub fn base(&self) -> Instant {
        self.arrivals.base
    }

    /// When the message of a number arrived first, in nanoseconds after `base`.
    pub fn arrived_ns(&self, number: usize) -> Option<u64> {
        self.arrivals.at[number].load(Ordering::Relaxed).checked_sub(1)
    }

    /// Numbers that were heard of.
    pub fn distinct(&self) -> u64 {
        self.arrivals.distinct.load(Ordering::Relaxed)
    }

    /// Messages, with those that came again.
    pub fn all(&self) -> u64 {
        self.arrivals.all.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(arrivals: &Arrivals, stream: tokio::net::TcpStream) -> std::io::Result<()> {
    let mut wire = Wire::new(stream)?;
    while let Some(message) = wire.read().await? {
        let number = message.path().trim_start_matches('/').parse::<usize>().ok();
        if let Some(at) = number.and_then(|number| arrivals.at.get(number)) {
            let now = u64::try_from(arrivals.base.elapsed().as_nanos()).unwrap_or(u64::MAX - 1) + 1;
            arrivals.all.fetch_add(1, Ordering::Relaxed);
            if at.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                arrivals.distinct.fetch_add(1, Ordering::Relaxed);
            }
        }
        wire.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}").await?;
    }
    Ok(())
}
