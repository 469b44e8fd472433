//! Tables of what the language has, made from the lists that it reads by; for the documentation.
//! Never a second list of anything.

use super::document::node::Node;
use super::expression::filters as all_filters;
use super::finding::Findings;
use super::step::{KINDS, Kind, Nesting, StepReader};
use crate::domain::value::Value;

/// Every kind of step as a row in Markdown: names, parameters with their other spellings.
pub fn steps() -> String {
    let mut table = String::from("| step | other names | parameters |\n| --- | --- | --- |\n");
    for kind in KINDS {
        table += &format!("| `{}` | {} | {} |\n", kind.name, names(kind.aliases), parameters(kind));
    }
    table
}

/// Every filter as a row in Markdown, family by family.
pub fn filters() -> String {
    let mut table = String::from("| filter | other names | of | arguments | by name |\n| --- | --- | --- | --- | --- |\n");
    for filter in all_filters() {
        let (least, most) = (filter.arguments.start(), filter.arguments.end());
        let arguments = match (least, most) {
            (least, most) if least == most => least.to_string(),
            (least, &usize::MAX) => format!("{least} or more"),
            (least, most) => format!("{least} to {most}"),
        };
        table += &format!(
            "| `{}` | {} | {} | {arguments} | {} |\n",
            filter.names[0],
            names(&filter.names[1..]),
            filter.family,
            names(filter.keywords)
        );
    }
    table
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// As its reader looks for them in a step that has none.
fn parameters(kind: &Kind) -> String {
    let node = Node::of_value(&Value::object::<&str>([]));
    let mut findings = Findings::of("", "");
    let mut reader = StepReader::new(kind.name, &node, Nesting { in_loop: true, ..Nesting::default() }, &mut findings);
    (kind.read)(&mut reader);
    let mut shown: Vec<String> = Vec::new();
    for parameter in reader.looked_for() {
        let block = if parameter.is_block { " (steps)" } else { "" };
        let others = match &parameter.spellings[1..] {
            [] => String::new(),
            others => format!(" ({})", names(others)),
        };
        let one = format!("`{}`{others}{block}", parameter.spellings[0]);
        if !shown.contains(&one) {
            shown.push(one);
        }
    }
    shown.join(", ")
}
