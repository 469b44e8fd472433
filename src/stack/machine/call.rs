//! One call of a function: its program, its input and its variables, with what changed in them; or the variables that a
//! branch of it has of its own.
//! Never sees the variables of another call.

use std::sync::Arc;

use indexmap::IndexMap;

use super::kept::Kept;
use crate::domain::value::Value;
use crate::stack::program::Program;

#[derive(Debug, Clone)]
pub struct Call {
    /// Tells two calls at the same depth apart.
    pub id: u64,
    pub program: Arc<Program>,
    /// The root call's input is the start's and has identity 0.
    pub input: Kept,
    pub variables: IndexMap<Arc<str>, Variable>,
    /// A branch of the call below: it has that one's program and input, and sees its variables under its own.
    pub branch: bool,
}

#[derive(Debug, Clone)]
pub struct Variable {
    pub value: Value,
    pub bytes: usize,
    pub change: Change,
}

/// What happened to a variable since the last delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    None,
    Replaced,
    /// Items were appended behind this many.
    AppendedTo(usize),
}

impl Call {
    pub fn root(program: Arc<Program>, input: Value) -> Self {
        Self { id: 0, program, input: Kept { id: 0, value: input, bytes: 0 }, variables: IndexMap::new(), branch: false }
    }

    pub fn new(id: u64, program: Arc<Program>, input: Kept) -> Self {
        Self { id, program, input, variables: IndexMap::new(), branch: false }
    }

    pub fn branch(id: u64, of: &Self) -> Self {
        let input = Kept { bytes: 0, ..of.input.clone() };
        Self { id, program: Arc::clone(&of.program), input, variables: IndexMap::new(), branch: true }
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.variables.get(name).map(|variable| &variable.value)
    }

    pub fn set(&mut self, name: Arc<str>, value: Value) {
        let variable = Variable { bytes: name.len() + value.memory_bytes(), value, change: Change::Replaced };
        self.variables.insert(name, variable);
    }

    /// Appends in place, so that a list that grows in a loop is neither copied nor written again as a whole.
    pub fn append(&mut self, name: &str, item: Value) -> Result<(), Value> {
        let Some(variable) = self.variables.get_mut(name) else { return Err(item) };
        let Value::Array(items) = &mut variable.value else { return Err(item) };
        if variable.change == Change::None {
            variable.change = Change::AppendedTo(items.len());
        }
        variable.bytes += item.memory_bytes();
        Arc::make_mut(items).push(item);
        Ok(())
    }

    pub fn mark_written(&mut self) {
        self.variables.values_mut().for_each(|variable| variable.change = Change::None);
    }

    /// Whether a variable is this very list: what a loop runs over is most often one.
    pub fn holds(&self, value: &Value) -> bool {
        let Value::Array(items) = value else { return false };
        self.variables.values().any(|variable| matches!(&variable.value, Value::Array(own) if Arc::ptr_eq(own, items)))
    }

    pub fn memory_bytes(&self) -> usize {
        self.input.bytes + self.variables.values().map(|variable| variable.bytes).sum::<usize>()
    }
}
