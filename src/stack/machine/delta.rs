//! Writing a delta: where the machine stands, and the values that changed.
//! Never writes a kept value twice, nor a list that only grew as a whole.

use std::sync::Arc;

use super::Ending;
use super::Machine;
use super::call::{Change, Variable};
use super::frame::{Doing, Frame, Signal};
use super::kept::Kept;
use super::record::{CallRecord, DoingRecord, FrameRecord, Head, OutputRecord, RowRecord, SignalRecord, VERSION};
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
    let row = |(reference, row): &(crate::stack::expression::Reference, Value)| RowRecord {
        name: reference.name.to_string(),
        id: reference.id.to_stored_text(),
        row: row.to_stored_text(),
    };
    let calls = machine.calls.iter().skip(1).map(|call| CallRecord {
        id: call.id,
        name: call.program.name.to_string(),
        version: call.program.version.to_string(),
        input: call.input.id,
    });
    let pins = machine.pins.iter().map(|program| (program.name.to_string(), program.version.to_string()));
    Head {
        v: VERSION,
        full,
        now: machine.now.ms(),
        seed: machine.seed,
        drawn: machine.drawn,
        attempt: machine.attempt,
        next_id: machine.next_id,
        rows: machine.rows.iter().map(row).collect(),
        pins: pins.collect(),
        calls: calls.collect(),
        frames: machine.frames.iter().map(frame_record).collect(),
        ended: machine.ended.as_ref().map(ending_record),
    }
}

fn write_kept(machine: &Machine, full: bool, text: &mut String) {
    let mut first = true;
    let mut write = |kept: &Kept| {
        if full || kept.id >= machine.written {
            push_entry(text, &mut first, &kept.id.to_string(), &kept.value.to_stored_text());
        }
    };
    machine.calls.iter().skip(1).for_each(|call| write(&call.input));
    machine.frames.iter().for_each(|frame| frame.visit_kept(&mut |kept| write(kept)));
}

fn write_variables(machine: &Machine, full: bool, text: &mut String) {
    let mut first = true;
    for call in &machine.calls {
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
    }
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
    let id = |kept: &Option<Kept>| kept.as_ref().map(|kept| kept.id);
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
        Doing::Parallel { names, results } => DoingRecord::Parallel {
            names: names.iter().map(ToString::to_string).collect(),
            results: results.iter().map(|result| result.id).collect(),
        },
    };
    FrameRecord { at: frame.at, via: frame.via, doing, last: id(&frame.last) }
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
