//! Values as they are written: literals, names, brackets, and the paths behind them.
//! Never reads an operator.

use super::filters::unknown;
use super::{Parsed, Parser, Tree};
use crate::domain::value::Value;
use crate::stack::expression::ast::Node;
use crate::stack::expression::builtins;
use crate::stack::expression::lexer::Token;

/// Filters that are called by themselves; their first argument is no input.
const WITHOUT_INPUT: [&str; 3] = ["range", "uuid", "generate_uuid"];

impl Parser {
    /// A value with the path behind it: `a.b[0]['user-agent'][-1]`.
    pub(super) fn postfix(&mut self) -> Parsed {
        let mut tree = self.primary()?;
        loop {
            if self.take(".") || self.take("?.") {
                let at = self.at();
                let name = match self.peek().clone() {
                    Token::Name(name) => name,
                    Token::Int(index) => {
                        self.next += 1;
                        let index = Tree { node: Node::Literal(Value::Int(index)), depth: 1 };
                        tree = self.join(tree, index, Node::Index)?;
                        continue;
                    }
                    _ => return Err(self.unexpected("the name of a field")),
                };
                self.next += 1;
                tree = if self.take("(") {
                    let arguments = self.arguments()?;
                    self.filter(tree, &name, at, arguments)?
                } else {
                    self.wrap(tree, |inner| Node::Field(inner, name.into()))?
                };
            } else if self.take("[") {
                let outer = std::mem::replace(&mut self.in_choice, false);
                let index = self.expression()?;
                self.in_choice = outer;
                self.expect("]", "`]`")?;
                tree = self.join(tree, index, Node::Index)?;
            } else {
                return Ok(tree);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        let token = self.peek().clone();
        let literal = |value| Ok(Tree { node: Node::Literal(value), depth: 1 });
        match token {
            Token::Int(number) => {
                self.next += 1;
                literal(Value::Int(number))
            }
            Token::Decimal(number) => {
                self.next += 1;
                literal(Value::Decimal(number))
            }
            Token::Text(text) => {
                self.next += 1;
                literal(Value::text(text))
            }
            Token::Name(name) => {
                self.next += 1;
                self.named(&name, at)
            }
            Token::Sign("(") => {
                self.next += 1;
                let outer = std::mem::replace(&mut self.in_choice, false);
                let inner = self.expression()?;
                self.in_choice = outer;
                self.expect(")", "`)`")?;
                Ok(inner)
            }
            Token::Sign("[") => self.array(),
            Token::Sign("{") => self.object(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn named(&mut self, name: &str, at: usize) -> Parsed {
        let literal = |value| Ok(Tree { node: Node::Literal(value), depth: 1 });
        match name {
            "true" | "True" => literal(Value::Bool(true)),
            "false" | "False" => literal(Value::Bool(false)),
            "null" | "none" | "None" | "undefined" => literal(Value::Null),
            "and" | "or" | "if" | "else" | "in" => {
                self.next -= 1;
                Err(self.unexpected("a value"))
            }
            _ if self.take("(") => self.called(name, at),
            _ => Ok(Tree { node: Node::Root(name.into()), depth: 1 }),
        }
    }

    /// `range(5)`, `now()`, and any filter with its input as the first argument.
    fn called(&mut self, name: &str, at: usize) -> Parsed {
        let mut arguments = self.arguments()?;
        if matches!(name, "now" | "timestamp") && arguments.positional.is_empty() && arguments.keywords.is_empty() {
            return Ok(Tree { node: Node::NowMs, depth: 1 });
        }
        if builtins::find(name).is_none() {
            return Err(unknown(name, at, "function"));
        }
        let input = if WITHOUT_INPUT.contains(&name) || arguments.positional.is_empty() {
            Node::Literal(Value::Null)
        } else {
            arguments.positional.remove(0)
        };
        let depth = arguments.depth.max(1);
        self.filter(Tree { node: input, depth }, name, at, arguments)
    }

    fn array(&mut self) -> Parsed {
        self.next += 1;
        let outer = std::mem::replace(&mut self.in_choice, false);
        let (mut items, mut depth) = (Vec::new(), 0);
        while !self.take("]") {
            let item = self.expression()?;
            depth = depth.max(item.depth);
            items.push(item.node);
            if !self.take(",") {
                self.expect("]", "`,` or `]`")?;
                break;
            }
        }
        self.in_choice = outer;
        self.bounded(Node::Array(items), depth + 1)
    }

    fn object(&mut self) -> Parsed {
        self.next += 1;
        let outer = std::mem::replace(&mut self.in_choice, false);
        let (mut fields, mut depth) = (Vec::new(), 0);
        while !self.take("}") {
            let key = match self.peek().clone() {
                Token::Name(name) | Token::Text(name) => name,
                Token::Int(number) => number.to_string(),
                _ => return Err(self.unexpected("the name of a field")),
            };
            self.next += 1;
            self.expect(":", "`:`")?;
            let value = self.expression()?;
            depth = depth.max(value.depth);
            fields.push((Node::Literal(Value::text(key)), value.node));
            if !self.take(",") {
                self.expect("}", "`,` or `}`")?;
                break;
            }
        }
        self.in_choice = outer;
        self.bounded(Node::Object(fields), depth + 1)
    }
}
