//! The client's guide: its code blocks, read from the document at run time.
//! Never changes a block; without the document a story uses its own equivalent.

use serde_json::Value;

/// The document named by `RINGBACK_GUIDE`, if there is one.
pub struct Guide(Option<String>);

impl Guide {
    #[track_caller]
    pub fn open() -> Self {
        match std::env::var_os("RINGBACK_GUIDE") {
            Some(path) => {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                Self(Some(text))
            }
            None => {
                println!("guide: not given");
                Self(None)
            }
        }
    }

    /// The first code block below the line that holds `title`, or `own`.
    #[track_caller]
    pub fn block(&self, title: &str, own: &str) -> String {
        let Some(text) = &self.0 else { return own.to_owned() };
        let below = text.split_once(title).unwrap_or_else(|| panic!("the guide has no `{title}`")).1;
        let fenced = below.split_once("```").unwrap_or_else(|| panic!("no code below `{title}`")).1;
        let code = fenced.split_once("```").unwrap_or_else(|| panic!("no end of the code below `{title}`")).0;
        // The first line names the language.
        code.split_once('\n').unwrap_or_default().1.to_owned()
    }
}

/// Every JSON object that stands under `key` in a text which is not JSON as a whole, in order.
#[track_caller]
pub fn objects_under(text: &str, key: &str) -> Vec<Value> {
    let mark = format!("\"{key}\": {{");
    let starts = text.match_indices(&mark).map(|(at, _)| at + mark.len() - 1);
    starts
        .map(|start| {
            let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
            stream.next().unwrap().unwrap_or_else(|error| panic!("{error} under {key}: {}", &text[start..]))
        })
        .collect()
}

/// A tool's template with its `{{ … }}` replaced: a whole string keeps the value's type.
#[track_caller]
pub fn fill(template: &Value, values: &Value) -> Value {
    match template {
        Value::String(text) => match text.strip_prefix("{{ $json.").and_then(|rest| rest.strip_suffix(" }}")) {
            Some(name) => values.get(name).unwrap_or_else(|| panic!("no value for {text}")).clone(),
            None => template.clone(),
        },
        Value::Array(items) => items.iter().map(|item| fill(item, values)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), fill(value, values))).collect(),
        other => other.clone(),
    }
}
