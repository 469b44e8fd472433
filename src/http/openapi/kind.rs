//! Schemas in a short notation: `text`, `instant?`, `[uuid]`, `=a|b`, `@Entry`.
//! Never a word that it does not know; a test reads every one that is used.

use serde_json::{Map, Value, json};

/// One field: its name, its kind, what it is.
pub type Field = (&'static str, &'static str, &'static str);

/// `kind?` may be null, `[kind]` is a list, `=a|b` one of these words, `@Name` a schema of the components.
pub fn schema(kind: &str) -> Value {
    if let Some(kind) = kind.strip_suffix('?') {
        return nullable(schema(kind));
    }
    if let Some(item) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return json!({"type": "array", "items": schema(item)});
    }
    if let Some(words) = kind.strip_prefix('=') {
        return json!({"type": "string", "enum": words.split('|').collect::<Vec<_>>()});
    }
    if let Some(name) = kind.strip_prefix('@') {
        return json!({"$ref": format!("#/components/schemas/{name}")});
    }
    match kind {
        "text" => json!({"type": "string"}),
        "int" => json!({"type": "integer"}),
        "number" => json!({"type": "number"}),
        "bool" => json!({"type": "boolean"}),
        "instant" => json!({"type": "string", "format": "date-time"}),
        "uuid" => json!({"type": "string", "format": "uuid"}),
        "uri" => json!({"type": "string", "format": "uri"}),
        // A filter that is empty is none.
        "uuid or empty" => json!({"type": "string", "anyOf": [{"format": "uuid"}, {"enum": ["", null]}]}),
        "instant or empty" => json!({"type": "string", "anyOf": [{"format": "date-time"}, {"enum": ["", null]}]}),
        "some" => json!({"type": "string", "minLength": 1}),
        "object" => json!({"type": "object"}),
        _ => {
            debug_assert!(kind == "any", "there is no kind {kind}");
            json!({})
        }
    }
}

fn nullable(mut schema: Value) -> Value {
    if schema == json!({}) {
        return schema;
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    match schema.get("type").cloned() {
        Some(kind) => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        None => json!({"oneOf": [schema, {"type": "null"}]}),
    }
}

/// A schema with words about it.
pub fn described(kind: &str, about: &str) -> Value {
    let mut schema = schema(kind);
    if !about.is_empty() {
        schema["description"] = json!(about);
    }
    schema
}

/// An object of an answer: every field is always present.
pub fn answered(fields: &[Field]) -> Value {
    let required: Vec<_> = fields.iter().map(|(name, ..)| *name).collect();
    json!({"type": "object", "required": required, "properties": properties(fields)})
}

/// An object of a request: only what is named must be there.
pub fn asked(fields: &[Field], required: &[&str], more: bool) -> Value {
    let mut schema = json!({"type": "object", "properties": properties(fields), "additionalProperties": more});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn properties(fields: &[Field]) -> Map<String, Value> {
    fields.iter().map(|(name, kind, about)| ((*name).to_owned(), described(kind, about))).collect()
}

/// A list as every list is answered.
pub fn page(item: &str) -> Value {
    json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": schema(item)},
            "next": {"type": ["string", "null"], "description": "What `cursor` takes for the next page; null at the end."},
        },
    })
}
