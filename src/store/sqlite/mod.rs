//! The store in one SQLite file: a thread that writes, threads that read.
//! Never lets a row type out.

mod alerts;
mod audit;
mod bloom;
mod cancel;
mod checkpoint;
mod checkpointer;
mod claim;
mod commit;
mod connection;
mod deliveries;
mod destinations;
mod events;
mod expiry;
mod fault;
mod finish;
mod folded;
mod functions;
mod idempotency;
mod images;
mod journal;
mod keys;
mod lanes;
mod leaving;
mod limits;
mod measuring;
mod node;
mod park;
mod read_deliveries;
mod read_executions;
mod read_records;
mod reader;
mod recent_keys;
mod records;
mod redeliver;
mod resume;
mod rows;
mod schedules;
mod settled_keys;
mod sql;
mod statistics;
mod submit;
mod survey;
mod threads;
mod upkeep;
mod virtual_rows;
mod watch;
mod writer;

use std::fs::File;
use std::sync::Arc;

use diesel::Connection as _;
use diesel::sqlite::SqliteConnection;

pub(super) use self::leaving::Leaving;
pub(super) use self::measuring::{multiply, raw_commits};

use self::checkpointer::Checkpointer;
use self::threads::Threads;
use self::writer::Writer;
use super::{Store, StoreError};
use crate::config::StoreConfig;
use crate::domain::clock::SharedClock;
use crate::store::failpoint::Failpoint;
use crate::store::statements::Statements;

/// Connections that read; more would only wait for the same disk.
const READERS: usize = 3;

/// An opened file.
pub(super) struct SqliteStore {
    // Fields drop in order: who gives the writer work goes before it, the file behind all connections to it, and the lock last.
    _checkpointer: Checkpointer,
    readers: Threads<SqliteConnection>,
    writer: Threads<Writer>,
    clock: SharedClock,
    statements: Statements,
    _file: Arc<File>,
    _lock: File,
}

/// Opens or makes the file that the URL names.
///
/// # Errors
/// The file is in use, cannot be opened, or has another schema.
pub async fn open(config: &StoreConfig, clock: SharedClock) -> Result<Store, StoreError> {
    let (url, relaxed, migrate) = (config.database.clone(), config.relaxed, config.migrate);
    let failpoint = config.failpoint.clone().map(Failpoint::new);
    let statements = Statements::default();
    let opened = tokio::task::spawn_blocking(move || {
        let path = connection::path_of(&url)?;
        let lock = connection::lock(&path)?;
        // Before the connections, so that it is dropped behind them.
        let file;
        let mut conn = connection::open_writer(&path, relaxed)?;
        connection::migrate(&mut conn, migrate)?;
        if let Some(tombstone) = leaving::tombstone(&mut conn)? {
            return Err(StoreError::Setup(tombstone.refusal()));
        }
        conn.set_instrumentation(statements.clone());
        let mut readers = (0..READERS).map(|_| connection::open_reader(&path)).collect::<Result<Vec<_>, _>>()?;
        readers.iter_mut().for_each(|conn| conn.set_instrumentation(statements.clone()));
        file = Arc::new(connection::open_to_flush(&path)?);
        let writer = Threads::start("sqlite-writer", vec![Writer::new(conn)?.failing(failpoint)])?;
        Ok(SqliteStore {
            _checkpointer: Checkpointer::start(&path, Arc::clone(&file), writer.jobs())?,
            readers: Threads::start("sqlite-reader", readers)?,
            writer,
            clock,
            statements,
            _file: file,
            _lock: lock,
        })
    });
    let opened = opened.await.map_err(|error| StoreError::Setup(format!("opening the database failed: {error}")))?;
    let store = Arc::new(opened?);
    Ok(Store { read: Arc::clone(&store) as _, write: store })
}

/// The value of a setting, read beside whoever uses the file.
///
/// # Errors
/// The file is not there or cannot be read.
pub async fn peek_setting(url: &str, name: &'static str) -> Result<Option<String>, StoreError> {
    let url = url.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let path = connection::path_of(&url)?;
        if !path.exists() {
            return Err(StoreError::Setup(format!("there is no {}", path.display())));
        }
        functions::stored_setting(&mut connection::open_reader(&path)?, name).map_err(fault::store_error)
    });
    read.await.map_err(|error| StoreError::Setup(format!("reading the database failed: {error}")))?
}

/// Brings the schema of the file up to date; the names of the migrations that were run.
///
/// # Errors
/// The file is in use, cannot be opened, or is newer than this program.
pub async fn migrate(url: &str) -> Result<Vec<String>, StoreError> {
    let url = url.to_owned();
    let migrated = tokio::task::spawn_blocking(move || {
        let path = connection::path_of(&url)?;
        let _lock = connection::lock(&path)?;
        connection::migrate(&mut connection::open_writer(&path, false)?, true)
    });
    migrated.await.map_err(|error| StoreError::Setup(format!("migrating the database failed: {error}")))?
}
