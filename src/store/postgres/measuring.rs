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
use crate::store::measuring::{Column, Copy, ORIGINALS, OVER, TABLES, copies};

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
            let statements = TABLES.iter().zip(&columns).map(|(table, columns)| copied(table, columns, copy, now));
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
        let newest = if *table == "executions" { format!("ORDER BY id DESC LIMIT {ORIGINALS}") } else { String::new() };
        let statement =
            format!("CREATE TEMP TABLE whole_{table} AS SELECT * FROM {table} WHERE {over} {newest}; ANALYZE whole_{table}");
        conn.batch_execute(&statement).map_err(store_error)?;
    }
    Ok(())
}

fn copied(table: &str, columns: &[String], copy: Copy, now: Timestamp) -> String {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for name in columns {
        let quoted = format!("\"{name}\"");
        values.push(match Column::of(table, name) {
            Column::Given => continue,
            Column::Id => format!("decode('{}', 'hex') || substr({quoted}, 7)", copy.prefix()),
            Column::Digest => format!("sha256({quoted} || int8send({}))", copy.at.0),
            Column::Time => format!("{quoted} - {}", copy.shift_ms),
            Column::Same => quoted.clone(),
        });
        names.push(quoted);
    }
    // A key whose time is over was forgotten long ago.
    let kept = if table == "idempotency" { format!("WHERE expires_at - {} > {}", copy.shift_ms, now.0) } else { String::new() };
    format!("INSERT INTO {table} ({}) SELECT {} FROM whole_{table} {kept}", names.join(", "), values.join(", "))
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
