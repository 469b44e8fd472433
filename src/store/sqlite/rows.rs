//! Rows of executions, and how they become the nouns of `domain`.
//! Never leaves this folder.

use std::sync::Arc;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::execution::{Birth, Execution, State};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::StoreError;

pub(super) fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// One of our own nouns as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("our nouns have text keys and serialise without errors")
}

/// A state as it was stored; what no state is called reads as queued, so that nothing is lost.
pub(super) fn state(text: &str) -> State {
    State::parse(text).unwrap_or(State::Queued)
}

pub(super) fn unsigned(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

#[derive(QueryableByName)]
pub(super) struct ExecutionRow {
    #[diesel(sql_type = Binary)]
    pub id: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub function_name: String,
    #[diesel(sql_type = Text)]
    pub function_version: String,
    #[diesel(sql_type = BigInt)]
    pub created_at: i64,
    #[diesel(sql_type = BigInt)]
    pub seed: i64,
    #[diesel(sql_type = Text)]
    pub input: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub request: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub callback: Option<String>,
    #[diesel(sql_type = Text)]
    pub config: String,
    #[diesel(sql_type = Integer)]
    pub priority: i32,
    #[diesel(sql_type = Text)]
    pub tags: String,
    #[diesel(sql_type = Text)]
    pub metadata: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub parent_id: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub started_by: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Integer)]
    pub epoch: i32,
    #[diesel(sql_type = Integer)]
    pub seq: i32,
    #[diesel(sql_type = BigInt)]
    pub inbox: i64,
    #[diesel(sql_type = Integer)]
    pub attempt: i32,
    #[diesel(sql_type = Integer)]
    pub crashes: i32,
    #[diesel(sql_type = Integer)]
    pub resumes: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub started_at: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub completed_at: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub deadline_at: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub cancel_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pub progressed_at: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub waiting_for: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub progress: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub output: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub response: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub failure: Option<String>,
}

impl ExecutionRow {
    pub(super) fn birth(&self) -> Result<Birth, StoreError> {
        Ok(Birth {
            id: ExecutionId(uuid(&self.id)?),
            function: FunctionName::parse(&self.function_name)
                .map_err(|error| StoreError::Corrupt(format!("the name of a function does not read: {error}")))?,
            version: FunctionVersion(self.function_version.as_str().into()),
            created_at: Timestamp(self.created_at),
            seed: self.seed,
            input: self.input.as_str().into(),
            request: self.request.as_deref().map(Arc::from),
            callback: self.callback.as_deref().map(read).transpose()?.map(Arc::new),
            config: Arc::new(read(&self.config)?),
            priority: i16::try_from(self.priority).unwrap_or_default(),
            tags: read(&self.tags)?,
            metadata: value(Some(&self.metadata))?,
            parent: self.parent_id.as_deref().map(uuid).transpose()?.map(ExecutionId),
            started_by: self.started_by.clone(),
        })
    }

    pub(super) fn execution(&self) -> Result<Execution, StoreError> {
        Ok(Execution {
            birth: self.birth()?,
            state: state(&self.state),
            attempt: unsigned(self.attempt),
            started_at: self.started_at.map(Timestamp),
            completed_at: self.completed_at.map(Timestamp),
            deadline_at: self.deadline_at.map(Timestamp),
            waiting_for: self.waiting_for.as_deref().map(read).transpose()?,
            progress: value(self.progress.as_deref())?,
            output: value(self.output.as_deref())?,
            response: self.response.as_deref().map(read).transpose()?.unwrap_or_default(),
            failure: self.failure.as_deref().map(read).transpose()?,
            progressed_at: Timestamp(self.progressed_at),
        })
    }
}

fn uuid(bytes: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(bytes).map_err(|_| StoreError::Corrupt("an execution's id does not read".to_owned()))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a column of an execution does not read: {error}")))
}

pub(super) fn value(text: Option<&str>) -> Result<Value, StoreError> {
    let value = text.map(Value::from_stored_text).transpose();
    value
        .map(Option::unwrap_or_default)
        .map_err(|error| StoreError::Corrupt(format!("a stored value does not read: {error}")))
}
