//! Ending an execution: once, with its result and the message that it owes in one commit.
//! Never tells anybody before that commit is durable.

use std::sync::Arc;
use std::time::Duration;

use super::cancel::cancel_children;
use super::destinations;
use super::journal::{Departure, JournalError};
use super::message;
use super::monitor::alerts::poison_alert;
use super::run::{Flushed, Rewound, Run};
use crate::domain::alert::NewAlert;
use crate::domain::delivery::Delivery;
use crate::domain::execution::{Execution, Outcome, Response};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::ids::DeliveryId;
use crate::domain::value::Value;
use crate::stack::machine::Ending;
use crate::store::write::{Entry, Finish, NewDelivery, Refusal};

/// Between two looks at a database that is away.
const AWAY_PAUSE: Duration = Duration::from_millis(250);

/// An execution that has ended, durably, and the message that the courier takes from memory, unless he has it already.
pub struct Finished {
    pub execution: Arc<Execution>,
    pub delivery: Option<Box<Delivery>>,
}

/// Why an execution is to end.
pub(super) enum Verdict {
    /// Its stack is over.
    Ending(Ending),
    /// It is stopped where it stands.
    GivenUp(Failure),
}

pub(super) enum Attempted {
    Finished(Box<Finished>),
    Rewound(Rewound),
    Lost,
}

/// Commits the end. Everything that the execution wrote before is durable with it or before it.
pub(super) async fn finish(run: &mut Run, verdict: Verdict) -> Attempted {
    let (outcome, poisoned) = match verdict {
        Verdict::Ending(ending) => (outcome(run, ending), false),
        Verdict::GivenUp(failure) => {
            let poisoned = failure.code == ErrorCode::Poison;
            (failed(failure, Value::Null, Response::default()), poisoned)
        }
    };
    let outcome = if run.cancel_asked { cancelled(outcome) } else { outcome };
    match commit_at_last(run, outcome.clone(), poisoned).await {
        Err(JournalError::Refused(Refusal::CancelAsked)) => {
            run.owner.seq -= 1;
            run.cancel_asked = true;
            Box::pin(settle(run, cancelled(outcome), poisoned)).await
        }
        committed => settled(run, committed).await,
    }
}

async fn settle(run: &mut Run, outcome: Outcome, poisoned: bool) -> Attempted {
    let committed = commit_at_last(run, outcome, poisoned).await;
    settled(run, committed).await
}

/// Whether nothing keeps a new message from leaving now.
fn sends_at_once(run: &Run, delivery: &Delivery) -> bool {
    let callback = &delivery.callback;
    callback.order_key.is_none()
        && callback.flow_control.is_none()
        && !delivery.is_one_shot()
        && run.engine.lanes.figures(&delivery.destination()).is_some_and(|lane| lane.sends_at_once())
}

/// Commits, each time against the registered destinations and the paused ones as they are then.
async fn commit_at_last(run: &mut Run, outcome: Outcome, poisoned: bool) -> Result<Finished, JournalError> {
    let mut at_once = true;
    loop {
        match commit(run, outcome.clone(), poisoned, at_once).await {
            Err(JournalError::Refused(Refusal::Paused)) => {
                run.owner.seq -= 1;
                at_once = false;
            }
            Err(JournalError::Refused(Refusal::DestinationsMoved)) => {
                run.owner.seq -= 1;
                if let Err(error) = run.engine.destinations.reload(&run.engine).await {
                    tracing::warn!(error = %error, "the registered destinations could not be read, trying again");
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
            }
            committed => return committed,
        }
    }
}

async fn commit(run: &mut Run, outcome: Outcome, poisoned: bool, at_once: bool) -> Result<Finished, JournalError> {
    let now = run.engine.clock.now();
    let mut execution = Execution::clone(&run.execution);
    execution.state = outcome.state();
    execution.completed_at = Some(now);
    execution.deadline_at = None;
    execution.progressed_at = now;
    match &outcome {
        Outcome::Completed { output, response } => {
            execution.output = output.clone();
            execution.response = response.clone();
        }
        Outcome::Failed { failure, output, response } => {
            execution.output = output.clone();
            execution.response = response.clone();
            execution.failure = Some(failure.clone());
        }
        Outcome::TimedOut { failure } | Outcome::Cancelled { failure } => execution.failure = Some(failure.clone()),
    }
    let mut delivery = message::terminal(&run.engine, &execution);
    if at_once && let Some(delivery) = delivery.as_mut().filter(|delivery| sends_at_once(run, delivery)) {
        // Its first attempt begins with its birth: one commit less before it leaves.
        delivery.attempts = 1;
    }
    let (destinations, mut registered) = destinations::owed(&run.engine, &execution, delivery.as_ref());
    if run.resumes > 0 {
        // What it owed for its earlier end stays what it was: this end is another message.
        let owed = delivery.iter_mut().chain(registered.iter_mut().map(|new| &mut new.delivery));
        owed.for_each(|delivery| {
            delivery.id = DeliveryId::of(execution.birth.id, &format!("{}, resumed {}", delivery.id, run.resumes));
        });
    }
    if let Some(trace) = run.engine.traces.within(&run.birth, run.resumes) {
        let owed = delivery.iter_mut().chain(registered.iter_mut().map(|new| &mut new.delivery));
        owed.for_each(|delivery| delivery.callback.trace = Some(trace));
    }
    let own = delivery.iter().map(|delivery| NewDelivery { delivery: delivery.clone(), held: true, on_hold: false });
    let is_due = registered.iter().any(|new| !new.on_hold);
    let deliveries = own.chain(registered).collect();
    run.owner.seq += 1;
    let entry = Entry::Finish(Finish {
        owner: run.owner,
        at: now,
        outcome,
        attempt: execution.attempt,
        step: None,
        deliveries,
        destinations,
        alerts: poisoned.then(|| set_aside(&execution)).into_iter().collect(),
    });
    let execution = Arc::new(execution);
    let departure = delivery.map(Departure::of);
    let ended = run.bundle.add_with(entry, departure.clone());
    run.bundle.send();
    ended.await?;
    run.engine.metrics().ended(&execution);
    run.engine.traces.ended(&execution, run.resumes);
    run.engine.wakes.now_if(is_due);
    Ok(Finished { execution, delivery: departure.and_then(|departure| departure.take()) })
}

/// Whether somebody may have waited for its end because of a limit.
fn is_limited(run: &Run) -> bool {
    let function = run.engine.functions.current(&run.birth.function);
    function.is_some_and(|function| function.concurrency.is_some())
}

async fn settled(run: &mut Run, committed: Result<Finished, JournalError>) -> Attempted {
    match committed {
        Ok(finished) => {
            run.unacked.clear();
            run.note_born();
            run.engine.waiters.tell(&finished.execution);
            if run.unwinding.is_some() || run.cancel_asked {
                Box::pin(stop_children(run, &finished.execution)).await;
            }
            if let Some(parent) = finished.execution.birth.parent {
                run.engine.live.nudge(parent);
                run.engine.wakes.now();
            }
            run.engine.wakes.now_if(run.engine.slots.queued() > 0 || is_limited(run));
            Attempted::Finished(Box::new(finished))
        }
        // The end was refused because something before it was.
        Err(JournalError::Refused(_)) => {
            run.owner.seq -= 1;
            match Box::pin(run.flush()).await {
                Flushed::Rewound(rewound) => Attempted::Rewound(rewound),
                Flushed::Durable | Flushed::Lost => Attempted::Lost,
            }
        }
        Err(_) => Attempted::Lost,
    }
}

/// Of one that was stopped.
async fn stop_children(run: &Run, execution: &Execution) {
    if run.birth.config.timeout.cleanup_resources
        && let Err(error) = cancel_children(&run.engine, execution.birth.id).await
    {
        tracing::warn!(execution.id = %execution.birth.id, error = %error, "its children could not be cancelled");
    }
}

fn outcome(run: &Run, ending: Ending) -> Outcome {
    match ending {
        Ending::Returned { output, response } => match response.status {
            Some(status) if status >= 400 => {
                let failure = answered(run, &output, status);
                Outcome::Failed { failure, output, response }
            }
            _ => Outcome::Completed { output, response },
        },
        Ending::Raised(failure) => failed(numbered(run, *failure), Value::Null, Response::default()),
        Ending::Interrupted(failure) => {
            let failure = numbered(run, *failure);
            match failure.code {
                ErrorCode::Timeout => Outcome::TimedOut { failure },
                ErrorCode::Cancelled => Outcome::Cancelled { failure },
                _ => failed(failure, Value::Null, Response::default()),
            }
        }
    }
}

/// The stack itself answered with an error status; its output is kept.
fn answered(run: &Run, output: &Value, status: u16) -> Failure {
    let message = [output.field("message"), output.field("error")]
        .iter()
        .find_map(|said| said.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
        .unwrap_or_else(|| format!("HTTP {status}"));
    numbered(run, Failure::new(ErrorCode::Response, message).with_status(status))
}

fn numbered(run: &Run, mut failure: Failure) -> Failure {
    failure.attempt = run.execution.attempt;
    failure
}

fn failed(failure: Failure, output: Value, response: Response) -> Outcome {
    match failure.code {
        ErrorCode::Timeout if failure.status == Some(504) => Outcome::TimedOut { failure },
        ErrorCode::Cancelled => Outcome::Cancelled { failure },
        _ => Outcome::Failed { failure, output, response },
    }
}

/// A cancel mark wins over whatever the stack came to.
fn cancelled(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Cancelled { .. } => outcome,
        _ => Outcome::Cancelled { failure: Failure::new(ErrorCode::Cancelled, "the execution was cancelled") },
    }
}

fn set_aside(execution: &Execution) -> NewAlert {
    let message = execution.failure.as_ref().map(|failure| failure.message.clone());
    poison_alert(execution.birth.id, Some(execution.birth.function.as_str()), message, execution.progressed_at)
}
