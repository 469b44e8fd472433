//! The input of a run: JSON as it was typed, a file, or standard input.
//! Never guesses: what is no object is refused with its place.

use std::io::Read;

use serde_json::{Map, Value};

use super::error::CommandError;

/// Reads `JSON`, `@FILE` or `-`; nothing is an empty object.
pub fn read(argument: Option<&str>, stdin: &mut dyn Read) -> Result<Map<String, Value>, CommandError> {
    let (text, place) = match argument {
        None => return Ok(Map::new()),
        Some("-") => {
            let mut text = String::new();
            stdin.read_to_string(&mut text).map_err(|error| unreadable("standard input", &error))?;
            (text, "standard input")
        }
        Some(argument) => match argument.strip_prefix('@') {
            Some(path) => (std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?, path),
            None => (argument.to_owned(), "--input"),
        },
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => {
            Err(CommandError::Misuse(format!("{place} holds {}, but an input is an object: {{\"name\": …}}", kind(&other))))
        }
        Err(error) => Err(CommandError::Misuse(format!("{place} is no JSON: {error}"))),
    }
}

fn unreadable(place: &str, error: &std::io::Error) -> CommandError {
    CommandError::Misuse(format!("{place} cannot be read: {error}"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(argument: Option<&str>, stdin: &str) -> Result<String, String> {
        let object = read(argument, &mut stdin.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Value::Object(object).to_string())
    }

    #[test]
    fn nothing_is_an_empty_object() {
        assert_eq!(read_text(None, "ignored").unwrap(), "{}");
    }

    #[test]
    fn json_is_taken_as_typed_and_a_dash_reads_standard_input() {
        assert_eq!(read_text(Some(r#"{"b": 1, "a": 2}"#), "").unwrap(), r#"{"b":1,"a":2}"#);
        assert_eq!(read_text(Some("-"), r#"{"a": 1}"#).unwrap(), r#"{"a":1}"#);
    }

    #[test]
    fn an_at_sign_reads_a_file() {
        let path = std::env::temp_dir().join(format!("ringback-input-{}.json", uuid::Uuid::new_v4()));
        std::fs::write(&path, r#"{"from": "file"}"#).unwrap();
        let read = read_text(Some(&format!("@{}", path.display())), "");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap(), r#"{"from":"file"}"#);
    }

    #[test]
    fn what_does_not_hold_is_refused_with_its_place() {
        let missing = read_text(Some("@/nowhere/input.json"), "").unwrap_err();
        assert!(missing.starts_with("/nowhere/input.json cannot be read: "), "{missing}");
        let broken = read_text(Some("{\"a\": }"), "").unwrap_err();
        assert!(broken.starts_with("--input is no JSON: ") && broken.contains("column 7"), "{broken}");
        let array = read_text(Some("-"), "[1]").unwrap_err();
        assert_eq!(array, "standard input holds an array, but an input is an object: {\"name\": …}");
    }
}
