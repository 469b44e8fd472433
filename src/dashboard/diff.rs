//! The difference of two versions of a function, line by line.
//! Never reformats one side otherwise than the other.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::domain::value::Value;
use crate::http::masked_definition;

/// Unchanged lines that are shown around a change.
const AROUND: usize = 3;

#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct DiffLine {
    /// `same`, `added`, `removed`, or `gap` where unchanged lines are left out.
    pub look: &'static str,
    pub text: String,
}

/// From an older definition to a newer one, both in stored form.
pub fn of(older: &str, newer: &str) -> Vec<DiffLine> {
    let (older, newer) = (laid_out(older), laid_out(newer));
    let diff = TextDiff::from_lines(&older, &newer);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            lines.push(DiffLine { look: "gap", text: "…".to_owned() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let look = match change.tag() {
                ChangeTag::Equal => "same",
                ChangeTag::Insert => "added",
                ChangeTag::Delete => "removed",
            };
            lines.push(DiffLine { look, text: change.value().trim_end_matches('\n').to_owned() });
        }
    }
    lines
}

fn laid_out(definition: &str) -> String {
    // What does not read cannot be masked, and is not shown.
    let value = Value::from_json_text(definition).unwrap_or_default();
    serde_json::to_string_pretty(&masked_definition(&value).to_json()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_with_what_stands_around_it() {
        let lines = of(r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#);
        let read: Vec<_> = lines.iter().map(|line| (line.look, line.text.as_str())).collect();
        assert_eq!(
            read,
            [("same", "{"), ("same", "  \"a\": 1,"), ("removed", "  \"b\": 2"), ("added", "  \"b\": 3"), ("same", "}")]
        );
        assert!(of("{}", "{}").is_empty());
    }
}
