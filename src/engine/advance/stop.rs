//! What stops an execution from outside: a cancel mark, its deadline, too many crashes, a node that stops.
//! Never ends an execution itself; the machine unwinds first.

use std::time::Duration;

use super::settle;
use super::{Left, Step};
use crate::domain::callback::EventType;
use crate::domain::execution::{State, WaitingFor};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::OnTimeout;
use crate::domain::limits::{CRASHES_MAX, FINALLY_MS_MAX};
use crate::engine::destinations;
use crate::engine::live::Signal;
use crate::engine::message::Interim;
use crate::engine::run::Run;

/// How long an effect in flight may still take when the node stops.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// Looks at what has come from outside since the last look, which mostly is nothing: what follows from it stands in boxes.
/// `busy`: what is in flight may still land before the node stops.
pub(super) async fn look(run: &mut Run, signal: Signal, busy: bool) -> Step {
    let now = run.engine.clock.now();
    if let Some((failure, until)) = &run.unwinding {
        return if now >= *until { Box::pin(settle::give_up(run, failure.clone())).await } else { Step::GoOn };
    }
    if run.crashes >= CRASHES_MAX {
        let message = format!("set aside: this execution was running in {} crashes of its process in a row", run.crashes);
        return Box::pin(settle::give_up(run, Failure::new(ErrorCode::Poison, message))).await;
    }
    if run.cancel_asked {
        unwind(run, Failure::new(ErrorCode::Cancelled, "the execution was cancelled"));
        return Step::GoOn;
    }
    if run.deadline_at.is_some_and(|deadline| now >= deadline) {
        return Box::pin(out_of_time(run)).await;
    }
    if signal == Signal::Stop && !busy {
        let waiting = WaitingFor { what: "slot".to_owned(), since: now, until: None };
        return Box::pin(settle::lie_down(run, State::Queued, waiting, Some(now))).await;
    }
    Step::GoOn
}

async fn out_of_time(run: &mut Run) -> Step {
    let limit_ms = run.birth.config.max_execution_ms;
    let message = format!("the execution ran longer than its {} s", limit_ms / 1000);
    let failure = Failure::new(ErrorCode::Timeout, message).with_status(504);
    match run.birth.config.timeout.on_timeout {
        OnTimeout::Retry if run.execution.attempt <= run.birth.config.retry.max_retries => {
            settle::next_attempt(run, &failure).await
        }
        OnTimeout::Cancel | OnTimeout::Retry => {
            unwind(run, failure);
            Step::GoOn
        }
        OnTimeout::Notify => {
            run.deadline_at = None;
            let late = Interim { event: EventType::Overdue, label: "overdue", url: None, data: None };
            let overdue = destinations::owed_interim(&run.engine, &run.execution, &late).await;
            match settle::overdue(run, overdue).await {
                Ok(()) => Step::GoOn,
                Err(()) => Step::Leave(Left::Lost),
            }
        }
    }
}

fn unwind(run: &mut Run, failure: Failure) {
    let until = run.engine.clock.now().plus_ms(FINALLY_MS_MAX);
    run.machine.interrupt(failure.clone());
    run.unwinding = Some((failure, until));
}
