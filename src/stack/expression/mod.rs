//! Expressions: text to values, with our own lexer, parser and evaluator.
//! Never does I/O; what it needs from a table it asks for and is evaluated again.

mod ast;
mod builtins;
mod evaluate;
mod lexer;
mod operators;
mod parser;
mod template;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

pub use ast::Expression;
pub(super) use builtins::all as filters;
pub use parser::parse;
pub use template::ValueTemplate;

/// What an expression can see.
pub trait Scope {
    /// The value of a root: `input`, a variable, `request`, `env`, `execution`, `auth`, `item`, `loop`, `error` … `None` if unset.
    fn root(&self, name: &str) -> Option<Value>;
    /// The value of `now`.
    fn now(&self) -> Timestamp;
    /// The next number of the stretch's seed, for `uuid` and its like.
    fn random(&self) -> u64;
    /// The row of another table that a row's `<name>_id` points to.
    fn related(&self, reference: &Reference) -> Related;
    /// Hears how many operations an evaluation took, whatever came of it.
    fn spent(&self, operations: u64) {
        let _ = operations;
    }
}

/// `new_order.customer`, where the order has only `customer_id`: the row with this id in table `customer` or `customers`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The name as written, `customer`.
    pub name: Arc<str>,
    pub id: Value,
}

/// What is known of a reference.
#[derive(Debug, Clone, PartialEq)]
pub enum Related {
    /// Nobody has read it yet: evaluation stops with `EvalError::Needs`.
    Unread,
    /// The row, or null when there is none.
    Read(Value),
}

/// Why an evaluation has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum EvalError {
    /// The step raises this.
    Raised(Box<Failure>),
    /// Read this row and evaluate again.
    Needs(Reference),
}

/// An error in the text of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the text that was parsed.
    pub at: usize,
    /// Stable, such as `unknown_filter`.
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
}

/// Parses and evaluates whatever these bytes say, for fuzzing: it must return, whatever they are.
pub fn fuzz(bytes: &[u8]) {
    struct Small;
    impl Scope for Small {
        fn root(&self, name: &str) -> Option<Value> {
            let list = Value::array(vec![Value::Int(1), Value::text("b"), Value::object([("k", Value::Int(2))])]);
            (name == "x").then_some(list)
        }
        fn now(&self) -> Timestamp {
            Timestamp(1_700_000_000_000)
        }
        fn random(&self) -> u64 {
            4
        }
        fn related(&self, _: &Reference) -> Related {
            Related::Read(Value::Null)
        }
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(template) = ValueTemplate::parse_text(&text) {
        // Only that it comes back matters here.
        drop(template.evaluate(&Small));
    }
    if let Ok(expression) = parse(&text) {
        drop(expression.evaluate(&Small));
    }
}
