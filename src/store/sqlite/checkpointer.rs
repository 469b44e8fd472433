//! Moves the write-ahead log into the database file, beside the writer.
//! Never sends a statement while nothing is written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use diesel::QueryResult;
use diesel::deserialize;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::connection;
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use super::threads::Jobs;
use super::writer::Writer;
use crate::store::StoreError;

/// How often to look at the log's size.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A log larger than this is moved while others write on.
const PASSIVE_BYTES: u64 = 4 * 1024 * 1024;
/// A log larger than this, which some reader or writer keeps from beginning anew, is moved and cut; the writer waits for that.
const TRUNCATE_BYTES: u64 = 1024 * 1024 * 1024;
/// Pages in the log from which on it should begin anew.
const RESTART_PAGES: i64 = 2048;
/// So few left to move that the writer may do it between two commits: more of them where the log has become long all the same.
const FEW_PAGES: i64 = 256;
const FEW_SHARE: i64 = 16;
/// Rounds in which to come near a writer that goes on.
const ROUNDS_MAX: usize = 4;

/// A thread with a connection of its own. Dropping it stops it.
pub struct Checkpointer {
    stop: Option<Sender<()>>,
    handle: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// `writer` moves the last pages, so that it finds nothing left and begins the log anew. `file` is the database's, for as long as
    /// anybody has it open.
    pub fn start(path: &Path, file: Arc<File>, writer: Option<Jobs<Writer>>) -> Result<Self, StoreError> {
        let mut looker = Looker { conn: connection::open_checkpointer(path)?, file, log: log_of(path), seen: None };
        let (stop, stopped) = channel::<()>();
        let work = move || {
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                if looker.look()
                    && let Some(writer) = &writer
                {
                    writer.queue(|writer| note(move_log(&mut writer.conn, "PASSIVE").map(|_| ())));
                }
            }
        };
        let handle = std::thread::Builder::new().name("sqlite-checkpoint".to_owned()).spawn(work);
        let handle = handle.map_err(|error| StoreError::Setup(format!("cannot start a database thread: {error}")))?;
        Ok(Self { stop: Some(stop), handle: Some(handle) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(handle) = self.handle.take() {
            // It reports nothing: what it did not move stays in the log, which the next start reads.
            let _ = handle.join();
        }
    }
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// What sees to the log.
struct Looker {
    conn: SqliteConnection,
    file: Arc<File>,
    log: PathBuf,
    /// When the log was changed last, as far as was seen.
    seen: Option<SystemTime>,
}

impl Looker {
    /// Looks at the file's size by its name: opening it would drop SQLite's own locks. `true` if almost all of a long log has been
    /// moved: once the writer moves the rest, its next commit overwrites the log instead of making it longer.
    fn look(&mut self) -> bool {
        let Ok(metadata) = std::fs::metadata(&self.log) else { return false };
        let (bytes, changed_at) = (metadata.len(), metadata.modified().ok());
        let is_idle = changed_at == self.seen;
        self.seen = changed_at;
        if bytes <= PASSIVE_BYTES {
            return false;
        }
        // A log that nobody writes to is cut, as is one that others keep from beginning anew.
        if is_idle || bytes > TRUNCATE_BYTES {
            note(move_log(&mut self.conn, "TRUNCATE").map(|_| ()));
            return false;
        }
        match self.come_near() {
            Ok(log) => log.pages >= RESTART_PAGES && log.few_left(),
            Err(error) => {
                note(Err(error));
                false
            }
        }
    }

    /// Moves what there is, then what was written meanwhile, which is less each time.
    fn come_near(&mut self) -> QueryResult<Log> {
        let mut log = self.move_and_flush()?;
        for _ in 1..ROUNDS_MAX {
            let left = log.left();
            if log.few_left() {
                break;
            }
            log = self.move_and_flush()?;
            if log.left() >= left {
                break;
            }
        }
        Ok(log)
    }

    /// Whoever moves the last page waits for all that were moved to be on the disk: let that be few for the writer.
    fn move_and_flush(&mut self) -> QueryResult<Log> {
        let log = move_log(&mut self.conn, "PASSIVE")?;
        if let Err(error) = self.file.sync_data() {
            tracing::debug!(%error, "what was moved into the database file could not be flushed; the writer flushes it");
        }
        Ok(log)
    }
}

/// How much of the log there is, in pages, and how much of it is in the database file.
struct Log {
    pages: i64,
    moved: i64,
}

impl Log {
    fn left(&self) -> i64 {
        self.pages - self.moved
    }

    fn few_left(&self) -> bool {
        self.left() <= FEW_PAGES.max(self.pages / FEW_SHARE)
    }
}

impl FromNamedRow for Log {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { pages: row.int("log")?, moved: row.int("checkpointed")? })
    }
}

fn move_log(conn: &mut SqliteConnection, mode: &str) -> QueryResult<Log> {
    let log = sql(format!("PRAGMA wal_checkpoint({mode})")).first(conn)?;
    log.ok_or(diesel::result::Error::NotFound)
}

fn note(moved: QueryResult<()>) {
    if let Err(error) = moved {
        tracing::debug!(%error, "the write-ahead log could not be moved; the next look tries again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::sql::sql;

    #[test]
    fn a_log_that_has_grown_is_moved_and_begins_anew_and_is_cut_once_nobody_writes() {
        let folder = std::env::temp_dir().join(format!("ringback-checkpoint-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("test.db");
        let mut writer = connection::open_writer(&path, true).unwrap();
        connection::migrate(&mut writer, true).unwrap();
        let (conn, file) = (connection::open_checkpointer(&path).unwrap(), connection::open_to_flush(&path).unwrap());
        let mut looker = Looker { conn, file: Arc::new(file), log: log_of(&path), seen: None };
        let log = log_of(&path);
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        let mut write = |mebibytes: usize, letter: &str| {
            for n in 0..mebibytes {
                let text = letter.repeat(1024 * 1024);
                sql("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)")
                    .bind(format!("{n}"))
                    .bind(&*text)
                    .run(&mut writer)
                    .unwrap();
            }
        };
        write(1, "a");
        assert!(!looker.look() && size(&path) < 1024 * 1024, "a small log is left alone");
        write(16, "b");
        let before = size(&path);
        assert!(looker.look() && size(&path) > before, "it has been moved into the file");
        let long = size(&log);
        // What was there already would not be written.
        write(16, "c");
        assert_eq!(size(&log), long, "it has begun anew");
        assert!(looker.look() && !looker.look());
        assert_eq!(size(&log), 0, "it is cut once nobody writes");
        drop(writer);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
