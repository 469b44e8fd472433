//! Answers of the world: values are checked before they are let in, failures are thrown where the machine stands.
//! Never lets in what no database stores or no journal entry holds.

use std::sync::Arc;

use super::Machine;
use super::thread::Asked;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::JOURNAL_ENTRY_BYTES_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::program::Program;

/// Bytes of stored text that one byte of an estimate can become at most: control characters are escaped by six.
const ESCAPED_BYTES_MAX: usize = 6;

impl Machine {
    pub(super) fn accept_answer(&mut self, position: &str, answer: Result<Value, Failure>, now: Timestamp, seed: u64) {
        let stands = self.ended.is_none() && self.frames.last().is_some_and(|frame| frame.step().is_some());
        if !stands || !self.focus(position) {
            return;
        }
        self.thread.asked = None;
        let answer = answer.map_err(Box::new).and_then(checked);
        // A failure is stamped with the attempt that failed, a value belongs to the stretch that follows.
        self.thread.begin_stretch(now, seed);
        match answer {
            Ok(value) => self.complete(Some(value)),
            Err(failure) => self.raise(failure),
        }
    }

    pub(super) fn accept_program_answer(&mut self, program: Option<Arc<Program>>) {
        let Some(Asked::Program(name)) = self.thread.asked.take() else { return };
        match program {
            Some(program) if program.name == name => self.pins.push(program),
            _ => {
                let message = format!("there is no function \"{name}\"; is its file deployed?");
                self.raise(Box::new(Failure::new(ErrorCode::FunctionUnknown, message)));
            }
        }
    }
}

fn checked(value: Value) -> Result<Value, Box<Failure>> {
    if let Err(error) = value.check() {
        return Err(Box::new(Failure::new(ErrorCode::InvalidValue, format!("the answer cannot be stored: {error}"))));
    }
    let bytes = value.memory_bytes();
    if bytes > JOURNAL_ENTRY_BYTES_MAX / ESCAPED_BYTES_MAX {
        let bytes = value.to_stored_text().len();
        if bytes > JOURNAL_ENTRY_BYTES_MAX {
            let message = format!(
                "the answer has {bytes} bytes, more than the {JOURNAL_ENTRY_BYTES_MAX} that one step may keep; ask for less, such as one page"
            );
            return Err(Box::new(Failure::new(ErrorCode::ValueTooLarge, message)));
        }
    }
    Ok(value)
}
