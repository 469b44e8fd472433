//! Writing a delta: where the machine stands, and the values that changed.
//! Never writes a kept value twice, nor a list that only grew as a whole.

use std::sync::Arc;

use super::Ending;
use super::Machine;
use super::call::{Call, Change, Variable};
use super::fork::{Branch, Fork, Over};
use super::frame::{Doing, Frame, Signal};
use super::kept::Kept;
use super::record::{
    BranchRecord, CallRecord, DoingRecord, ForkRecord, FrameRecord, Head, OutputRecord, OverRecord, RowRecord, SignalRecord,
    VERSION,
};
use super::thread::Thread;
use crate::domain::value::Value;

pub fn write(machine: &Machine, full: bool) -> Arc<str> {
    let mut text = serde_json::to_string(&head(machine, full)).expect("records have only text keys");
    text.pop();
    text.push_str(",\"kept\":{");
    write_kept(machine, full, &mut text);
    text.push_str("},\"variables\":{");
    write_variables(machine, full, &mut text);
    text.push_str("}}");
    text.into()
}

fn head(machine: &Machine, full: bool) -> Head {
    let pins = machine.pins.iter().map(|program| (program.name.to_string(), program.version.to_string()));
    let thread = &machine.thread;
    Head {
        v: VERSION,
        full,
        now: thread.now.ms(),
        seed: thread.seed,
        drawn: thread.drawn,
        attempt: thread.attempt,
        next_id: machine.next_id,
        held: held(thread),
        rows: rows(thread),
        pins: pins.collect(),
        calls: machine.calls.iter().skip(1).map(call_record).collect(),
        frames: machine.frames.iter().map(frame_record).collect(),
        ended: machine.ended.as_ref().map(ending_record),
    }
}

fn call_record(call: &Call) -> CallRecord {
    CallRecord {
        id: call.id,
        name: call.program.name.to_string(),
        version: call.program.version.to_string(),
        input: call.input.id,
        branch: call.branch,
    }
}

fn rows(thread: &Thread) -> Vec<RowRecord> {
    let row = |(reference, row): &(crate::stack::expression::Reference, Value)| RowRecord {
        name: reference.name.to_string(),
        id: reference.id.to_stored_text(),
        row: row.to_stored_text(),
    };
    thread.rows.iter().map(row).collect()
}

fn held(thread: &Thread) -> Option<u64> {
    thread.held.as_ref().map(|held| held.kept.id)
}

fn write_kept(machine: &Machine, full: bool, text: &mut String) {
    let mut first = true;
    let mut write = |kept: &Kept| {
        if full || kept.id >= machine.written {
            push_entry(text, &mut first, &kept.id.to_string(), &kept.value.to_stored_text());
        }
    };
    machine.thread.held.iter().for_each(|held| write(&held.kept));
    machine.visit_calls(&mut |call| {
        if call.id != 0 && !call.branch {
            write(&call.input);
        }
    });
    machine.frames.iter().for_each(|frame| frame.visit_kept(&mut |kept| write(kept)));
}

fn write_variables(machine: &Machine, full: bool, text: &mut String) {
    let mut first = true;
    machine.visit_calls(&mut |call| {
        let (mut set, mut append) = (String::new(), String::new());
        let (mut first_set, mut first_append) = (true, true);
        for (name, variable) in &call.variables {
            match changed(variable, full) {
                Some(Written::Whole) => push_entry(&mut set, &mut first_set, name, &variable.value.to_stored_text()),
                Some(Written::Items(items)) => push_entry(&mut append, &mut first_append, name, &items.to_stored_text()),
                None => {}
            }
        }
        if !set.is_empty() || !append.is_empty() {
            let changes = format!("{{\"set\":{{{set}}},\"append\":{{{append}}}}}");
            push_entry(text, &mut first, &call.id.to_string(), &changes);
        }
    });
}

enum Written {
    Whole,
    Items(Value),
}

fn changed(variable: &Variable, full: bool) -> Option<Written> {
    match variable.change {
        _ if full => Some(Written::Whole),
        Change::None => None,
        Change::Replaced => Some(Written::Whole),
        Change::AppendedTo(length) => {
            let items = variable.value.as_array().and_then(|items| items.get(length..)).unwrap_or_default();
            Some(Written::Items(Value::array(items.to_vec())))
        }
    }
}

/// Writes `"key":value` into an object; `value` is JSON already.
fn push_entry(text: &mut String, first: &mut bool, key: &str, value: &str) {
    if !std::mem::replace(first, false) {
        text.push(',');
    }
    text.push_str(&serde_json::to_string(key).expect("a text is always JSON"));
    text.push(':');
    text.push_str(value);
}

fn frame_record(frame: &Frame) -> FrameRecord {
    let doing = match &frame.doing {
        Doing::Idle => DoingRecord::Idle,
        Doing::Block => DoingRecord::Block,
        Doing::Call => DoingRecord::Call,
        Doing::While { turn } => DoingRecord::While { turn: *turn },
        Doing::Each(each) => {
            DoingRecord::Each { array: each.array.id, name: each.name.to_string(), turn: each.turn, item: id(&each.item) }
        }
        Doing::Try(attempt) => DoingRecord::Try {
            part: attempt.part,
            catch: attempt.has_catch,
            finally: attempt.has_finally,
            error: id(&attempt.error),
            pending: attempt.pending.as_ref().map(signal_record),
        },
        Doing::Fork(fork) => DoingRecord::Fork(Box::new(fork_record(fork))),
    };
    FrameRecord { at: frame.at, via: frame.via, doing, last: id(&frame.last) }
}

fn id(kept: &Option<Kept>) -> Option<u64> {
    kept.as_ref().map(|kept| kept.id)
}

fn fork_record(fork: &Fork) -> ForkRecord {
    ForkRecord {
        over: match &fork.over {
            Over::Each { array, name } => OverRecord::Each { array: array.id, name: name.to_string() },
            Over::Parallel { names } => OverRecord::Parallel { names: names.iter().map(ToString::to_string).collect() },
        },
        limit: fork.limit,
        next: fork.next,
        active: fork.active,
        item: id(&fork.item),
        branches: fork.branches.iter().map(branch_record).collect(),
        results: fork.results.iter().map(id).collect(),
        stopped: fork.stopped,
        leaving: fork.leaving.as_ref().map(signal_record),
    }
}

fn branch_record(branch: &Branch) -> BranchRecord {
    let thread = &branch.thread;
    BranchRecord {
        number: branch.number,
        frames: branch.frames.iter().map(frame_record).collect(),
        calls: branch.calls.iter().map(call_record).collect(),
        item: id(&branch.item),
        stop: branch.stop,
        now: thread.now.ms(),
        seed: thread.seed,
        drawn: thread.drawn,
        attempt: thread.attempt,
        held: held(thread),
        rows: rows(thread),
    }
}

fn signal_record(signal: &Signal) -> SignalRecord {
    match signal {
        Signal::Raise(failure) => SignalRecord::Raise(failure.to_value().to_stored_text()),
        Signal::Interrupt(failure) => SignalRecord::Interrupt(failure.to_value().to_stored_text()),
        Signal::Break => SignalRecord::Break,
        Signal::Continue => SignalRecord::Continue,
        Signal::Return { output, response } => {
            SignalRecord::Return { output: OutputRecord::Kept(output.id), response: response.clone() }
        }
    }
}

fn ending_record(ending: &Ending) -> SignalRecord {
    match ending {
        Ending::Raised(failure) => SignalRecord::Raise(failure.to_value().to_stored_text()),
        Ending::Interrupted(failure) => SignalRecord::Interrupt(failure.to_value().to_stored_text()),
        Ending::Returned { output, response } => {
            SignalRecord::Return { output: OutputRecord::Text(output.to_stored_text()), response: response.clone() }
        }
    }
}
