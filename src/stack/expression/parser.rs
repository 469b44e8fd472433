//! Tokens to a tree: one function per level of precedence, loosest first.
//! Never accepts a text in part: whatever is left over is an error with its place.

mod filters;
mod primary;

use std::sync::Arc;

use super::SyntaxError;
use super::ast::{Expression, Node, Operator};
use super::lexer::{Placed, Token, syntax, tokens};
use crate::domain::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX, EXPRESSION_TREE_DEPTH_MAX};

/// Parses a whole text as one expression.
///
/// # Errors
/// The first thing in it that does not hold, with its byte offset and a mend where there is one.
pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(syntax(0, &format!("the expression is longer than {EXPRESSION_BYTES_MAX} bytes"), None));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, nesting: 0, in_choice: false };
    if parser.peek() == &Token::End {
        return Err(syntax(0, "the expression is empty", None));
    }
    let tree = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(Expression { node: Arc::new(tree.node), text: text.trim().into() }),
        _ => Err(parser.unexpected("the end of the expression")),
    }
}

pub(super) struct Parser {
    tokens: Vec<Placed>,
    next: usize,
    nesting: usize,
    /// Between `?` and `:`, where a colon does not belong to a filter.
    in_choice: bool,
}

/// A node and how many levels it has.
pub(super) struct Tree {
    pub node: Node,
    pub depth: usize,
}

type Parsed = Result<Tree, SyntaxError>;

impl Parser {
    /// `a ? b : c`, `a ?: b`, `b if a else c`.
    pub(super) fn expression(&mut self) -> Parsed {
        self.nesting += 1;
        if self.nesting > EXPRESSION_DEPTH_MAX {
            return Err(syntax(self.at(), &format!("the expression is nested deeper than {EXPRESSION_DEPTH_MAX} levels"), None));
        }
        let first = self.coalesce()?;
        let tree = if self.take("?:") {
            let other = self.expression()?;
            self.join(first, other, Node::Elvis)
        } else if self.take("?") {
            let outer = std::mem::replace(&mut self.in_choice, true);
            let yes = self.expression()?;
            self.in_choice = outer;
            self.expect(":", "`:` and what the value is otherwise")?;
            let no = self.expression()?;
            self.choice(first, yes, no)
        } else if self.take_word("if") {
            let condition = self.coalesce()?;
            let no = if self.take_word("else") {
                self.expression()?
            } else {
                Tree { node: Node::Literal(crate::domain::value::Value::Null), depth: 1 }
            };
            self.choice(condition, first, no)
        } else {
            Ok(first)
        };
        self.nesting -= 1;
        tree
    }

    fn coalesce(&mut self) -> Parsed {
        let mut left = self.or()?;
        while self.take("??") {
            let right = self.or()?;
            left = self.join(left, right, Node::Coalesce)?;
        }
        Ok(left)
    }

    fn or(&mut self) -> Parsed {
        let mut left = self.and()?;
        while self.take("||") || self.take_word("or") {
            let right = self.and()?;
            left = self.join(left, right, Node::Or)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let mut left = self.not()?;
        while self.take("&&") || self.take_word("and") {
            let right = self.not()?;
            left = self.join(left, right, Node::And)?;
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let mut count = 0;
        while self.take("!") || self.take_word("not") {
            count += 1;
        }
        let mut tree = self.comparison()?;
        for _ in 0..count {
            tree = self.wrap(tree, Node::Not)?;
        }
        Ok(tree)
    }

    fn comparison(&mut self) -> Parsed {
        let mut left = self.concat()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("==") => Operator::Equal,
                Token::Sign("!=") => Operator::NotEqual,
                Token::Sign("===") => Operator::Same,
                Token::Sign("!==") => Operator::NotSame,
                Token::Sign("<") => Operator::Less,
                Token::Sign("<=") => Operator::LessOrEqual,
                Token::Sign(">") => Operator::Greater,
                Token::Sign(">=") => Operator::GreaterOrEqual,
                Token::Sign("=") => {
                    return Err(syntax(self.at(), "`=` does not compare", Some("write == to compare".to_owned())));
                }
                Token::Name(word) if word == "in" => Operator::In,
                Token::Name(word) if word == "not" && self.word_follows("in") => {
                    self.next += 1;
                    Operator::NotIn
                }
                _ => return Ok(left),
            };
            self.next += 1;
            // As in JavaScript, `a == !b` negates its right side only.
            let negated = self.take("!");
            let right = self.concat()?;
            let right = if negated { self.wrap(right, Node::Not)? } else { right };
            left = self.binary(operator, left, right)?;
        }
    }

    fn concat(&mut self) -> Parsed {
        let mut left = self.sum()?;
        while self.take("~") {
            let right = self.sum()?;
            left = self.binary(Operator::Concat, left, right)?;
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("+") => Operator::Add,
                Token::Sign("-") => Operator::Subtract,
                _ => return Ok(left),
            };
            self.next += 1;
            let right = self.product()?;
            left = self.binary(operator, left, right)?;
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.negative()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Operator::Multiply,
                Token::Sign("/") => Operator::Divide,
                Token::Sign("%") => Operator::Remainder,
                Token::Sign("//") => Operator::FloorDivide,
                _ => return Ok(left),
            };
            self.next += 1;
            let right = self.negative()?;
            left = self.binary(operator, left, right)?;
        }
    }

    fn negative(&mut self) -> Parsed {
        let mut count = 0;
        while self.take("-") {
            count += 1;
        }
        let mut tree = self.filtered()?;
        for _ in 0..count {
            tree = self.wrap(tree, Node::Negative)?;
        }
        Ok(tree)
    }

    fn binary(&self, operator: Operator, left: Tree, right: Tree) -> Parsed {
        self.join(left, right, |left, right| Node::Binary(operator, left, right))
    }

    fn join(&self, left: Tree, right: Tree, make: impl FnOnce(Box<Node>, Box<Node>) -> Node) -> Parsed {
        let depth = left.depth.max(right.depth) + 1;
        self.bounded(make(Box::new(left.node), Box::new(right.node)), depth)
    }

    fn choice(&self, condition: Tree, yes: Tree, no: Tree) -> Parsed {
        let depth = condition.depth.max(yes.depth).max(no.depth) + 1;
        self.bounded(Node::Choice(Box::new([condition.node, yes.node, no.node])), depth)
    }

    fn wrap(&self, tree: Tree, make: impl FnOnce(Box<Node>) -> Node) -> Parsed {
        self.bounded(make(Box::new(tree.node)), tree.depth + 1)
    }

    fn bounded(&self, node: Node, depth: usize) -> Parsed {
        if depth > EXPRESSION_TREE_DEPTH_MAX {
            let message = format!("the expression has more than {EXPRESSION_TREE_DEPTH_MAX} levels of operators");
            return Err(syntax(self.at(), &message, Some("set a variable for a part of it".to_owned())));
        }
        Ok(Tree { node, depth })
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next].token
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    fn take(&mut self, sign: &'static str) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(name) if name == word);
        self.next += usize::from(found);
        found
    }

    fn word_follows(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.next + 1).map(|placed| &placed.token), Some(Token::Name(name)) if name == word)
    }

    fn expect(&mut self, sign: &'static str, wanted: &str) -> Result<(), SyntaxError> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Name(name) => format!("`{name}`"),
            Token::Int(number) => format!("`{number}`"),
            Token::Decimal(number) => format!("`{number}`"),
            Token::Text(_) => "a text".to_owned(),
        };
        syntax(self.at(), &format!("expected {wanted}, found {found}"), None)
    }
}
