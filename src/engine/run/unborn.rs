//! An execution that runs ahead of its own acceptance: what it holds back until that is known.
//! Never tells anybody of an execution that never was.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::Run;
use crate::domain::failure::Failure;
use crate::engine::effect::say;
use crate::engine::journal::Pending;
use crate::engine::traces::{Span, Stretch};
use crate::stack::machine::Effect;
use crate::store::write::Receipt;

/// While it is not known whether an execution was accepted.
pub(super) struct Unborn {
    receipt: Shared<Pending>,
    unsaid: Vec<Unsaid>,
}

/// What a step has to tell others than the store.
enum Unsaid {
    /// It writes to the log.
    Line(Arc<Effect>),
    Span(Box<Span>),
}

impl Unborn {
    pub(super) fn waits_for(receipt: Shared<Pending>) -> Self {
        Self { receipt, unsaid: Vec::new() }
    }
}

impl Run {
    pub(in crate::engine) fn is_unborn(&self) -> bool {
        self.unborn.is_some()
    }

    /// Lets a step write to the log, as soon as there is somebody for whom it speaks.
    pub(in crate::engine) fn say(&mut self, effect: &Arc<Effect>) {
        match &mut self.unborn {
            Some(unborn) => unborn.unsaid.push(Unsaid::Line(Arc::clone(effect))),
            None => say(&self.birth, effect),
        }
    }

    /// A try at a step is over.
    pub(in crate::engine) fn stepped(&mut self, effect: &Effect, at: Stretch, failure: Option<&Failure>) {
        let Some(span) = self.engine.traces.stepped(self, effect, at, failure) else { return };
        match &mut self.unborn {
            Some(unborn) => unborn.unsaid.push(Unsaid::Span(Box::new(span))),
            None => self.engine.traces.offer(span),
        }
    }

    /// It was accepted: its birth, or an entry behind it, is durable.
    pub(in crate::engine) fn note_born(&mut self) {
        for unsaid in self.unborn.take().map(|unborn| unborn.unsaid).unwrap_or_default() {
            match unsaid {
                Unsaid::Line(effect) => say(&self.birth, &effect),
                Unsaid::Span(span) => self.engine.traces.offer(*span),
            }
        }
    }

    /// Waits until it is known whether it was accepted. `false`: the same call had been before, or nothing is stored now.
    pub(super) async fn is_accepted(&mut self) -> bool {
        let Some(unborn) = &self.unborn else { return true };
        let accepted = matches!(unborn.receipt.clone().await, Ok(receipt) if !matches!(receipt, Receipt::Replayed(_)));
        if accepted {
            self.note_born();
        }
        accepted
    }

    /// Whether it is known by now that it was not accepted.
    pub(in crate::engine) fn was_refused(&mut self) -> bool {
        self.is_accepted().now_or_never() == Some(false)
    }
}
