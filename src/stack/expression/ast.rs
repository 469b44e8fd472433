//! A parsed expression as a tree.
//! Never changes once it is built.

use std::sync::Arc;

use super::builtins::Builtin;
use crate::domain::value::Value;

/// An expression, ready to be evaluated as often as needed. Cheap to clone.
#[derive(Clone)]
pub struct Expression {
    pub(super) node: Arc<Node>,
    /// As it was written, for messages.
    pub(super) text: Arc<str>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

pub(super) enum Node {
    Literal(Value),
    Root(Arc<str>),
    /// `now()` and `timestamp`: milliseconds since the epoch.
    NowMs,
    Field(Box<Node>, Arc<str>),
    Index(Box<Node>, Box<Node>),
    Array(Vec<Node>),
    Object(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negative(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// `??`: the second where the first is null.
    Coalesce(Box<Node>, Box<Node>),
    /// `?:`: the second where the first is falsy.
    Elvis(Box<Node>, Box<Node>),
    Choice(Box<[Node; 3]>),
    Binary(Operator, Box<Node>, Box<Node>),
    Filter(Box<Filter>),
}

pub(super) struct Filter {
    pub input: Node,
    pub builtin: &'static Builtin,
    /// As written, an alias perhaps.
    pub name: String,
    pub arguments: Vec<Node>,
    pub keywords: Vec<(Arc<str>, Node)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Same,
    NotSame,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Concat,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    FloorDivide,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Same => "===",
            Self::NotSame => "!==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Concat => "~",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::FloorDivide => "//",
        }
    }
}

impl Node {
    /// Calls `visit` with every root that is read.
    pub(super) fn visit_roots(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Self::Literal(_) | Self::NowMs => {}
            Self::Root(name) => visit(name),
            Self::Field(inner, _) | Self::Not(inner) | Self::Negative(inner) => inner.visit_roots(visit),
            Self::Array(items) => items.iter().for_each(|item| item.visit_roots(visit)),
            Self::Object(fields) => fields.iter().for_each(|(key, value)| {
                key.visit_roots(visit);
                value.visit_roots(visit);
            }),
            Self::Index(a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Coalesce(a, b)
            | Self::Elvis(a, b)
            | Self::Binary(_, a, b) => {
                a.visit_roots(visit);
                b.visit_roots(visit);
            }
            Self::Choice(parts) => parts.iter().for_each(|part| part.visit_roots(visit)),
            Self::Filter(filter) => {
                filter.input.visit_roots(visit);
                filter.arguments.iter().for_each(|argument| argument.visit_roots(visit));
                filter.keywords.iter().for_each(|(_, argument)| argument.visit_roots(visit));
            }
        }
    }
}
