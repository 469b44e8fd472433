//! Idempotency keys: who holds which, in memory or in the table, and the log that memory is filled from at a start.
//! Never takes a key out of the log that is not in the table.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};
use uuid::Uuid;

use super::bloom::Bloom;
use super::recent_keys::{Digest, Holder, RecentKeys};
use super::rows::Columns;
use super::settled_keys::SettledKeys;
use super::sql::{FromNamedRow, fixed, sql};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// Keys that are gathered before they are settled: 8 MB, of which there may be twice as many. The more there are of them the more
/// share a page of the table.
const GATHERED_MAX: usize = 65_536;
/// Keys settled at once while none are taken: the writer is busy for some milliseconds.
pub const SETTLED_AT_REST: usize = 1000;
/// Digests read of the table for each key that comes in, until all are known.
const READ_FOR_EACH: usize = 4;
/// Parts of the table looked through for keys that have expired before a look that found none is over.
const PARTS_PER_LOOK: usize = 10;

/// The keys of a database, as the one connection sees them that writes.
#[derive(Debug)]
pub struct Idempotency {
    recent: RecentKeys,
    settled: SettledKeys,
    /// The last row of the log, and the last of those whose keys are being settled.
    log_end: i64,
    settling_end: i64,
    /// Whether a key was taken since somebody asked.
    is_used: bool,
    /// Up to which digest the table was looked through for keys that have expired.
    looked_through: Vec<u8>,
}

impl Idempotency {
    /// Reads what the log has.
    pub fn open(conn: &mut SqliteConnection) -> QueryResult<Self> {
        Self::bounded(conn, GATHERED_MAX, Bloom::MANY)
    }

    fn bounded(conn: &mut SqliteConnection, gathered_max: usize, added_max: usize) -> QueryResult<Self> {
        let rows: Vec<LogRow> = sql("SELECT id, keys FROM recent_keys ORDER BY id").all(conn)?;
        let log_end = rows.last().map_or(0, |row| row.id);
        let recent = RecentKeys::new(gathered_max, rows.into_iter().flat_map(|row| row.keys));
        Ok(Self {
            recent,
            settled: SettledKeys::new(added_max),
            log_end,
            settling_end: log_end,
            is_used: false,
            looked_through: Vec::new(),
        })
    }

    /// Whose a key is at `now`.
    pub fn holder(&self, conn: &mut SqliteConnection, digest: &Digest, now: Timestamp) -> QueryResult<Option<Holder>> {
        let holder = match self.recent.holder(digest) {
            Some(holder) => Some(holder),
            None if !self.settled.may_have(digest) => None,
            None => fixed!("SELECT fingerprint, execution_id, expires_at FROM idempotency WHERE key_hash = ?")
                .bind(&digest[..])
                .first(conn)?,
        };
        Ok(holder.filter(|holder| holder.expires_at > now))
    }

    /// Gives a key that is nobody's to somebody. Holds once the transaction is committed.
    pub fn take(&mut self, digest: Digest, holder: Holder) {
        self.recent.take(digest, holder);
    }

    /// How many keys the open transaction has taken.
    pub fn taken(&self) -> usize {
        self.recent.taken().len()
    }

    /// Undoes what the open transaction took, but for the first `kept`.
    pub fn give_back(&mut self, kept: usize) {
        self.recent.give_back(kept);
    }

    /// Logs what the open transaction took, and settles as many of those before: one that comes in for one that goes.
    pub fn log_taken(&mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        let count = self.taken();
        if count == 0 {
            return Ok(());
        }
        self.is_used = true;
        self.log_end += 1;
        let mut keys = Vec::with_capacity(count * LOGGED_BYTES);
        self.recent.taken().for_each(|(digest, holder)| log(digest, holder, &mut keys));
        fixed!("INSERT INTO recent_keys (id, keys) VALUES (?, ?)").bind(self.log_end).bind(&*keys).run(conn)?;
        self.settle(conn, count)?;
        self.settled.read_on(conn, count * READ_FOR_EACH)
    }

    /// Settles keys although there are not many, within an open transaction that has taken none; at most so many.
    pub fn settle_early(&mut self, conn: &mut SqliteConnection, count_max: usize) -> QueryResult<()> {
        if !self.recent.is_settling() {
            self.begin_to_settle();
        }
        self.settle(conn, count_max)
    }

    /// Whether keys wait to be settled although none was taken since this was asked last.
    pub fn waits_at_rest(&mut self) -> bool {
        let is_used = std::mem::take(&mut self.is_used);
        !is_used && (self.recent.is_settling() || self.recent.has_gathered())
    }

    /// The open transaction was committed.
    pub fn committed(&mut self) {
        self.recent.committed();
        if self.recent.is_full() && !self.recent.is_settling() {
            self.begin_to_settle();
        }
    }

    /// The open transaction was rolled back, or came to no end.
    pub fn rolled_back(&mut self) {
        self.recent.rolled_back();
    }

    /// Deletes keys that have expired, in a part of the table that holds about so many; how many they were. Goes on where the last
    /// look ended, and is over for now where none are found.
    pub fn prune(&mut self, conn: &mut SqliteConnection, now: Timestamp, limit: i64) -> QueryResult<usize> {
        self.settle_early(conn, usize::try_from(limit).unwrap_or(usize::MAX))?;
        for _ in 0..PARTS_PER_LOOK {
            let end: Option<PartEnd> =
                sql("SELECT key_hash FROM idempotency WHERE key_hash > ? ORDER BY key_hash LIMIT 1 OFFSET ?")
                    .bind(&*self.looked_through)
                    .bind(limit - 1)
                    .first(conn)?;
            let from = std::mem::take(&mut self.looked_through);
            let deleted = match &end {
                Some(PartEnd(to)) => sql("DELETE FROM idempotency WHERE key_hash > ? AND key_hash <= ? AND expires_at <= ?")
                    .bind(&*from)
                    .bind(&**to),
                None => sql("DELETE FROM idempotency WHERE key_hash > ? AND expires_at <= ?").bind(&*from),
            };
            let deleted = deleted.bind(now).run(conn)?;
            let is_through = end.is_none();
            self.looked_through = end.map(|PartEnd(to)| to).unwrap_or_default();
            if deleted > 0 || is_through {
                return Ok(deleted);
            }
        }
        Ok(0)
    }

    fn begin_to_settle(&mut self) {
        self.settling_end = self.log_end;
        self.recent.begin_to_settle();
    }

    fn settle(&mut self, conn: &mut SqliteConnection, count_max: usize) -> QueryResult<()> {
        for (digest, holder) in self.recent.settle(count_max) {
            fixed!("INSERT OR REPLACE INTO idempotency (key_hash, fingerprint, execution_id, expires_at) VALUES (?, ?, ?, ?)")
                .bind(&digest[..])
                .bind(&holder.fingerprint[..])
                .bind(holder.execution_id)
                .bind(holder.expires_at)
                .run(conn)?;
            self.settled.add(digest);
        }
        if self.recent.settles_the_last() {
            sql("DELETE FROM recent_keys WHERE id <= ?").bind(self.settling_end).run(conn)?;
        }
        Ok(())
    }
}

/// Puts all keys into their table, for whoever reads it without this program.
///
/// # Errors
/// The database's.
pub fn settle_all(conn: &mut SqliteConnection) -> QueryResult<()> {
    let mut keys = Idempotency::open(conn)?;
    keys.settle_early(conn, usize::MAX)
}

impl FromNamedRow for Holder {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            fingerprint: row.blob("fingerprint")?.try_into().map_err(|_| "a fingerprint has 32 bytes")?,
            execution_id: row.execution_id("execution_id")?,
            expires_at: row.at("expires_at")?,
        })
    }
}

struct PartEnd(Vec<u8>);

impl FromNamedRow for PartEnd {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        row.blob("key_hash").map(Self)
    }
}

/// A key in the log: digest, fingerprint, execution, and until when it stands, big end first.
const LOGGED_BYTES: usize = 32 + 32 + 16 + 8;

fn log(digest: &Digest, holder: &Holder, text: &mut Vec<u8>) {
    text.extend_from_slice(digest);
    text.extend_from_slice(&holder.fingerprint);
    text.extend_from_slice(holder.execution_id.0.as_bytes());
    text.extend_from_slice(&holder.expires_at.0.to_be_bytes());
}

fn logged(bytes: &[u8]) -> Option<(Digest, Holder)> {
    let (digest, rest) = bytes.split_first_chunk()?;
    let (fingerprint, rest) = rest.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let expires_at = Timestamp(i64::from_be_bytes(rest.try_into().ok()?));
    Some((*digest, Holder { fingerprint: *fingerprint, execution_id: ExecutionId(Uuid::from_bytes(*id)), expires_at }))
}

struct LogRow {
    id: i64,
    keys: Vec<(Digest, Holder)>,
}

impl FromNamedRow for LogRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let (id, bytes) = (row.int("id")?, row.blob("keys")?);
        let keys: Option<Vec<_>> = bytes.chunks(LOGGED_BYTES).map(logged).collect();
        Ok(Self { id, keys: keys.ok_or_else(|| format!("the row {id} of recent_keys ends within a key"))? })
    }
}

#[cfg(test)]
mod tests;
