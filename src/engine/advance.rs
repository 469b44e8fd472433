//! Advancing an execution: the machine asks, the engine performs, the journal remembers, until it ends or lies down.
//! Never lets one execution hold up others, and never lets a byte out before what came earlier is durable.

mod settle;
mod stop;

use std::time::Duration;

use tokio::sync::watch;

use super::effect::{self, Circumstances, Done};
use super::finish::Finished;
use super::live::{Hearing, Signal};
use super::run::{Flushed, Run};
use crate::domain::execution::WaitingFor;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::limits::{FUEL_PER_TURN, JOURNAL_ENTRY_BYTES_MAX};
use crate::domain::timestamp::Timestamp;
use crate::stack::machine::{Effect, Ending, Need};

/// How an execution left this node's memory.
pub enum Left {
    /// It ended; the message that it owes goes out straight from memory.
    Finished(Box<Finished>),
    /// It lies in the store until something wakes it.
    Parked,
    /// Somebody else owns it, or the journal has stopped.
    Lost,
}

/// What the loop does next.
pub(super) enum Step {
    GoOn,
    Leave(Left),
}

/// Lets an execution fail where it stands; its retry policy holds as for any other failure.
pub(super) async fn fail(run: &mut Run, failure: Failure) -> Left {
    loop {
        let ending = Ending::Raised(Box::new(failure.clone()));
        if let Step::Leave(left) = settle::ended(run, ending).await {
            return left;
        }
    }
}

/// Runs an execution until it leaves. A panic inside is the caller's to catch.
pub async fn advance(run: &mut Run, hearing: &mut Hearing) -> Left {
    let signal = &mut hearing.signal;
    loop {
        run.hear(*signal.borrow_and_update());
        if let Step::Leave(left) = stop::look(run, *signal.borrow()).await {
            return left;
        }
        let mut fuel = FUEL_PER_TURN;
        let step = match run.machine.run(&mut fuel) {
            Need::Yield => {
                tokio::task::yield_now().await;
                Step::GoOn
            }
            Need::Row(reference) => {
                match effect::related_row(&run.engine, &reference).await {
                    Ok(row) => run.machine.accept_row(reference, row),
                    Err(error) => {
                        tracing::error!(execution.id = %run.birth.id, error = %error, "a related row could not be read");
                        run.machine.accept_row(reference, crate::domain::value::Value::Null);
                    }
                }
                Step::GoOn
            }
            Need::Program(name) => {
                let program = run.engine.functions.current(&name).map(|function| function.program.clone());
                run.machine.accept_program(program);
                Step::GoOn
            }
            Need::Effect(effect) => perform(run, &effect, signal).await,
            Need::End(ending) => settle::ended(run, ending).await,
        };
        if let Step::Leave(left) = step {
            return left;
        }
    }
}

async fn perform(run: &mut Run, effect: &Effect, signal: &mut watch::Receiver<Signal>) -> Step {
    if effect::needs_flush(&effect.action) {
        match run.flush().await {
            Flushed::Durable => {}
            Flushed::Rewound(failure) => return settle::rewound(run, failure).await,
            Flushed::Lost => return Step::Leave(Left::Lost),
        }
    }
    if effect.at_most_once
        && let Some(step) = settle::at_most_once(run, effect).await
    {
        return step;
    }
    let started_at = run.engine.clock.now();
    let done = {
        let around = Circumstances {
            engine: &run.engine,
            birth: &run.birth,
            execution: &run.execution,
            resumes: run.resumes,
            stretch: run.machine.now(),
            mark: run.mark.as_ref(),
            memory_left: memory_left(run),
            unwinding: run.unwinding.is_some(),
        };
        tokio::select! {
            biased;
            () = interrupted(run, signal.clone()) => None,
            done = timed(effect, effect::perform(&around, effect)) => Some(done),
        }
    };
    match done {
        // The loop looks at what interrupted it; what was in flight is dropped with its connection.
        None => Step::GoOn,
        Some(Done::Performed(performed)) => settle::performed(run, effect, started_at, performed).await,
        Some(Done::Failed(failure)) => settle::failed(run, effect, started_at, failure).await,
        Some(Done::Wait(plan)) => {
            let since = run.engine.clock.now();
            let waiting = WaitingFor { what: plan.what.to_owned(), since, until: plan.until };
            settle::wait(run, effect, waiting, plan).await
        }
    }
}

/// The step's own `timeout`, if it has one.
async fn timed(effect: &Effect, performing: impl Future<Output = Done>) -> Done {
    let Some(timeout_ms) = effect.timeout_ms else { return performing.await };
    let bound = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
    tokio::time::timeout(bound, performing).await.unwrap_or_else(|_| {
        Done::Failed(Failure::new(ErrorCode::RequestTimeout, format!("the step took longer than its timeout of {timeout_ms} ms")))
    })
}

/// Resolves when the execution should look up from what it is doing: cancelled, out of time, or the node stops.
async fn interrupted(run: &Run, mut signal: watch::Receiver<Signal>) {
    let deadline = match &run.unwinding {
        Some((_, until)) => Some(*until),
        None => run.deadline_at,
    };
    let listens = run.unwinding.is_none() && !run.cancel_asked;
    let told = async {
        if !listens {
            return std::future::pending().await;
        }
        let wanted = *signal.borrow();
        if wanted == Signal::Stop {
            tokio::time::sleep(stop::GRACE).await;
            return;
        }
        if signal.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        if *signal.borrow() == Signal::Stop {
            tokio::time::sleep(stop::GRACE).await;
        }
    };
    let late = async {
        match deadline {
            Some(deadline) => rest_until(run, deadline).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = told => {}
        () = late => {}
    }
}

async fn rest_until(run: &Run, at: Timestamp) {
    loop {
        let left_ms = at.since_ms(run.engine.clock.now());
        if left_ms <= 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))).await;
    }
}

fn memory_left(run: &Run) -> usize {
    let limit = usize::try_from(run.birth.config.memory_limit_bytes).unwrap_or(usize::MAX);
    limit.saturating_sub(run.machine.memory_bytes()).min(JOURNAL_ENTRY_BYTES_MAX)
}
