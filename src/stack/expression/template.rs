//! Values whose texts hold expressions between `{{` and `}}`, to any depth.
//! Never evaluates twice what holds no expression.

use std::sync::Arc;

use super::SyntaxError;
use super::ast::Expression;
use super::lexer::syntax;
use super::parser::parse;
use super::{EvalError, Scope};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::EXPRESSION_OUTPUT_BYTES_MAX;
use crate::domain::value::{Object, Value};
use crate::stack::document::node::{Data, Node, Text};
use crate::stack::finding::Findings;

/// A value whose texts may hold expressions, to any depth: what a step's parameter is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ValueTemplate(Template);

#[derive(Debug, Clone)]
enum Template {
    Constant(Value),
    /// The whole text is one expression: its value keeps its type.
    Expression(Expression),
    /// Expressions inside a longer text: null is empty, objects are JSON.
    Text(Arc<[Part]>),
    Array(Arc<[ValueTemplate]>),
    Object(Arc<[(ValueTemplate, ValueTemplate)]>),
}

#[derive(Debug)]
enum Part {
    Plain(String),
    Expression(Expression),
}

impl ValueTemplate {
    /// A value without any expression.
    pub fn constant(value: Value) -> Self {
        Self(Template::Constant(value))
    }

    /// The value, if it holds no expression.
    pub fn as_constant(&self) -> Option<&Value> {
        match &self.0 {
            Template::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Reads a parameter; each expression that does not hold is an error at its own place.
    pub fn read(node: &Node, findings: &mut Findings) -> Self {
        match &node.data {
            Data::Text(text) => Self::read_text(text, findings),
            Data::Array(items) => {
                let items: Vec<Self> = items.iter().map(|item| Self::read(item, findings)).collect();
                Self::of_array(items)
            }
            Data::Object(members) => {
                let mut fields = Vec::with_capacity(members.len());
                for member in members {
                    let key = Self::parse_text(&member.key).unwrap_or_else(|error| {
                        findings.error(member.key_span.start + 1 + error.at, error.code, error.message, error.help);
                        Self::constant(Value::Null)
                    });
                    fields.push((key, Self::read(&member.value, findings)));
                }
                Self::of_object(fields)
            }
            _ => Self::constant(node.to_value()),
        }
    }

    /// Reads a condition: an expression with or without `{{ }}`, and also `{{a}} === true`, where only parts are marked.
    pub fn read_condition(node: &Node, findings: &mut Findings) -> Self {
        let Data::Text(text) = &node.data else { return Self::read(node, findings) };
        let written = text.value.trim();
        if matches!(written, "true" | "false" | "") {
            return Self::constant(Value::Bool(written == "true"));
        }
        if is_one_expression(&text.value) {
            return Self::read_text(text, findings);
        }
        // Both marks become brackets of the same length, so that places stay true.
        let bare = text.value.replace("{{", " (").replace("}}", ") ");
        match parse(&bare) {
            Ok(expression) => Self(Template::Expression(expression)),
            Err(error) => {
                findings.error(text.file_offset(error.at), error.code, error.message, error.help);
                Self::constant(Value::Null)
            }
        }
    }

    /// Reads one text.
    ///
    /// # Errors
    /// The first expression in it that does not hold, with its offset in the text.
    pub fn parse_text(text: &str) -> Result<Self, SyntaxError> {
        let (template, errors) = parse_parts(text);
        errors.into_iter().next().map_or(Ok(template), Err)
    }

    /// # Errors
    /// What the expressions in it raise or need.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        match &self.0 {
            Template::Constant(value) => Ok(value.clone()),
            Template::Expression(expression) => expression.evaluate(scope),
            Template::Text(parts) => joined(parts, scope),
            Template::Array(items) => Ok(Value::array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>()?)),
            Template::Object(fields) => {
                let mut object = Object::default();
                for (key, value) in fields.iter() {
                    let key = key.evaluate(scope)?.to_text_within(EXPRESSION_OUTPUT_BYTES_MAX).ok_or_else(too_long)?;
                    object.fields.insert(key.into(), value.evaluate(scope)?);
                }
                Ok(Value::Object(Arc::new(object)))
            }
        }
    }

    /// Calls `visit` with the name of every root that is read.
    pub fn visit_roots(&self, visit: &mut dyn FnMut(&str)) {
        match &self.0 {
            Template::Constant(_) => {}
            Template::Expression(expression) => expression.node.visit_roots(visit),
            Template::Text(parts) => parts.iter().for_each(|part| {
                if let Part::Expression(expression) = part {
                    expression.node.visit_roots(visit);
                }
            }),
            Template::Array(items) => items.iter().for_each(|item| item.visit_roots(visit)),
            Template::Object(fields) => fields.iter().for_each(|(key, value)| {
                key.visit_roots(visit);
                value.visit_roots(visit);
            }),
        }
    }

    fn read_text(text: &Text, findings: &mut Findings) -> Self {
        let (template, errors) = parse_parts(&text.value);
        for error in errors {
            findings.error(text.file_offset(error.at), error.code, error.message, error.help);
        }
        template
    }

    fn of_array(items: Vec<Self>) -> Self {
        let constants: Option<Vec<Value>> = items.iter().map(|item| item.as_constant().cloned()).collect();
        Self(constants.map_or_else(|| Template::Array(items.into()), |items| Template::Constant(Value::array(items))))
    }

    fn of_object(fields: Vec<(Self, Self)>) -> Self {
        let constant = |(key, value): &(Self, Self)| Some((key.as_constant()?.to_text(), value.as_constant()?.clone()));
        let constants: Option<Vec<(String, Value)>> = fields.iter().map(constant).collect();
        Self(constants.map_or_else(|| Template::Object(fields.into()), |fields| Template::Constant(Value::object(fields))))
    }
}

fn joined(parts: &[Part], scope: &dyn Scope) -> Result<Value, EvalError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Plain(plain) => text.push_str(plain),
            Part::Expression(expression) => {
                let left = EXPRESSION_OUTPUT_BYTES_MAX.saturating_sub(text.len());
                text.push_str(&expression.evaluate(scope)?.to_text_within(left).ok_or_else(too_long)?);
            }
        }
        if text.len() > EXPRESSION_OUTPUT_BYTES_MAX {
            return Err(too_long());
        }
    }
    Ok(Value::text(text))
}

fn too_long() -> EvalError {
    let message = format!("a text grows beyond {EXPRESSION_OUTPUT_BYTES_MAX} bytes");
    EvalError::Raised(Box::new(Failure::new(ErrorCode::Limit, message)))
}

fn is_one_expression(text: &str) -> bool {
    text.starts_with("{{") && closing(&text[2..]) == Some(text.len().saturating_sub(4))
}

/// Splits a text at its marks; what does not hold is noted and left out.
fn parse_parts(text: &str) -> (ValueTemplate, Vec<SyntaxError>) {
    let mut errors = Vec::new();
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|found| from + found) {
        if open > from {
            parts.push(Part::Plain(text[from..open].to_owned()));
        }
        let start = open + 2;
        let Some(length) = closing(&text[start..]) else {
            errors.push(syntax(open, "`{{` is not closed", Some("add `}}` where the expression ends".to_owned())));
            return (ValueTemplate::constant(Value::Null), errors);
        };
        match parse(&text[start..start + length]) {
            Ok(expression) => parts.push(Part::Expression(expression)),
            Err(error) => errors.push(SyntaxError { at: start + error.at, ..error }),
        }
        from = start + length + 2;
    }
    if !errors.is_empty() {
        return (ValueTemplate::constant(Value::Null), errors);
    }
    if from < text.len() {
        parts.push(Part::Plain(text[from..].to_owned()));
    }
    let template = match parts.as_slice() {
        [] | [Part::Plain(_)] => Template::Constant(Value::text(text)),
        [Part::Expression(expression)] => Template::Expression(expression.clone()),
        _ => Template::Text(parts.into()),
    };
    (ValueTemplate(template), errors)
}

/// Where the `}}` stands that closes an expression: not one inside a text or an object of the expression.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut braces = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => braces += 1,
            (None, '}') if braces > 0 => braces -= 1,
            (None, '}') if chars.peek().is_some_and(|(_, next)| *next == '}') => return Some(at),
            _ => {}
        }
    }
    // An apostrophe that opens no text, as in a half-written expression, must not swallow the marks behind it.
    quote.and_then(|_| text.find("}}"))
}
