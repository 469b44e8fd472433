//! A deployed function as a call of its own, with its typed inputs.
//! Never more than the function declares: what it does not say, it takes.

use serde_json::{Map, Value, json};

use super::kind::schema;
use super::operation::{Operation, call};
use super::running::as_start;
use crate::stack::program::{FunctionDefinition, InputField, InputKind};

pub fn operation(function: &FunctionDefinition) -> Operation {
    let name = function.name.as_str();
    let id = format!("start_{}", name.replace(['/', '-'], "_"));
    let summary = format!("Start {name}");
    let operation = call("POST", &format!("/api/{name}"), &id, "functions of this server", &summary);
    let operation = match &function.description {
        Some(description) => operation.about(description),
        None => operation,
    };
    let required = function.inputs.iter().any(must_be_given);
    as_start(operation.body(json!({"allOf": [schema("@StartWords"), inputs(&function.inputs)]}), required))
}

fn must_be_given(input: &InputField) -> bool {
    input.required && input.default.is_none()
}

pub fn inputs(inputs: &[InputField]) -> Value {
    let properties: Map<String, Value> = inputs.iter().map(|input| (input.name.to_string(), field(input))).collect();
    let required: Vec<&str> = inputs.iter().filter(|input| must_be_given(input)).map(|input| &*input.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn field(input: &InputField) -> Value {
    let mut one = kind(input);
    if input.list {
        one = json!({"type": "array", "items": one});
    }
    if let Some(description) = &input.description {
        one["description"] = json!(description);
    }
    if let Some(default) = &input.default {
        one["default"] = default.to_json();
    }
    one
}

fn kind(input: &InputField) -> Value {
    match input.kind {
        InputKind::Text => json!({"type": "string"}),
        InputKind::Int => json!({"type": "integer"}),
        InputKind::Decimal => json!({"type": "number"}),
        InputKind::Bool => json!({"type": "boolean"}),
        InputKind::Timestamp => json!({"type": "string", "format": "date-time"}),
        InputKind::Email => json!({"type": "string", "format": "email"}),
        InputKind::Uuid => json!({"type": "string", "format": "uuid"}),
        InputKind::Object => json!({"type": "object"}),
        InputKind::Array => json!({"type": "array"}),
        InputKind::Json => json!({}),
        InputKind::Enum => json!({"enum": input.choices.iter().map(crate::domain::value::Value::to_json).collect::<Vec<_>>()}),
    }
}
