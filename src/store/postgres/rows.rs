//! From columns to the nouns of the domain, one place for every spelling.
//! Never guesses: what does not read as it was written is an error.

use std::sync::Arc;

use bytes::Bytes;
use diesel::deserialize;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::sql::FromNamedRow;
use crate::domain::callback::EventType;
use crate::domain::delivery::Delivery;
use crate::domain::execution::{Birth, Execution, State};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::timestamp::Timestamp;
use crate::domain::trace::Trace;
use crate::domain::value::Value;

/// Reads typed columns by name.
pub trait Columns<'a>: NamedRow<'a, Pg> + Sized {
    fn int(&self, name: &str) -> deserialize::Result<i64> {
        NamedRow::get::<BigInt, i64>(self, name)
    }

    fn opt_int(&self, name: &str) -> deserialize::Result<Option<i64>> {
        NamedRow::get::<Nullable<BigInt>, Option<i64>>(self, name)
    }

    fn small<T: TryFrom<i64>>(&self, name: &str) -> deserialize::Result<T> {
        let value = self.int(name)?;
        T::try_from(value).map_err(|_| format!("{name} is out of range: {value}").into())
    }

    fn flag(&self, name: &str) -> deserialize::Result<bool> {
        Ok(self.int(name)? != 0)
    }

    fn opt_real(&self, name: &str) -> deserialize::Result<Option<f64>> {
        NamedRow::get::<Nullable<Double>, Option<f64>>(self, name)
    }

    fn text(&self, name: &str) -> deserialize::Result<String> {
        NamedRow::get::<Text, String>(self, name)
    }

    fn opt_text(&self, name: &str) -> deserialize::Result<Option<String>> {
        NamedRow::get::<Nullable<Text>, Option<String>>(self, name)
    }

    fn blob(&self, name: &str) -> deserialize::Result<Vec<u8>> {
        NamedRow::get::<Binary, Vec<u8>>(self, name)
    }

    fn at(&self, name: &str) -> deserialize::Result<Timestamp> {
        self.int(name).map(Timestamp)
    }

    fn opt_at(&self, name: &str) -> deserialize::Result<Option<Timestamp>> {
        Ok(self.opt_int(name)?.map(Timestamp))
    }

    fn execution_id(&self, name: &str) -> deserialize::Result<ExecutionId> {
        Ok(ExecutionId(Uuid::from_slice(&self.blob(name)?)?))
    }

    fn opt_execution_id(&self, name: &str) -> deserialize::Result<Option<ExecutionId>> {
        let bytes = NamedRow::get::<Nullable<Binary>, Option<Vec<u8>>>(self, name)?;
        Ok(bytes.map(|bytes| Uuid::from_slice(&bytes)).transpose()?.map(ExecutionId))
    }

    fn delivery_id(&self, name: &str) -> deserialize::Result<DeliveryId> {
        Ok(DeliveryId(Uuid::from_slice(&self.blob(name)?)?))
    }

    fn state(&self, name: &str) -> deserialize::Result<State> {
        let text = self.text(name)?;
        State::parse(&text).ok_or_else(|| format!("\"{text}\" is no state").into())
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> deserialize::Result<T> {
        let text = self.text(name)?;
        serde_json::from_str(&text).map_err(|error| format!("{name}: {error}").into())
    }

    fn opt_json<T: DeserializeOwned>(&self, name: &str) -> deserialize::Result<Option<T>> {
        let Some(text) = self.opt_text(name)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| format!("{name}: {error}").into())
    }

    /// A value in stored form; null where the column is.
    fn value(&self, name: &str) -> deserialize::Result<Value> {
        let Some(text) = self.opt_text(name)? else { return Ok(Value::Null) };
        Value::from_stored_text(&text).map_err(|error| format!("{name}: {error}").into())
    }

    fn function_name(&self, name: &str) -> deserialize::Result<FunctionName> {
        let text = self.text(name)?;
        FunctionName::parse(&text).map_err(|error| format!("{name}: {error}").into())
    }
}

impl<'a, R: NamedRow<'a, Pg>> Columns<'a> for R {}

/// JSON for a column. Everything stored this way has text keys only.
pub fn to_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("settings, responses and failures have text keys only")
}

/// A value in stored form, null as null.
pub fn stored(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_stored_text())
}

impl FromNamedRow for Birth {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            id: row.execution_id("id")?,
            function: row.function_name("function_name")?,
            version: FunctionVersion(row.text("version")?.into()),
            created_at: row.at("created_at")?,
            seed: row.int("seed")?,
            input: row.text("input")?.into(),
            request: row.opt_text("request")?.map(Into::into),
            callback: row.opt_json("callback")?.map(Arc::new),
            config: Arc::new(row.json("config")?),
            priority: row.small("priority")?,
            tags: row.json("tags")?,
            metadata: row.value("metadata")?,
            parent: row.opt_execution_id("parent")?,
            started_by: row.opt_text("started_by")?,
            rerun_of: row.opt_execution_id("rerun_of")?,
            trace: row.opt_text("traceparent")?.and_then(|text| Trace::try_from(text).ok()),
        })
    }
}

impl FromNamedRow for Execution {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            birth: Arc::new(Birth::from_row(row)?),
            state: row.state("state")?,
            attempt: row.small("attempt")?,
            started_at: row.opt_at("started_at")?,
            completed_at: row.opt_at("completed_at")?,
            deadline_at: row.opt_at("deadline_at")?,
            waiting_for: row.opt_json("waiting_for")?,
            progress: row.value("progress")?,
            output: row.value("output")?,
            response: row.opt_json("response")?.unwrap_or_default(),
            failure: row.opt_text("failure")?.map(|text| read_failure(&text)).transpose()?,
            progressed_at: row.at("progressed_at")?,
        })
    }
}

/// A failure's payload keeps its types by being stored beside the rest: `[failure, payload]`.
pub fn failure_text(failure: &crate::domain::failure::Failure) -> String {
    let plain = crate::domain::failure::Failure { payload: Value::Null, ..failure.clone() };
    format!("[{},{}]", to_json(&plain), failure.payload.to_stored_text())
}

fn read_failure(text: &str) -> deserialize::Result<crate::domain::failure::Failure> {
    let (mut failure, payload): (crate::domain::failure::Failure, Box<serde_json::value::RawValue>) =
        serde_json::from_str(text).map_err(|error| format!("failure: {error}"))?;
    failure.payload = Value::from_stored_text(payload.get()).map_err(|error| format!("failure: {error}"))?;
    Ok(failure)
}

impl FromNamedRow for Delivery {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            id: row.delivery_id("id")?,
            execution_id: row.execution_id("execution_id")?,
            event: event(&row.text("event")?)?,
            url: row.text("url")?,
            callback: row.json("callback")?,
            body: Bytes::from(row.blob("body")?),
            created_at: row.at("created_at")?,
            attempts: row.small("attempts")?,
            counted: row.small("counted")?,
            excused: row.small("excused")?,
            had_unknown: row.flag("had_unknown")?,
            thin: row.flag("thin")?,
        })
    }
}

pub fn event(text: &str) -> deserialize::Result<EventType> {
    EventType::of_stored(text).ok_or_else(|| format!("\"{text}\" is no event").into())
}

/// A row of one execution id, for lists.
pub struct IdRow(pub ExecutionId);

impl FromNamedRow for IdRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.execution_id("id").map(Self)
    }
}

/// A row of one number called `n`.
pub struct Number(pub i64);

impl FromNamedRow for Number {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.int("n").map(Self)
    }
}

/// A row of one text called `t`.
pub struct Word(pub String);

impl FromNamedRow for Word {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        row.text("t").map(Self)
    }
}
