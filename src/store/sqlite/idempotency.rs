//! Idempotency keys: who holds which, in memory or in the table, and the log that memory is filled from at a start.
//! Never takes a key out of the log that is not in the table.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection as _, QueryResult, deserialize};
use uuid::Uuid;

use super::bloom::Bloom;
use super::recent_keys::{Digest, Holder, RecentKeys};
use super::rows::Columns;
use super::settled_keys::SettledKeys;
use super::sql::{FromNamedRow, fixed, sql};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;

/// Keys that are gathered before they are settled: 8 MB, beside which as many may be on their way. The more there are of them the
/// more share a page of the table.
const GATHERED_MAX: usize = 65_536;
/// Keys settled for each that comes in: all are, long before as many others have been gathered.
const SETTLED_FOR_EACH: usize = 2;
/// Looks between which no key came in until those that were gathered are settled all the same, and how many at each from then on: the
/// writer is busy for some milliseconds.
const QUIET_LOOKS: u32 = 10;
const SETTLED_AT_REST: usize = 1000;
/// Digests read of the table for each key that comes in, and now and then, until all are known.
const READ_FOR_EACH: usize = 4;
const READ_AT_ONCE: usize = 20_000;
/// Parts of the table looked through at once for keys that have expired.
const PARTS_PER_LOOK: usize = 10;

/// The keys of a database, as the one connection sees them that writes.
#[derive(Debug)]
pub struct Idempotency {
    recent: RecentKeys,
    filter: SettledKeys,
    /// The last row of the log, and the last of those whose keys are being settled.
    log_end: i64,
    settling_end: i64,
    /// How often somebody asked since a key came in.
    quiet_looks: u32,
    /// Up to which digest the table was looked through for keys that have expired.
    looked_through: Vec<u8>,
}

impl Idempotency {
    /// Reads what the log has.
    pub fn open(conn: &mut SqliteConnection) -> QueryResult<Self> {
        Self::bounded(conn, GATHERED_MAX, Bloom::CAPACITY)
    }

    fn bounded(conn: &mut SqliteConnection, gathered_max: usize, added_max: usize) -> QueryResult<Self> {
        let rows: Vec<LogRow> = sql("SELECT id, keys FROM recent_keys ORDER BY id").all(conn)?;
        let log_end = rows.last().map_or(0, |row| row.id);
        let recent = RecentKeys::new(gathered_max, rows.into_iter().flat_map(|row| row.keys));
        let is_long = recent.settling() > 2 * gathered_max;
        let mut keys = Self {
            recent,
            filter: SettledKeys::new(added_max),
            log_end,
            settling_end: log_end,
            quiet_looks: 0,
            looked_through: Vec::new(),
        };
        if is_long {
            // Processes that are killed again and again do not leave ever more.
            conn.transaction(|conn| keys.settle_early(conn, usize::MAX))?;
            keys.committed();
        }
        Ok(keys)
    }

    /// Whose a key is at `now`.
    pub fn holder(&self, conn: &mut SqliteConnection, digest: &Digest, now: Timestamp) -> QueryResult<Option<Holder>> {
        let holder = match self.recent.holder(digest) {
            Some(holder) => Some(holder),
            None if !self.filter.may_have(digest) => None,
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
    pub fn taken_count(&self) -> usize {
        self.recent.taken().len()
    }

    /// Undoes what the open transaction took, but for the first `kept`.
    pub fn give_back(&mut self, kept: usize) {
        self.recent.give_back(kept);
    }

    /// Logs what the open transaction took, and settles some of those that were gathered before.
    pub fn log_taken(&mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        let count = self.taken_count();
        if count == 0 {
            return Ok(());
        }
        self.quiet_looks = 0;
        self.log_end += 1;
        let mut keys = Vec::with_capacity(count * LOGGED_BYTES);
        self.recent.taken().for_each(|(digest, holder)| log(digest, holder, &mut keys));
        fixed!("INSERT INTO recent_keys (id, keys) VALUES (?, ?)").bind(self.log_end).bind(&*keys).run(conn)?;
        self.settle(conn, count * SETTLED_FOR_EACH)?;
        self.filter.read_on(conn, count * READ_FOR_EACH)
    }

    /// Settles keys although there are not many, within an open transaction that has taken none; at most so many.
    pub fn settle_early(&mut self, conn: &mut SqliteConnection, count_max: usize) -> QueryResult<()> {
        if self.recent.settling() == 0 {
            self.begin_to_settle();
        }
        self.settle(conn, count_max)
    }

    /// Whether keys wait to be settled although none has come in for a while. To be asked now and then.
    pub fn waits_at_rest(&mut self) -> bool {
        self.quiet_looks = self.quiet_looks.saturating_add(1);
        self.quiet_looks >= QUIET_LOOKS && (self.recent.settling() > 0 || self.recent.has_gathered())
    }

    /// Settles some of those.
    pub fn settle_at_rest(&mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        self.settle_early(conn, SETTLED_AT_REST)
    }

    /// Goes on getting to know the table, where that has begun.
    pub fn read_on(&mut self, conn: &mut SqliteConnection) -> QueryResult<()> {
        if self.filter.is_reading() { self.filter.read_on(conn, READ_AT_ONCE) } else { Ok(()) }
    }

    /// The open transaction was committed.
    pub fn committed(&mut self) {
        self.recent.committed();
        if self.recent.is_full() && self.recent.settling() == 0 {
            self.begin_to_settle();
        }
    }

    /// The open transaction was rolled back, or came to no end.
    pub fn rolled_back(&mut self) {
        self.recent.rolled_back();
    }

    /// Deletes keys that have expired, up to twice as many as `limit`, from where the last look ended; how many they were. None: there
    /// are few, if any.
    pub fn prune(&mut self, conn: &mut SqliteConnection, now: Timestamp, limit: i64) -> QueryResult<usize> {
        let enough = usize::try_from(limit).unwrap_or(usize::MAX);
        self.settle_early(conn, enough)?;
        let is_from_the_start = self.looked_through.is_empty();
        let mut deleted = 0;
        for _ in 0..PARTS_PER_LOOK {
            deleted += self.prune_part(conn, now, limit)?;
            let is_through = self.looked_through.is_empty();
            if deleted >= enough || is_through && is_from_the_start {
                break;
            }
        }
        Ok(deleted)
    }

    /// The same for a part of the table with so many keys.
    fn prune_part(&mut self, conn: &mut SqliteConnection, now: Timestamp, keys: i64) -> QueryResult<usize> {
        let from = std::mem::take(&mut self.looked_through);
        let to: Option<PartEnd> = sql("SELECT key_hash FROM idempotency WHERE key_hash > ? ORDER BY key_hash LIMIT 1 OFFSET ?")
            .bind(&*from)
            .bind(keys - 1)
            .first(conn)?;
        let Some(PartEnd(to)) = to else {
            return sql("DELETE FROM idempotency WHERE key_hash > ? AND expires_at <= ?").bind(&*from).bind(now).run(conn);
        };
        let deleted = sql("DELETE FROM idempotency WHERE key_hash > ? AND key_hash <= ? AND expires_at <= ?");
        let deleted = deleted.bind(&*from).bind(&*to).bind(now).run(conn)?;
        self.looked_through = to;
        Ok(deleted)
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
            self.filter.add(digest);
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
