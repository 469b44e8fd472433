//! A status entry as people read it.
//! Never knows more of an execution than the API says.

use comfy_table::Cell;
use serde_json::Value;

use super::output::state_cell;
use crate::domain::timestamp::Timestamp;

/// Characters of a result or an error in a table.
const SHOWN_CHARS_MAX: usize = 60;

pub const HEADER: [&str; 6] = ["execution", "function", "state", "attempt", "took", "result"];

/// A row of a table of entries.
pub fn row(entry: &Value) -> Vec<Cell> {
    vec![
        Cell::new(text(entry, "execution_id")),
        Cell::new(text(entry, "function_name")),
        state_cell(state(entry)),
        Cell::new(attempt(entry)),
        Cell::new(took_ms(entry).map_or_else(String::new, duration)),
        Cell::new(result(entry)),
    ]
}

/// A field's text; empty for null.
pub fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

pub fn state(entry: &Value) -> &str {
    entry.get("state").and_then(Value::as_str).unwrap_or("unknown")
}

/// Whether it will change no more.
pub fn is_over(entry: &Value) -> bool {
    entry.get("status").and_then(Value::as_str) != Some("running")
}

pub fn has_completed(entry: &Value) -> bool {
    state(entry) == "completed"
}

/// Whether the server knows no such execution.
pub fn is_unknown(entry: &Value) -> bool {
    matches!(state(entry), "not_found" | "expired")
}

/// From its acceptance to its end, in milliseconds.
pub fn took_ms(entry: &Value) -> Option<i64> {
    Some(instant(entry, "completed_at")?.since_ms(instant(entry, "created_at")?))
}

pub fn instant(value: &Value, field: &str) -> Option<Timestamp> {
    value.get(field).and_then(Value::as_str).and_then(Timestamp::parse_rfc3339)
}

/// Milliseconds as people say them.
pub fn duration(ms: i64) -> String {
    let tenths = |whole_ms: i64| format!("{}.{}", ms / whole_ms, ms % whole_ms * 10 / whole_ms);
    match ms {
        ..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{} s", tenths(1000)),
        60_000..3_600_000 => format!("{} min", tenths(60_000)),
        3_600_000..172_800_000 => format!("{} h", tenths(3_600_000)),
        _ => format!("{} days", tenths(86_400_000)),
    }
}

/// The beginning of a text, on one line.
pub fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn attempt(entry: &Value) -> String {
    match (entry["attempt"].as_i64(), entry["max_attempts"].as_i64()) {
        (Some(attempt), Some(max)) if max > 1 => format!("{attempt} of {max}"),
        (Some(attempt), _) => attempt.to_string(),
        _ => String::new(),
    }
}

/// What came of it, or what it waits for.
fn result(entry: &Value) -> String {
    if let Some(error) = entry["error"].as_str() {
        return shortened(error);
    }
    if let Some(what) = entry["waiting_for"]["what"].as_str() {
        return match entry["waiting_for"]["until"].as_str() {
            Some(until) => format!("waits for {what} until {until}"),
            None => format!("waits for {what}"),
        };
    }
    match &entry["output"] {
        Value::Null => String::new(),
        output => shortened(&output.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cells(entry: &Value) -> Vec<String> {
        row(entry).iter().map(Cell::content).collect()
    }

    #[test]
    fn a_completed_execution_shows_its_time_and_its_output() {
        let entry = json!({
            "execution_id": "0193", "function_name": "hello", "state": "completed", "status": "completed",
            "attempt": 1, "max_attempts": 1, "error": null, "output": {"message": "hello"},
            "created_at": "2026-01-01T00:00:00.000Z", "completed_at": "2026-01-01T00:00:01.250Z",
        });
        assert_eq!(cells(&entry), ["0193", "hello", "completed", "1", "1.2 s", "{\"message\":\"hello\"}"]);
        assert!(is_over(&entry) && has_completed(&entry));
    }

    #[test]
    fn one_that_waits_says_for_what_and_one_that_failed_says_why() {
        let waiting = json!({
            "state": "waiting", "status": "running", "attempt": 2, "max_attempts": 4, "error": null,
            "waiting_for": {"what": "timer", "until": "2026-01-01T00:00:00.000Z"},
        });
        assert_eq!(cells(&waiting)[2..], ["waiting", "2 of 4", "", "waits for timer until 2026-01-01T00:00:00.000Z"]);
        assert!(!is_over(&waiting));
        let failed = json!({"state": "failed", "status": "error", "error": "the CRM\nis down", "output": null});
        assert_eq!(cells(&failed)[2..], ["failed", "", "", "the CRM is down"]);
    }

    #[test]
    fn an_id_that_nobody_knows_is_over_and_unknown() {
        let entry = json!({"execution_id": null, "state": "not_found", "status": "error", "error": "there is none"});
        assert!(is_over(&entry) && is_unknown(&entry) && !has_completed(&entry));
    }

    #[test]
    fn durations_read_well_at_every_size() {
        let shown =
            [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (90_000, "1.5 min"), (5_400_000, "1.5 h"), (259_200_000, "3.0 days")];
        for (ms, text) in shown {
            assert_eq!(duration(ms), text);
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let long = "ü".repeat(100);
        assert_eq!(shortened(&long).chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
