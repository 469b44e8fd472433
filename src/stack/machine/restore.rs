//! Reading deltas back into a machine.
//! Never runs a step; a delta that does not fit its program is refused.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::call::{Call, Change, Variable};
use super::fork::{Branch, Fork, Over};
use super::frame::{Doing, Each, Frame, Signal, Try};
use super::kept::Kept;
use super::record::{
    Body, CallRecord, DoingRecord, ForkRecord, FrameRecord, Head, OutputRecord, OverRecord, RowRecord, SignalRecord, VERSION,
};
use super::thread::{Held, Thread};
use super::{Ending, Machine, Programs, RestoreError, Start, held};
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

/// Whether a delta stands behind a failure that ends the stack.
pub fn has_failed(delta: &str) -> Result<bool, RestoreError> {
    let head: Head = serde_json::from_str(delta).map_err(damaged)?;
    Ok(head.ended.is_some_and(|ended| ended.is_failure()) || head.frames.iter().any(FrameRecord::is_failing))
}

/// What the frames of a path, or of a branch, are built on.
struct Path<'a, 'b> {
    /// The frame under the first one, in a branch.
    below: Option<&'a Frame>,
    /// The calls that the frames make, from below.
    calls: std::iter::Skip<std::slice::Iter<'a, Call>>,
    /// The calls whose variables a loop may run over.
    shared: &'b [Call],
    pins: &'b [Arc<Program>],
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
        let mut calls = HashSet::from([0]);
        head.visit_calls(&mut |id| {
            calls.insert(id);
        });
        self.variables.retain(|id, _| calls.contains(id));
        self.head = Some(head);
        Ok(())
    }

    fn build(mut self, start: Start, head: Head, programs: &dyn Programs) -> Result<Machine, RestoreError> {
        let mut machine = Machine::new(start);
        let Head { now, seed, drawn, attempt, held, rows, .. } = &head;
        machine.thread = self.thread((*now, *seed, *drawn, *attempt), *held, rows)?;
        machine.next_id = head.next_id;
        machine.written = head.next_id;
        for (name, version) in &head.pins {
            machine.pins.push(find_program(name, version, programs)?);
        }
        if let Some(ended) = head.ended {
            machine.frames.clear();
            machine.calls.clear();
            machine.ended = Some(self.ending(ended)?);
            return Ok(machine);
        }
        machine.calls[0].variables = self.read_variables(0)?;
        let root = machine.calls[0].clone();
        for record in &head.calls {
            let below = machine.calls.last().unwrap_or(&root).clone();
            let call = self.call(record, &below, &machine.pins)?;
            machine.calls.push(call);
        }
        let mut path = Path { below: None, calls: machine.calls.iter().skip(1), shared: &machine.calls, pins: &machine.pins };
        machine.frames = self.frames(head.frames, &root, &mut path)?;
        Ok(machine)
    }

    fn thread(
        &self,
        (now, seed, drawn, attempt): (i64, u64, u64, u32),
        held: Option<u64>,
        rows: &[RowRecord],
    ) -> Result<Thread, RestoreError> {
        let mut thread = Thread { drawn, attempt, ..Thread::new(Timestamp(now), seed) };
        for row in rows {
            let reference = Reference { name: row.name.as_str().into(), id: read_value(&row.id)? };
            thread.rows.insert(reference, read_value(&row.row)?);
        }
        thread.held = held.map(|id| self.held(id)).transpose()?;
        Ok(thread)
    }

    fn held(&self, id: u64) -> Result<Held, RestoreError> {
        let kept = self.kept(id)?;
        let (request, timeout_ms) = held::from_value(&kept.value).ok_or_else(|| damaged("a request does not read"))?;
        Ok(Held { request: Box::new(request), timeout_ms, kept })
    }

    fn call(&mut self, record: &CallRecord, below: &Call, pins: &[Arc<Program>]) -> Result<Call, RestoreError> {
        if record.branch {
            let variables = self.read_variables(record.id)?;
            return Ok(Call { variables, ..Call::branch(record.id, below) });
        }
        // By name alone: a function is pinned once, and a resume may have pinned a newer version.
        let pinned = pins.iter().find(|program| program.name.as_str() == record.name);
        let program = pinned.cloned().ok_or_else(|| damaged(format!("the call of {} is not pinned", record.name)))?;
        let mut call = Call::new(record.id, program, self.kept(record.input)?);
        call.variables = self.read_variables(record.id)?;
        Ok(call)
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

    /// The frames of the path, or of a branch above `path.below`.
    fn frames<'c>(
        &mut self,
        records: Vec<FrameRecord>,
        root: &'c Call,
        path: &mut Path<'c, '_>,
    ) -> Result<Vec<Frame>, RestoreError> {
        let mut frames: Vec<Frame> = Vec::with_capacity(records.len());
        let mut call = root;
        for record in records {
            let below = frames.last().or(path.below);
            if frames.last().is_some_and(|below| matches!(below.doing, Doing::Call | Doing::Fork(_))) {
                call = path.calls.next().ok_or_else(|| damaged("a call is missing"))?;
            }
            let block = match below {
                Some(below) if !matches!(below.doing, Doing::Call) => inner_block(below, record.via),
                _ => Some(Arc::clone(&call.program.steps)),
            };
            let block = block.ok_or_else(|| damaged("a frame has no block in its program"))?;
            if record.at > block.len() {
                return Err(damaged(format!("a block of {} steps stands at {}", block.len(), record.at)));
            }
            let last = record.last.map(|id| self.kept(id)).transpose()?;
            let mut frame = Frame { block, via: record.via, at: record.at, doing: Doing::Idle, last };
            frame.doing = match record.doing {
                DoingRecord::Fork(fork) => Doing::Fork(Box::new(self.fork(*fork, &frame, call, path)?)),
                other => self.doing(other)?,
            };
            if let Doing::Each(each) = &mut frame.doing {
                share(&mut each.array.value, path.shared);
            }
            frames.push(frame);
        }
        Ok(frames)
    }

    fn fork(&mut self, record: ForkRecord, at: &Frame, call: &Call, path: &Path<'_, '_>) -> Result<Fork, RestoreError> {
        let over = match record.over {
            OverRecord::Each { array, name } => {
                let mut array = self.kept(array)?;
                share(&mut array.value, path.shared);
                Over::Each { array, name: name.into() }
            }
            OverRecord::Parallel { names } => Over::Parallel { names: names.into_iter().map(Arc::from).collect() },
        };
        let optional = |folded: &Self, id: Option<u64>| id.map(|id| folded.kept(id)).transpose();
        let mut fork = Fork::new(over, record.limit);
        (fork.next, fork.active, fork.stopped) = (record.next, record.active, record.stopped);
        fork.item = optional(self, record.item)?;
        fork.results = record.results.into_iter().map(|id| optional(self, id)).collect::<Result<_, _>>()?;
        fork.leaving = record.leaving.map(|signal| self.signal(signal)).transpose()?;
        for branch in record.branches {
            let mut calls: Vec<Call> = Vec::with_capacity(branch.calls.len());
            for record in &branch.calls {
                let above = self.call(record, calls.last().unwrap_or(call), path.pins)?;
                calls.push(above);
            }
            let own = calls.first().ok_or_else(|| damaged("a branch has no variables"))?;
            let mut above = Path { below: Some(at), calls: calls.iter().skip(1), shared: path.shared, pins: path.pins };
            let frames = self.frames(branch.frames, own, &mut above)?;
            let thread = self.thread((branch.now, branch.seed, branch.drawn, branch.attempt), branch.held, &branch.rows)?;
            let item = optional(self, branch.item)?;
            fork.branches.push(Branch { number: branch.number, frames, calls, item, thread, stop: branch.stop });
        }
        Ok(fork)
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
            DoingRecord::Fork(_) => return Err(damaged("a fork stands where none can")),
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
