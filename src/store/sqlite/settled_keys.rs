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

#[cfg(test)]
mod tests {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection;

    use super::*;
    use crate::store::sqlite::sql::sql;

    fn digest(n: u8) -> Digest {
        [n.wrapping_mul(37); 32]
    }

    fn table(digests: std::ops::Range<u8>) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE idempotency (key_hash BLOB PRIMARY KEY) WITHOUT ROWID").unwrap();
        for n in digests {
            sql("INSERT INTO idempotency (key_hash) VALUES (?)").bind(&digest(n)[..]).run(&mut conn).unwrap();
        }
        conn
    }

    #[test]
    fn nothing_is_ruled_out_before_the_whole_table_was_read() {
        let mut conn = table(0..10);
        let mut keys = SettledKeys::new(100);
        for _ in 0..3 {
            assert!((0..60).all(|n| keys.may_have(&digest(n))));
            keys.read_on(&mut conn, 4).unwrap();
        }
        assert!(!keys.is_reading() && (0..10).all(|n| keys.may_have(&digest(n))));
        assert!((10..60).filter(|n| keys.may_have(&digest(*n))).count() < 5, "what it has not is ruled out");
        keys.add(&digest(20));
        assert!(keys.may_have(&digest(20)));
    }

    #[test]
    fn what_comes_in_while_the_table_is_read_is_known_wherever_it_lies() {
        let mut conn = table(0..10);
        let mut keys = SettledKeys::new(100);
        keys.read_on(&mut conn, 5).unwrap();
        // Before and behind where it has come to.
        for n in [40, 41, 42, 43] {
            sql("INSERT INTO idempotency (key_hash) VALUES (?)").bind(&digest(n)[..]).run(&mut conn).unwrap();
            keys.add(&digest(n));
        }
        keys.read_on(&mut conn, 50).unwrap();
        assert!(!keys.is_reading() && (0..10).chain(40..44).all(|n| keys.may_have(&digest(n))));
    }

    #[test]
    fn what_was_deleted_is_forgotten_once_many_have_come_in() {
        let mut conn = table(0..10);
        let mut keys = SettledKeys::new(3);
        keys.read_on(&mut conn, 50).unwrap();
        conn.batch_execute("DELETE FROM idempotency").unwrap();
        for n in 50..53 {
            keys.read_on(&mut conn, 50).unwrap();
            assert!((0..10).all(|n| keys.may_have(&digest(n))), "few have come in");
            sql("INSERT INTO idempotency (key_hash) VALUES (?)").bind(&digest(n)[..]).run(&mut conn).unwrap();
            keys.add(&digest(n));
        }
        keys.read_on(&mut conn, 50).unwrap();
        assert!((50..53).all(|n| keys.may_have(&digest(n))));
        assert!((0..10).filter(|n| keys.may_have(&digest(*n))).count() < 3);
    }
}
