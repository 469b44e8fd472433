//! Advancing an execution: the machine asks, the engine performs, the journal remembers, until it ends or lies down.
//! Never lets one execution hold up others, and never lets a byte out before what came earlier is durable.

mod flights;
mod history;
mod settle;
mod stop;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use self::flights::{Flights, Landed, Luggage, RETRY};
use super::effect::{self, Done, Performed, WaitPlan};
use super::finish::Finished;
use super::live::{Hearing, Signal};
use super::mark::Note;
use super::run::{Flushed, Run};
use super::share::Share;
use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::stack::machine::{Action, Effect, Ending, Need};

/// How often those that wait look at the store while others are in the air.
const LOOK_EVERY: Duration = Duration::from_secs(2);

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
    let mut flights = Flights::default();
    let mut share = Share::of(run.birth.config.cpu_millicores, Instant::now());
    loop {
        let signal = *hearing.signal.borrow_and_update();
        run.hear(signal);
        let busy = may_still_land(&mut flights, signal);
        if let Step::Leave(left) = stop::look(run, signal, busy).await {
            return left;
        }
        if let Some(rest) = share.rest(Instant::now()) {
            run.bundle.send();
            let grace = flights.stop_at.filter(|_| run.unwinding.is_none());
            tokio::select! {
                biased;
                () = interrupted(run, hearing.signal.clone(), grace) => {}
                () = tokio::time::sleep(rest) => {}
            }
            continue;
        }
        let (mut fuel, began) = (share.fuel(), Instant::now());
        let need = run.machine.run(&mut fuel);
        share.used(began.elapsed(), Instant::now());
        run.held.set(run.machine.memory_bytes());
        let step = match need {
            Need::Yield if run.was_refused() => Step::Leave(Left::Lost),
            Need::Yield => match flights.landed() {
                Some(landed) => settle_landed(run, &mut flights, landed).await,
                None => {
                    run.bundle.send();
                    // Whoever waits for this core – a commit, a caller – goes before one that only computes.
                    std::thread::yield_now();
                    tokio::task::yield_now().await;
                    Step::GoOn
                }
            },
            Need::Row(reference) => {
                run.bundle.send();
                match Box::pin(effect::related_row(&run.engine, &reference)).await {
                    Ok(row) => run.machine.accept_row(reference, row),
                    Err(error) => {
                        tracing::error!(execution.id = %run.birth.id, error = %error, "a related row could not be read");
                        run.machine.accept_row(reference, Value::Null);
                    }
                }
                Step::GoOn
            }
            Need::Program(name) => {
                let program = run.engine.functions.current(&name).map(|function| function.program.clone());
                run.machine.accept_program(program);
                Step::GoOn
            }
            Need::Effects(effects) => perform(run, &effects, &mut flights, hearing).await,
            Need::End(ending) => {
                flights = Flights::default();
                settle::ended(run, ending).await
            }
        };
        if let Step::Leave(left) = step {
            return left;
        }
    }
}

/// Whether effects in the air get a little longer before a node that stops lays their execution down.
fn may_still_land(flights: &mut Flights, signal: Signal) -> bool {
    if signal != Signal::Stop || !flights.is_busy() {
        return false;
    }
    let stop_at = *flights.stop_at.get_or_insert_with(|| Instant::now() + stop::GRACE);
    Instant::now() < stop_at
}

/// Launches what is asked for and not in the air yet, and settles the next that lands; lies down when everything waits.
async fn perform(run: &mut Run, effects: &[Arc<Effect>], flights: &mut Flights, hearing: &mut Hearing) -> Step {
    flights.keep_only(effects);
    run.mark.notes.retain(|note| effects.iter().any(|effect| *effect.position == *note.position));
    if run.unwinding.is_some() {
        flights.wake_all();
    }
    let grace = flights.stop_at.filter(|_| run.unwinding.is_none());
    if grace.is_none()
        && let Some(step) = launch(run, effects, flights).await
    {
        return step;
    }
    if !flights.is_busy() && !flights.waiting().is_empty() {
        let step = Box::pin(settle::wait(run, flights.waiting())).await;
        // Whatever kept it awake, all look again.
        flights.wake_all();
        return step;
    }
    // Whatever has landed by now writes the notes with what it came to, and waits for nobody.
    if let Some(landed) = flights.landed() {
        return settle_landed(run, flights, landed).await;
    }
    if run.mark.unsaved {
        settle::remember(run);
    }
    run.bundle.send();
    let (nudge, due) = (Arc::clone(&hearing.nudge), flights.next_due());
    let listens = flights.listens();
    tokio::select! {
        biased;
        () = interrupted(run, hearing.signal.clone(), grace) => Step::GoOn,
        landed = flights.land() => settle_landed(run, flights, landed).await,
        () = something_came(run, &nudge, due, listens) => {
            flights.wake(run.engine.clock.now());
            Step::GoOn
        }
    }
}

/// `Some`: what was asked for may have changed.
async fn launch(run: &mut Run, effects: &[Arc<Effect>], flights: &mut Flights) -> Option<Step> {
    let new: Vec<&Arc<Effect>> = effects.iter().filter(|effect| !flights.holds(effect)).collect();
    if new.iter().any(|effect| effect::needs_flush(&effect.action, run.is_unborn())) {
        match run.flush().await {
            Flushed::Durable => {}
            Flushed::Rewound(back) => return Some(settle::rewound(run, back)),
            Flushed::Lost => return Some(Step::Leave(Left::Lost)),
        }
    }
    for effect in new {
        let now = run.engine.clock.now();
        let note = run.mark.about(&effect.position);
        let until = note.and_then(Note::until);
        if note.is_some_and(|note| note.retry) {
            if until.is_some_and(|until| until > now) && run.unwinding.is_none() {
                let plan = WaitPlan { what: RETRY, until, executions: Vec::new(), listens: None };
                flights.put_to_wait(Arc::clone(effect), plan);
                continue;
            }
            run.mark.forget(&effect.position);
        }
        if effect.at_most_once
            && let Some(step) = settle::at_most_once(run, effect).await
        {
            return Some(step);
        }
        if matches!(effect.action, Action::Log { .. }) {
            run.say(effect);
            let done = Done::Performed(Performed::default());
            flights.put_down(Landed { effect: Arc::clone(effect), started_at: now, loan: run.held.lend(), done });
            continue;
        }
        let luggage = Luggage {
            engine: run.engine.clone(),
            birth: Arc::clone(&run.birth),
            execution: Arc::clone(&run.execution),
            resumes: run.resumes,
            until,
            loan: run.held.lend(),
            turn: flights.turn(),
            unwinding: run.unwinding.is_some(),
        };
        flights.launch(Arc::clone(effect), luggage);
    }
    None
}

async fn settle_landed(run: &mut Run, flights: &mut Flights, Landed { effect, started_at, loan, done }: Landed) -> Step {
    // From here on its value is the machine's to count.
    drop(loan);
    match done {
        Done::Performed(performed) => settle::performed(run, &effect, started_at, performed).await,
        Done::Failed(failure) => settle::failed(run, &effect, started_at, failure, Value::Null),
        Done::Computed { answer: Ok(performed), lines } => {
            settle::performed(run, &effect, started_at, Performed { lines, ..performed }).await
        }
        Done::Computed { answer: Err(failure), lines } => settle::failed(run, &effect, started_at, failure, lines),
        Done::Wait(plan) => {
            run.mark.waits(&effect.position, plan.until);
            flights.put_to_wait(effect, plan);
            Step::GoOn
        }
    }
}

/// Resolves when those that wait should look again, beside those that are in the air.
async fn something_came(run: &Run, nudge: &Notify, due: Option<Timestamp>, listens: bool) {
    let due = async {
        match due {
            Some(due) => rest_until(run, due).await,
            None => std::future::pending().await,
        }
    };
    let told = async {
        if !listens {
            return std::future::pending().await;
        }
        // Another node can only tell the store.
        drop(tokio::time::timeout(LOOK_EVERY, nudge.notified()).await);
    };
    tokio::select! {
        () = due => {}
        () = told => {}
    }
}

/// Resolves when the execution should look up from what it is doing: cancelled, out of time, or the node stops.
async fn interrupted(run: &Run, mut signal: watch::Receiver<Signal>, grace: Option<Instant>) {
    let deadline = match &run.unwinding {
        Some((_, until)) => Some(*until),
        None => run.deadline_at,
    };
    let listens = run.unwinding.is_none() && !run.cancel_asked;
    let told = async {
        if let Some(grace) = grace {
            return tokio::time::sleep_until(grace).await;
        }
        if !listens || signal.changed().await.is_err() {
            std::future::pending::<()>().await;
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
