//! What a file becomes: functions with their settings and their steps.
//! Never changes once it is built; executions share it.

use std::sync::Arc;

use crate::domain::callback::CallbackSettings;
use crate::domain::function::{ConfigPatch, ExecutionMode, FunctionName, FunctionVersion, Retention};
use crate::domain::schedule::Rule;
use crate::domain::value::Value;
use crate::stack::expression::ValueTemplate;
use crate::stack::step::StepKind;

/// A function as a file defines it.
#[derive(Debug, Clone)]
pub struct FunctionDefinition {
    pub name: FunctionName,
    pub version: FunctionVersion,
    pub description: Option<String>,
    pub tags: Vec<String>,
    pub inputs: Vec<InputField>,
    pub execution_mode: ExecutionMode,
    pub exposed: bool,
    /// The folder's defaults with the function's own over them.
    pub config: ConfigPatch,
    pub concurrency: Option<ConcurrencyLimit>,
    pub rate_limit: Option<RateLimit>,
    pub priority: i16,
    pub schedules: Vec<Rule>,
    pub callback: Option<CallbackSettings>,
    /// How long finished executions are kept, where it differs from the settings.
    pub retention: Option<Retention>,
    pub program: Arc<Program>,
    /// Compact JSON that [`super::document::read_stored`] reads back to the same definition; its hash is the version.
    pub canonical: Arc<str>,
}

impl FunctionDefinition {
    pub fn to_canonical_json(&self) -> Arc<str> {
        Arc::clone(&self.canonical)
    }
}

/// The steps of a function.
#[derive(Debug)]
pub struct Program {
    pub name: FunctionName,
    pub version: FunctionVersion,
    /// What the function declares, so that a call inside an execution holds to it too.
    pub inputs: Vec<InputField>,
    pub steps: Block,
}

/// A list of steps that are performed one after the other.
pub type Block = Arc<[Step]>;

/// One instruction of a stack.
#[derive(Debug)]
pub struct Step {
    /// What it does; one file per kind in `stack/step/`.
    pub kind: Box<dyn StepKind>,
    pub return_as: Option<Arc<str>>,
    /// For people: the step's `name` or `description` where its kind does not use them itself.
    pub label: Option<String>,
    pub retry: Option<ConfigPatch>,
    /// Seconds, evaluated when the step starts.
    pub timeout: Option<ValueTemplate>,
    pub disabled: bool,
    pub at_most_once: bool,
}

/// A declared input.
#[derive(Debug, Clone, PartialEq)]
pub struct InputField {
    pub name: Arc<str>,
    pub kind: InputKind,
    pub list: bool,
    pub required: bool,
    pub default: Option<Value>,
    /// For `enum`.
    pub choices: Vec<Value>,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    Text,
    Int,
    Decimal,
    Bool,
    Timestamp,
    Email,
    Uuid,
    Object,
    Array,
    Json,
    Enum,
}

/// At most `limit` executions at once, of the function or per value of `key`.
#[derive(Debug, Clone)]
pub struct ConcurrencyLimit {
    pub limit: u32,
    pub key: Option<ValueTemplate>,
}

/// At most `limit` starts per `per_ms` milliseconds.
#[derive(Debug, Clone)]
pub struct RateLimit {
    pub limit: u32,
    pub per_ms: i64,
    pub key: Option<ValueTemplate>,
}

/// A table that `workflows/tables/*.json` declares.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDefinition {
    pub name: Arc<str>,
    pub fields: Vec<InputField>,
    /// Each the fields of one unique key.
    pub unique: Vec<Vec<Arc<str>>>,
}
