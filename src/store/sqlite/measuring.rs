//! The benchmark's statements: copies of what has ended, and commits of one row.
//! Never run by a server.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::deserialize;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::fault::store_error;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::{connection, idempotency};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::measuring::{Column, Copy, OVER, TABLES, copied, copies, set_aside};

pub async fn multiply(url: &str, wanted: i64, within_ms: i64, now: Timestamp) -> Result<i64, StoreError> {
    let url = url.to_owned();
    let multiplied = tokio::task::spawn_blocking(move || {
        let path = connection::path_of(&url)?;
        let _lock = connection::lock(&path)?;
        let mut conn = connection::open_writer(&path, true)?;
        conn.batch_execute("PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -262144")
            .map_err(store_error)?;
        conn.immediate_transaction(idempotency::settle_all).map_err(store_error)?;
        keep_originals(&mut conn)?;
        let originals = sql("SELECT count(*) AS n FROM whole_executions").first(&mut conn).map_err(store_error)?;
        let originals = originals.map_or(0, |Number(n)| n);
        let count = copies(wanted, originals)?;
        let columns: Vec<Vec<String>> = TABLES.iter().map(|table| columns(&mut conn, table)).collect::<Result<_, _>>()?;
        for copy in Copy::spread(count, within_ms, now) {
            let statements = TABLES
                .iter()
                .zip(&columns)
                .map(|(table, columns)| copied(table, columns, copy, now, |column, quoted| changed(column, quoted, copy)));
            let statements: Vec<String> = statements.collect();
            conn.batch_execute(&format!("BEGIN; {}; COMMIT", statements.join("; "))).map_err(store_error)?;
        }
        // What was filled in shall not be written while something is measured.
        conn.batch_execute("PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)").map_err(store_error)?;
        Ok(count * originals)
    });
    multiplied.await.map_err(|error| StoreError::Setup(format!("filling the database failed: {error}")))?
}

fn keep_originals(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    for (table, over) in TABLES.iter().zip(OVER) {
        conn.batch_execute(&set_aside(table, over)).map_err(store_error)?;
    }
    Ok(())
}

fn changed(column: Column, quoted: &str, copy: Copy) -> String {
    match column {
        Column::Digest => "randomblob(32)".to_owned(),
        _ => format!("unhex('{}' || substr(hex({quoted}), 13))", copy.prefix()),
    }
}

struct Name(String);

impl FromNamedRow for Name {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        row.text("name").map(Self)
    }
}

fn columns(conn: &mut SqliteConnection, table: &str) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> =
        sql("SELECT name FROM pragma_table_info(?) ORDER BY cid").bind(table).all(conn).map_err(store_error)?;
    Ok(names.into_iter().map(|Name(name)| name).collect())
}

/// In a file of its own beside the database, with the same settings.
pub async fn raw_commits(url: &str, count: u32) -> Result<Duration, StoreError> {
    let url = url.to_owned();
    let measured = tokio::task::spawn_blocking(move || {
        let path = connection::path_of(&url)?.with_extension("raw-commits");
        let mut conn = connection::open_writer(&path, false)?;
        conn.batch_execute("CREATE TABLE raw_commits (n INTEGER, text TEXT)").map_err(store_error)?;
        let text = "x".repeat(200);
        let began = Instant::now();
        for number in 0..count {
            let row = sql("INSERT INTO raw_commits (n, text) VALUES (?, ?)").bind(number).bind(&*text);
            row.run(&mut conn).map_err(store_error)?;
        }
        let took = began.elapsed();
        conn.batch_execute("DROP TABLE raw_commits").map_err(store_error)?;
        Ok(took)
    });
    measured.await.map_err(|error| StoreError::Setup(format!("measuring the disk failed: {error}")))?
}
