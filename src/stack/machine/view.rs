//! What expressions see of a machine: roots, variables, what blocks bind, and the rows that were read.
//! Never changes the machine; it counts what was drawn and spent.

use std::cell::Cell;

use super::Machine;
use super::frame::{Doing, Each};
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
        Self { machine, drawn: Cell::new(machine.drawn), operations: Cell::new(0) }
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
            match &frame.doing {
                Doing::Call => break,
                Doing::Each(each) if *each.name == *name => return Some(item(each)),
                Doing::Each(each) if name == "loop" => return Some(loop_value(each.turn as u64, Some(length(each)))),
                Doing::While { turn } if name == "loop" => return Some(loop_value(turn.saturating_sub(1), None)),
                Doing::Try(attempt) if name == "error" && attempt.error.is_some() => {
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
            "request" if self.machine.calls.len() > 1 => Some(Value::object([("body", call.input.value.clone())])),
            "request" => Some(start.request.clone()),
            "execution" => Some(start.execution.clone()),
            "auth" => Some(start.auth.clone()),
            "env" => Some(start.env.clone()),
            "var" => {
                let variables = call.variables.iter();
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
        let each = frames.filter_map(|frame| if let Doing::Each(each) = &frame.doing { Some(each) } else { None }).next()?;
        match name {
            "loop_index" => Some(int(each.turn as u64)),
            "array_length" => Some(int(length(each))),
            _ => Some(item(each)),
        }
    }
}

impl Scope for View<'_> {
    fn root(&self, name: &str) -> Option<Value> {
        let call = self.machine.calls.last()?;
        self.bound(name)
            .or_else(|| call.value(name).cloned())
            .or_else(|| self.fixed(name))
            .or_else(|| call.input.value.as_object().and_then(|input| input.get(name)).cloned())
            .or_else(|| self.loop_alias(name))
    }

    fn now(&self) -> Timestamp {
        self.machine.now
    }

    fn random(&self) -> u64 {
        let count = self.drawn.get().wrapping_add(1);
        self.drawn.set(count);
        mix(self.machine.seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    fn related(&self, reference: &Reference) -> Related {
        self.machine.rows.get(reference).map_or(Related::Unread, |row| Related::Read(row.clone()))
    }

    fn spent(&self, operations: u64) {
        self.operations.set(self.operations.get().saturating_add(operations));
    }
}

fn item(each: &Each) -> Value {
    match &each.item {
        Some(changed) => changed.value.clone(),
        None => each.array.value.as_array().and_then(|items| items.get(each.turn)).cloned().unwrap_or_default(),
    }
}

fn length(each: &Each) -> u64 {
    each.array.value.as_array().map_or(0, <[Value]>::len) as u64
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

/// The finalizer of SplitMix64: neighbouring counters give unrelated numbers.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
