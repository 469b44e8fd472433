//! One function of a file: its name, its settings, its steps.
//! Never stops at a mistake: the rest of the function is read all the same.

use std::sync::Arc;

use super::bounds::{read_concurrency, read_priority, read_rate_limit, read_retention};
use super::callback::read_callback;
use super::canonical;
use super::config_patch::{CONFIG_KEYS, read_config_member, read_config_patch};
use super::inputs::read_fields;
use super::name::read_name;
use super::node::{Data, Member, Node};
use super::schedule::read_schedules;
use super::settings::{as_flag, present, warn_unknown};
use super::shapes::{CONFIG_KEY, Fallback, NAME_KEYS, STACK_KEYS, Source, is_for_editors};
use crate::domain::function::{ConfigPatch, FunctionName};
use crate::stack::finding::Findings;
use crate::stack::program::{FunctionDefinition, Program};
use crate::stack::step::read_block;

/// Spellings of declared inputs; the sister documents call them parameters.
const INPUT_KEYS: [&str; 3] = ["inputs", "parameters", "input"];
/// Settings that are read from one key as it is written.
pub const SETTING_KEYS: [&str; 10] =
    ["description", "tags", "expose", "concurrency", "rate_limit", "priority", "schedule", "callback", "retention", "response"];

/// A function and where it stands in its file.
pub struct ReadFunction<'a> {
    pub definition: FunctionDefinition,
    pub node: &'a Node,
    /// Where its name is given.
    pub name_at: usize,
}

/// Reads a function. `defaults` are its folder's. `None` if it has no name, not even its file's.
pub fn read_function<'a>(source: &Source<'a>, defaults: &ConfigPatch, findings: &mut Findings) -> Option<ReadFunction<'a>> {
    let settings = source.settings;
    warn_of_unknown_keys(settings, findings);
    let name = read_own_name(source, findings);
    let config = read_config(source, defaults, findings);
    let stack = with_response(source.stack, present(settings, "response"));
    let inputs = INPUT_KEYS.iter().find_map(|key| present(settings, key));
    let read = |key: &str| present(settings, key);
    let description = read("description").and_then(|node| read_text(node, "description", findings));
    let tags = read("tags").map(|node| read_tags(node, findings)).unwrap_or_default();
    let fields = inputs.map(|node| read_fields(node, findings)).unwrap_or_default();
    let exposed = read("expose").is_none_or(|node| read_expose(node, findings));
    let concurrency = read("concurrency").and_then(|node| read_concurrency(node, findings));
    let rate_limit = read("rate_limit").and_then(|node| read_rate_limit(node, findings));
    let priority = read("priority").map(|node| read_priority(node, findings)).unwrap_or_default();
    let schedules = read("schedule").map(|node| read_schedules(node, findings)).unwrap_or_default();
    let callback = read("callback").and_then(|node| read_callback(node, findings));
    let retention = read("retention").and_then(|node| read_retention(node, findings));
    let steps = read_block(&stack, findings);

    let (name, name_at) = name?;
    let plain = SETTING_KEYS.iter().filter(|key| **key != "response").filter_map(|key| Some((*key, read(key)?)));
    let kept: Vec<(&str, &Node)> = inputs.map(|node| ("inputs", node)).into_iter().chain(plain).collect();
    let (canonical, version) = canonical::write(&name, &kept, &config, &stack);
    let definition = FunctionDefinition {
        version: version.clone(),
        description,
        tags,
        inputs: fields.clone(),
        execution_mode: config.execution_mode.unwrap_or_default(),
        exposed,
        config,
        concurrency,
        rate_limit,
        priority,
        schedules,
        callback,
        retention,
        program: Arc::new(Program { name: name.clone(), version, inputs: fields, steps }),
        canonical,
        name,
    };
    Some(ReadFunction { definition, node: source.node, name_at })
}

fn warn_of_unknown_keys(settings: &[Member], findings: &mut Findings) {
    let known: Vec<&str> = [&NAME_KEYS[..], &INPUT_KEYS, &SETTING_KEYS, &STACK_KEYS, &[CONFIG_KEY], &CONFIG_KEYS].concat();
    for member in settings.iter().filter(|member| !known.contains(&member.key.as_str()) && !is_for_editors(&member.key)) {
        warn_unknown(member, "a function", &known, findings);
    }
}

/// The name and where it is given.
fn read_own_name(source: &Source<'_>, findings: &mut Findings) -> Option<(FunctionName, usize)> {
    let own = NAME_KEYS.iter().find_map(|key| Some((*key, present(source.settings, key)?)));
    let (text, at) = match (own, &source.fallback) {
        (Some((key, node)), _) => match node.as_text() {
            Some(text) => (text, node.span.start),
            None => {
                findings.error(node.span.start, "bad_name", format!("`{key}` is a text, not {}", node.kind()), None);
                return None;
            }
        },
        (None, Fallback::Key { text, at }) => (text.as_str(), *at),
        (None, Fallback::Path(text)) => (text.as_str(), source.node.span.start),
    };
    match read_name(text) {
        Ok(name) => Some((name, at)),
        Err(wrong) => {
            let from_path = own.is_none() && matches!(source.fallback, Fallback::Path(_));
            let help =
                if from_path { format!("give the function a `name`, or rename its file: {}", wrong.help) } else { wrong.help };
            findings.error(at, wrong.code, wrong.message, Some(help));
            None
        }
    }
}

/// The folder's defaults, under the file's, under the function's `async_function_config`, under its keys at top level.
fn read_config(source: &Source<'_>, defaults: &ConfigPatch, findings: &mut Findings) -> ConfigPatch {
    let mut config = defaults.clone();
    for node in [source.shared_config, present(source.settings, CONFIG_KEY)].into_iter().flatten() {
        config = config.overlaid(&read_config_patch(node, findings));
    }
    let mut own = ConfigPatch::default();
    for member in source.settings {
        read_config_member(member, &mut own, findings);
    }
    config.overlaid(&own)
}

/// A `response` beside the stack is what the function answers when its steps are done.
fn with_response(stack: &Node, response: Option<&Node>) -> Node {
    let mut steps = match &stack.data {
        Data::Array(items) => items.clone(),
        Data::Object(_) => vec![stack.clone()],
        _ => return stack.clone(),
    };
    if let Some(response) = response {
        let span = response.span;
        let member = |key: &str, value: Node| Member { key: key.to_owned(), key_span: span, value };
        let kind = member("function", Node::placed_text("return_response", span));
        steps.push(Node::placed(Data::Object(vec![kind, member("body", response.clone())]), span));
    }
    Node::placed(Data::Array(steps), stack.span)
}

fn read_text(node: &Node, key: &str, findings: &mut Findings) -> Option<String> {
    let text = node.as_text().map(str::to_owned);
    if text.is_none() {
        findings.error(node.span.start, "bad_setting", format!("`{key}` is a text, not {}", node.kind()), None);
    }
    text
}

fn read_tags(node: &Node, findings: &mut Findings) -> Vec<String> {
    let one = std::slice::from_ref(node);
    node.as_array().unwrap_or(one).iter().filter_map(|tag| read_text(tag, "tags", findings)).collect()
}

fn read_expose(node: &Node, findings: &mut Findings) -> bool {
    let flag = as_flag(node);
    if flag.is_none() {
        let help = "`false` hides the function from HTTP callers";
        let message = format!("`expose` is true or false, not {}", node.kind());
        findings.error(node.span.start, "bad_setting", message, Some(help.into()));
    }
    flag.unwrap_or(true)
}
