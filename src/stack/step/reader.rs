//! One step's object while it is read: parameters under all their spellings, each looked at once.
//! Never stops at a mistake: it is noted, and reading goes on with a harmless value.

use std::collections::HashSet;
use std::sync::Arc;

use super::NamedBlock;
use super::read::{Nesting, read_block_in};
use crate::domain::function::ConfigPatch;
use crate::domain::value::Value;
use crate::stack::document::node::{Data, Member, Node, Text};
use crate::stack::document::read_config_patch;
use crate::stack::expression::ValueTemplate;
use crate::stack::finding::Findings;
use crate::stack::program::Block;

/// Keys that are for people or carry no meaning here; nobody is warned of them.
const FREE_KEYS: &[&str] =
    &["function", "step", "description", "comment", "comments", "purpose", "name", "label", "note", "notes"];

/// A step's object and what of it has been looked at.
#[derive(Debug)]
pub struct StepReader<'a> {
    pub kind: &'static str,
    pub node: &'a Node,
    pub findings: &'a mut Findings,
    pub nesting: Nesting,
    members: Vec<&'a Member>,
    used: HashSet<&'a str>,
    known: Vec<Parameter>,
}

/// What a reader looked for.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The first is the one to write.
    pub spellings: Vec<&'static str>,
    /// Steps stand there.
    pub is_block: bool,
}

impl<'a> StepReader<'a> {
    pub fn new(kind: &'static str, node: &'a Node, nesting: Nesting, findings: &'a mut Findings) -> Self {
        let members = node.as_object().unwrap_or_default().iter().collect();
        Self { kind, node, findings, nesting, members, used: HashSet::from(["function"]), known: Vec::new() }
    }

    /// Takes the members of `parameters: {…}` as the step's own, where the step writes them so.
    pub fn unwrap_parameters(&mut self) {
        let wrapper = self.members.iter().find(|member| member.key == "parameters").copied();
        if let Some(members) = wrapper.and_then(|member| member.value.as_object()) {
            self.members.retain(|member| member.key != "parameters");
            self.members.extend(members);
        }
    }

    /// Looks at a parameter without marking it as read.
    pub fn peek(&self, spellings: &[&str]) -> Option<&'a Member> {
        spellings.iter().find_map(|name| self.members.iter().find(|member| member.key == *name)).copied()
    }

    /// A parameter under the first of its spellings that is there and not yet read.
    pub fn find(&mut self, spellings: &[&'static str]) -> Option<&'a Member> {
        self.known.push(Parameter { spellings: spellings.to_vec(), is_block: false });
        let found = spellings
            .iter()
            .filter(|name| !self.used.contains(*name))
            .find_map(|name| self.members.iter().find(|member| member.key == *name))
            .copied()?;
        self.used.insert(&found.key);
        Some(found)
    }

    /// The node of a parameter that must be there; its absence is noted.
    pub fn find_required(&mut self, spellings: &[&'static str]) -> Option<&'a Node> {
        let found = self.find(spellings).map(|member| &member.value);
        if found.is_none() {
            self.missing(spellings[0]);
        }
        found
    }

    /// Notes that a parameter is missing.
    pub fn missing(&mut self, name: &str) {
        self.missing_any(&[name]);
    }

    /// Notes that none of several parameters is there.
    pub fn missing_any(&mut self, names: &[&str]) {
        let all = |quote: char| names.iter().map(|name| format!("{quote}{name}{quote}")).collect::<Vec<_>>().join(" or ");
        let message = format!("{} has no {}", self.kind, all('`'));
        let help = format!("add {} to this step", all('"'));
        self.findings.error(self.node.span.start, "missing_parameter", message, Some(help));
    }

    pub fn optional(&mut self, spellings: &[&'static str]) -> Option<ValueTemplate> {
        let node = &self.find(spellings)?.value;
        Some(ValueTemplate::read(node, self.findings))
    }

    /// A parameter that must be there; null stands in for it when it is not, and that is noted.
    pub fn required(&mut self, spellings: &[&'static str]) -> ValueTemplate {
        match self.find_required(spellings) {
            Some(node) => ValueTemplate::read(node, self.findings),
            None => ValueTemplate::constant(Value::Null),
        }
    }

    /// A condition that must be there: an expression with or without its braces.
    pub fn condition(&mut self, spellings: &[&'static str]) -> ValueTemplate {
        match self.find_required(spellings) {
            Some(node) => ValueTemplate::read_condition(node, self.findings),
            None => ValueTemplate::constant(Value::Null),
        }
    }

    /// A name that is written out, such as a variable's.
    pub fn name(&mut self, spellings: &[&'static str]) -> Option<Arc<str>> {
        let member = self.find(spellings)?;
        self.name_of(member)
    }

    /// The text of a member that holds the name of a variable, with or without `$var.` before it.
    pub fn name_of(&mut self, member: &Member) -> Option<Arc<str>> {
        let text = member.value.as_text().map(bare_name).filter(|name| !name.is_empty() && !name.contains("{{"));
        if text.is_none() {
            let message = format!("`{}` of {} is the name of a variable, written out", member.key, self.kind);
            let help = "write the name itself, such as \"result\", without braces".to_owned();
            self.findings.error(member.value.span.start, "name_expected", message, Some(help));
        }
        text.map(Arc::from)
    }

    /// A fixed bool, also written as a text.
    pub fn flag(&mut self, spellings: &[&'static str]) -> Option<bool> {
        let member = self.find(spellings)?;
        match &member.value.data {
            Data::Bool(value) => Some(*value),
            Data::Text(text) if text.value == "true" => Some(true),
            Data::Text(text) if text.value == "false" => Some(false),
            _ => {
                let message = format!("`{}` is true or false, not {}", member.key, member.value.kind());
                self.findings.error(member.value.span.start, "bool_expected", message, None);
                None
            }
        }
    }

    /// One of a few words, if it is given; another word is an error that lists them.
    pub fn word(&mut self, spellings: &[&'static str], words: &[&'static str]) -> Option<&'static str> {
        let member = self.find(spellings)?;
        let text = member.value.as_text().map(str::to_lowercase);
        let found = text.as_deref().and_then(|text| words.iter().find(|word| **word == text));
        if found.is_none() {
            let message = format!("`{}` of {} is one of {}", member.key, self.kind, words.join(", "));
            self.findings.error(member.value.span.start, "unknown_word", message, None);
        }
        found.copied()
    }

    /// An `async_function_config`, if it is given.
    pub fn config(&mut self, spellings: &[&'static str]) -> ConfigPatch {
        self.find(spellings).map(|member| read_config_patch(&member.value, self.findings)).unwrap_or_default()
    }

    /// A block of steps, if it is given.
    pub fn block(&mut self, spellings: &[&'static str]) -> Option<NamedBlock> {
        let member = self.find(spellings);
        self.found_block();
        Some(NamedBlock::new(spellings[0], self.steps(&member?.value)))
    }

    /// A block of steps that must be given.
    pub fn required_block(&mut self, spellings: &[&'static str]) -> NamedBlock {
        let found = self.find_required(spellings);
        self.found_block();
        match found {
            Some(node) => NamedBlock::new(spellings[0], self.steps(node)),
            None => NamedBlock::new(spellings[0], Arc::from([])),
        }
    }

    /// What was looked for last holds steps.
    fn found_block(&mut self) {
        if let Some(parameter) = self.known.last_mut() {
            parameter.is_block = true;
        }
    }

    /// Every parameter that was looked for so far.
    pub fn looked_for(&self) -> &[Parameter] {
        &self.known
    }

    /// The steps of a node inside this step.
    pub fn steps(&mut self, node: &Node) -> Block {
        read_block_in(node, self.nesting.deeper(), self.findings)
    }

    /// Warns of every parameter that nobody looked at.
    pub fn finish(self) {
        for member in &self.members {
            let key = member.key.as_str();
            if self.used.contains(key) || FREE_KEYS.contains(&key) || key.starts_with(['_', '/', '$']) {
                continue;
            }
            let near = nearest(key, self.known.iter().flat_map(|parameter| parameter.spellings.iter().copied()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("{} has no parameter `{key}`; it is ignored", self.kind);
            self.findings.warning(member.key_span.start, "unknown_parameter", message, help);
        }
    }
}

/// `$var.total`, `$total` and `var.total` name the variable `total`.
fn bare_name(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("$var.").or_else(|| text.strip_prefix("var.")).unwrap_or(text);
    text.strip_prefix('$').unwrap_or(text)
}

/// The candidate that is spelled most like `text`, if any is near.
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::damerau_levenshtein(text, candidate), candidate));
    let best = scored.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= 2.max(text.len() / 3)).then_some(best.1)
}

/// The text of a program, written out; anything else is noted.
pub fn program_text<'a>(reader: &mut StepReader<'_>, node: &'a Node, name: &str) -> Option<&'a Text> {
    if let Data::Text(text) = &node.data {
        return Some(text);
    }
    let message = format!("`{name}` of {} is a text, not {}", reader.kind, node.kind());
    reader.findings.error(node.span.start, "text_expected", message, None);
    None
}

/// Where a fault in a program's text stands in the file, and how it is told.
pub fn place_in(text: &Text, message: &str, line: Option<u32>, column: Option<u32>, what: &str) -> (usize, String) {
    let Some(line) = line else { return (text.start, format!("the {what} does not read: {message}")) };
    let before = text.value.split_inclusive('\n').take(line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let own = text.value[before..].lines().next().unwrap_or_default();
    let within = own.char_indices().nth(column.unwrap_or(1).saturating_sub(1) as usize).map_or(own.len(), |(at, _)| at);
    (text.file_offset(before + within), format!("line {line} of the {what}: {message}"))
}
