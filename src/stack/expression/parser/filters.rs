//! Filters in their three call forms: `|f(a, b)`, `|f:a:b`, `|f(attribute='x')`.
//! Never lets an unknown filter or a wrong number of arguments pass to the evaluation.

use std::sync::Arc;

use super::{Parsed, Parser, Tree};
use crate::stack::expression::SyntaxError;
use crate::stack::expression::ast::{Filter, Node};
use crate::stack::expression::builtins;
use crate::stack::expression::lexer::Token;

/// How alike two names are, from 0 to 1, so that one is offered for the other.
const NEAR_ENOUGH: f64 = 0.75;

#[derive(Default)]
pub(super) struct Arguments {
    pub positional: Vec<Node>,
    pub keywords: Vec<(Arc<str>, Node)>,
    pub depth: usize,
}

impl Parser {
    /// A value and the filters behind it.
    pub(super) fn filtered(&mut self) -> Parsed {
        let mut tree = self.postfix()?;
        while self.take("|") {
            let at = self.at();
            let Token::Name(name) = self.peek().clone() else { return Err(self.unexpected("the name of a filter")) };
            self.next += 1;
            let arguments = if self.take("(") { self.arguments()? } else { self.colon_arguments()? };
            tree = self.filter(tree, &name, at, arguments)?;
        }
        Ok(tree)
    }

    /// The filter `name` over `input`.
    pub(super) fn filter(&mut self, input: Tree, name: &str, at: usize, arguments: Arguments) -> Parsed {
        let Some(builtin) = builtins::find(name) else { return Err(unknown(name, at, "filter")) };
        let count = arguments.positional.len() + arguments.keywords.len();
        if !builtin.arguments.contains(&count) {
            return Err(wrong_count(name, at, builtin, count));
        }
        if let Some((keyword, _)) = arguments.keywords.iter().find(|(keyword, _)| !builtin.keywords.contains(&&**keyword)) {
            let help = (!builtin.keywords.is_empty()).then(|| format!("`{name}` knows {}", builtin.keywords.join(", ")));
            let message = format!("`{name}` has no argument `{keyword}`");
            return Err(SyntaxError { at, code: "wrong_arity", message, help });
        }
        let depth = input.depth.max(arguments.depth) + 1;
        let filter = Filter {
            input: input.node,
            builtin,
            name: name.to_owned(),
            arguments: arguments.positional,
            keywords: arguments.keywords,
        };
        self.bounded(Node::Filter(Box::new(filter)), depth)
    }

    /// What stands between `(` and `)`.
    pub(super) fn arguments(&mut self) -> Result<Arguments, SyntaxError> {
        let outer = std::mem::replace(&mut self.in_choice, false);
        let mut arguments = Arguments::default();
        while !self.take(")") {
            let keyword = self.keyword();
            let value = self.expression()?;
            arguments.depth = arguments.depth.max(value.depth);
            match keyword {
                Some(name) => arguments.keywords.push((name, value.node)),
                None => arguments.positional.push(value.node),
            }
            if !self.take(",") {
                self.expect(")", "`,` or `)`")?;
                break;
            }
        }
        self.in_choice = outer;
        Ok(arguments)
    }

    fn keyword(&mut self) -> Option<Arc<str>> {
        let Token::Name(name) = self.peek().clone() else { return None };
        let followed = self.tokens.get(self.next + 1).is_some_and(|placed| placed.token == Token::Sign("="));
        followed.then(|| {
            self.next += 2;
            name.into()
        })
    }

    /// Xano's form, `|f:a:b`; between `?` and `:` the colon is the choice's.
    fn colon_arguments(&mut self) -> Result<Arguments, SyntaxError> {
        let mut arguments = Arguments::default();
        while !self.in_choice && self.take(":") {
            let negative = self.take("-");
            let mut value = self.postfix()?;
            if negative {
                value = self.wrap(value, Node::Negative)?;
            }
            arguments.depth = arguments.depth.max(value.depth);
            arguments.positional.push(value.node);
        }
        Ok(arguments)
    }
}

pub(super) fn unknown(name: &str, at: usize, what: &str) -> SyntaxError {
    let code = if what == "filter" { "unknown_filter" } else { "unknown_function" };
    let near = builtins::names()
        .map(|known| (strsim::damerau_levenshtein(name, known), strsim::jaro_winkler(name, known), known))
        .filter(|(_, score, _)| *score >= NEAR_ENOUGH)
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let help = near.map(|(_, _, known)| format!("did you mean `{known}`?"));
    SyntaxError { at, code, message: format!("unknown {what} `{name}`"), help }
}

fn wrong_count(name: &str, at: usize, builtin: &builtins::Builtin, count: usize) -> SyntaxError {
    let (least, most) = (*builtin.arguments.start(), *builtin.arguments.end());
    let wanted = match (least, most) {
        (0, 0) => "no arguments".to_owned(),
        (1, 1) => "1 argument".to_owned(),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    SyntaxError { at, code: "wrong_arity", message: format!("`{name}` takes {wanted}, not {count}"), help: None }
}
