//! Opening the file: its lock, its settings, its schema.
//! Never lets a second process in: the journal's owner is alone.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::store::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Held for life; the operating system frees it when the process dies, however it dies.
pub(super) struct FileLock(#[expect(dead_code, reason = "dropping it is what matters")] File);

pub(super) fn lock(path: &str) -> Result<FileLock, StoreError> {
    let lock_path = PathBuf::from(format!("{path}.lock"));
    if let Some(folder) = lock_path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| StoreError::Setup(format!("the folder {} cannot be made: {error}", folder.display())))?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = file.map_err(|error| StoreError::Setup(format!("{} cannot be opened: {error}", lock_path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(FileLock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::Setup(format!(
            "another process has {path} open: stop it first, or use Postgres for several nodes"
        ))),
        Err(TryLockError::Error(error)) => Err(StoreError::Setup(format!("{} cannot be locked: {error}", lock_path.display()))),
    }
}

pub(super) fn open(path: &str, relaxed: bool) -> Result<SqliteConnection, StoreError> {
    let fresh = !Path::new(path).exists();
    let mut connection = establish(path)?;
    let synchronous = if relaxed { "NORMAL" } else { "FULL" };
    let first = if fresh { "PRAGMA auto_vacuum = INCREMENTAL;" } else { "" };
    let settings = format!(
        "PRAGMA busy_timeout = 5000; {first} PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
         PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
    );
    connection.batch_execute(&settings).map_err(|error| StoreError::Setup(format!("{path} cannot be set up: {error}")))?;
    Ok(connection)
}

pub(super) fn open_reader(path: &str) -> Result<SqliteConnection, StoreError> {
    let mut connection = establish(path)?;
    let settings = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -16384;";
    connection.batch_execute(settings).map_err(|error| StoreError::Setup(format!("{path} cannot be set up: {error}")))?;
    Ok(connection)
}

/// Brings the schema to what this binary knows, or refuses the file.
pub(super) fn prepare_schema(connection: &mut SqliteConnection, migrate: bool) -> Result<(), StoreError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Setup(format!("the schema cannot be read: {error}"));
    let applied = connection.applied_migrations().map_err(failed)?;
    let known = <EmbeddedMigrations as diesel::migration::MigrationSource<diesel::sqlite::Sqlite>>::migrations(&MIGRATIONS);
    let known: Vec<String> = known.map_err(failed)?.iter().map(|migration| migration.name().version().to_string()).collect();
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        return Err(StoreError::Setup(format!(
            "the schema {newer} is newer than this binary knows: start the newer ringback again"
        )));
    }
    if applied.len() == known.len() {
        return Ok(());
    }
    if !migrate {
        return Err(StoreError::Setup(format!(
            "{} migrations are pending: run `ringback migrate`, or set store.migrate = true",
            known.len() - applied.len()
        )));
    }
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Setup(format!("the migration failed: {error}"));
    connection.run_pending_migrations(MIGRATIONS).map(|_| ()).map_err(failed)
}

fn establish(path: &str) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(path).map_err(|error| StoreError::Setup(format!("{path} cannot be opened: {error}")))
}

/// What a failed statement means for whoever asked.
pub(super) fn unavailable(error: &diesel::result::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
