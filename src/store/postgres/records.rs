//! Writes to tables, their ids and their unique keys.
//! Never writes a row over a version that the writer has not seen.

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::alerts;
use super::fault::Applied;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use super::virtual_rows::EXECUTIONS_TABLE;
use crate::domain::execution::Ownership;
use crate::domain::record::{RecordWrite, UniqueKey};
use crate::domain::timestamp::Timestamp;
use crate::store::fold::RecordRow;
use crate::store::write::Refusal;

/// Which write of which step makes a row.
pub struct Source {
    pub owner: Ownership,
    pub i: i32,
    pub at: Timestamp,
}

pub fn apply(conn: &mut PgConnection, write: &RecordWrite, source: &Source) -> Applied<()> {
    match &**write.table() {
        EXECUTIONS_TABLE => Err(Refusal::Value(format!("{EXECUTIONS_TABLE} cannot be written")).into()),
        alerts::TABLE => apply_alert(conn, write, source.at),
        _ => apply_plain(conn, write, source),
    }
}

fn apply_alert(conn: &mut PgConnection, write: &RecordWrite, at: Timestamp) -> Applied<()> {
    match write {
        RecordWrite::Insert { id, value, .. } => alerts::raise_record(conn, *id, value, at),
        RecordWrite::Update { table, id, version, value, .. } => {
            let changed = alerts::edit_record(conn, *id, *version, value, at)?;
            one_row(changed, table, *id)
        }
        RecordWrite::Delete { table, id, version } => {
            let changed = sql("DELETE FROM alerts WHERE id = ? AND version = ?").bind(*id).bind(*version).run(conn)?;
            one_row(changed, table, *id)
        }
    }
}

fn apply_plain(conn: &mut PgConnection, write: &RecordWrite, source: &Source) -> Applied<()> {
    match write {
        RecordWrite::Insert { table, id, value, unique } => {
            insert_plain(conn, &[RecordRow { table, id: *id, value, owner: source.owner, i: source.i }])?;
            add_keys(conn, table, *id, unique)
        }
        RecordWrite::Update { table, id, version, value, unique } => {
            let changed = sql("UPDATE records SET data = ?, version = version + 1, execution_id = ?, seq = ?, i = ? \
                 WHERE table_name = ? AND id = ? AND version = ?")
            .bind(value.to_stored_text())
            .bind(source.owner.id)
            .bind(source.owner.seq)
            .bind(source.i)
            .bind(&**table)
            .bind(*id)
            .bind(*version)
            .run(conn)?;
            one_row(changed, table, *id)?;
            drop_keys(conn, table, *id)?;
            add_keys(conn, table, *id, unique)
        }
        RecordWrite::Delete { table, id, version } => {
            let changed = sql("DELETE FROM records WHERE table_name = ? AND id = ? AND version = ?")
                .bind(&**table)
                .bind(*id)
                .bind(*version)
                .run(conn)?;
            one_row(changed, table, *id)?;
            drop_keys(conn, table, *id)
        }
    }
}

/// Inserts new rows without unique keys.
pub fn insert_plain(conn: &mut PgConnection, rows: &[RecordRow<'_>]) -> Applied<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let inserted = sql("INSERT INTO records (table_name, id, version, data, execution_id, seq, i) \
         SELECT t, id, 1, data, e, s, i FROM unnest(?, ?, ?, ?, ?, ?) AS u (t, id, data, e, s, i) \
         ON CONFLICT (table_name, id) DO NOTHING")
    .column(rows.iter().map(|row| &**row.table))
    .column(rows.iter().map(|row| row.id))
    .column(rows.iter().map(|row| row.value.to_stored_text()))
    .column(rows.iter().map(|row| row.owner.id))
    .column(rows.iter().map(|row| row.owner.seq))
    .column(rows.iter().map(|row| row.i))
    .run(conn)?;
    if inserted != rows.len() {
        return Err(duplicate(first.table, "id"));
    }
    let beyond: Vec<Beyond> = sql("SELECT u.t AS t, max(u.id)::bigint AS n FROM unnest(?, ?) AS u (t, id) \
         LEFT JOIN record_ids ON record_ids.table_name = u.t WHERE next_id IS NULL OR next_id <= u.id GROUP BY u.t ORDER BY 1")
    .column(rows.iter().map(|row| &**row.table))
    .column(rows.iter().map(|row| row.id))
    .all(conn)?;
    for Beyond { table, id } in beyond {
        raise_next_id(conn, &table, id)?;
    }
    Ok(())
}

/// An id that a row brought along beyond those that were given out.
struct Beyond {
    table: String,
    id: i64,
}

impl FromNamedRow for Beyond {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { table: row.text("t")?, id: row.int("n")? })
    }
}

fn add_keys(conn: &mut PgConnection, table: &str, id: i64, unique: &[UniqueKey]) -> Applied<()> {
    for key in unique {
        let added = sql("INSERT INTO record_keys (table_name, key_name, key_value, record_id) VALUES (?, ?, ?, ?) \
             ON CONFLICT (table_name, key_name, key_value) DO NOTHING")
        .bind(table)
        .bind(&*key.name)
        .bind(&*key.value)
        .bind(id)
        .run(conn)?;
        if added != 1 {
            return Err(duplicate(table, &key.name));
        }
    }
    Ok(())
}

fn drop_keys(conn: &mut PgConnection, table: &str, id: i64) -> Applied<()> {
    sql("DELETE FROM record_keys WHERE table_name = ? AND record_id = ?").bind(table).bind(id).run(conn)?;
    Ok(())
}

fn duplicate(table: &str, key: &str) -> super::fault::Fault {
    Refusal::Duplicate { table: table.to_owned(), key: key.to_owned() }.into()
}

fn one_row(changed: usize, table: &str, id: i64) -> Applied<()> {
    if changed == 1 { Ok(()) } else { Err(Refusal::Conflict { table: table.to_owned(), id }.into()) }
}

/// Keeps ids that rows brought along from being given out again.
pub fn raise_next_id(conn: &mut PgConnection, table: &str, id: i64) -> QueryResult<()> {
    sql("INSERT INTO record_ids (table_name, next_id) VALUES (?, ?) \
         ON CONFLICT (table_name) DO UPDATE SET next_id = excluded.next_id WHERE record_ids.next_id < excluded.next_id")
    .bind(table)
    .bind(id.saturating_add(1))
    .run(conn)?;
    Ok(())
}

/// Takes `count` ids and returns the first.
pub fn reserve_ids(conn: &mut PgConnection, table: &str, count: i64) -> QueryResult<i64> {
    let first: Option<Number> = sql("INSERT INTO record_ids (table_name, next_id) VALUES (?, 1 + ?) \
         ON CONFLICT (table_name) DO UPDATE SET next_id = record_ids.next_id + ? RETURNING record_ids.next_id - ? AS n")
    .bind(table)
    .bind(count)
    .bind(count)
    .bind(count)
    .first(conn)?;
    first.map(|Number(n)| n).ok_or(diesel::result::Error::NotFound)
}
