//! Reading deltas back into a machine.
//! Never runs a step; a delta that does not fit its program is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::call::{Call, Change, Variable};
use super::frame::{Doing, Each, Frame, Signal, Try};
use super::kept::Kept;
use super::record::{Body, CallRecord, DoingRecord, FrameRecord, Head, OutputRecord, SignalRecord, VERSION};
use super::{Ending, Machine, Programs, RestoreError, Start};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::expression::Reference;
use crate::stack::program::{Block, Program};

pub fn restore(start: Start, deltas: &[Arc<str>], programs: &dyn Programs) -> Result<Machine, RestoreError> {
    let mut folded = Folded::default();
    for delta in deltas {
        folded.fold(delta)?;
    }
    match folded.head.take() {
        None => Ok(Machine::new(start)),
        Some(head) => folded.build(start, head, programs),
    }
}

/// What the deltas say together; values stay text until the last word on them is known.
#[derive(Default)]
struct Folded<'a> {
    head: Option<Head>,
    kept: BTreeMap<u64, &'a RawValue>,
    variables: BTreeMap<u64, IndexMap<String, VariableText<'a>>>,
}

/// A variable's last whole value, if it has one, and the lists appended to it since.
#[derive(Default)]
struct VariableText<'a> {
    whole: Option<&'a RawValue>,
    appended: Vec<&'a RawValue>,
}

fn damaged(error: impl ToString) -> RestoreError {
    RestoreError::Damaged(error.to_string())
}

fn read_value(text: &str) -> Result<Value, RestoreError> {
    Value::from_stored_text(text).map_err(damaged)
}

impl<'a> Folded<'a> {
    fn fold(&mut self, delta: &'a str) -> Result<(), RestoreError> {
        let head: Head = serde_json::from_str(delta).map_err(damaged)?;
        if head.v != VERSION {
            return Err(damaged(format!("it has version {}, and {VERSION} is known", head.v)));
        }
        let body: Body<'a> = serde_json::from_str(delta).map_err(damaged)?;
        if head.full {
            self.kept.clear();
            self.variables.clear();
        }
        self.kept.extend(body.kept);
        for (call, changes) in body.variables {
            let variables = self.variables.entry(call).or_default();
            for (name, whole) in changes.set {
                variables.insert(name, VariableText { whole: Some(whole), appended: Vec::new() });
            }
            for (name, items) in changes.append {
                variables.entry(name).or_default().appended.push(items);
            }
        }
        self.variables.retain(|id, _| *id == 0 || head.calls.iter().any(|call| call.id == *id));
        self.head = Some(head);
        Ok(())
    }

    fn build(mut self, start: Start, head: Head, programs: &dyn Programs) -> Result<Machine, RestoreError> {
        let mut machine = Machine::new(start);
        machine.now = Timestamp(head.now);
        machine.seed = head.seed;
        machine.drawn = head.drawn;
        machine.attempt = head.attempt;
        machine.next_id = head.next_id;
        machine.written = head.next_id;
        for row in &head.rows {
            let reference = Reference { name: row.name.as_str().into(), id: read_value(&row.id)? };
            machine.rows.insert(reference, read_value(&row.row)?);
        }
        for (name, version) in &head.pins {
            machine.pins.push(find_program(name, version, programs)?);
        }
        if let Some(ended) = head.ended {
            machine.frames.clear();
            machine.calls.clear();
            machine.ended = Some(self.ending(ended)?);
            return Ok(machine);
        }
        for call in &head.calls {
            let call = self.call(call, &machine.pins)?;
            machine.calls.push(call);
        }
        for call in &mut machine.calls {
            call.variables = self.read_variables(call.id)?;
        }
        machine.frames = self.frames(head.frames, &machine.calls)?;
        Ok(machine)
    }

    fn call(&self, record: &CallRecord, pins: &[Arc<Program>]) -> Result<Call, RestoreError> {
        let pinned = pins.iter().find(|program| program.name.as_str() == record.name && *program.version.0 == *record.version);
        let program = pinned.cloned().ok_or_else(|| damaged(format!("the call of {} is not pinned", record.name)))?;
        Ok(Call::new(record.id, program, self.kept(record.input)?))
    }

    fn read_variables(&mut self, call: u64) -> Result<IndexMap<Arc<str>, Variable>, RestoreError> {
        let texts = self.variables.remove(&call).unwrap_or_default();
        let read = |(name, text): (String, VariableText<'_>)| {
            let mut value = text.whole.map_or(Ok(Value::array(Vec::new())), |whole| read_value(whole.get()))?;
            for items in text.appended {
                let items = read_value(items.get())?;
                let (Value::Array(all), Value::Array(new)) = (&mut value, &items) else {
                    return Err(damaged(format!("{name} was appended to and is no list")));
                };
                Arc::make_mut(all).extend(new.iter().cloned());
            }
            let variable = Variable { bytes: name.len() + value.memory_bytes(), value, change: Change::None };
            Ok((Arc::from(name), variable))
        };
        texts.into_iter().map(read).collect()
    }

    fn kept(&self, id: u64) -> Result<Kept, RestoreError> {
        let text = self.kept.get(&id).ok_or_else(|| damaged(format!("the value {id} is missing")))?;
        Ok(Kept::new(id, read_value(text.get())?))
    }

    fn frames(&self, records: Vec<FrameRecord>, calls: &[Call]) -> Result<Vec<Frame>, RestoreError> {
        let mut frames: Vec<Frame> = Vec::with_capacity(records.len());
        let mut call = 0;
        for record in records {
            let block = match frames.last() {
                None => root_block(calls, 0),
                Some(below) if matches!(below.doing, Doing::Call) => {
                    call += 1;
                    root_block(calls, call)
                }
                Some(below) => inner_block(below, record.via),
            };
            let block = block.ok_or_else(|| damaged("a frame has no block in its program"))?;
            if record.at > block.len() {
                return Err(damaged(format!("a block of {} steps stands at {}", block.len(), record.at)));
            }
            let last = record.last.map(|id| self.kept(id)).transpose()?;
            let mut doing = self.doing(record.doing)?;
            if let Doing::Each(each) = &mut doing {
                share(&mut each.array.value, calls);
            }
            frames.push(Frame { block, via: record.via, at: record.at, doing, last });
        }
        Ok(frames)
    }

    fn doing(&self, record: DoingRecord) -> Result<Doing, RestoreError> {
        let optional = |id: Option<u64>| id.map(|id| self.kept(id)).transpose();
        Ok(match record {
            DoingRecord::Idle => Doing::Idle,
            DoingRecord::Block => Doing::Block,
            DoingRecord::Call => Doing::Call,
            DoingRecord::While { turn } => Doing::While { turn },
            DoingRecord::Each { array, name, turn, item } => {
                Doing::Each(Each { array: self.kept(array)?, name: name.into(), turn, item: optional(item)? })
            }
            DoingRecord::Try { part, catch, finally, error, pending } => Doing::Try(Box::new(Try {
                part,
                has_catch: catch,
                has_finally: finally,
                error: optional(error)?,
                pending: pending.map(|signal| self.signal(signal)).transpose()?,
            })),
            DoingRecord::Parallel { names, results } => Doing::Parallel {
                names: names.into_iter().map(Arc::from).collect(),
                results: results.into_iter().map(|id| self.kept(id)).collect::<Result<_, _>>()?,
            },
        })
    }

    fn signal(&self, record: SignalRecord) -> Result<Signal, RestoreError> {
        Ok(match record {
            SignalRecord::Raise(failure) => Signal::Raise(Box::new(read_failure(&failure)?)),
            SignalRecord::Interrupt(failure) => Signal::Interrupt(Box::new(read_failure(&failure)?)),
            SignalRecord::Break => Signal::Break,
            SignalRecord::Continue => Signal::Continue,
            SignalRecord::Return { output: OutputRecord::Kept(id), response } => {
                Signal::Return { output: self.kept(id)?, response }
            }
            SignalRecord::Return { output: OutputRecord::Text(_), .. } => {
                return Err(damaged("a pending return has no identity"));
            }
        })
    }

    fn ending(&self, record: SignalRecord) -> Result<Ending, RestoreError> {
        Ok(match record {
            SignalRecord::Raise(failure) => Ending::Raised(Box::new(read_failure(&failure)?)),
            SignalRecord::Interrupt(failure) => Ending::Interrupted(Box::new(read_failure(&failure)?)),
            SignalRecord::Return { output: OutputRecord::Text(text), response } => {
                Ending::Returned { output: read_value(&text)?, response }
            }
            _ => return Err(damaged("the stack is over without an ending")),
        })
    }
}

/// A loop most often runs over a variable's list: that one is held once, as it was before.
fn share(list: &mut Value, calls: &[Call]) {
    let mut variables = calls.iter().flat_map(|call| call.variables.values());
    if let Some(variable) = variables.find(|variable| variable.value == *list) {
        *list = variable.value.clone();
    }
}

fn find_program(name: &str, version: &str, programs: &dyn Programs) -> Result<Arc<Program>, RestoreError> {
    let name = FunctionName::parse(name).map_err(damaged)?;
    let version = FunctionVersion(version.into());
    programs.program(&name, &version).ok_or(RestoreError::ProgramMissing { name, version })
}

fn root_block(calls: &[Call], index: usize) -> Option<Block> {
    calls.get(index).map(|call| Arc::clone(&call.program.steps))
}

fn inner_block(below: &Frame, via: usize) -> Option<Block> {
    below.step()?.kind.blocks().get(via).map(|block| Arc::clone(&block.steps))
}

fn read_failure(text: &str) -> Result<Failure, RestoreError> {
    let value = read_value(text)?;
    let text = |name: &str| value.field(name).to_text();
    Ok(Failure {
        name: text("name"),
        code: ErrorCode::parse(&text("code")),
        message: text("message"),
        status: value.field("status").as_integer().and_then(|status| u16::try_from(status).ok()),
        payload: value.field("payload"),
        stack: text("stack"),
        step: value.field("step").as_str().map(str::to_owned),
        attempt: value.field("attempt").as_integer().and_then(|attempt| u32::try_from(attempt).ok()).unwrap_or(1),
    })
}
