//! Moves the write-ahead log into the database file, beside the writer.
//! Never sends a statement while nothing is written.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

use super::connection;
use crate::store::StoreError;

/// How often to look at the log's size.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A log larger than this is moved while others write on.
const PASSIVE_BYTES: u64 = 4 * 1024 * 1024;
/// A log larger than this is moved and cut, for which the writer has to wait.
const TRUNCATE_BYTES: u64 = 64 * 1024 * 1024;

/// A thread with a connection of its own. Dropping it stops it.
pub struct Checkpointer {
    stop: Option<Sender<()>>,
    handle: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub fn start(path: &Path) -> Result<Self, StoreError> {
        let mut conn = connection::open_checkpointer(path)?;
        let log = log_of(path);
        let (stop, stopped) = channel::<()>();
        let work = move || {
            let mut seen = None;
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                look(&mut conn, &log, &mut seen);
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

/// Looks at the file's size by its name: opening it would drop SQLite's own locks.
fn look(conn: &mut SqliteConnection, log: &Path, seen: &mut Option<SystemTime>) {
    let Ok(metadata) = std::fs::metadata(log) else { return };
    let changed_at = metadata.modified().ok();
    if changed_at == *seen {
        return;
    }
    let bytes = metadata.len();
    if bytes <= PASSIVE_BYTES {
        return;
    }
    let mode = if bytes <= TRUNCATE_BYTES { "PASSIVE" } else { "TRUNCATE" };
    match conn.batch_execute(&format!("PRAGMA wal_checkpoint({mode})")) {
        Ok(()) => *seen = changed_at,
        Err(error) => tracing::debug!(%error, mode, "the write-ahead log could not be moved; the next look tries again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::sql::sql;

    #[test]
    fn a_log_that_has_grown_is_moved_and_one_far_too_large_is_cut() {
        let folder = std::env::temp_dir().join(format!("ringback-checkpoint-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("test.db");
        let mut writer = connection::open_writer(&path, true).unwrap();
        connection::migrate(&mut writer, true).unwrap();
        let mut conn = connection::open_checkpointer(&path).unwrap();
        let (log, mut seen) = (log_of(&path), None);
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        let mut write = |mebibytes: usize| {
            for n in 0..mebibytes {
                let text = "x".repeat(1024 * 1024);
                sql("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)")
                    .bind(format!("{n}"))
                    .bind(&*text)
                    .run(&mut writer)
                    .unwrap();
            }
        };
        write(1);
        look(&mut conn, &log, &mut seen);
        assert_eq!(seen, None, "a small log is left alone");
        write(8);
        let before = size(&path);
        look(&mut conn, &log, &mut seen);
        assert!(seen.is_some() && size(&path) > before, "it has been moved into the file");
        write(90);
        assert!(size(&log) > TRUNCATE_BYTES, "{} bytes", size(&log));
        look(&mut conn, &log, &mut seen);
        assert_eq!(size(&log), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
