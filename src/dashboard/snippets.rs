//! Calls of a function to be copied: for a shell, for n8n, for a page.
//! Never holds a key: it names where the key goes.

use crate::domain::execution::Execution;
use crate::domain::function::FunctionName;
use crate::domain::value::Value;
use crate::engine::Engine;
use crate::stack::program::{FunctionDefinition, InputField, InputKind};

/// The call that started an execution.
pub fn curl_of(engine: &Engine, execution: &Execution) -> String {
    let input = Value::from_stored_text(&execution.birth.input).unwrap_or_default();
    curl(engine, &execution.birth.function, &with_async(&input))
}

/// A call of a function with made-up inputs.
pub fn sample_curl(engine: &Engine, function: &FunctionDefinition) -> String {
    curl(engine, &function.name, &with_async(&sample(function)))
}

/// The settings of n8n's node HTTP Request, to be pasted into its canvas.
pub fn sample_n8n(engine: &Engine, function: &FunctionDefinition) -> String {
    let node = serde_json::json!({
        "nodes": [{
            "name": format!("Start {}", function.name),
            "type": "n8n-nodes-base.httpRequest",
            "typeVersion": 4.2,
            "position": [0, 0],
            "parameters": {
                "method": "POST",
                "url": format!("{}/api/{}", engine.public_url, function.name),
                "sendBody": true,
                "specifyBody": "json",
                "jsonBody": with_async(&sample(function)).to_json_text(),
                "options": {}
            }
        }],
        "connections": {}
    });
    serde_json::to_string_pretty(&node).unwrap_or_default()
}

/// A page that starts the function and follows it.
pub fn sample_script(engine: &Engine, function: &FunctionDefinition) -> String {
    let body = serde_json::to_string_pretty(&with_async(&sample(function)).to_json()).unwrap_or_default();
    let key = if needs_key(engine) { "\n    Authorization: `Bearer ${key}`," } else { "" };
    format!(
        "const answer = await fetch(\"{}/api/{}\", {{\n  method: \"POST\",\n  headers: {{{key}\n    \"Content-Type\": \"application/json\",\n  }},\n  \
         body: JSON.stringify({}),\n}});\nconst {{ events_url }} = await answer.json();\nconst events = new EventSource(events_url);\n\
         events.addEventListener(\"state\", (event) => {{\n  const entry = JSON.parse(event.data);\n  \
         if (entry.status !== \"running\") {{\n    events.close();\n    console.log(entry.output ?? entry.error);\n  }}\n}});\n",
        engine.public_url,
        function.name,
        body.replace('\n', "\n  "),
    )
}

fn curl(engine: &Engine, name: &FunctionName, body: &Value) -> String {
    let key = if needs_key(engine) { " \\\n  -H \"Authorization: Bearer $RINGBACK_API_KEY\"" } else { "" };
    format!(
        "curl -X POST {}/api/{name} \\\n  -H 'Content-Type: application/json'{key} \\\n  -d {}",
        engine.public_url,
        quoted(&body.to_json_text())
    )
}

fn needs_key(engine: &Engine) -> bool {
    !super::session::is_open(engine)
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn with_async(input: &Value) -> Value {
    let fields = input.as_object().map(|object| object.fields.clone()).unwrap_or_default();
    Value::object(fields.into_iter().chain([("async".into(), Value::Bool(true))]))
}

/// Inputs such as the function takes.
fn sample(function: &FunctionDefinition) -> Value {
    let needed = function.inputs.iter().filter(|input| input.required || input.default.is_none());
    Value::object(needed.map(|input| (input.name.clone(), sample_of(input))))
}

fn sample_of(input: &InputField) -> Value {
    let one = match input.kind {
        InputKind::Text => Value::text("text"),
        InputKind::Int | InputKind::Decimal => Value::Int(1),
        InputKind::Bool => Value::Bool(true),
        InputKind::Timestamp => Value::text("2030-01-31T12:00:00Z"),
        InputKind::Email => Value::text("ada@example.com"),
        InputKind::Uuid => Value::text("019a0000-0000-7000-8000-000000000000"),
        InputKind::Object | InputKind::Json => Value::object::<&str>([]),
        InputKind::Array => Value::array(Vec::new()),
        InputKind::Enum => input.choices.first().cloned().unwrap_or_default(),
    };
    if input.list { Value::array(vec![one]) } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_word_of_a_shell() {
        assert_eq!(quoted(r#"{"a":"it's $HOME `x`"}"#), r#"'{"a":"it'\''s $HOME `x`"}'"#);
    }
}
