//! What a benchmark needs of a database beside the store: finished executions by the million, and what bare commits cost.
//! Never used by a server, and never on a store that one has open.

use std::time::Duration;

use super::{StoreError, postgres, sqlite};
use crate::domain::timestamp::Timestamp;

/// The tables that finished executions leave rows in, in the order in which they are filled.
pub const TABLES: [&str; 5] = ["executions", "journal", "deliveries", "delivery_attempts", "idempotency"];
/// Which rows of a table belong to what is over, as a condition; `whole` holds those tables already.
pub const OVER: [&str; 5] = [
    "completed_at IS NOT NULL AND id NOT IN (SELECT execution_id FROM deliveries WHERE closed_at IS NULL)",
    "execution_id IN (SELECT id FROM whole_executions)",
    "execution_id IN (SELECT id FROM whole_executions)",
    "delivery_id IN (SELECT id FROM whole_deliveries)",
    "execution_id IN (SELECT id FROM whole_executions)",
];
/// Executions of which the others are copies.
const ORIGINALS: i64 = 20_000;

/// One copy of the originals: how much older it is, and the time in its ids.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    pub number: i64,
    pub shift_ms: i64,
    pub at: Timestamp,
}

impl Copy {
    /// So many, the oldest first, spread evenly over the time before `now`.
    pub fn spread(count: i64, within_ms: i64, now: Timestamp) -> impl Iterator<Item = Self> {
        let older = move |number: i64| within_ms / count.max(1) * number;
        (1..=count).rev().map(move |number| Self { number, shift_ms: older(number), at: now.plus_ms(-older(number)) })
    }

    /// The first six bytes of its ids, in hexadecimal.
    pub fn prefix(self) -> String {
        format!("{:012x}", self.at.0)
    }
}

/// What a copy changes in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The database gives it.
    Given,
    /// An id: the time in it changes, and the rest stays, so that rows of one execution stay together.
    Id,
    /// A digest that is nobody else's.
    Digest,
    Time,
    Same,
}

impl Column {
    pub fn of(table: &str, name: &str) -> Self {
        match (table, name) {
            ("executions", "number") => Self::Given,
            (_, "execution_id" | "delivery_id") | ("executions" | "deliveries", "id") => Self::Id,
            (_, "key_hash") => Self::Digest,
            _ if name == "at" || name.ends_with("_at") || name.ends_with("_until") => Self::Time,
            _ => Self::Same,
        }
    }
}

/// The statement that copies a table's originals; `changed` writes what a database calls a new id or digest.
pub fn copied(table: &str, columns: &[String], copy: Copy, now: Timestamp, changed: impl Fn(Column, &str) -> String) -> String {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for name in columns {
        let quoted = format!("\"{name}\"");
        values.push(match Column::of(table, name) {
            Column::Given => continue,
            Column::Time => format!("{quoted} - {}", copy.shift_ms),
            Column::Same => quoted.clone(),
            column @ (Column::Id | Column::Digest) => changed(column, &quoted),
        });
        names.push(quoted);
    }
    // A key whose time is over was forgotten long ago.
    let kept = if table == "idempotency" { format!("WHERE expires_at - {} > {}", copy.shift_ms, now.0) } else { String::new() };
    format!("INSERT INTO {table} ({}) SELECT {} FROM whole_{table} {kept}", names.join(", "), values.join(", "))
}

/// The statement that sets a table's originals aside, in a table that is this connection's alone.
pub fn set_aside(table: &str, over: &str) -> String {
    let newest = if table == "executions" { format!("ORDER BY id DESC LIMIT {ORIGINALS}") } else { String::new() };
    format!("CREATE TEMP TABLE whole_{table} AS SELECT * FROM {table} WHERE {over} {newest}")
}

/// Copies what has ended in a database until there is `wanted` more of it, spread over the time before `now`: as many rows as
/// the product wrote for each, in all tables. Returns how many executions came to it.
///
/// # Errors
/// Nothing has ended there, or the database cannot be written.
pub async fn multiply(url: &str, wanted: i64, within_ms: i64, now: Timestamp) -> Result<i64, StoreError> {
    if url.starts_with("sqlite") {
        sqlite::multiply(url, wanted, within_ms, now).await
    } else {
        postgres::multiply(url, wanted, within_ms, now).await
    }
}

/// How long one connection takes for so many durable commits of one small row each.
///
/// # Errors
/// The database cannot be written.
pub async fn raw_commits(url: &str, count: u32) -> Result<Duration, StoreError> {
    if url.starts_with("sqlite") { sqlite::raw_commits(url, count).await } else { postgres::raw_commits(url, count).await }
}

/// How many copies of the originals make as many as wanted.
///
/// # Errors
/// There are no originals.
pub fn copies(wanted: i64, originals: i64) -> Result<i64, StoreError> {
    if originals == 0 {
        return Err(StoreError::Setup("nothing has ended in this database that could be copied".to_owned()));
    }
    Ok((wanted / originals).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_spread_over_the_time_before_with_the_oldest_first() {
        let at: Vec<i64> = Copy::spread(4, 400, Timestamp(1000)).map(|copy| copy.at.0).collect();
        assert_eq!(at, [600, 700, 800, 900]);
        assert_eq!(Copy { number: 1, shift_ms: 0, at: Timestamp(0x0102_0304_0506) }.prefix(), "010203040506");
    }

    #[test]
    fn a_copy_changes_ids_times_and_digests_and_nothing_else() {
        for (table, name, column) in [
            ("executions", "number", Column::Given),
            ("delivery_attempts", "number", Column::Same),
            ("journal", "execution_id", Column::Id),
            ("deliveries", "ordered_at", Column::Time),
            ("journal", "at", Column::Time),
            ("idempotency", "key_hash", Column::Digest),
            ("executions", "state", Column::Same),
        ] {
            assert_eq!(Column::of(table, name), column, "{table}.{name}");
        }
    }
}
