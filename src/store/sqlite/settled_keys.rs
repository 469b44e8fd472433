//! Which idempotency keys the table cannot have, so that a call under a new one does not look there.
//! Never says of a key in the table that it is not there: as long as it has not read the whole of it, it may have any.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::bloom::Bloom;
use super::recent_keys::Digest;
use super::rows::Columns;
use super::sql::{FromNamedRow, fixed};

/// A filter that knows the whole table, and one that gets to know it: in the first are those, too, that have been deleted since.
#[derive(Debug)]
pub struct SettledKeys {
    known: Option<Bloom>,
    /// Added to `known` since the table had been read.
    added: usize,
    /// So many added that the table is read anew, so as to forget what is no longer there.
    added_max: usize,
    reading: Option<Reading>,
}

#[derive(Debug)]
struct Reading {
    filter: Bloom,
    /// Up to which digest the table was read.
    up_to: Vec<u8>,
}

impl SettledKeys {
    pub fn new(added_max: usize) -> Self {
        Self { known: None, added: 0, added_max, reading: None }
    }

    pub fn may_have(&self, digest: &Digest) -> bool {
        self.known.as_ref().is_none_or(|filter| filter.may_have(digest))
    }

    /// This one goes into the table, or would.
    pub fn add(&mut self, digest: &Digest) {
        self.added += 1;
        let reading = self.reading.as_mut().map(|reading| &mut reading.filter);
        self.known.iter_mut().chain(reading).for_each(|filter| filter.add(digest));
    }

    /// Whether the table is being read.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Reads on, so many of the table's digests at most: at a start, and again once many have been added.
    pub fn read_on(&mut self, conn: &mut SqliteConnection, count_max: usize) -> QueryResult<()> {
        if self.known.is_some() && self.reading.is_none() && self.added < self.added_max {
            return Ok(());
        }
        let reading = self.reading.get_or_insert_with(|| Reading { filter: Bloom::new(), up_to: Vec::new() });
        let limit = i64::try_from(count_max).unwrap_or(i64::MAX);
        let digests: Vec<DigestRow> = fixed!("SELECT key_hash FROM idempotency WHERE key_hash > ? ORDER BY key_hash LIMIT ?")
            .bind(&*reading.up_to)
            .bind(limit)
            .all(conn)?;
        digests.iter().for_each(|DigestRow(digest)| reading.filter.add(digest));
        if digests.len() < count_max {
            self.known = self.reading.take().map(|reading| reading.filter);
            self.added = 0;
        } else if let Some(DigestRow(last)) = digests.last() {
            reading.up_to = last.to_vec();
        }
        Ok(())
    }
}

struct DigestRow(Digest);

impl FromNamedRow for DigestRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(row.blob("key_hash")?.try_into().map_err(|_| "a digest has 32 bytes")?))
    }
}
