//! Reading one object of settings: its known keys, typed, each mistake noted at its place.
//! Never decides what a setting means.

use super::node::{Data, Member, Node};
use super::units::shown;
use crate::stack::finding::{Findings, did_you_mean};

/// An object whose keys are known.
pub struct Settings<'a> {
    /// What the object is, as messages say it: `` `concurrency` ``.
    what: &'static str,
    members: &'a [Member],
}

impl<'a> Settings<'a> {
    /// Takes an object, and warns of every key that is not known. `None` if it is no object.
    pub fn of(node: &'a Node, what: &'static str, known: &[&str], findings: &mut Findings) -> Option<Self> {
        let Some(members) = node.as_object() else {
            findings.error(node.span.start, "object_expected", format!("{what} is an object, not {}", node.kind()), None);
            return None;
        };
        for member in members.iter().filter(|member| !known.contains(&member.key.as_str())) {
            warn_unknown(member, what, known, findings);
        }
        Some(Self { what, members })
    }

    /// The value of a key; null counts as absent.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        present(self.members, key)
    }

    pub fn text(&self, key: &'static str, findings: &mut Findings) -> Option<&'a str> {
        let node = self.get(key)?;
        let text = node.as_text();
        if text.is_none() {
            self.wrong(key, "a text", node, findings);
        }
        text
    }

    /// A bool, also written as a text.
    pub fn flag(&self, key: &'static str, findings: &mut Findings) -> Option<bool> {
        let node = self.get(key)?;
        let flag = as_flag(node);
        if flag.is_none() {
            self.wrong(key, "true or false", node, findings);
        }
        flag
    }

    /// A whole number within bounds, also written as a text.
    pub fn whole(&self, key: &'static str, min: i64, max: i64, findings: &mut Findings) -> Option<i64> {
        let node = self.get(key)?;
        let number = node.to_value().as_integer().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            self.wrong(key, &format!("a whole number from {min} to {max}"), node, findings);
        }
        number
    }

    /// Notes that the value of a key is not what it should be.
    pub fn wrong(&self, key: &str, wanted: &str, node: &Node, findings: &mut Findings) {
        let message = format!("`{key}` of {} is {wanted}, not {}", self.what, shown(&node.to_value()));
        findings.error(node.span.start, "bad_setting", message, None);
    }

    /// Notes that a key that must be there is missing.
    pub fn missing(&self, key: &str, at: &Node, findings: &mut Findings) {
        let message = format!("{} has no `{key}`", self.what);
        findings.error(at.span.start, "missing_setting", message, Some(format!("add `\"{key}\": …`")));
    }
}

/// The value of a key among `members`; null counts as absent.
pub fn present<'a>(members: &'a [Member], key: &str) -> Option<&'a Node> {
    let member = members.iter().find(|member| member.key == key)?;
    (member.value.data != Data::Null).then_some(&member.value)
}

/// A bool, also written as a text.
pub fn as_flag(node: &Node) -> Option<bool> {
    match &node.data {
        Data::Bool(flag) => Some(*flag),
        Data::Text(text) => text.value.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// Warns of a key that means nothing; `//…`, `_…` and `$…` are for people and tools.
pub fn warn_unknown(member: &Member, what: &str, known: &[&str], findings: &mut Findings) {
    if member.key.starts_with(['_', '$', '/', '#']) {
        return;
    }
    let help = did_you_mean(&member.key, known.iter().copied()).or_else(|| Some(format!("known are {}", known.join(", "))));
    let message = format!("{what} has no key `{}`; it is ignored", member.key);
    findings.warning(member.key_span.start, "unknown_key", message, help);
}
