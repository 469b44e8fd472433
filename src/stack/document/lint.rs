//! Warnings about what cannot be an error: names that nothing sets, functions and `env` names that are not there.
//! Never refuses anything.

use std::collections::{BTreeSet, HashMap};

use super::function::ReadFunction;
use super::node::{Data, Node, Text};
use crate::domain::function::FunctionName;
use crate::stack::expression::ValueTemplate;
use crate::stack::finding::{Findings, did_you_mean};
use crate::stack::program::{Block, Step};

/// Roots that are always there, or that blocks and the expression language bring with them; a `$` may stand before each.
const ROOTS: [&str; 17] = [
    "input",
    "inputs",
    "request",
    "env",
    "execution",
    "auth",
    "var",
    "vars",
    "now",
    "timestamp",
    "uuid",
    "item",
    "loop",
    "error",
    "loop_item",
    "loop_index",
    "array_length",
];
/// Keys whose text names a function that is called.
const CALL_KEYS: [&str; 4] = ["name", "custom_function", "custom_function_name", "function_name"];

/// What is known around a function.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// The functions of the whole folder, if a whole folder is read.
    pub known: Option<&'a HashMap<FunctionName, String>>,
    /// The names that `env` may hold, if they are known.
    pub env_allowed: Option<&'a [String]>,
}

/// Warns of what a function reads or calls that is not there.
pub fn lint(function: &ReadFunction<'_>, surroundings: &Surroundings<'_>, findings: &mut Findings) {
    let definition = &function.definition;
    let mut uses = Uses::default();
    uses.set.extend(definition.inputs.iter().map(|field| field.name.to_string()));
    uses.walk(&definition.program.steps);
    let keys = [&definition.concurrency.as_ref().and_then(|limit| limit.key.as_ref())];
    let rate_key = definition.rate_limit.as_ref().and_then(|limit| limit.key.as_ref());
    keys.into_iter().copied().flatten().chain(rate_key).for_each(|key| uses.template(key));
    warn_of_unset(&uses, function.node, findings);
    if let Some(known) = surroundings.known {
        warn_of_unknown_functions(&uses, known, function.node, findings);
    }
    if let Some(allowed) = surroundings.env_allowed {
        warn_of_env(function.node, allowed, findings);
    }
}

/// What the steps of a function read, set and call.
#[derive(Default)]
struct Uses {
    read: BTreeSet<String>,
    set: BTreeSet<String>,
    called: BTreeSet<String>,
}

impl Uses {
    fn walk(&mut self, block: &Block) {
        block.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        self.set.extend(step.return_as.iter().map(ToString::to_string));
        self.set.extend(step.kind.sets().iter().map(ToString::to_string));
        self.called.extend(step.kind.calls().map(str::to_owned));
        step.kind.visit_templates(&mut |template| self.template(template));
        step.timeout.iter().for_each(|template| self.template(template));
        step.kind.visit_blocks(&mut |_, block| self.walk(block));
    }

    fn template(&mut self, template: &ValueTemplate) {
        template.visit_roots(&mut |root| {
            self.read.insert(root.to_owned());
        });
    }
}

fn warn_of_unset(uses: &Uses, node: &Node, findings: &mut Findings) {
    for name in &uses.read {
        let plain = name.strip_prefix('$').unwrap_or(name);
        if uses.set.contains(plain) || ROOTS.contains(&plain) {
            continue;
        }
        let at = find_word(node, name).unwrap_or(node.span.start);
        let near = did_you_mean(plain, uses.set.iter().map(String::as_str).chain(ROOTS));
        let help = near.unwrap_or_else(|| format!("set it in a step before, or write `input.{plain}` if callers send it"));
        findings.warning(at, "unset_variable", format!("nothing here sets `{name}`; it is null"), Some(help));
    }
}

fn warn_of_unknown_functions(uses: &Uses, known: &HashMap<FunctionName, String>, node: &Node, findings: &mut Findings) {
    for called in &uses.called {
        if FunctionName::parse(called).is_ok_and(|name| known.contains_key(&name)) {
            continue;
        }
        let at = find_call(node, called).unwrap_or(node.span.start);
        let near = did_you_mean(called, known.keys().map(FunctionName::as_str));
        let help = near.or_else(|| Some("a call of it raises until such a function is deployed".to_owned()));
        findings.warning(at, "unknown_function", format!("there is no function `{called}` here"), help);
    }
}

fn warn_of_env(node: &Node, allowed: &[String], findings: &mut Findings) {
    visit_texts(node, &mut |text| {
        for (at, name) in env_names(&text.value) {
            if !allowed.iter().any(|other| other == name) {
                let help = did_you_mean(name, allowed.iter().map(String::as_str))
                    .unwrap_or_else(|| format!("add it to `env.allow`, and set `RINGBACK_ENV_{name}`"));
                let message = format!("`env.{name}` is not allowed here; it is null");
                findings.warning(text.file_offset(at), "env_not_allowed", message, Some(help));
            }
        }
    });
}

/// `env.NAME` and `env['NAME']` in the expressions of a text, each with where its `env` stands.
fn env_names(text: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    for at in words(text, "env").filter(|at| in_braces(text, *at)) {
        let rest = &text[at + "env".len()..];
        let name = rest.strip_prefix('.').or_else(|| rest.strip_prefix("['")).or_else(|| rest.strip_prefix("[\""));
        let name = name.map(|name| &name[..name.find(|c| !is_word(c)).unwrap_or(name.len())]);
        names.extend(name.filter(|name| !name.is_empty()).map(|name| (at, name)));
    }
    names
}

/// Where a name is first read in the expressions of a node.
fn find_word(node: &Node, name: &str) -> Option<usize> {
    let mut found = None;
    let mut bare = None;
    visit_texts(node, &mut |text| {
        let first = |braces: bool| words(&text.value, name).find(|at| in_braces(&text.value, *at) == braces);
        found = found.or_else(|| first(true).map(|at| text.file_offset(at)));
        bare = bare.or_else(|| first(false).map(|at| text.file_offset(at)));
    });
    found.or(bare)
}

fn find_call(node: &Node, name: &str) -> Option<usize> {
    match &node.data {
        Data::Array(items) => items.iter().find_map(|item| find_call(item, name)),
        Data::Object(members) => members.iter().find_map(|member| {
            let is_it = CALL_KEYS.contains(&member.key.as_str()) && member.value.as_text() == Some(name);
            if is_it { Some(member.value.span.start) } else { find_call(&member.value, name) }
        }),
        _ => None,
    }
}

fn visit_texts(node: &Node, visit: &mut dyn FnMut(&Text)) {
    match &node.data {
        Data::Text(text) => visit(text),
        Data::Array(items) => items.iter().for_each(|item| visit_texts(item, visit)),
        Data::Object(members) => members.iter().for_each(|member| visit_texts(&member.value, visit)),
        _ => {}
    }
}

/// Where `word` stands as a root in a text: not inside a longer word, not behind a dot, not in quotes.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[*at + word.len()..].chars().next();
        !before.is_some_and(|c| is_word(c) || matches!(c, '.' | '\'' | '"')) && !after.is_some_and(is_word)
    })
}

fn in_braces(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.rfind("{{").is_some_and(|open| before.rfind("}}").is_none_or(|close| close < open))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
