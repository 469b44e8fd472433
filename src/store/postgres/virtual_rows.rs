//! The tables that are no records: executions and alerts as rows that stacks read.
//! Never shows a URL's query or a secret.

use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;

use super::rows::Columns;
use super::sql::FromNamedRow;
use crate::domain::alert::Alert;
use crate::domain::callback::redacted_url;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::record::Row;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

pub const EXECUTIONS_TABLE: &str = "async_executions";

/// A row of `async_executions`.
pub struct ExecutionRow(pub Row);

impl FromNamedRow for ExecutionRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let number = row.int("number")?;
        let execution = Execution::from_row(row)?;
        let inputs = Value::from_stored_text(&execution.birth.input).map_err(|error| format!("input: {error}"))?;
        Ok(Self(Row { id: number, version: 1, value: execution_value(number, &execution, inputs) }))
    }
}

fn execution_value(number: i64, execution: &Execution, inputs: Value) -> Value {
    let birth = &execution.birth;
    let error = execution.failure.as_ref().map_or(Value::Null, |failure| Value::text(failure.message.as_str()));
    let callback = birth.callback.as_ref().map_or(Value::Null, |callback| Value::text(redacted_url(&callback.url)));
    Value::object([
        ("id", Value::Int(number)),
        ("execution_id", id_text(Some(birth.id))),
        ("function_name", Value::text(birth.function.as_str())),
        ("status", Value::text(execution.state.status().as_str())),
        ("state", Value::text(execution.state.as_str())),
        ("created_at", Value::Timestamp(birth.created_at)),
        ("started_at", instant(execution.started_at)),
        ("completed_at", instant(execution.completed_at)),
        ("inputs", inputs),
        ("output", execution.output.clone()),
        ("error", error),
        ("attempt", Value::Int(execution.attempt.into())),
        ("parent_execution_id", id_text(birth.parent)),
        ("callback_url", callback),
        ("deadline_at", instant(execution.deadline_at)),
        ("tags", Value::array(birth.tags.iter().map(|tag| Value::text(tag.as_str())).collect())),
    ])
}

/// A row of `alerts`.
pub struct AlertRow(pub Row);

impl FromNamedRow for AlertRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let alert = Alert::from_row(row)?;
        Ok(Self(Row { id: alert.id, version: row.int("version")?, value: alert.shown() }))
    }
}

fn id_text(id: Option<ExecutionId>) -> Value {
    id.map_or(Value::Null, |id| Value::text(id.to_string()))
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, Value::Timestamp)
}
