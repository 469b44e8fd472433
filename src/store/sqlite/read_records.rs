//! Queries over tables: a scan with an exact filter, and the few lookups that spare it.
//! Never holds more rows than the asker may.

use std::sync::Arc;

use diesel::connection::DefaultLoadingMode;
use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{RunQueryDsl, deserialize};

use super::alerts;
use super::fault::store_error;
use super::rows::{Columns, Word};
use super::sql::{FromNamedRow, Named, Sql, sql};
use super::virtual_rows::{AlertRow, EXECUTIONS_TABLE, ExecutionRow};
use crate::domain::ids::ExecutionId;
use crate::domain::record::{Filter, RecordQuery, Row, Test, order_rows};
use crate::domain::value::{Object, Value};
use crate::store::StoreError;

/// The rows that match, sorted, from `offset`, at most `limit`.
pub fn select(conn: &mut SqliteConnection, query: &RecordQuery) -> Result<Vec<Row>, StoreError> {
    let end = query.limit.map(|limit| query.offset.saturating_add(limit));
    let bounded = query.sort.is_empty();
    let mut rows: Vec<Row> = Vec::new();
    let (mut seen, mut bytes) = (0_u64, 0_u64);
    if end == Some(query.offset) {
        return Ok(rows);
    }
    scan(conn, query, |row| {
        seen += 1;
        if bounded && seen <= query.offset {
            return Ok(true);
        }
        bytes = bytes.saturating_add(u64::try_from(row.value.memory_bytes()).unwrap_or(u64::MAX));
        if bytes > query.memory_bytes_max {
            return Err(StoreError::TooLarge(format!(
                "the rows of {} exceed {} bytes; filter them or set a limit",
                query.table, query.memory_bytes_max
            )));
        }
        rows.push(row);
        Ok(!(bounded && end.is_some_and(|end| seen >= end)))
    })?;
    if !bounded {
        rows.sort_by(|a, b| order_rows(&a.value, &b.value, &query.sort));
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX).min(rows.len());
        rows.drain(..offset);
        rows.truncate(query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)));
    }
    for row in &mut rows {
        row.value = shown(&row.value, &query.table, query.fields.as_deref());
    }
    Ok(rows)
}

/// The tables that ever held a record.
pub fn tables(conn: &mut SqliteConnection) -> diesel::QueryResult<Vec<String>> {
    let names: Vec<Word> = sql("SELECT table_name AS t FROM record_ids ORDER BY table_name").all(conn)?;
    Ok(names.into_iter().map(|Word(name)| name).collect())
}

/// How many rows match, whatever the limit.
pub fn count(conn: &mut SqliteConnection, query: &RecordQuery) -> Result<i64, StoreError> {
    let mut count = 0;
    scan(conn, query, |_| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

/// Gives every matching row to `take`, by id, until it says that it has enough.
fn scan(
    conn: &mut SqliteConnection,
    query: &RecordQuery,
    take: impl FnMut(Row) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    match &*query.table {
        EXECUTIONS_TABLE => each::<ExecutionRow>(conn, executions(&query.filter), &query.filter, take),
        alerts::TABLE => each::<AlertRow>(conn, of_alerts(&query.filter), &query.filter, take),
        table => each::<PlainRow>(conn, plain(table, &query.filter), &query.filter, take),
    }
}

fn each<T: FromNamedRow + Into<Row>>(
    conn: &mut SqliteConnection,
    statement: Sql<'_>,
    filter: &Filter,
    mut take: impl FnMut(Row) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let rows = statement.load_iter::<Named<T>, DefaultLoadingMode>(conn).map_err(store_error)?;
    for row in rows {
        let Named(row) = row.map_err(store_error)?;
        let row: Row = row.into();
        if filter.matches(&row.value) && !take(row)? {
            break;
        }
    }
    Ok(())
}

fn plain<'a>(table: &'a str, filter: &Filter) -> Sql<'a> {
    match filter.fixed_id() {
        Some(id) => sql("SELECT id, version, data FROM records WHERE table_name = ? AND id = ?").bind(table).bind(id),
        None => sql("SELECT id, version, data FROM records WHERE table_name = ? ORDER BY id").bind(table),
    }
}

fn of_alerts<'a>(filter: &Filter) -> Sql<'a> {
    match filter.fixed_id() {
        Some(id) => sql("SELECT * FROM alerts WHERE id = ?").bind(id),
        None => sql("SELECT * FROM alerts ORDER BY id"),
    }
}

fn executions<'a>(filter: &Filter) -> Sql<'a> {
    if let Some(id) = filter.fixed_id() {
        return sql("SELECT * FROM executions WHERE number = ?").bind(id);
    }
    if let Some(id) = fixed_text(filter, "execution_id").and_then(ExecutionId::parse) {
        return sql("SELECT * FROM executions WHERE id = ?").bind(id);
    }
    if fixed_text(filter, "status") == Some("running") {
        // The partial index holds the open ones; their order by number is made afterwards.
        return sql("SELECT * FROM executions WHERE completed_at IS NULL ORDER BY number");
    }
    sql("SELECT * FROM executions ORDER BY number")
}

/// The text that a field of every matching row must equal, if the filter names one.
fn fixed_text<'f>(filter: &'f Filter, field: &str) -> Option<&'f str> {
    match filter {
        Filter::Field { path, test: Test::Equal(value) } if &**path == field => value.as_str(),
        Filter::And(parts) => parts.iter().find_map(|part| fixed_text(part, field)),
        _ => None,
    }
}

struct PlainRow(Row);

impl FromNamedRow for PlainRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(Row { id: row.int("id")?, version: row.int("version")?, value: row.value("data")? }))
    }
}

impl From<PlainRow> for Row {
    fn from(row: PlainRow) -> Self {
        row.0
    }
}

impl From<AlertRow> for Row {
    fn from(row: AlertRow) -> Self {
        row.0
    }
}

impl From<ExecutionRow> for Row {
    fn from(row: ExecutionRow) -> Self {
        row.0
    }
}

/// The row as the asker sees it: tagged with its table, with the fields that were asked for.
fn shown(value: &Value, table: &Arc<str>, fields: Option<&[Arc<str>]>) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let fields = match fields {
        None => object.fields.clone(),
        Some(names) => names.iter().filter_map(|name| Some(((&**name).into(), object.get(name)?.clone()))).collect(),
    };
    Value::Object(Arc::new(Object { table: Some(Arc::clone(table)), fields }))
}
