//! What an execution is born with: its function's settings under its caller's.
//! Never decides whether it may start.

use std::sync::Arc;

use super::StartOptions;
use crate::domain::callback::CallbackSettings;
use crate::domain::execution::Birth;
use crate::domain::ids::ExecutionId;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::stack::program::FunctionDefinition;

/// What differs from one start to the next.
pub(in crate::engine) struct BirthPlan {
    pub id: ExecutionId,
    pub created_at: Timestamp,
    pub input: Value,
    /// Null when not started over HTTP.
    pub request: Value,
    pub callback: Option<CallbackSettings>,
    pub options: StartOptions,
    pub parent: Option<ExecutionId>,
    pub started_by: Option<String>,
}

/// The execution that this plan makes of a function.
pub(in crate::engine) fn birth(engine: &Engine, function: &FunctionDefinition, plan: BirthPlan) -> Birth {
    let config = function.config.overlaid(&plan.options.config).applied_to(&engine.config.executions.defaults);
    Birth {
        id: plan.id,
        function: function.name.clone(),
        version: function.version.clone(),
        created_at: plan.created_at,
        seed: rand::random(),
        input: plan.input.to_stored_text().into(),
        request: (!plan.request.is_null()).then(|| plan.request.to_stored_text().into()),
        callback: callback(plan.callback, function).map(Arc::new),
        config: Arc::new(config),
        priority: plan.options.priority.unwrap_or(function.priority),
        tags: plan.options.tags,
        metadata: plan.options.metadata,
        parent: plan.parent,
        started_by: plan.started_by,
    }
}

/// The caller's settings over those of the function; a function's own URL is called when the caller gives none.
fn callback(given: Option<CallbackSettings>, function: &FunctionDefinition) -> Option<CallbackSettings> {
    let defaults = function.callback.as_ref();
    let Some(mut callback) = given else { return defaults.filter(|defaults| !defaults.url.is_empty()).cloned() };
    if let Some(defaults) = defaults {
        callback.secret = callback.secret.or_else(|| defaults.secret.clone());
        callback.events = callback.events.or_else(|| defaults.events.clone());
        if callback.headers.is_empty() {
            callback.headers.clone_from(&defaults.headers);
        }
    }
    Some(callback)
}
