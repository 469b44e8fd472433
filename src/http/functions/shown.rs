//! Functions and findings as answers show them.
//! Never a function's callback, which may hold a secret; that is in the masked definition.

use crate::domain::function::ExecutionMode;
use crate::domain::value::Value;
use crate::stack::finding::{Finding, Severity};
use crate::stack::program::{FunctionDefinition, InputField, InputKind};

/// A function in a list.
pub fn brief(function: &FunctionDefinition, public_url: &str) -> Value {
    Value::object([
        ("name", Value::text(function.name.as_str())),
        ("version", Value::Text(function.version.0.clone())),
        ("description", function.description.as_deref().map_or(Value::Null, Value::text)),
        ("tags", Value::array(function.tags.iter().map(|tag| Value::text(tag.as_str())).collect())),
        ("exposed", Value::Bool(function.exposed)),
        ("execution_mode", Value::text(mode(function.execution_mode))),
        ("url", Value::text(format!("{public_url}/api/{}", function.name))),
    ])
}

/// A function alone.
pub fn whole(function: &FunctionDefinition, public_url: &str) -> Value {
    let schedules = function.schedules.iter().map(|schedule| {
        Value::object([("cron", Value::text(schedule.cron.as_str())), ("timezone", Value::text(schedule.timezone.name()))])
    });
    let more = [
        ("priority", Value::Int(function.priority.into())),
        ("inputs", Value::array(function.inputs.iter().map(input).collect())),
        ("schedules", Value::array(schedules.collect())),
    ];
    crate::domain::status::with_fields([], &brief(function, public_url), more)
}

fn input(input: &InputField) -> Value {
    Value::object([
        ("name", Value::Text(input.name.clone())),
        ("type", Value::text(format!("{}{}", kind(input.kind), if input.list { "[]" } else { "" }))),
        ("required", Value::Bool(input.required)),
        ("default", input.default.clone().unwrap_or_default()),
        ("choices", Value::array(input.choices.clone())),
        ("description", input.description.as_deref().map_or(Value::Null, Value::text)),
    ])
}

fn mode(mode: ExecutionMode) -> &'static str {
    if mode == ExecutionMode::Async { "async" } else { "sync" }
}

/// The type as a stack's file spells it.
fn kind(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Text => "text",
        InputKind::Int => "int",
        InputKind::Decimal => "decimal",
        InputKind::Bool => "bool",
        InputKind::Timestamp => "timestamp",
        InputKind::Email => "email",
        InputKind::Uuid => "uuid",
        InputKind::Object => "object",
        InputKind::Array => "array",
        InputKind::Json => "json",
        InputKind::Enum => "enum",
    }
}

/// As `ringback check --json` prints them.
pub fn findings(findings: &[Finding]) -> Value {
    let shown = findings.iter().map(|finding| {
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        Value::object([
            ("path", Value::text(finding.path.as_str())),
            ("line", number(finding.line)),
            ("column", number(finding.column)),
            ("severity", Value::text(severity)),
            ("code", Value::text(finding.code)),
            ("message", Value::text(finding.message.as_str())),
            ("help", finding.help.as_deref().map_or(Value::Null, Value::text)),
        ])
    });
    Value::array(shown.collect())
}

fn number(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
