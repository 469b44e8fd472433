//! What is new about an execution since the last look, as the text of server-sent events.
//! Never tells the same thing twice to a reader who says what he has.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::cursor::{Cursor, digest};
use crate::domain::delivery::{DeliveryState, DeliveryView};
use crate::domain::execution::Execution;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::status;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::http::{deliveries, executions};
use crate::store::StoreError;
use crate::store::read::{Read, StepRecord};

/// Steps that one look tells.
const STEPS_PER_LOOK: i64 = 200;

/// One reader's view of one execution.
pub struct Feed {
    id: ExecutionId,
    told: Cursor,
    /// What was told of each delivery; unknown for one who came with a mark.
    deliveries: HashMap<DeliveryId, u32>,
}

/// What one look has found.
#[derive(Debug, Default)]
pub struct Look {
    pub text: String,
    /// More steps are there than one look tells.
    pub more: bool,
    /// The execution and its deliveries are over and told.
    pub over: bool,
}

impl Feed {
    pub fn of(id: ExecutionId, seen: Option<Cursor>) -> Self {
        Self { id, told: seen.unwrap_or_default(), deliveries: HashMap::new() }
    }

    /// Reads what is there now and writes what of it is new.
    ///
    /// # Errors
    /// The store's; nothing counts as told then.
    pub async fn look(&mut self, read: &dyn Read) -> Result<Look, StoreError> {
        // In this order an execution that is seen to have ended is seen with all its steps and messages.
        let Some(execution) = read.executions(&[self.id]).await?.into_iter().next().flatten() else {
            return Ok(Look { over: true, ..Look::default() });
        };
        let steps = read.steps_after(self.id, self.told.step, STEPS_PER_LOOK).await?;
        let deliveries = read.deliveries(self.id).await?;
        Ok(self.write(&execution, &steps, &deliveries))
    }

    fn write(&mut self, execution: &Execution, steps: &[(i64, StepRecord)], deliveries: &[DeliveryView]) -> Look {
        let more = i64::try_from(steps.len()).is_ok_and(|count| count >= STEPS_PER_LOOK);
        let ended = execution.state.is_terminal();
        let mut text = String::new();
        if !ended {
            self.state(&mut text, execution);
        }
        for (seq, record) in steps {
            self.told.step = *seq;
            for line in executions::logged(record) {
                self.event(&mut text, "log", &line);
            }
            if record.kind != executions::LOG {
                self.event(&mut text, "step", &executions::step(record));
            }
        }
        self.progress(&mut text, execution);
        if more {
            return Look { text, more, over: false };
        }
        if ended {
            self.state(&mut text, execution);
        }
        self.deliveries(&mut text, deliveries);
        let over = ended && deliveries.iter().all(|delivery| delivery.state != DeliveryState::Pending);
        Look { text, more, over }
    }

    fn state(&mut self, text: &mut String, execution: &Execution) {
        let waiting = execution.waiting_for.as_ref().map_or(0, |waiting| waiting.since.ms());
        let mark = digest(&format!("{} {} {waiting}", execution.state.as_str(), execution.attempt));
        if self.told.state != mark {
            self.told.state = mark;
            self.event(text, "state", &status::entry(execution));
        }
    }

    fn progress(&mut self, text: &mut String, execution: &Execution) {
        if execution.progress.is_null() {
            return;
        }
        let mark = digest(&execution.progress.to_json_text());
        if self.told.progress != mark {
            self.told.progress = mark;
            let fields = [("execution_id", Value::text(self.id.to_string())), ("progress", execution.progress.clone())];
            self.event(text, "progress", &Value::object(fields));
        }
    }

    fn deliveries(&mut self, text: &mut String, deliveries: &[DeliveryView]) {
        let marks: Vec<(&DeliveryView, u32)> = deliveries.iter().map(|delivery| (delivery, mark(delivery))).collect();
        let all: String = marks.iter().map(|(delivery, mark)| format!("{} {mark} ", delivery.id)).collect();
        let all = if all.is_empty() { 0 } else { digest(&all) };
        if self.told.deliveries == all {
            return;
        }
        self.told.deliveries = all;
        for (delivery, mark) in marks {
            if self.deliveries.insert(delivery.id, mark) != Some(mark) {
                self.event(text, "delivery", &deliveries::shown(delivery));
            }
        }
    }

    fn event(&self, text: &mut String, name: &str, data: &Value) {
        // Writing to a String cannot fail, and JSON text has no line breaks.
        let _ = write!(text, "id: {}\nevent: {name}\ndata: {}\n\n", self.told, data.to_json_text());
    }
}

/// What makes a delivery worth telling again.
fn mark(delivery: &DeliveryView) -> u32 {
    let last = delivery.attempts.last().map_or("", |attempt| attempt.outcome.as_str());
    let due = delivery.due_at.map_or(0, Timestamp::ms);
    digest(&format!("{} {} {last} {due}", delivery.state.as_str(), delivery.attempts.len()))
}

#[cfg(test)]
mod tests;
