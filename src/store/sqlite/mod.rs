//! The store in one SQLite file: one writer thread, a few reader threads.
//! Never opens the file but through SQLite, and never beside another process.

mod alerts;
mod cancel;
mod checkpoint;
mod claim;
mod commit;
mod connection;
mod deliveries;
mod finish;
mod functions;
mod node;
mod park;
mod read_executions;
mod read_records;
mod records;
mod rows;
mod submit;
mod thread;
mod traits;

use std::sync::Arc;
use std::sync::atomic::AtomicI32;

use super::{Store, StoreError};
use crate::config::StoreConfig;
use connection::FileLock;
use thread::Worker;

/// Readers work beside the writer; more would only wait for the disk.
const READERS: usize = 3;

/// An opened file.
struct Sqlite {
    writer: Worker,
    readers: Vec<Worker>,
    next_reader: std::sync::atomic::AtomicUsize,
    /// This process as a node; 0 until it has registered.
    node: Arc<AtomicI32>,
    _lock: FileLock,
}

/// Opens a file, made if there is none.
///
/// # Errors
/// `Setup` when another process has it, when it cannot be opened, or when its schema is not ours.
pub async fn open(path: &str, config: &StoreConfig) -> Result<Store, StoreError> {
    let lock = connection::lock(path)?;
    let mut first = connection::open(path, config.relaxed)?;
    connection::prepare_schema(&mut first, config.migrate)?;
    let writer = Worker::start("store-writer", first)?;
    let mut readers = Vec::with_capacity(READERS);
    for _ in 0..READERS {
        readers.push(Worker::start("store-reader", connection::open_reader(path)?)?);
    }
    let sqlite = Arc::new(Sqlite {
        writer,
        readers,
        next_reader: std::sync::atomic::AtomicUsize::new(0),
        node: Arc::new(AtomicI32::new(0)),
        _lock: lock,
    });
    // The writer answers once before anybody relies on it.
    sqlite.writer.call(|_| Ok(())).await?;
    Ok(Store { read: Arc::clone(&sqlite) as _, write: sqlite })
}
