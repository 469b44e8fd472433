//! `send_callback`: owes an interim message to the execution's callback, or to a URL of its own.
//! Never waits for its delivery.

use super::{Move, StepContext, StepKind, StepReader};
use crate::stack::expression::{EvalError, ValueTemplate};
use crate::stack::machine::Action;

#[derive(Debug)]
struct SendCallback {
    url: Option<ValueTemplate>,
    body: Option<ValueTemplate>,
}

pub fn read(reader: &mut StepReader<'_>) -> Box<dyn StepKind> {
    let url = reader.optional(&["url", "callback_url"]);
    Box::new(SendCallback { url, body: reader.optional(&["body", "data", "payload"]) })
}

impl StepKind for SendCallback {
    fn name(&self) -> &'static str {
        "send_callback"
    }

    fn perform(&self, context: &StepContext<'_>) -> Result<Move, EvalError> {
        let url = context.text("url", self.url.as_ref())?.filter(|url| !url.is_empty());
        Ok(Move::Effect(Action::SendCallback { url, body: context.value_or_null(self.body.as_ref())? }))
    }

    fn visit_templates(&self, visit: &mut dyn FnMut(&ValueTemplate)) {
        [&self.url, &self.body].into_iter().flatten().for_each(visit);
    }

    fn has_effect(&self) -> bool {
        true
    }
}
