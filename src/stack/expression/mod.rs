//! Expressions: text to values, with our own lexer, parser and evaluator.
//! Never does I/O; what it needs from a table it asks for and is evaluated again.

use std::sync::Arc;

use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;

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

/// A value whose texts may hold expressions, to any depth: what a step's parameter is.
#[derive(Debug, Clone)]
pub struct ValueTemplate(());

impl ValueTemplate {
    pub fn read(node: &crate::stack::document::node::Node, findings: &mut crate::stack::finding::Findings) -> Self {
        let _ = (node, findings);
        unimplemented!("owned by the expression helper")
    }

    pub fn read_condition(node: &crate::stack::document::node::Node, findings: &mut crate::stack::finding::Findings) -> Self {
        let _ = (node, findings);
        unimplemented!("owned by the expression helper")
    }

    /// A value without any expression.
    pub fn constant(value: Value) -> Self {
        let _ = value;
        unimplemented!("owned by the expression helper")
    }

    /// The value, if it holds no expression.
    pub fn as_constant(&self) -> Option<&Value> {
        unimplemented!("owned by the expression helper")
    }

    /// # Errors
    /// What the expressions in it raise or need.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        let _ = scope;
        unimplemented!("owned by the expression helper")
    }

    /// Calls `visit` with the name of every root that is read, and the offset of its first use within its text.
    pub fn visit_roots(&self, visit: &mut dyn FnMut(&str)) {
        let _ = visit;
        unimplemented!("owned by the expression helper")
    }
}
