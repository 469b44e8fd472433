//! Where a machine stands, as text: unique positions for keys, traces for people.
//! Never holds what differs between a run and its repetition.

use std::fmt::Write;
use std::sync::Arc;

use super::call::Call;
use super::frame::{Doing, Frame};

/// `stack[2].operations[0]#3`: the path of blocks, with the turn of every loop; a call of a function goes on with
/// `>name:stack[0]`.
pub fn position(frames: &[Frame], calls: &[Call]) -> Arc<str> {
    let mut text = String::with_capacity(32);
    let mut call = 0;
    for (index, frame) in frames.iter().enumerate() {
        match index.checked_sub(1).map(|below| &frames[below]) {
            None => write_part(&mut text, "stack", frame.at),
            Some(below) if matches!(below.doing, Doing::Call) => {
                call += 1;
                let name = calls.get(call).map_or("", |call| call.program.name.as_str());
                text.push('>');
                text.push_str(name);
                write_part(&mut text, ":stack", frame.at);
            }
            Some(below) => {
                // A branch has variables of its own above those of its call.
                call += usize::from(below.fork().is_some());
                text.push('.');
                write_part(&mut text, label(below, frame.via), frame.at);
                if let Some(turn) = below.doing.turn() {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "#{turn}");
                }
            }
        }
    }
    text.into()
}

/// One line a call, innermost first: `at process_data stack[2].true_branch[0] external_api_request`.
pub fn trace(frames: &[Frame], calls: &[Call]) -> String {
    let mut lines: Vec<String> = Vec::with_capacity(calls.len());
    let mut first = 0;
    for call in calls.iter().filter(|call| !call.branch) {
        let rest = &frames[first..];
        let length = rest.iter().position(|frame| matches!(frame.doing, Doing::Call)).map_or(rest.len(), |at| at + 1);
        lines.push(line(call, &rest[..length]));
        first += length;
    }
    lines.reverse();
    lines.join("\n")
}

fn line(call: &Call, frames: &[Frame]) -> String {
    let mut text = format!("at {} ", call.program.name);
    for (index, frame) in frames.iter().enumerate() {
        match index.checked_sub(1).map(|below| &frames[below]) {
            None => write_part(&mut text, "stack", frame.at),
            Some(below) => {
                text.push('.');
                write_part(&mut text, label(below, frame.via), frame.at);
            }
        }
    }
    if let Some(step) = frames.last().and_then(Frame::step) {
        text.push(' ');
        text.push_str(step.kind.name());
    }
    text
}

fn label(frame: &Frame, via: usize) -> &str {
    frame.step().and_then(|step| step.kind.blocks().get(via)).map_or("", |block| &block.label)
}

fn write_part(text: &mut String, label: &str, at: usize) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{label}[{at}]");
}
