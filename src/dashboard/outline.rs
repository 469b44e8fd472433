//! A stack as an outline: each step on a line, the steps inside it below.
//! Never judges a stack; it shows what is there.

use serde::Serialize;

use super::format;
use crate::domain::value::{Name, Object, Value};

/// Characters of a parameter that a line shows.
const PARAMETER_CHARS_MAX: usize = 120;
/// Words that are shown elsewhere on the line.
const SHOWN_ELSEWHERE: [&str; 8] = ["function", "type", "step", "name", "description", "label", "return_as", "disabled"];
/// What says most about a step, shown beside its kind.
const GISTS: [&str; 12] =
    ["url", "table", "condition", "array", "if", "value", "message", "duration", "event", "execution_ids", "expression", "code"];

/// One line of the outline.
#[derive(Debug, Serialize)]
pub struct Line {
    pub position: String,
    pub depth: usize,
    /// The block that begins here, if this line is one: `true_branch`.
    pub block: Option<String>,
    pub kind: String,
    pub label: String,
    pub gist: String,
    pub return_as: String,
    pub disabled: bool,
    pub parameters: Vec<(String, String)>,
}

/// The outline of a function's definition.
pub fn of(definition: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    block(&definition.field("stack"), "stack", 0, &mut lines);
    lines
}

fn block(steps: &Value, path: &str, depth: usize, lines: &mut Vec<Line>) {
    for (index, step) in steps.as_array().unwrap_or_default().iter().enumerate() {
        let Some(object) = step.as_object() else { continue };
        let position = format!("{path}[{index}]");
        lines.push(line(object, &position, depth));
        inner(object, &position, depth + 1, lines);
    }
}

/// The blocks of a step: lists of steps, and objects of such lists.
fn inner(step: &Object, position: &str, depth: usize, lines: &mut Vec<Line>) {
    for (name, value) in &step.fields {
        if is_block(value) {
            lines.push(heading(name, position, depth));
            block(value, &format!("{position}.{name}"), depth + 1, lines);
        } else if let Some(object) = value.as_object() {
            for (case, steps) in object.fields.iter().filter(|(_, steps)| is_block(steps)) {
                let label = format!("{name}.{case}");
                lines.push(heading(&label, position, depth));
                block(steps, &format!("{position}.{label}"), depth + 1, lines);
            }
        }
    }
}

fn is_block(value: &Value) -> bool {
    let steps = value.as_array().unwrap_or_default();
    !steps.is_empty() && steps.iter().all(|step| kind(step).is_some())
}

fn kind(step: &Value) -> Option<String> {
    let object = step.as_object()?;
    ["function", "type", "step"].iter().find_map(|key| object.get(key)?.as_str().map(str::to_owned))
}

fn heading(label: &str, position: &str, depth: usize) -> Line {
    Line {
        position: format!("{position}.{label}"),
        depth,
        block: Some(label.replace('_', " ")),
        kind: String::new(),
        label: String::new(),
        gist: String::new(),
        return_as: String::new(),
        disabled: false,
        parameters: Vec::new(),
    }
}

fn line(step: &Object, position: &str, depth: usize) -> Line {
    let text = |key: &str| step.get(key).and_then(Value::as_str).map(str::to_owned);
    let all = Value::Object(std::sync::Arc::new(step.clone()));
    let shown = |(name, value): (&Name, &Value)| {
        let elsewhere = SHOWN_ELSEWHERE.contains(&&**name) || is_block(value) || holds_blocks(value);
        (!elsewhere).then(|| (name.to_string(), format::line(value, PARAMETER_CHARS_MAX)))
    };
    let gist = GISTS.iter().find_map(|key| step.get(key)).map(|value| format::line(value, PARAMETER_CHARS_MAX));
    let named = text("name").or_else(|| text("description")).or_else(|| text("label"));
    Line {
        position: position.to_owned(),
        depth,
        block: None,
        kind: kind(&all).unwrap_or_default(),
        label: named.unwrap_or_default(),
        gist: gist.unwrap_or_default(),
        return_as: text("return_as").unwrap_or_default(),
        disabled: step.get("disabled").is_some_and(Value::is_truthy),
        parameters: step.fields.iter().filter_map(shown).collect(),
    }
}

fn holds_blocks(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.fields.values().any(is_block))
}

/// A position as it stands in a stack, without turns, and only what belongs to the outermost function.
pub fn place(position: &str) -> String {
    let own = position.split('>').next().unwrap_or_default();
    let mut place = String::new();
    let mut in_turn = false;
    for c in own.chars() {
        match c {
            '#' => in_turn = true,
            '0'..='9' if in_turn => {}
            other => {
                in_turn = false;
                place.push(other);
            }
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_below_their_steps_at_the_positions_that_traces_name() {
        let definition = r#"{"stack": [
            {"function": "conditional", "condition": "{{ a }}", "true_branch": [{"function": "log", "message": "x"}]},
            {"function": "switch", "value": "{{ b }}", "cases": {"paid": [{"function": "loop", "array": "{{ c }}",
             "operations": [{"function": "add_record", "table": "t", "data": {"n": 1}, "return_as": "row"}]}]}}
        ]}"#;
        let lines = of(&Value::from_json_text(definition).unwrap());
        let read: Vec<_> = lines.iter().map(|line| format!("{}{}", " ".repeat(line.depth), line.position)).collect();
        assert_eq!(
            read,
            [
                "stack[0]",
                " stack[0].true_branch",
                "  stack[0].true_branch[0]",
                "stack[1]",
                " stack[1].cases.paid",
                "  stack[1].cases.paid[0]",
                "   stack[1].cases.paid[0].operations",
                "    stack[1].cases.paid[0].operations[0]",
            ]
        );
        let record = lines.last().unwrap();
        assert_eq!((record.kind.as_str(), record.gist.as_str(), record.return_as.as_str()), ("add_record", "t", "row"));
        assert_eq!(record.parameters, [("table".to_owned(), "t".to_owned()), ("data".to_owned(), r#"{"n":1}"#.to_owned())]);
        assert!(lines[3].parameters.iter().all(|(name, _)| name != "cases"), "blocks are no parameters");
    }

    #[test]
    fn a_position_leads_to_its_line_whatever_the_turn() {
        assert_eq!(place("stack[1].operations[0]#12.then[2]#3>other:stack[0]"), "stack[1].operations[0].then[2]");
    }
}
