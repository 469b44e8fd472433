//! Which shape a file has: a stack, a function, several functions, or defaults for its folder.
//! Never reads steps and never reads settings.
//!
//! Where a file could be read in two ways:
//! - an object with `function` is a step, also if it has `operations` or `function_stack` as loops have;
//! - an object with a list under `stack` or a sister spelling is one function, whatever else it holds;
//! - only then may its keys be names of functions, and only if every one of them holds a stack, itself or further in
//!   (`orders: {create: […], close: […]}` makes `orders/create` and `orders/close`). `description`, `tags` and an
//!   `async_function_config` for all of them may stand beside;
//! - failing all that, functions that say so plainly (`function_stack` or `stack`, or a name and a stack) are taken from
//!   wherever they stand, with a warning that what is around them means nothing.

use super::node::{Data, Member, Node};
use crate::stack::finding::{Findings, place};

/// Keys under which the stack of a function stands.
pub const STACK_KEYS: [&str; 6] = ["stack", "function_stack", "steps", "operations", "pattern", "functions"];
/// The keys among them that mean nothing else: what stands there must be a stack.
const PLAIN_STACK_KEYS: [&str; 2] = ["stack", "function_stack"];
/// The keys that name a function, the first that is there wins.
pub const NAME_KEYS: [&str; 3] = ["name", "function_name", "endpoint"];
pub const CONFIG_KEY: &str = "async_function_config";
/// Keys that may stand beside the names of several functions.
const BESIDE: [&str; 3] = ["description", "tags", CONFIG_KEY];
/// `$schema` and its like, which tell an editor what the file is.
pub fn is_for_editors(key: &str) -> bool {
    key.starts_with('$')
}

fn stands_beside(key: &str) -> bool {
    BESIDE.contains(&key) || is_for_editors(key)
}

/// Groups of functions in groups; a name has no more parts.
const GROUPS_MAX: usize = 4;

pub enum Shape<'a> {
    Functions(Vec<Source<'a>>),
    /// The `async_function_config` of a folder.
    Defaults,
}

/// One function as it stands in a file.
pub struct Source<'a> {
    /// All of it.
    pub node: &'a Node,
    /// Its keys beside the stack.
    pub settings: &'a [Member],
    /// A list of steps, or one step.
    pub stack: &'a Node,
    /// What it is called if it does not say so itself.
    pub fallback: Fallback,
    /// The `async_function_config` of all functions of its file.
    pub shared_config: Option<&'a Node>,
}

/// Where a function's name comes from if it has none of its own.
pub enum Fallback {
    Path(String),
    Key { text: String, at: usize },
}

/// The configuration that a file sets for its folder, if that is all it holds.
pub fn folder_defaults(node: &Node) -> Option<&Node> {
    let config = node.get(CONFIG_KEY)?;
    let members = node.as_object().unwrap_or_default();
    members.iter().all(|member| stands_beside(&member.key)).then_some(config)
}

/// Finds out what a file holds; notes why it holds nothing that can be run.
pub fn shape_of<'a>(node: &'a Node, path_name: &str, findings: &mut Findings) -> Option<Shape<'a>> {
    let fallback = Fallback::Path(path_name.to_owned());
    match &node.data {
        Data::Array(items) if !items.is_empty() && items.iter().all(is_named_function) => {
            let sources = items.iter().filter_map(|item| source(item, Fallback::Path(path_name.to_owned()), findings));
            Some(Shape::Functions(sources.collect()))
        }
        Data::Array(items) if items.is_empty() || items.iter().any(is_step) => Some(one(bare(node, fallback))),
        Data::Object(_) if node.get("function").is_some() => Some(one(bare(node, fallback))),
        Data::Object(members) if stack_of(members).is_some() => source(node, fallback, findings).map(one),
        Data::Object(members) => match folder_defaults(node) {
            Some(_) => Some(Shape::Defaults),
            None => several(node, members, findings),
        },
        _ => no_stack(node, findings),
    }
}

fn one(source: Source<'_>) -> Shape<'_> {
    Shape::Functions(vec![source])
}

fn bare(node: &Node, fallback: Fallback) -> Source<'_> {
    Source { node, settings: &[], stack: node, fallback, shared_config: None }
}

/// The function that a node holds, if it holds one.
fn source<'a>(node: &'a Node, fallback: Fallback, findings: &mut Findings) -> Option<Source<'a>> {
    if is_step(node) || node.as_array().is_some() {
        return Some(bare(node, fallback));
    }
    let settings = node.as_object()?;
    let stack = stack_of(settings)?;
    let others = settings.iter().filter(|member| member.key != stack.key && is_stack_member(member));
    for other in others {
        let message = format!("this function has a stack under `{}` and another one under `{}`", stack.key, other.key);
        let help = "put both into one list, or make them two functions";
        findings.error(other.key_span.start, "several_stacks", message, Some(help.into()));
    }
    Some(Source { node, settings, stack: &stack.value, fallback, shared_config: None })
}

/// The functions of an object whose values all hold a stack.
fn several<'a>(node: &'a Node, members: &'a [Member], findings: &mut Findings) -> Option<Shape<'a>> {
    let named: Vec<&Member> = members.iter().filter(|member| !stands_beside(&member.key)).collect();
    let is_empty = |member: &Member| member.value.as_array().is_some_and(<[Node]>::is_empty);
    let without = named.iter().find(|member| !is_empty(member) && !holds_stack(&member.value, 0));
    let with = named.iter().find(|member| holds_stack(&member.value, 0));
    let (Some(with), Some(without)) = (with, without) else {
        if with.is_none() {
            return no_stack(node, findings);
        }
        let mut sources = Vec::new();
        for member in named {
            collect(member, &member.key, &mut sources, findings);
        }
        for source in &mut sources {
            source.shared_config = node.get(CONFIG_KEY);
        }
        return Some(Shape::Functions(sources));
    };
    if NAME_KEYS.iter().any(|key| node.get(key).is_some()) {
        let message = format!("the steps of this function stand under `{}`, which is no key for them", with.key);
        findings.error(with.key_span.start, "unknown_stack_key", message, Some("write `stack` instead".into()));
        return None;
    }
    let message = format!("`{}` holds no stack, though `{}` does", without.key, with.key);
    let help = "an object of several functions holds a stack under each of its keys, and nothing else";
    findings.error(without.key_span.start, "mixed_shape", message, Some(help.into()));
    None
}

fn collect<'a>(member: &'a Member, name: &str, sources: &mut Vec<Source<'a>>, findings: &mut Findings) {
    let fallback = Fallback::Key { text: name.to_owned(), at: member.key_span.start };
    if let Some(source) = source(&member.value, fallback, findings) {
        sources.push(source);
        return;
    }
    for inner in member.value.as_object().unwrap_or_default() {
        collect(inner, &format!("{name}/{}", inner.key), sources, findings);
    }
}

fn no_stack<'a>(node: &'a Node, findings: &mut Findings) -> Option<Shape<'a>> {
    if let Some(sources) = unwrapped(node, findings) {
        return Some(Shape::Functions(sources));
    }
    let (code, help) = match misplaced(node, "") {
        Some((path, at)) => {
            let (line, column, _) = place(findings.text(), at);
            let help = format!("one stands at line {line}, column {column}, under `{path}`; put it into a file of its own");
            ("misplaced_stack", help)
        }
        None => {
            let help = "a file is a list of steps `[{\"function\": …}]`, or an object with that list under `stack`";
            ("not_a_stack", help.to_owned())
        }
    };
    findings.error(node.span.start, code, "this file holds no stack", Some(help));
    None
}

/// The functions that stand somewhere inside `node` and say plainly that they are functions, if there are any.
fn unwrapped<'a>(node: &'a Node, findings: &mut Findings) -> Option<Vec<Source<'a>>> {
    let mut sources = Vec::new();
    unwrap(node, None, &mut sources, findings);
    if sources.is_empty() {
        return None;
    }
    let help = "keep the functions alone: each under its name in one object, or each in a file of its own";
    let message = "this file wraps its functions in something else, which is ignored";
    findings.warning(node.span.start, "wrapped_functions", message, Some(help.into()));
    Some(sources)
}

/// `key` is the nearest one around `node`, and where it stands.
fn unwrap<'a>(node: &'a Node, key: Option<(&str, usize)>, sources: &mut Vec<Source<'a>>, findings: &mut Findings) {
    match &node.data {
        Data::Object(members) => {
            let plain = stack_of(members).is_some_and(|stack| PLAIN_STACK_KEYS.contains(&stack.key.as_str()));
            if let Some((text, at)) = key.filter(|_| plain || is_named_function(node)) {
                sources.extend(source(node, Fallback::Key { text: text.to_owned(), at }, findings));
                return;
            }
            for member in members {
                unwrap(&member.value, Some((&member.key, member.key_span.start)), sources, findings);
            }
        }
        Data::Array(items) => items.iter().for_each(|item| unwrap(item, key, sources, findings)),
        _ => {}
    }
}

/// A stack further in than any shape has it: where it stands.
fn misplaced(node: &Node, path: &str) -> Option<(String, usize)> {
    let children: Vec<(String, &Node)> = match &node.data {
        Data::Object(members) => members.iter().map(|member| (member.key.clone(), &member.value)).collect(),
        Data::Array(items) => items.iter().enumerate().map(|(index, item)| (format!("[{index}]"), item)).collect(),
        _ => Vec::new(),
    };
    children.into_iter().find_map(|(key, child)| {
        let dot = if path.is_empty() || key.starts_with('[') { "" } else { "." };
        let path = format!("{path}{dot}{key}");
        if holds_stack(child, 0) { Some((path, child.span.start)) } else { misplaced(child, &path) }
    })
}

fn holds_stack(node: &Node, depth: usize) -> bool {
    match &node.data {
        Data::Array(items) => items.iter().any(is_step),
        Data::Object(members) => {
            is_step(node)
                || stack_of(members).is_some_and(|member| is_stack(&member.value))
                || (depth < GROUPS_MAX
                    && !members.is_empty()
                    && members.iter().all(|member| holds_stack(&member.value, depth + 1)))
        }
        _ => false,
    }
}

fn stack_of(members: &[Member]) -> Option<&Member> {
    let member = |key: &str| members.iter().find(|member| member.key == key && is_stack_member(member));
    STACK_KEYS.iter().find_map(|key| member(key))
}

fn is_stack_member(member: &Member) -> bool {
    let key = member.key.as_str();
    PLAIN_STACK_KEYS.contains(&key) || STACK_KEYS.contains(&key) && (member.value.as_array().is_some() || is_step(&member.value))
}

fn is_stack(node: &Node) -> bool {
    is_step(node) || node.as_array().is_some_and(|items| items.is_empty() || items.iter().any(is_step))
}

fn is_step(node: &Node) -> bool {
    node.get("function").is_some_and(|kind| kind.as_text().is_some())
}

/// An entry of a list of functions, which must say what it is called.
fn is_named_function(node: &Node) -> bool {
    let members = node.as_object().unwrap_or_default();
    !is_step(node) && stack_of(members).is_some() && NAME_KEYS.iter().any(|key| node.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::document::parse_jsonc;

    /// The fallback names of the functions, `defaults`, or the code of the error.
    fn shape(text: &str) -> String {
        let mut findings = Findings::of("a/b.json", text);
        let node = parse_jsonc(&mut findings).unwrap();
        match shape_of(&node, "a/b", &mut findings) {
            Some(Shape::Defaults) => "defaults".to_owned(),
            Some(Shape::Functions(sources)) if !findings.has_errors() => {
                let name = |source: &Source<'_>| match &source.fallback {
                    Fallback::Path(text) | Fallback::Key { text, .. } => text.clone(),
                };
                sources.iter().map(name).collect::<Vec<_>>().join(" ")
            }
            _ => findings.into_sorted().iter().map(|finding| finding.code).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn the_five_shapes_are_told_apart() {
        assert_eq!(shape(r#"[{"function": "log"}]"#), "a/b");
        assert_eq!(shape("[]"), "a/b");
        for key in ["stack", "function_stack", "steps", "operations", "pattern"] {
            assert_eq!(shape(&format!(r#"{{"name": "x", "{key}": [{{"function": "log"}}]}}"#)), "a/b");
        }
        assert_eq!(shape(r#"{"function": "loop", "operations": [{"function": "log"}]}"#), "a/b");
        assert_eq!(shape(r#"{"one": [{"function": "log"}], "two": {"pattern": [{"function": "log"}]}}"#), "one two");
        assert_eq!(shape(r#"{"description": "d", "async_function_config": {}}"#), "defaults");
    }

    #[test]
    fn functions_may_stand_in_groups_and_in_a_list() {
        assert_eq!(shape(r#"{"crm": {"create": {"function": "log"}, "close": [{"function": "log"}]}}"#), "crm/create crm/close");
        assert_eq!(shape(r#"[{"name": "x", "stack": []}, {"name": "y", "stack": []}]"#), "a/b a/b");
        assert_eq!(shape(r#"{"async_function_config": {}, "one": [{"function": "log"}]}"#), "one");
    }

    #[test]
    fn functions_that_say_so_plainly_are_taken_out_of_what_wraps_them() {
        let text = r#"{"info": "x", "made": {"list": [{"name": "a", "steps": []}], "one": {"function_stack": []}}}"#;
        assert_eq!(shape(text), "list one");
        let mut findings = Findings::of("a.json", text);
        let node = parse_jsonc(&mut findings).unwrap();
        assert!(shape_of(&node, "a", &mut findings).is_some());
        assert_eq!(findings.into_sorted()[0].code, "wrapped_functions");
        assert_eq!(shape(r#"{"info": "x", "one": {"stack": [{"function": "log"}]}}"#), "mixed_shape");
    }

    #[test]
    fn what_holds_no_stack_is_said_so() {
        for text in
            ["5", "{}", "[1]", r#"{"nodes": [{"name": "a"}]}"#, r#"{"steps": "none"}"#, r#"{"a": {"operations": [{"task": 1}]}}"#]
        {
            assert_eq!(shape(text), "not_a_stack", "{text}");
        }
        assert_eq!(shape(r#"{"info": "x", "more": {"list": [{"steps": [{"function": "log"}]}]}}"#), "misplaced_stack");
        assert_eq!(shape(r#"{"name": "x", "logic": [{"function": "log"}]}"#), "unknown_stack_key");
        assert_eq!(shape(r#"{"info": "x", "one": [{"function": "log"}]}"#), "mixed_shape");
        assert_eq!(shape(r#"{"steps": [], "operations": []}"#), "several_stacks");
    }
}
