//! A form made from the inputs that a function declares, and what a person wrote into it.
//! Never decides whether an input holds; it only reads JSON where JSON was asked for.

use serde::Serialize;

use super::format;
use crate::domain::value::{Object, Value};
use crate::engine::start::FieldError;
use crate::stack::program::{InputField, InputKind};

/// Keeps the fields of the function apart from those of the form itself.
const PREFIX: &str = "in.";
/// The field of a function that declares no inputs: all of them as JSON.
const ALL: &str = "all";

/// One field as the page draws it.
#[derive(Debug, Serialize)]
pub struct Field {
    pub id: String,
    pub label: String,
    /// `text`, `number`, `email`, `json`, `choice`.
    pub control: &'static str,
    pub words: String,
    pub required: bool,
    pub choices: Vec<String>,
    pub value: String,
    pub hint: String,
    pub wrong: String,
}

/// The fields of a function, with what was written and what was wrong with it.
pub fn fields(inputs: &[InputField], written: &Object, errors: &[FieldError]) -> Vec<Field> {
    let wrong = |name: &str| {
        let errors = errors.iter().filter(|error| error.field == name).map(|error| error.message.clone());
        errors.collect::<Vec<_>>().join("; ")
    };
    let value = |id: &str, default: Option<&Value>| match (written.get(id), default) {
        (Some(value), _) => value.to_text(),
        (None, Some(default)) if written.fields.is_empty() => default_text(default),
        _ => String::new(),
    };
    if inputs.is_empty() {
        let id = format!("{PREFIX}{ALL}");
        return vec![Field {
            label: "Input".to_owned(),
            control: "json",
            words: "JSON object".to_owned(),
            required: false,
            choices: Vec::new(),
            value: value(&id, Some(&Value::object::<&str>([]))),
            hint: "this function declares no inputs; whatever stands here is its input".to_owned(),
            wrong: wrong(ALL),
            id,
        }];
    }
    inputs
        .iter()
        .map(|input| {
            let id = format!("{PREFIX}{}", input.name);
            Field {
                label: input.name.to_string(),
                control: control(input),
                words: words(input),
                required: input.required && input.default.is_none(),
                choices: choices(input),
                value: value(&id, input.default.as_ref()),
                hint: input.description.clone().unwrap_or_default(),
                wrong: wrong(&input.name),
                id,
            }
        })
        .collect()
}

/// The input as it was written: fields left empty are left out.
///
/// # Errors
/// Fields whose JSON does not read.
pub fn read(inputs: &[InputField], written: &Object) -> Result<Value, Vec<FieldError>> {
    let text = |name: &str| written.get(&format!("{PREFIX}{name}")).map(Value::to_text).unwrap_or_default();
    if inputs.is_empty() {
        let all = text(ALL);
        if all.trim().is_empty() {
            return Ok(Value::object::<&str>([]));
        }
        return json(ALL, &all).map_err(|error| vec![error]).and_then(|value| match value.as_object() {
            Some(_) => Ok(value),
            None => Err(vec![FieldError { field: ALL.to_owned(), message: format!("is an object, not {}", value.kind()) }]),
        });
    }
    let (mut fields, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        let text = text(&input.name);
        if text.trim().is_empty() {
            continue;
        }
        match control(input) {
            "json" => match json(&input.name, &text) {
                Ok(value) => fields.push((input.name.clone(), value)),
                Err(error) => errors.push(error),
            },
            _ => fields.push((input.name.clone(), Value::text(text))),
        }
    }
    if errors.is_empty() { Ok(Value::object(fields)) } else { Err(errors) }
}

fn json(field: &str, text: &str) -> Result<Value, FieldError> {
    let value = Value::from_json_text(text);
    value.map_err(|error| FieldError { field: field.to_owned(), message: format!("is no JSON: {error}") })
}

fn control(input: &InputField) -> &'static str {
    match input.kind {
        _ if input.list => "json",
        InputKind::Object | InputKind::Array | InputKind::Json => "json",
        InputKind::Int | InputKind::Decimal => "number",
        InputKind::Email => "email",
        InputKind::Bool | InputKind::Enum => "choice",
        InputKind::Text | InputKind::Timestamp | InputKind::Uuid => "text",
    }
}

fn words(input: &InputField) -> String {
    let words = match input.kind {
        InputKind::Text => "text",
        InputKind::Int => "whole number",
        InputKind::Decimal => "number",
        InputKind::Bool => "yes or no",
        InputKind::Timestamp => "time, such as 2030-01-31T12:00:00Z",
        InputKind::Email => "email address",
        InputKind::Uuid => "UUID",
        InputKind::Object => "JSON object",
        InputKind::Array => "JSON list",
        InputKind::Json => "JSON",
        InputKind::Enum => "one of these",
    };
    if input.list { format!("JSON list of {words}") } else { words.to_owned() }
}

fn choices(input: &InputField) -> Vec<String> {
    match input.kind {
        InputKind::Bool => vec!["true".to_owned(), "false".to_owned()],
        _ => input.choices.iter().map(Value::to_text).collect(),
    }
}

fn default_text(default: &Value) -> String {
    match default {
        Value::Array(_) | Value::Object(_) => format::json(default),
        plain => plain.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, kind: InputKind, list: bool) -> InputField {
        InputField { name: name.into(), kind, list, required: true, default: None, choices: Vec::new(), description: None }
    }

    fn written(fields: &[(&str, &str)]) -> Object {
        let value = Value::object(fields.iter().map(|(name, text)| (*name, Value::text(*text))));
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_is_written_is_read_by_the_kind_of_its_field() {
        let inputs =
            [input("n", InputKind::Int, false), input("items", InputKind::Object, true), input("note", InputKind::Text, false)];
        let sent = written(&[("in.n", "5"), ("in.items", r#"[{"a": 1}]"#), ("in.note", ""), ("csrf", "x")]);
        assert_eq!(read(&inputs, &sent).unwrap().to_json_text(), r#"{"n":"5","items":[{"a":1}]}"#);
        let errors = read(&inputs, &written(&[("in.items", "[")])).unwrap_err();
        assert_eq!(errors[0].field, "items");
        let again = fields(&inputs, &written(&[("in.items", "[")]), &errors);
        assert_eq!((again[1].value.as_str(), again[1].wrong.starts_with("is no JSON")), ("[", true));
    }

    #[test]
    fn a_function_without_inputs_takes_any_object() {
        assert_eq!(read(&[], &written(&[("in.all", r#"{"a": 1}"#)])).unwrap().to_json_text(), r#"{"a":1}"#);
        assert_eq!(read(&[], &written(&[])).unwrap().to_json_text(), "{}");
        assert!(read(&[], &written(&[("in.all", "7")])).is_err());
        assert_eq!(fields(&[], &written(&[]), &[])[0].value, "{}");
    }
}
