//! `loop`: runs a block for each item of a list.
//! Never evaluates the list again between turns.

use std::sync::Arc;

use super::context::{parameter, shown};
use super::while_loop::{WhileLoop, read_body};
use super::{Move, NamedBlock, StepContext, StepKind, StepReader};
use crate::domain::limits::BRANCHES_MAX;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};

#[derive(Debug)]
struct Loop {
    array: ValueTemplate,
    item: Arc<str>,
    /// How many turns may run at once; one after the other without it.
    concurrency: Option<ValueTemplate>,
    body: [NamedBlock; 1],
}

const ARRAY: &[&str] = &["array", "input_array", "items", "list", "input"];

/// A loop without a list but with a condition is a `while_loop`.
pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    if reader.peek(ARRAY).is_none() && reader.peek(&["condition"]).is_some() {
        let condition = reader.condition(&["condition"]);
        return Box::new(WhileLoop::new(condition, read_body(reader)));
    }
    let array = reader.required(ARRAY);
    let item = reader.name(ITEM);
    let concurrency = reader.optional(&["concurrency"]);
    let body = [read_body(reader)];
    Box::new(Loop { array, item: item.unwrap_or_else(|| Arc::from("item")), concurrency, body })
}

const ITEM: &[&str] = &["as", "loop_item_variable", "item_variable", "item_name"];

impl Loop {
    fn at_once(&self, context: &StepContext<'_>) -> Result<usize, EvalError> {
        let given = context.integer("concurrency", self.concurrency.as_ref())?.unwrap_or(1);
        usize::try_from(given)
            .ok()
            .filter(|at_once| (1..=BRANCHES_MAX).contains(at_once))
            .ok_or_else(|| parameter(format!("`concurrency` is a number from 1 to {BRANCHES_MAX}, not {given}")))
    }
}

impl StepKind for Loop {
    fn name(&self) -> &'static str {
        "loop"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        match context.value(&self.array)? {
            Value::Null => Ok(Move::Pass),
            array @ Value::Array(_) => {
                let at_once = self.at_once(context)?;
                Ok(Move::Each { array, item: Arc::clone(&self.item), at_once })
            }
            other => Err(parameter(format!("`array` is a list, not {}; a single value is written [ … ]", shown(&other)))),
        }
    }

    fn blocks(&self) -> &[NamedBlock] {
        &self.body
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        visit(&self.array);
        self.concurrency.iter().for_each(visit);
    }

    fn sets(&self) -> Vec<Arc<str>> {
        vec![Arc::clone(&self.item)]
    }
}
