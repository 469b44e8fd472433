//! Running an execution once more: a new one with the same input, linked to the first.
//! Never touches the execution that it repeats.

use std::sync::Arc;

use super::Engine;
use super::deliver::validate_callback;
use super::start::{FieldError, StartError, accept};
use crate::domain::execution::{Birth, Execution};
use crate::domain::ids::ExecutionId;
use crate::domain::value::Value;
use crate::stack::machine::complete_inputs;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum RerunError {
    #[error("there is no such execution")]
    NotFound,
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts the function of an execution again, in its newest version, with the same input, settings and callback.
///
/// # Errors
/// See [`RerunError`]; nothing was started.
pub async fn rerun(engine: &Engine, id: ExecutionId, started_by: Option<String>) -> Result<Execution, RerunError> {
    let first = engine.read.executions(&[id]).await?.pop().flatten().ok_or(RerunError::NotFound)?;
    let old = first.birth;
    let unknown =
        || StartError::FunctionUnknown { name: old.function.to_string(), near: engine.functions.near(old.function.as_str()) };
    let function = engine.functions.current(&old.function).ok_or_else(unknown)?;
    let input =
        Value::from_stored_text(&old.input).map_err(|error| StartError::Invalid(format!("its input does not read: {error}")))?;
    let input = complete_inputs(&function.inputs, &input)
        .map_err(|errors| StartError::Inputs(errors.into_iter().map(FieldError::from).collect()))?;
    if let Some(callback) = &old.callback {
        validate_callback(engine, callback).await?;
    }
    let now = engine.clock.now();
    let birth = Birth {
        id: ExecutionId::random(now),
        version: function.version.clone(),
        created_at: now,
        seed: rand::random(),
        input: input.to_stored_text().into(),
        parent: None,
        started_by,
        rerun_of: Some(id),
        trace: engine.traces.begin(None),
        ..Birth::clone(&old)
    };
    Ok(accept(engine, &function, &input, Arc::new(birth)).await?)
}
