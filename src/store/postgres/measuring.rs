//! The benchmark's statements: copies of what has ended, and commits of one row.
//! Never run by a server.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::connection::{self, PgConnection};
use super::fault::store_error;
use super::on_thread;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::measuring::{Column, Copy, OVER, TABLES, copied, copies, set_aside};

pub async fn multiply(url: &str, wanted: i64, within_ms: i64, now: Timestamp) -> Result<i64, StoreError> {
    let url = url.to_owned();
    on_thread(move || {
        let mut conn = connection::establish(&url)?;
        conn.batch_execute("SET synchronous_commit = off; SET work_mem = '64MB'").map_err(store_error)?;
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
        // What autovacuum does within minutes; and what was filled in shall not be written while something is measured.
        for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
            conn.batch_execute(statement).map_err(store_error)?;
        }
        Ok(count * originals)
    })
    .await
}

fn keep_originals(conn: &mut PgConnection) -> Result<(), StoreError> {
    for (table, over) in TABLES.iter().zip(OVER) {
        conn.batch_execute(&format!("{}; ANALYZE whole_{table}", set_aside(table, over))).map_err(store_error)?;
    }
    Ok(())
}

fn changed(column: Column, quoted: &str, copy: Copy) -> String {
    match column {
        Column::Digest => format!("sha256({quoted} || int8send({}))", copy.at.0),
        _ => format!("decode('{}', 'hex') || substr({quoted}, 7)", copy.prefix()),
    }
}

struct Name(String);

impl FromNamedRow for Name {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.text("name").map(Self)
    }
}

fn columns(conn: &mut PgConnection, table: &str) -> Result<Vec<String>, StoreError> {
    let names: Vec<Name> = sql("SELECT column_name::text AS name FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position")
    .bind(table)
    .all(conn)
    .map_err(store_error)?;
    Ok(names.into_iter().map(|Name(name)| name).collect())
}

pub async fn raw_commits(url: &str, count: u32) -> Result<Duration, StoreError> {
    let url = url.to_owned();
    on_thread(move || {
        let mut conn = connection::open_writer(&url, false)?;
        conn.batch_execute("CREATE TABLE raw_commits (n BIGINT, text TEXT)").map_err(store_error)?;
        let text = "x".repeat(200);
        let began = Instant::now();
        for number in 0..count {
            let row = sql("INSERT INTO raw_commits (n, text) VALUES (?, ?)").bind(number).bind(&*text);
            row.run(&mut conn).map_err(store_error)?;
        }
        let took = began.elapsed();
        conn.batch_execute("DROP TABLE raw_commits").map_err(store_error)?;
        Ok(took)
    })
    .await
}
