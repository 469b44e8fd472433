//! What an effect's outcome does to its execution: a checkpoint, another try, a sleep, an end.
//! Never waits for a commit that the next effect does not depend on.

use super::flights::{RETRY, Waiting};
use super::history::{note, record};
use super::{Left, Step};
use crate::domain::alert::{NewAlert, kind};
use crate::domain::execution::{State, WaitingFor};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::function::RetryPolicy;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::BUNDLE_ENTRIES_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::engine::effect::Performed;
use crate::engine::finish::{self, Verdict};
use crate::engine::journal::JournalError;
use crate::engine::mark::Note;
use crate::engine::run::{Flushed, Rewound, Run};
use crate::engine::start::queued;
use crate::engine::traces::Stretch;
use crate::stack::machine::{Effect, Ending, Machine};
use crate::store::write::{Checkpoint, Delta, Entry, NewDelivery, Park, Refusal, StepRecord};

/// Times that an edit may find its row changed before the step gives up.
const CONFLICTS_MAX: u32 = 50;
/// Steps that may be on their way to the store before the next one waits for them.
const UNACKED_MAX: usize = 1024;

pub(super) async fn performed(run: &mut Run, effect: &Effect, started_at: Timestamp, performed: Performed) -> Step {
    run.held.set(run.machine.memory_bytes());
    if performed.value.memory_bytes() > run.held.left() {
        let limit = run.birth.config.memory_limit_bytes;
        let message = format!("the execution would hold more than its {limit} bytes");
        return failed(run, effect, started_at, Failure::new(ErrorCode::MemoryLimit, message), performed.lines);
    }
    let durable = performed.durable;
    let due: Vec<Timestamp> = performed.children.iter().filter_map(|child| child.placement.due_at()).collect();
    let interim = !performed.deliveries.is_empty();
    if let Some(progress) = &performed.progress {
        run.shown().progress = progress.clone();
    }
    checkpoint(run, effect, started_at, Ok(performed));
    run.good = run.machine.clone();
    if run.unacked.len().is_multiple_of(BUNDLE_ENTRIES_MAX) {
        // Others on this thread have steps, too.
        tokio::task::yield_now().await;
    }
    if durable || !due.is_empty() || run.unacked.len() >= UNACKED_MAX {
        match run.flush().await {
            Flushed::Durable => {
                due.into_iter().for_each(|due_at| queued(&run.engine, due_at));
                run.engine.wakes.now_if(interim);
            }
            Flushed::Rewound(back) => return rewound(run, back),
            Flushed::Lost => return Step::Leave(Left::Lost),
        }
    }
    run.conflicts = 0;
    Step::GoOn
}

pub(super) fn failed(run: &mut Run, effect: &Effect, started_at: Timestamp, failure: Failure, lines: Value) -> Step {
    if let Some(policy) = effect.retry.as_ref().filter(|_| run.unwinding.is_none() && !effect.at_most_once)
        && is_retried(&failure, policy)
        && effect.attempt <= policy.max_retries
    {
        let now = run.engine.clock.now();
        let delay_ms = policy.delay_ms(effect.attempt, rand::random()).max(retry_after_ms(&failure, policy));
        let step = record(effect, started_at, now, &Err(&failure), lines);
        run.stepped(effect, Stretch { from: started_at, to: now }, Some(&failure));
        let before = run.machine.clone();
        run.machine.retry_step(&effect.position);
        let until_ms = Some(now.plus_ms(delay_ms).ms());
        run.mark.note(Note { position: effect.position.to_string(), until_ms, retry: true, ..Note::default() });
        let delta = marked_delta(run, now);
        send(run, (before, Some(effect)), Some(step), delta, Performed::default());
        return Step::GoOn;
    }
    // Another attempt of the whole execution starts where the last step had succeeded, so `good` stays as it is.
    checkpoint(run, effect, started_at, Err((failure, lines)));
    if effect.at_most_once {
        run.good = run.machine.clone();
    }
    Step::GoOn
}

/// A refused entry has taken the machine back to the step that it records.
pub(super) fn rewound(run: &mut Run, back: Rewound) -> Step {
    let raised = match back.failure {
        Some(failure) => Some(failure),
        None => {
            run.conflicts += 1;
            let message = "what the step changes kept changing meanwhile";
            (run.conflicts > CONFLICTS_MAX).then(|| Failure::new(ErrorCode::Table, message).with_status(409))
        }
    };
    let Some(failure) = raised else { return Step::GoOn };
    let now = run.engine.clock.now();
    let asked = run.machine.asked();
    if let Some(effect) = asked.iter().find(|effect| back.position.as_ref() == Some(&effect.position)) {
        checkpoint(run, effect, now, Err((failure, Value::Null)));
    }
    Step::GoOn
}

/// For an effect that may happen once only: a durable note before it leaves. `Some` when it had left before a crash.
pub(super) async fn at_most_once(run: &mut Run, effect: &Effect) -> Option<Step> {
    let now = run.engine.clock.now();
    if run.mark.about(&effect.position).is_some_and(|note| note.started) {
        let message = "the process stopped while this step was under way; whether it happened is unknown";
        checkpoint(run, effect, now, Err((Failure::new(ErrorCode::UnknownOutcome, message), Value::Null)));
        run.good = run.machine.clone();
        return Some(Step::GoOn);
    }
    run.mark.note(Note { position: effect.position.to_string(), started: true, ..Note::default() });
    run.mark.ran_ms = run.ran_ms(now);
    let step = StepRecord { result: Value::Null, ..record(effect, now, now, &Ok(&Value::text("started")), Value::Null) };
    let before = run.machine.clone();
    let delta = run.mark.before("", false);
    send(run, (before, Some(effect)), Some(step), delta, Performed::default());
    match run.flush().await {
        Flushed::Durable => None,
        Flushed::Rewound(back) => Some(rewound(run, back)),
        Flushed::Lost => Some(Step::Leave(Left::Lost)),
    }
}

/// Makes durable until when those wait that wait beside what is in the air: a crash does not let them begin anew.
pub(super) fn remember(run: &mut Run) {
    run.mark.ran_ms = run.ran_ms(run.engine.clock.now());
    let before = run.machine.clone();
    let delta = run.mark.before("", false);
    send(run, (before, None), None, delta, Performed::default());
}

/// Lies down until something comes that one of its waits is for.
pub(super) async fn wait(run: &mut Run, waits: &[Waiting]) -> Step {
    let since = run.engine.clock.now();
    let until = waits.iter().filter_map(|wait| wait.plan.until).min();
    let retries = waits.iter().all(|wait| wait.plan.what == RETRY);
    let what = waits.iter().map(|wait| wait.plan.what).find(|what| retries || *what != RETRY).unwrap_or(RETRY);
    let state = if retries { State::Retrying } else { State::Waiting };
    let groups = waits.iter().map(|wait| wait.plan.executions.clone()).filter(|group| !group.is_empty()).collect();
    let listens = waits.iter().filter_map(|wait| wait.plan.listens.clone()).collect();
    let waiting = WaitingFor { what: what.to_owned(), since, until };
    park(run, state, waiting, until, ParkNote { waits: groups, listens }).await
}

/// Lies down where it stands, to be taken up again by whoever has a slot.
pub(super) async fn lie_down(run: &mut Run, state: State, waiting: WaitingFor, wake_at: Option<Timestamp>) -> Step {
    park(run, state, waiting, wake_at, ParkNote::default()).await
}

pub(super) async fn ended(run: &mut Run, ending: Ending) -> Step {
    if let Ending::Raised(failure) = &ending {
        let policy = &run.birth.config.retry;
        if run.execution.attempt <= policy.max_retries && is_retried(failure, policy) && !run.good.is_over() {
            return Box::pin(next_attempt(run, failure)).await;
        }
    }
    finish_with(run, Verdict::Ending(ending)).await
}

/// Ends an execution without asking its machine any more.
pub(super) async fn give_up(run: &mut Run, failure: Failure) -> Step {
    finish_with(run, Verdict::GivenUp(failure)).await
}

/// The whole execution is tried again, from its last checkpoint, after its policy's delay.
pub(super) async fn next_attempt(run: &mut Run, failure: &Failure) -> Step {
    match run.flush().await {
        Flushed::Durable => {}
        Flushed::Rewound(back) => return rewound(run, back),
        Flushed::Lost => return Step::Leave(Left::Lost),
    }
    let policy = run.birth.config.retry.clone();
    let now = run.engine.clock.now();
    let delay_ms = policy.delay_ms(run.execution.attempt, rand::random()).max(retry_after_ms(failure, &policy));
    tracing::info!(execution.id = %run.birth.id, attempt = run.execution.attempt, error = %failure.message, delay_ms, "attempt failed");
    run.machine = run.good.clone();
    run.shown().attempt += 1;
    run.ran_before_ms = 0;
    run.running_since = now;
    let until = now.plus_ms(delay_ms);
    let waiting = WaitingFor { what: RETRY.to_owned(), since: now, until: Some(until) };
    run.deltas = u32::MAX - 1;
    park(run, State::Retrying, waiting, Some(until), ParkNote::default()).await
}

/// Says that an execution is over its time although it goes on.
pub(super) async fn overdue(run: &mut Run, deliveries: Vec<NewDelivery>) -> Result<(), ()> {
    let now = run.engine.clock.now();
    let alert = NewAlert {
        execution_id: Some(run.birth.id),
        function_name: Some(run.birth.function.to_string()),
        stuck_duration: Some(seconds(run.ran_ms(now))),
        message: Some("over its time, and told to go on".to_owned()),
        ..NewAlert::new(kind::ASYNC_TIMEOUT, now)
    };
    run.owner.seq += 1;
    let entry = Entry::Checkpoint(Checkpoint {
        owner: run.owner,
        at: now,
        step: Some(note("overdue", now)),
        delta: Delta::default(),
        progress: None,
        records: Vec::new(),
        alerts: vec![alert],
        takes: None,
        children: Vec::new(),
        deliveries,
    });
    let pending = run.bundle.add(entry);
    let before = run.machine.clone();
    run.sent(before, None, pending);
    match run.flush().await {
        Flushed::Durable | Flushed::Rewound(_) => Ok(()),
        Flushed::Lost => Err(()),
    }
}

async fn finish_with(run: &mut Run, verdict: Verdict) -> Step {
    match finish::finish(run, verdict).await {
        finish::Attempted::Finished(finished) => Step::Leave(Left::Finished(finished)),
        finish::Attempted::Rewound(back) => rewound(run, back),
        finish::Attempted::Lost => Step::Leave(Left::Lost),
    }
}

fn checkpoint(run: &mut Run, effect: &Effect, started_at: Timestamp, answer: Result<Performed, (Failure, Value)>) {
    let now = run.engine.clock.now();
    let (value, mut performed) = match answer {
        Ok(mut performed) => (Ok(std::mem::take(&mut performed.value)), performed),
        Err((failure, lines)) => (Err(failure), Performed { lines, ..Performed::default() }),
    };
    let step = record(effect, started_at, now, &value.as_ref(), std::mem::take(&mut performed.lines));
    run.stepped(effect, Stretch { from: started_at, to: now }, value.as_ref().err());
    let before = run.machine.clone();
    run.machine.accept(&effect.position, value, now, rand::random());
    run.mark.forget(&effect.position);
    let delta = marked_delta(run, now);
    send(run, (before, Some(effect)), Some(step), delta, performed);
}

/// What changed, with the notes about effects of other branches that have no answer yet.
fn marked_delta(run: &mut Run, now: Timestamp) -> Delta {
    let machine = run.take_delta();
    if run.mark.notes.is_empty() {
        return machine;
    }
    run.mark.ran_ms = run.ran_ms(now);
    run.mark.before(&machine.text, machine.full)
}

fn send(
    run: &mut Run,
    (before, effect): (Machine, Option<&Effect>),
    step: Option<StepRecord>,
    delta: Delta,
    performed: Performed,
) {
    run.owner.seq += 1;
    let at = step.as_ref().map_or_else(|| run.engine.clock.now(), |step| step.ended_at);
    run.shown().progressed_at = at;
    let entry = Entry::Checkpoint(Checkpoint {
        owner: run.owner,
        at,
        step,
        delta,
        progress: performed.progress,
        records: performed.records,
        alerts: Vec::new(),
        takes: performed.takes,
        children: performed.children,
        deliveries: performed.deliveries,
    });
    let pending = run.bundle.add(entry);
    run.sent(before, effect.map(|effect| effect.position.clone()), pending);
}

/// What is written beside the machine when an execution lies down.
#[derive(Default)]
struct ParkNote {
    waits: Vec<Vec<ExecutionId>>,
    listens: Vec<String>,
}

async fn park(run: &mut Run, state: State, waiting_for: WaitingFor, wake_at: Option<Timestamp>, note: ParkNote) -> Step {
    match run.flush().await {
        Flushed::Durable => {}
        Flushed::Rewound(back) => return rewound(run, back),
        Flushed::Lost => return Step::Leave(Left::Lost),
    }
    let now = run.engine.clock.now();
    run.mark.ran_ms = run.ran_ms(now);
    let machine = run.take_delta();
    run.owner.seq += 1;
    let entry = Entry::Park(Park {
        owner: run.owner,
        at: now,
        state,
        waiting_for,
        wake_at,
        waits: note.waits,
        listens: note.listens,
        inbox_seen: run.inbox,
        attempt: run.execution.attempt,
        delta: run.mark.before(&machine.text, machine.full),
        step: None,
    });
    match run.engine.journal.record(entry).await {
        Ok(_) => {
            run.engine.wakes.at(wake_at.unwrap_or(now), now);
            Step::Leave(Left::Parked)
        }
        Err(JournalError::Refused(Refusal::InboxMoved { inbox })) => {
            run.owner.seq -= 1;
            run.inbox = inbox;
            // What the refused entry held is not durable: the next one carries everything.
            run.deltas = u32::MAX - 1;
            Step::GoOn
        }
        Err(JournalError::Refused(Refusal::CancelAsked)) => {
            run.owner.seq -= 1;
            run.cancel_asked = true;
            run.deltas = u32::MAX - 1;
            Step::GoOn
        }
        Err(error) => {
            tracing::warn!(execution.id = %run.birth.id, error = %error, "could not be laid down");
            Step::Leave(Left::Lost)
        }
    }
}

/// Whether a policy tries again after this failure.
fn is_retried(failure: &Failure, policy: &RetryPolicy) -> bool {
    let never = matches!(
        failure.code,
        ErrorCode::Input
            | ErrorCode::Precondition
            | ErrorCode::Cancelled
            | ErrorCode::Limit
            | ErrorCode::MemoryLimit
            | ErrorCode::ValueTooLarge
            | ErrorCode::AddressRefused
            | ErrorCode::Response
    );
    if never {
        return false;
    }
    if !policy.retry_on.is_empty() {
        return policy.retry_on.iter().any(|code| code == failure.code.as_str() || *code == failure.name);
    }
    match failure.code {
        ErrorCode::Transport | ErrorCode::RequestTimeout | ErrorCode::Internal => true,
        ErrorCode::HttpStatus => failure.status.is_some_and(|status| matches!(status, 408 | 425 | 429) || status >= 500),
        _ => false,
    }
}

/// What the other side asked to wait, within the policy's longest delay.
fn retry_after_ms(failure: &Failure, policy: &RetryPolicy) -> i64 {
    let seconds = failure.payload.field("retry_after").as_integer().unwrap_or(0);
    seconds.saturating_mul(1000).clamp(0, policy.max_delay_ms)
}

#[expect(clippy::cast_precision_loss, reason = "durations are far below 2^53 milliseconds")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
