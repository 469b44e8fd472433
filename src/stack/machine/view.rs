//! What expressions see of a machine: roots, variables, what blocks bind, and the rows that were read.
//! Never changes the machine; it counts what was drawn and spent.

use std::cell::Cell;

use super::Machine;
use super::call::Call;
use super::frame::{Doing, Turning};
use super::thread::random;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::{Reference, Related, Scope};

pub struct View<'a> {
    machine: &'a Machine,
    drawn: Cell<u64>,
    operations: Cell<u64>,
}

impl<'a> View<'a> {
    pub fn new(machine: &'a Machine) -> Self {
        Self { machine, drawn: Cell::new(machine.thread.drawn), operations: Cell::new(0) }
    }

    /// How many random numbers the stretch has drawn so far.
    pub fn drawn(&self) -> u64 {
        self.drawn.get()
    }

    /// How many operations the evaluations through this view took.
    pub fn operations(&self) -> u64 {
        self.operations.get()
    }

    /// What the blocks around the current step bind: innermost first, within this call.
    fn bound(&self, name: &str) -> Option<Value> {
        for frame in self.machine.frames.iter().rev() {
            match (&frame.doing, frame.doing.turning()) {
                (Doing::Call, _) => break,
                (_, Some(turning)) if turning.name == name => return Some(turning.item()),
                (_, Some(turning)) if name == "loop" => {
                    return Some(loop_value(turning.turn as u64, Some(turning.length())));
                }
                (Doing::While { turn }, _) if name == "loop" => return Some(loop_value(turn.saturating_sub(1), None)),
                (Doing::Try(attempt), _) if name == "error" && attempt.error.is_some() => {
                    return attempt.error.as_ref().map(|error| error.value.clone());
                }
                _ => {}
            }
        }
        None
    }

    fn fixed(&self, name: &str) -> Option<Value> {
        let start = &self.machine.start;
        let call = self.machine.calls.last()?;
        match name.strip_prefix('$').unwrap_or(name) {
            "input" | "inputs" => Some(call.input.value.clone()),
            // A function inside this execution sees as its request what it would see as a child: its input.
            "request" if self.machine.calls.iter().filter(|call| !call.branch).count() > 1 => {
                Some(Value::object([("body", call.input.value.clone())]))
            }
            "request" => Some(start.request.clone()),
            "execution" => Some(start.execution.value()),
            "auth" => Some(start.auth.clone()),
            "env" => Some(start.env.clone()),
            "var" => {
                let scopes: Vec<&Call> = self.machine.scopes().collect();
                let variables = scopes.into_iter().rev().flat_map(|call| &call.variables);
                Some(Value::object(variables.map(|(name, variable)| (std::sync::Arc::clone(name), variable.value.clone()))))
            }
            _ => None,
        }
    }

    /// Names that sister documents use inside a loop.
    fn loop_alias(&self, name: &str) -> Option<Value> {
        if !matches!(name, "loop_item" | "loop_index" | "array_length" | "item") {
            return None;
        }
        let frames = self.machine.frames.iter().rev().take_while(|frame| !matches!(frame.doing, Doing::Call));
        let turning: Turning<'_> = frames.filter_map(|frame| frame.doing.turning()).next()?;
        match name {
            "loop_index" => Some(int(turning.turn as u64)),
            "array_length" => Some(int(turning.length())),
            _ => Some(turning.item()),
        }
    }
}

impl Scope for View<'_> {
    fn root(&self, name: &str) -> Option<Value> {
        let call = self.machine.calls.last()?;
        self.bound(name)
            .or_else(|| self.machine.variable(name).cloned())
            .or_else(|| self.fixed(name))
            .or_else(|| call.input.value.as_object().and_then(|input| input.get(name)).cloned())
            .or_else(|| self.loop_alias(name))
    }

    fn now(&self) -> Timestamp {
        self.machine.thread.now
    }

    fn random(&self) -> u64 {
        let count = self.drawn.get().wrapping_add(1);
        self.drawn.set(count);
        random(self.machine.thread.seed, count)
    }

    fn related(&self, reference: &Reference) -> Related {
        self.machine.thread.rows.get(reference).map_or(Related::Unread, |row| Related::Read(row.clone()))
    }

    fn spent(&self, operations: u64) {
        self.operations.set(self.operations.get().saturating_add(operations));
    }
}

fn loop_value(index: u64, length: Option<u64>) -> Value {
    let mut fields = vec![("index", int(index + 1)), ("index0", int(index)), ("first", Value::Bool(index == 0))];
    if let Some(length) = length {
        fields.push(("last", Value::Bool(index + 1 == length)));
        fields.push(("length", int(length)));
    }
    Value::object(fields)
}

fn int(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
