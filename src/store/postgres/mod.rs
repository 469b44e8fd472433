//! The store in Postgres: a thread that writes, threads that read, each with a connection of its own.
//! Never lets a row type out.

mod alerts;
mod arriving;
mod audit;
mod cancel;
mod caution;
mod checkpoint;
mod claim;
mod commit;
mod connection;
mod deliveries;
mod destinations;
mod diagnosis;
mod driver;
mod events;
mod expiry;
mod fault;
mod finish;
mod flight;
mod folded;
mod functions;
mod heart;
mod images;
mod journal;
mod keys;
mod lanes;
mod limits;
mod measuring;
mod park;
#[cfg(test)]
mod plans;
mod process;
mod read_deliveries;
mod read_executions;
mod read_records;
mod reader;
mod records;
mod redeliver;
mod resume;
mod row_set;
mod rows;
mod schedules;
mod sql;
mod statistics;
mod submit;
mod survey;
mod suspicion;
mod takeover;
mod threads;
mod transaction;
mod upkeep;
mod virtual_rows;
mod watch;
mod writer;

use std::sync::Arc;

pub(super) use self::arriving::Arriving;
use self::connection::PgConnection;
pub(super) use self::diagnosis::probe;
use self::heart::{Heart, LeaseClock};
pub(super) use self::measuring::{multiply, raw_commits};
use self::threads::Threads;
use self::writer::Writer;
use super::{Store, StoreError, moving};
use crate::config::StoreConfig;
use crate::domain::clock::SharedClock;
use crate::store::failpoint::Failpoint;
use crate::store::statements::Statements;

/// Connections that read.
const READERS: usize = 3;

/// An opened database.
pub(super) struct PostgresStore {
    readers: Threads<PgConnection>,
    writer: Threads<Writer>,
    heart: Threads<Heart>,
    lease: Arc<LeaseClock>,
    clock: SharedClock,
    statements: Statements,
}

/// Opens the database that the URL names.
///
/// # Errors
/// The server cannot be reached, or the database has another schema.
pub async fn open(config: &StoreConfig, clock: SharedClock) -> Result<Store, StoreError> {
    let (url, relaxed, migrate) = (config.database.clone(), config.relaxed, config.migrate);
    // Each connection is made on the thread that will use it: its driver lives there.
    let prepared = url.clone();
    let told = Arc::clone(&clock);
    let prepare = move || {
        let mut conn = setup(&prepared)?;
        told.told(heart::time_of(&mut conn)?);
        connection::migrate(&mut conn, migrate)?;
        match functions::stored_setting(&mut conn, moving::INCOMPLETE).map_err(fault::store_error)? {
            Some(_) => Err(moving::incomplete()),
            None => Ok(()),
        }
    };
    on_thread(prepare).await?;
    let (writer_url, heart_url, reader_url) = (url.clone(), url.clone(), url);
    let failpoint = config.failpoint.clone().map(Failpoint::new);
    let statements = Statements::default();
    let (read, written, beaten) = (statements.clone(), statements.clone(), statements.clone());
    let open_reader = move || connection::open_reader(&reader_url).map(|conn| connection::counted(conn, &read));
    let readers = Threads::start("postgres-reader", READERS, open_reader)?;
    let open_writer = move || {
        let writer = Writer::open(writer_url.clone(), relaxed, written.clone())?;
        Ok(writer.failing(failpoint.clone()))
    };
    let writer = Threads::start("postgres-writer", 1, open_writer)?;
    let bounds = (config.lease_ms, config.attempt_ms);
    let lease = Arc::new(LeaseClock::new(config.lease_ms));
    let beating = Arc::clone(&lease);
    let wall = Arc::clone(&clock);
    let heart = move || Heart::open(heart_url.clone(), bounds, Arc::clone(&beating), Arc::clone(&wall), beaten.clone());
    let heart = Threads::start("postgres-heart", 1, heart)?;
    let store = Arc::new(PostgresStore { readers, writer, heart, lease, clock, statements });
    Ok(Store { read: Arc::clone(&store) as _, write: store })
}

/// The value of a setting, read beside whoever uses the database.
///
/// # Errors
/// The server cannot be reached or does not answer.
pub async fn peek_setting(url: &str, name: &'static str) -> Result<Option<String>, StoreError> {
    let url = url.to_owned();
    on_thread(move || functions::stored_setting(&mut setup(&url)?, name).map_err(fault::store_error)).await
}

/// Brings the schema of the database up to date; the names of the migrations that were run.
///
/// # Errors
/// The server cannot be reached, or its schema is newer than this program.
pub async fn migrate(url: &str) -> Result<Vec<String>, StoreError> {
    let url = url.to_owned();
    on_thread(move || connection::migrate(&mut setup(&url)?, true)).await
}

/// At the start a server that cannot be reached is the operator's to mend.
fn setup(url: &str) -> Result<PgConnection, StoreError> {
    connection::establish(url).map_err(|error| match error {
        StoreError::Unavailable(reason) => StoreError::Setup(match diagnosis::why(url) {
            Some(why) => format!("the database {} cannot be used: {why}", connection::shown(url)),
            None => reason,
        }),
        other => other,
    })
}

/// Runs on a fresh thread without a runtime: the driver brings its own.
pub(super) async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (reply, answer) = tokio::sync::oneshot::channel();
    let work = move || {
        // Nobody waits any more: the process is ending.
        let _ = reply.send(work());
    };
    let started = std::thread::Builder::new().name("postgres-setup".to_owned()).spawn(work);
    started.map_err(|error| StoreError::Setup(format!("cannot start a database thread: {error}")))?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Setup("opening the database failed".to_owned())))
}
