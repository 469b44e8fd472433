//! The JSON Schema of a function's file, made from what the readers of steps really look at; for editors.
//! Never the judge of a file: `document` is, and takes more spellings than an editor should offer.

use serde_json::{Map, Value, json};

use super::document::node::Node;
use super::document::{CONFIG_KEYS, FIELD_KEYS, INPUT_TYPES, SETTING_KEYS};
use super::finding::Findings;
use super::step::{KINDS, Kind, Nesting, StepReader};
use crate::domain::value::Value as DomainValue;

/// What every step may carry.
const OF_EVERY_STEP: [(&str, &str); 7] = [
    ("return_as", "The variable that takes the step's value."),
    ("name", "For people; some kinds of step use it themselves."),
    ("description", "For people."),
    ("retry_policy", "How often and when the step is tried again."),
    ("timeout", "Seconds."),
    ("disabled", "Leave this step out."),
    ("at_most_once", "Never perform it again after a crash, even if nobody knows whether it happened."),
];

/// The schema; `id` is where it is served.
pub fn function_schema(id: &str) -> Value {
    let step = reference("step");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id,
        "title": "A function of Ringback",
        "description": "A stack of steps, alone or with the settings of its function.",
        "anyOf": [reference("stack"), reference("function"), step, reference("functions")],
        "$defs": {
            "stack": {"type": "array", "items": step, "description": "Steps that are performed one after the other."},
            "function": function(),
            "functions": {
                "type": "object",
                "description": "Several functions, named by their keys, or defaults for a folder.",
                "not": {"anyOf": [{"required": ["stack"]}, {"required": ["function"]}]},
            },
            "inputs": inputs(),
            "config": config(),
            "step": steps(),
        },
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn function() -> Value {
    let mut properties: Map<String, Value> = SETTING_KEYS.iter().map(|key| ((*key).to_owned(), json!({}))).collect();
    properties.extend(CONFIG_KEYS.iter().map(|key| ((*key).to_owned(), json!({}))));
    let known = json!({
        "$schema": {"type": "string", "description": "For editors."},
        "name": {"type": "string", "description": "The function's name; else the file's path."},
        "description": {"type": "string", "description": "For people."},
        "tags": {"type": "array", "items": {"type": "string"}},
        "inputs": reference("inputs"),
        "execution_mode": {"enum": ["sync", "async"], "description": "How the endpoint answers who does not say."},
        "expose": {"type": "boolean", "default": true, "description": "Whether it can be started from outside."},
        "priority": {"type": "integer", "minimum": -100, "maximum": 100},
        "async_function_config": reference("config"),
        "stack": reference("stack"),
        "schedule": {"description": "Cron rules: a list of {cron, timezone, input, overlap, catch_up}."},
        "callback": {"type": "object", "description": "Defaults for callbacks of this function."},
        "concurrency": {"description": "{limit, key}: at most so many at once."},
        "rate_limit": {"description": "{limit, per, key}: at most so many starts."},
        "retention": {"description": "How long finished executions are kept."},
    });
    properties.extend(known.as_object().cloned().unwrap_or_default());
    json!({"type": "object", "required": ["stack"], "properties": properties})
}

fn inputs() -> Value {
    let types: Vec<String> = INPUT_TYPES.iter().flat_map(|kind| [(*kind).to_owned(), format!("{kind}[]")]).collect();
    let kind = json!({"anyOf": [{"enum": types}, {"type": "string"}], "description": "Its type; `[]` makes it a list."});
    let mut properties: Map<String, Value> = FIELD_KEYS.iter().map(|key| ((*key).to_owned(), json!({}))).collect();
    let known = json!({"type": kind, "required": {"type": "boolean"}, "description": {"type": "string"}});
    properties.extend(known.as_object().cloned().unwrap_or_default());
    let field = json!({"anyOf": [{"type": "string"}, {"type": "object", "properties": properties}]});
    json!({
        "description": "What the function takes: by name, or as a list with names.",
        "anyOf": [{"type": "object", "additionalProperties": field}, {"type": "array", "items": field}],
    })
}

fn config() -> Value {
    let properties: Map<String, Value> = CONFIG_KEYS.iter().map(|key| ((*key).to_owned(), json!({}))).collect();
    json!({"type": "object", "properties": properties, "description": "Limits, retries and timeouts."})
}

fn steps() -> Value {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let function = json!({"anyOf": [{"enum": names}, {"type": "string"}], "description": "The kind of the step."});
    let kinds: Vec<Value> = KINDS.iter().map(of_kind).collect();
    json!({"type": "object", "required": ["function"], "properties": {"function": function}, "allOf": kinds})
}

/// A kind's parameters, as its reader looks for them in a step that has none.
fn of_kind(kind: &Kind) -> Value {
    let node = Node::of_value(&DomainValue::object::<&str>([]));
    let mut findings = Findings::of("", "");
    let mut reader = StepReader::new(kind.name, &node, Nesting { in_loop: true, ..Nesting::default() }, &mut findings);
    (kind.read)(&mut reader);
    let mut properties: Map<String, Value> = Map::new();
    for parameter in reader.looked_for() {
        let schema = match parameter.is_block {
            true => json!({"anyOf": [reference("stack"), reference("step")]}),
            false => json!({}),
        };
        for spelling in &parameter.spellings {
            let mut one = schema.clone();
            if *spelling != parameter.spellings[0] {
                one["description"] = json!(format!("Another spelling of `{}`.", parameter.spellings[0]));
            }
            properties.entry((*spelling).to_owned()).or_insert(one);
        }
    }
    for (name, about) in OF_EVERY_STEP {
        properties.entry(name.to_owned()).or_insert(json!({"description": about}));
    }
    let names: Vec<&str> = [kind.name].into_iter().chain(kind.aliases.iter().copied()).collect();
    json!({
        "if": {"properties": {"function": {"enum": names}}, "required": ["function"]},
        "then": {"properties": properties},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str) -> Value {
        let schema = function_schema("x");
        let all = schema["$defs"]["step"]["allOf"].as_array().unwrap().clone();
        let names = |one: &Value| one["if"]["properties"]["function"]["enum"].as_array().unwrap().clone();
        all.into_iter().find(|one| names(one).contains(&json!(kind))).unwrap()["then"]["properties"].clone()
    }

    #[test]
    fn every_kind_has_the_parameters_that_its_reader_looks_for() {
        for (kind, parameters) in [
            ("external_api_request", &["url", "method", "headers", "body", "raise_on_error"][..]),
            ("conditional", &["condition", "true_branch", "false_branch"]),
            ("loop", &["array", "operations", "as", "concurrency"]),
            ("try_catch", &["try_block", "catch_block", "finally_block"]),
            ("add_record", &["table", "data"]),
            ("sleep", &["duration", "until"]),
        ] {
            let properties = of(kind);
            for parameter in parameters {
                assert!(properties.get(parameter).is_some(), "{kind} has no {parameter}: {properties}");
            }
        }
        assert_eq!(function_schema("x")["$defs"]["step"]["allOf"].as_array().unwrap().len(), KINDS.len());
    }

    #[test]
    fn the_shipped_file_is_what_is_generated() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/function.schema.json");
        let shipped: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mend = "run `ringback schema > docs/function.schema.json`";
        assert_eq!(shipped["$defs"], function_schema("x")["$defs"], "{mend}");
    }

    #[test]
    fn blocks_hold_steps_again() {
        assert_eq!(of("conditional")["true_branch"]["anyOf"][0], reference("stack"));
        assert_eq!(of("conditional")["condition"], json!({}));
    }
}
