//! Queries over tables: a scan with an exact filter, and the few lookups that spare it.
//! Never holds more rows than the asker may.

use std::sync::Arc;

use super::connection::PgConnection;
use diesel::connection::DefaultLoadingMode;
use diesel::pg::Pg;
use diesel::row::NamedRow;
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

/// Rows of the first page of a table; most tables and most limits end within it.
const FIRST_PAGE_ROWS: u64 = 200;
/// Bytes that a later page should hold, and how much longer than the one before it may be.
const PAGE_BYTES: u64 = 4 * 1024 * 1024;
const PAGE_GROWTH: u64 = 8;

/// The rows that match, sorted, from `offset`, at most `limit`.
pub fn select(conn: &mut PgConnection, query: &RecordQuery) -> Result<Vec<Row>, StoreError> {
    let end = query.limit.map(|limit| query.offset.saturating_add(limit));
    let bounded = query.sort.is_empty();
    let mut rows: Vec<Row> = Vec::new();
    let (mut seen, mut bytes) = (0_u64, 0_u64);
    if end == Some(query.offset) {
        return Ok(rows);
    }
    // What every row matches is not read beyond what is wanted.
    let most = end.filter(|_| bounded && query.filter == Filter::All);
    scan(conn, query, most, |row| {
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
pub fn tables(conn: &mut PgConnection) -> diesel::QueryResult<Vec<String>> {
    let names: Vec<Word> = sql("SELECT table_name AS t FROM record_ids ORDER BY table_name").all(conn)?;
    Ok(names.into_iter().map(|Word(name)| name).collect())
}

/// How many rows match, whatever the limit.
pub fn count(conn: &mut PgConnection, query: &RecordQuery) -> Result<i64, StoreError> {
    let mut count = 0;
    scan(conn, query, None, |_| {
        count += 1;
        Ok(true)
    })?;
    Ok(count)
}

/// Gives every matching row to `take`, by id, until it says that it has enough. The driver fetches whole answers, so a table
/// is read page by page, and no table makes this process hold more than a page of it.
fn scan(
    conn: &mut PgConnection,
    query: &RecordQuery,
    most: Option<u64>,
    mut take: impl FnMut(Row) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let filter = &query.filter;
    let (mut after, mut left) = (i64::MIN, most.unwrap_or(u64::MAX));
    let mut page_rows = FIRST_PAGE_ROWS;
    while left > 0 {
        let limit = i64::try_from(page_rows.min(left)).unwrap_or(i64::MAX);
        let page = match &*query.table {
            EXECUTIONS_TABLE => page::<ExecutionRow>(conn, executions(filter, after), limit),
            alerts::TABLE => page::<AlertRow>(conn, of_alerts(filter, after), limit),
            table => page::<PlainRow>(conn, plain(table, filter, after), limit),
        }?;
        let count = page.len() as u64;
        let mut bytes = 0;
        for row in page {
            after = row.id;
            bytes += row.value.memory_bytes();
            if filter.matches(&row.value) && !take(row)? {
                return Ok(());
            }
        }
        if count < page_rows.min(left) {
            return Ok(());
        }
        left -= count;
        page_rows = next_page_rows(count, bytes);
    }
    Ok(())
}

/// More rows as long as they are small.
fn next_page_rows(rows: u64, bytes: usize) -> u64 {
    let row_bytes = (bytes as u64 / rows.max(1)).max(1);
    (PAGE_BYTES / row_bytes).clamp(1, rows.saturating_mul(PAGE_GROWTH))
}

fn page<T: FromNamedRow + Into<Row>>(
    conn: &mut PgConnection,
    mut statement: Sql<'_>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    statement.push(" LIMIT ?").push_value(limit);
    let rows = statement.load_iter::<Named<T>, DefaultLoadingMode>(conn).map_err(store_error)?;
    rows.map(|row| row.map(|Named(row)| row.into()).map_err(store_error)).collect()
}

fn plain<'a>(table: &'a str, filter: &Filter, after: i64) -> Sql<'a> {
    match filter.fixed_id() {
        Some(id) => sql("SELECT id, version, data FROM records WHERE table_name = ? AND id = ? AND id > ?")
            .bind(table)
            .bind(id)
            .bind(after),
        None => sql("SELECT id, version, data FROM records WHERE table_name = ? AND id > ? ORDER BY id").bind(table).bind(after),
    }
}

fn of_alerts<'a>(filter: &Filter, after: i64) -> Sql<'a> {
    match filter.fixed_id() {
        Some(id) => sql("SELECT * FROM alerts WHERE id = ? AND id > ?").bind(id).bind(after),
        None => sql("SELECT * FROM alerts WHERE id > ? ORDER BY id").bind(after),
    }
}

fn executions<'a>(filter: &Filter, after: i64) -> Sql<'a> {
    if let Some(id) = filter.fixed_id() {
        return sql("SELECT * FROM executions WHERE number = ? AND number > ?").bind(id).bind(after);
    }
    if let Some(id) = fixed_text(filter, "execution_id").and_then(ExecutionId::parse) {
        return sql("SELECT * FROM executions WHERE id = ? AND number > ?").bind(id).bind(after);
    }
    if fixed_text(filter, "status") == Some("running") {
        // The partial index holds the open ones; their order by number is made afterwards.
        return sql("SELECT * FROM executions WHERE completed_at IS NULL AND number > ? ORDER BY number").bind(after);
    }
    sql("SELECT * FROM executions WHERE number > ? ORDER BY number").bind(after)
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
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
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
