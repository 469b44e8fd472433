//! Record steps: what is read now, and what will be written with the step's checkpoint.
//! Never writes anything itself.

use std::sync::Arc;

use super::Engine;
use super::effect::{Done, Performed};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::record::{RecordQuery, RecordWrite, Row, UniqueKey};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value};
use crate::store::StoreError;

/// Tables that stacks read and the engine alone writes.
const READ_ONLY: &str = "async_executions";

/// Why a record step has no result.
pub(super) enum RecordError {
    /// The step raises this.
    Raised(Failure),
    /// The database is away: the same again later.
    Store(StoreError),
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLarge(reason) => Self::Raised(Failure::new(ErrorCode::MemoryLimit, reason)),
            other => Self::Store(other),
        }
    }
}

type Result<T> = std::result::Result<T, RecordError>;

pub(super) async fn add(engine: &Engine, table: &Arc<str>, data: &Value, now: Timestamp) -> Result<Done> {
    let object = writable(engine, table, data)?;
    let id = match object.get("id") {
        None | Some(Value::Null) => engine.record_ids.next(&*engine.write, table).await?,
        Some(id) => id
            .as_integer()
            .ok_or_else(|| parameter(format!("the `id` of a record of {table} is an integer, not {}", id.kind())))?,
    };
    let row = new_row(table, id, object, now);
    let unique = unique_keys(engine, table, &row);
    // Only what nothing can refuse may run ahead of its commit.
    let runs_ahead = unique.is_empty() && object.get("id").is_none();
    let write = RecordWrite::Insert { table: Arc::clone(table), id, value: row.clone(), unique };
    Ok(Done::Performed(Performed { records: vec![write], durable: !runs_ahead, ..Performed::value(row) }))
}

pub(super) async fn query(engine: &Engine, query: &RecordQuery) -> Result<Done> {
    let rows = engine.read.records(query).await?;
    Ok(Done::Performed(Performed::value(Value::array(rows.into_iter().map(|row| row.value).collect()))))
}

pub(super) async fn get(engine: &Engine, query: &RecordQuery) -> Result<Done> {
    let row = first(engine, query).await?;
    Ok(Done::Performed(Performed::value(row.map_or(Value::Null, |row| row.value))))
}

pub(super) async fn count(engine: &Engine, query: &RecordQuery) -> Result<Done> {
    let count = engine.read.count_records(query).await?;
    Ok(Done::Performed(Performed::value(Value::Int(count))))
}

pub(super) async fn edit(engine: &Engine, query: &RecordQuery, data: &Value) -> Result<Done> {
    let object = writable(engine, &query.table, data)?;
    let row = first(engine, query).await?.ok_or_else(|| missing(&query.table))?;
    Ok(edited(engine, &query.table, &row, object))
}

pub(super) async fn upsert(engine: &Engine, query: &RecordQuery, data: &Value, now: Timestamp) -> Result<Done> {
    let object = writable(engine, &query.table, data)?;
    match first(engine, query).await? {
        Some(row) => Ok(edited(engine, &query.table, &row, object)),
        None => add(engine, &query.table, data, now).await,
    }
}

pub(super) async fn delete(engine: &Engine, query: &RecordQuery) -> Result<Done> {
    refuse_read_only(engine, &query.table)?;
    let row = first(engine, query).await?.ok_or_else(|| missing(&query.table))?;
    let write = RecordWrite::Delete { table: Arc::clone(&query.table), id: row.id, version: row.version };
    Ok(Done::Performed(Performed { records: vec![write], durable: true, ..Performed::value(row.value) }))
}

pub(super) async fn delete_all(engine: &Engine, query: &RecordQuery) -> Result<Done> {
    refuse_read_only(engine, &query.table)?;
    let rows = engine.read.records(query).await?;
    let count = Value::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let delete = |row: Row| RecordWrite::Delete { table: Arc::clone(&query.table), id: row.id, version: row.version };
    Ok(Done::Performed(Performed { records: rows.into_iter().map(delete).collect(), durable: true, ..Performed::value(count) }))
}

async fn first(engine: &Engine, query: &RecordQuery) -> Result<Option<Row>> {
    let one = RecordQuery { limit: Some(1), ..query.clone() };
    Ok(engine.read.records(&one).await?.into_iter().next())
}

fn edited(engine: &Engine, table: &Arc<str>, row: &Row, data: &Object) -> Done {
    let mut fields = row.value.as_object().map(|object| object.fields.clone()).unwrap_or_default();
    for (name, value) in data.fields.iter().filter(|(name, _)| *name != "id") {
        fields.insert(name.clone(), value.clone());
    }
    let value = Value::Object(Arc::new(Object { table: Some(Arc::clone(table)), fields }));
    let unique = unique_keys(engine, table, &value);
    let write = RecordWrite::Update { table: Arc::clone(table), id: row.id, version: row.version, value: value.clone(), unique };
    Done::Performed(Performed { records: vec![write], durable: true, ..Performed::value(value) })
}

fn new_row(table: &Arc<str>, id: i64, data: &Object, now: Timestamp) -> Value {
    let mut row = Object { table: Some(Arc::clone(table)), ..Object::default() };
    row.fields.insert("id".into(), Value::Int(id));
    row.fields.insert("created_at".into(), Value::Timestamp(now));
    for (name, value) in data.fields.iter().filter(|(name, _)| *name != "id") {
        row.fields.insert(name.clone(), value.clone());
    }
    Value::Object(Arc::new(row))
}

fn writable<'a>(engine: &Engine, table: &Arc<str>, data: &'a Value) -> Result<&'a Object> {
    refuse_read_only(engine, table)?;
    data.as_object().ok_or_else(|| parameter(format!("the `data` of a record of {table} is an object, not {}", data.kind())))
}

fn refuse_read_only(engine: &Engine, table: &str) -> Result<()> {
    if table == READ_ONLY {
        return Err(RecordError::Raised(Failure::new(ErrorCode::Table, format!("the table {READ_ONLY} is read-only"))));
    }
    if !engine.config.tables.open && table != "alerts" && engine.functions.table(table).is_none() {
        let message =
            format!("there is no table \"{table}\": declare it in workflows/tables/{table}.json, or set tables.mode = \"open\"");
        return Err(RecordError::Raised(Failure::new(ErrorCode::Table, message)));
    }
    Ok(())
}

fn unique_keys(engine: &Engine, table: &str, row: &Value) -> Vec<UniqueKey> {
    let Some(definition) = engine.functions.table(table) else { return Vec::new() };
    let key = |fields: &Vec<Arc<str>>| {
        let values: Vec<Value> = fields.iter().map(|field| row.field(field)).collect();
        // As in SQL, rows without a value do not collide.
        let complete = values.iter().all(|value| !value.is_null());
        complete.then(|| UniqueKey { name: fields.join(",").into(), value: Value::array(values).to_stored_text().into() })
    };
    definition.unique.iter().filter_map(key).collect()
}

fn missing(table: &str) -> RecordError {
    RecordError::Raised(Failure::new(ErrorCode::NotFound, format!("no record of {table} matches")).with_status(404))
}

fn parameter(message: String) -> RecordError {
    RecordError::Raised(Failure::new(ErrorCode::Parameter, message))
}
