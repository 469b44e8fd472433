//! `template_engine`: a longer text with values, loops and conditions in it.
//! Never takes its template from a value: what callers send is data.

use std::sync::Arc;

use super::context::parameter;
use super::reader::{place_in, program_text};
use super::{Move, StepContext, StepKind, StepReader};
use crate::domain::value::Value;
use crate::sandbox::check;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::{Action, Computation, Language};

#[derive(Debug)]
struct TemplateEngine {
    text: Arc<str>,
    names: Vec<String>,
    /// Names that only the template sees, over those of the stack.
    data: Option<ValueTemplate>,
    escape: bool,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let node = reader.find_required(&["template", "content", "text"]);
    let text = node.and_then(|node| program_text(reader, node, "template"));
    let mut names = Vec::new();
    if let Some(text) = text {
        match check::template(&text.value) {
            Ok(found) => names = found,
            Err(error) => {
                let (at, message) = place_in(text, &error.message, error.line, error.column, "template");
                reader.findings.error(at, "template", message, None);
            }
        }
    }
    let data = reader.optional(&["data", "variables", "context"]);
    let escape = reader.flag(&["autoescape", "escape"]).unwrap_or(true);
    let text = text.map_or_else(Arc::default, |text| text.value.as_str().into());
    Box::new(TemplateEngine { text, names, data, escape })
}

impl StepKind for TemplateEngine {
    fn name(&self) -> &'static str {
        "template_engine"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let data = match context.value_or_null(self.data.as_ref())? {
            Value::Null => Value::Object(Arc::default()),
            Value::Object(object) => Value::Object(object),
            other => return Err(parameter(format!("`data` is an object with names for the template, not {}", other.kind()))),
        };
        let of_data = |name: &str| data.as_object().and_then(|data| data.get(name)).cloned();
        let seen = self.names.iter().filter_map(|name| {
            let value = of_data(name).or_else(|| match name.as_str() {
                "now" => Some(Value::Timestamp(context.scope.now())),
                "var" => context.scope.root("$var"),
                name => context.scope.root(name),
            });
            Some((name.as_str(), value?))
        });
        let (names, text) = (Value::object(seen), Arc::clone(&self.text));
        let language = Language::Template { escape: self.escape };
        Ok(Move::Effect(Action::Compute(Box::new(Computation { language, text, names, seed: 0 }))))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        self.data.iter().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
