//! The kinds of step, one file each: how it is read from a file and what it asks of the machine.
//! Never performs anything itself.

mod add_record;
mod assignment;
mod async_function_await;
mod conditional;
mod context;
mod count_records;
mod create_variable;
mod custom_function;
mod delete_record;
mod delete_records;
mod edit_record;
mod external_api_request;
mod get_record;
mod group;
mod jump;
mod kinds;
mod lambda;
mod log;
mod loop_each;
mod parallel;
mod precondition;
mod query_records;
mod read;
mod reader;
mod record_query;
mod request_parts;
mod retry;
mod return_response;
mod return_value;
mod send_callback;
mod sleep;
mod switch;
mod template_engine;
#[cfg(test)]
mod tests;
mod throw_error;
mod try_catch;
mod update_progress;
mod update_variable;
mod upsert_record;
mod wait_for_event;
mod while_loop;

use std::fmt::Debug;
use std::sync::Arc;

pub use assignment::{Assignment, Operation};
pub use context::{StepContext, excessive};
pub use kinds::{KINDS, Kind};
pub use read::{Nesting, read_block, read_step};
pub use reader::StepReader;
pub use try_catch::{CATCH, FINALLY, TRY};

use crate::domain::execution::Response;
use crate::domain::failure::Failure;
use crate::domain::function::FunctionName;
use crate::domain::value::Value;
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;
use crate::stack::program::Block;

/// A kind of step with its parameters.
pub trait StepKind: Debug + Send + Sync {
    /// The canonical name, `external_api_request`.
    fn name(&self) -> &'static str;

    /// What it asks of the machine now. Called again when a row was missing, and for the next turn of a loop with a condition.
    ///
    /// # Errors
    /// What its expressions raise or need, and parameters that do not hold.
    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError>;

    /// The blocks inside it; a [`Move`] names them by their place here.
    fn blocks(&self) -> &[NamedBlock] {
        &[]
    }

    /// Calls `visit` with every parameter that holds expressions, those of inner blocks excepted.
    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate));

    /// Calls `visit` with the label and the steps of every block inside it.
    fn visit_blocks(&self, visit: &mut dyn FnMut(&str, &Block)) {
        for block in self.blocks() {
            visit(&block.label, &block.steps);
        }
    }

    /// The names that it sets or binds beside `return_as`.
    fn sets(&self) -> Vec<Arc<str>> {
        Vec::new()
    }

    /// The function that it calls, where the name is written out.
    fn calls(&self) -> Option<&str> {
        None
    }

    /// Whether it asks something of the world, so that a retry policy and a timeout mean something.
    fn has_effect(&self) -> bool {
        false
    }
}

/// A block inside a step, and how positions and traces name it: `true_branch`, `cases.paid`.
#[derive(Debug)]
pub struct NamedBlock {
    pub label: Arc<str>,
    pub steps: Block,
}

impl NamedBlock {
    pub fn new(label: impl Into<Arc<str>>, steps: Block) -> Self {
        Self { label: label.into(), steps }
    }
}

/// What a step asks of the machine.
#[derive(Debug)]
pub enum Move {
    /// The step is over without a value.
    Pass,
    /// The step is over and sets variables.
    Assign(Vec<Assignment>),
    /// The world must do something; its answer is the step's value.
    Effect(Action),
    /// One block is run, once.
    Enter(usize),
    /// The first block is run for each item, bound to `item`, so many at once.
    Each { array: Value, item: Arc<str>, at_once: usize },
    /// The first block is run, then the step is performed again.
    Repeat,
    /// The blocks are those of `try_catch`.
    Try { has_catch: bool, has_finally: bool },
    /// All blocks are run side by side; the step's value holds their results by name.
    Parallel(Vec<Arc<str>>),
    /// A function is run inside this execution; its output is the step's value.
    Call { name: FunctionName, inputs: Value },
    /// The function is over.
    Return { output: Value, response: Response },
    /// The step fails.
    Raise(Box<Failure>),
    /// The innermost loop is over.
    Break,
    /// The innermost loop goes to its next turn.
    Continue,
}
