//! From nodes to steps: blocks, what every step has in common, and which kind it is.
//! Never knows the parameters of a kind.

use std::sync::Arc;

use super::kinds::{self, KINDS};
use super::reader::{StepReader, nearest};
use super::retry::read_retry;
use crate::domain::limits::STACK_DEPTH_MAX;
use crate::stack::document::node::{Member, Node};
use crate::stack::finding::Findings;
use crate::stack::program::{Block, Step};

/// Where a step stands in its file: how deep, and whether `break` has a loop to end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nesting {
    pub depth: usize,
    pub in_loop: bool,
}

impl Nesting {
    pub fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

/// Keys whose presence in an object says that it is meant as a list's only step.
const STEP_KEY: &str = "function";

/// Reads a list of steps; what is wrong with any of them is noted, and the others are read all the same.
pub fn read_block(node: &Node, findings: &mut Findings) -> Block {
    read_block_in(node, Nesting::default(), findings)
}

/// Reads one step; `None` when it is so wrong that nothing stands for it.
pub fn read_step(node: &Node, findings: &mut Findings) -> Option<Step> {
    read_step_in(node, Nesting::default(), findings)
}

pub fn read_block_in(node: &Node, nesting: Nesting, findings: &mut Findings) -> Block {
    if nesting.depth > STACK_DEPTH_MAX {
        let message = format!("blocks are nested deeper than {STACK_DEPTH_MAX} levels");
        let help = "move the inner steps into a function of their own".to_owned();
        findings.error(node.span.start, "too_deep", message, Some(help));
        return Arc::from([]);
    }
    if node.get(STEP_KEY).is_some() {
        return read_step_in(node, nesting, findings).into_iter().collect();
    }
    let Some(items) = node.as_array() else {
        let message = format!("a block is a list of steps, not {}", node.kind());
        findings.error(node.span.start, "block_expected", message, Some("write [ … ] around the steps".to_owned()));
        return Arc::from([]);
    };
    items.iter().filter_map(|item| read_step_in(item, nesting, findings)).collect()
}

fn read_step_in(node: &Node, nesting: Nesting, findings: &mut Findings) -> Option<Step> {
    let Some(members) = node.as_object() else {
        let message = format!("a step is an object, not {}", node.kind());
        findings.error(node.span.start, "step_expected", message, Some("write {\"function\": \"…\", …}".to_owned()));
        return None;
    };
    let Some(written) = node.get(STEP_KEY) else {
        let help = near_step_key(members).map_or_else(
            || "add \"function\" with the kind of step, such as \"create_variable\"".to_owned(),
            |near| format!("is `{near}` meant as `function`?"),
        );
        findings.error(node.span.start, "missing_parameter", "this step has no `function`", Some(help));
        return None;
    };
    let Some(name) = written.as_text() else {
        findings.error(written.span.start, "step_expected", format!("`function` is a text, not {}", written.kind()), None);
        return None;
    };
    let Some(kind) = kinds::find(name) else {
        findings.error(written.span.start, "unknown_step_kind", format!("unknown step kind `{name}`"), Some(help_for(name)));
        return None;
    };
    let mut reader = StepReader::new(kind.name, node, nesting, findings);
    if !kind.takes_parameters {
        reader.unwrap_parameters();
    }
    let performed = (kind.read)(&mut reader);
    Some(read_common(reader, performed))
}

/// What every step has beside the parameters of its kind.
fn read_common(mut reader: StepReader<'_>, kind: Box<dyn super::StepKind>) -> Step {
    let return_as = reader.name(&["return_as", "output_variable", "return_variable"]);
    let retry = read_retry(&mut reader);
    let timeout_at = reader.peek(&["timeout"]).map(|member| member.key_span.start);
    let timeout = reader.optional(&["timeout"]);
    let disabled = reader.flag(&["disabled"]).unwrap_or(false);
    let at_most_once = reader.flag(&["at_most_once"]).unwrap_or(false);
    let label = reader.find(&["name", "description", "label", "step"]).and_then(|member| member.value.as_text());
    let label = label.map(str::to_owned);
    if !kind.has_effect() {
        let odd = [("timeout", timeout.is_some()), ("retry_policy", retry.is_some()), ("at_most_once", at_most_once)];
        for (name, _) in odd.iter().filter(|(_, given)| *given) {
            let at = reader.peek(&[name]).map_or(timeout_at.unwrap_or(reader.node.span.start), |member| member.key_span.start);
            let message = format!("`{name}` means nothing on {}: it asks nothing of the outside", reader.kind);
            let help = format!("put `{name}` on the steps inside that call or write, or on the function");
            reader.findings.warning(at, "idle_parameter", message, Some(help));
        }
    }
    reader.finish();
    Step { kind, return_as, label, retry, timeout, disabled, at_most_once }
}

fn near_step_key(members: &[Member]) -> Option<&str> {
    members
        .iter()
        .map(|member| member.key.as_str())
        .find(|key| matches!(*key, "type" | "kind" | "action" | "fn" | "func") || strsim::damerau_levenshtein(key, STEP_KEY) <= 2)
}

/// How to mend an unknown kind: what is near, or all there is.
fn help_for(name: &str) -> String {
    let canonical = kinds::canonical(name);
    let spellings = KINDS.iter().flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied()));
    match nearest(&canonical, spellings) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            format!("there are {}; a function of yours is called with custom_function", names.join(", "))
        }
    }
}
