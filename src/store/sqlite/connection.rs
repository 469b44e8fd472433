//! Opening the file: its lock, its pragmas, its schema.
//! Never closes the database file other than through SQLite while a connection to it lives, which would drop SQLite's own locks.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::Migration;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::fault::store_error;
use crate::store::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// How long a statement waits for another connection of this process, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 5000;
/// Bytes that the write-ahead log keeps when it begins anew: more than is written between two looks at it, since the writer would wait
/// for it to be cut.
const WAL_KEEP_BYTES: u32 = 256 * 1024 * 1024;

/// The path in `sqlite://PATH`.
///
/// # Errors
/// No path, or a database in memory, which no second connection would see.
pub fn path_of(url: &str) -> Result<PathBuf, StoreError> {
    let path = url.strip_prefix("sqlite://").unwrap_or(url);
    if path.is_empty() || path.contains(":memory:") {
        return Err(StoreError::Setup(format!("\"{url}\" names no file; write sqlite://ringback.db")));
    }
    Ok(PathBuf::from(path))
}

/// Holds `<path>.lock` for as long as the file lives.
///
/// # Errors
/// Another process holds it, or the folder does not allow it.
pub fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&name);
    let file = file.map_err(|error| StoreError::Setup(format!("cannot open {}: {error}", name.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Setup(format!(
            "another process uses {} already; stop it, or give this one a database of its own",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(StoreError::Setup(format!("cannot lock {}: {error}; keep the database on a local file system", name.display())))
        }
    }
}

/// The database's file, for [`File::sync_data`] alone. It must live longer than every connection: POSIX drops all locks that a
/// process has on a file once it closes any of its handles (`fcntl(2)`).
///
/// # Errors
/// It is not there, or cannot be opened.
pub fn open_to_flush(path: &Path) -> Result<File, StoreError> {
    let opened = File::options().read(true).write(true).open(path);
    opened.map_err(|error| StoreError::Setup(format!("cannot open {}: {error}", path.display())))
}

/// The one connection that writes.
pub fn open_writer(path: &Path, relaxed: bool) -> Result<SqliteConnection, StoreError> {
    let mut conn = establish(path)?;
    let synchronous = if relaxed { "NORMAL" } else { "FULL" };
    // auto_vacuum holds only if it comes before the first page is written, thus before WAL.
    let pragmas = format!(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
         PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA journal_size_limit = {WAL_KEEP_BYTES}; PRAGMA wal_autocheckpoint = 0; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;"
    );
    conn.batch_execute(&pragmas).map_err(store_error)?;
    Ok(conn)
}

/// A connection that moves the write-ahead log.
pub fn open_checkpointer(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut conn = establish(path)?;
    conn.batch_execute(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")).map_err(store_error)?;
    Ok(conn)
}

/// A connection that only reads.
pub fn open_reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut conn = establish(path)?;
    let pragmas = format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;");
    conn.batch_execute(&pragmas).map_err(store_error)?;
    Ok(conn)
}

fn establish(path: &Path) -> Result<SqliteConnection, StoreError> {
    let setup = |why: String| StoreError::Setup(format!("cannot open {}: {why}", path.display()));
    let text = path.to_str().ok_or_else(|| setup("its path is not UTF-8".to_owned()))?;
    SqliteConnection::establish(text).map_err(|error| setup(error.to_string()))
}

/// Brings the schema to what this program knows and returns the migrations that it ran.
///
/// # Errors
/// The schema is newer than this program, or older and `migrate` is off.
pub fn migrate(conn: &mut SqliteConnection, migrate: bool) -> Result<Vec<String>, StoreError> {
    let setup = |error: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::Setup(format!("cannot migrate the database: {error}; nothing of a failed migration was kept"))
    };
    refuse_newer(conn)?;
    let pending = conn.pending_migrations(MIGRATIONS).map_err(setup)?;
    let names: Vec<String> = pending.iter().map(|migration| migration.name().to_string()).collect();
    if !migrate && !names.is_empty() {
        return Err(StoreError::Setup(format!(
            "the database lacks the migrations {}; run `ringback migrate`, or set store.migrate",
            names.join(", ")
        )));
    }
    conn.run_pending_migrations(MIGRATIONS).map_err(setup)?;
    Ok(names)
}

fn refuse_newer(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let setup = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Setup(format!("cannot read the schema: {error}"));
    let known: Vec<Box<dyn Migration<Sqlite>>> = diesel::migration::MigrationSource::migrations(&MIGRATIONS).map_err(setup)?;
    let applied = conn.applied_migrations().map_err(setup)?;
    let unknown = applied.iter().find(|version| known.iter().all(|migration| migration.name().version() != **version));
    match unknown {
        None => Ok(()),
        Some(version) => Err(StoreError::Setup(format!(
            "the database has the migration {version}, which this version of ringback does not know; use a newer ringback"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::rows::Number;
    use crate::store::sqlite::sql::sql;

    #[test]
    fn a_fresh_file_can_shrink_and_survives_a_power_cut() {
        let folder = std::env::temp_dir().join(format!("ringback-pragmas-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("test.db");
        let mut conn = open_writer(&path, false).unwrap();
        migrate(&mut conn, true).unwrap();
        let mut pragma = |text: &'static str| sql(text).first(&mut conn).unwrap().map(|Number(n)| n);
        assert_eq!(pragma("SELECT auto_vacuum AS n FROM pragma_auto_vacuum"), Some(2));
        assert_eq!(pragma("SELECT synchronous AS n FROM pragma_synchronous"), Some(2));
        assert_eq!(pragma("SELECT journal_mode = 'wal' AS n FROM pragma_journal_mode"), Some(1));
        let mut reader = open_reader(&path).unwrap();
        assert!(sql("DELETE FROM nodes").run(&mut reader).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
