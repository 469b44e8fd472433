//! `lambda`: a few lines of JavaScript over the values of the stack.
//! Never takes its code from a value: what callers send is data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reader::program_text;
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::value::Value;
use crate::sandbox::check;
use crate::stack::expression::{EvalError, Scope, ValueTemplate};
use crate::stack::machine::{Action, Computation, Language};

/// What a script sees, each with a `$` before it.
const ROOTS: [&str; 9] = ["input", "var", "env", "auth", "request", "execution", "item", "loop", "error"];
/// What its blocks bind; they have no `$` in expressions.
const BOUND: [&str; 3] = ["item", "loop", "error"];

#[derive(Debug)]
struct Lambda {
    code: Arc<str>,
    mentions: BTreeMap<&'static str, Mention>,
}

/// What a script mentions of a root.
#[derive(Debug, PartialEq)]
enum Mention {
    Whole,
    /// Only `$root.field`: nothing else of it is sent.
    Fields(BTreeSet<String>),
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let code = reader.find_required(&["code", "script", "javascript"]).and_then(|node| program_text(reader, node, "code"));
    if let Some(text) = code {
        match check::script(&text.value) {
            Ok(script) if script.returns_nothing => {
                let help = "write `return …`, or an expression alone".to_owned();
                reader.findings.warning(
                    text.start,
                    "no_value",
                    "the value of this script is null: it returns nothing",
                    Some(help),
                );
            }
            Ok(_) => {}
            Err(error) => {
                let (at, message) = super::reader::place_in(text, &error.message, error.line, error.column, "script");
                reader.findings.error(at, "script", message, None);
            }
        }
    }
    let code: Arc<str> = code.map_or_else(Arc::default, |text| text.value.as_str().into());
    Box::new(Lambda { mentions: mentions(&code), code })
}

/// Every root that the code mentions; what stands in its texts and comments counts too, which costs nothing but the sending.
fn mentions(code: &str) -> BTreeMap<&'static str, Mention> {
    let mut found: BTreeMap<&'static str, Mention> = BTreeMap::new();
    for (at, _) in code.match_indices('$') {
        let (name, rest) = identifier(&code[at + 1..]);
        let Some(root) = ROOTS.into_iter().find(|root| *root == name) else { continue };
        let field = rest.strip_prefix("?.").or_else(|| rest.strip_prefix('.')).map(|rest| identifier(rest).0);
        let mention = found.entry(root).or_insert_with(|| Mention::Fields(BTreeSet::new()));
        match (field.filter(|field| !field.is_empty()), mention) {
            (Some(field), Mention::Fields(fields)) => drop(fields.insert(field.to_owned())),
            (Some(_), Mention::Whole) => {}
            (None, mention) => *mention = Mention::Whole,
        }
    }
    found
}

fn identifier(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len()))
}

fn seen(scope: &dyn Scope, root: &str, mention: &Mention) -> Value {
    let name = if BOUND.contains(&root) { root.to_owned() } else { format!("${root}") };
    let value = scope.root(&name).unwrap_or_default();
    match (mention, value.as_object()) {
        (Mention::Fields(fields), Some(object)) => {
            let kept = object.fields.iter().filter(|(name, _)| fields.contains(&***name));
            Value::object(kept.map(|(name, value)| (name.clone(), value.clone())))
        }
        _ => value,
    }
}

impl StepKind for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let names = self.mentions.iter().map(|(root, mention)| (format!("${root}"), seen(context.scope, root, mention)));
        let names = Value::object(names);
        let (text, seed) = (Arc::clone(&self.code), context.scope.random());
        Ok(Move::Effect(Action::Compute(Box::new(Computation { language: Language::Script, text, names, seed }))))
    }

    fn visit_templates(&self, _: &mut dyn FnMut(&ValueTemplate)) {}

    fn has_effect(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_script_mentions_is_sent() {
        let fields = |names: &[&str]| Mention::Fields(names.iter().map(|name| (*name).to_owned()).collect());
        let found = mentions("const a = $var.order?.total ?? $var.zero; return `${$input.name} ${a} $5 $other.x`");
        assert_eq!(found, BTreeMap::from([("input", fields(&["name"])), ("var", fields(&["order", "zero"]))]));
        assert_eq!(mentions("$var.a + Object.keys($var).length"), BTreeMap::from([("var", Mention::Whole)]));
        assert_eq!(mentions("$env['KEY']"), BTreeMap::from([("env", Mention::Whole)]));
        assert_eq!(mentions("$variable.a + $$var"), BTreeMap::from([("var", Mention::Whole)]));
    }
}
