//! What of an execution is in the air: the effects under way, and those that wait.
//! Never holds what the store does not know: each effect can be performed again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::domain::execution::{Birth, Execution};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::map::HashMap;
use crate::domain::timestamp::Timestamp;
use crate::engine::Engine;
use crate::engine::effect::{self, Circumstances, Done, WaitPlan};
use crate::engine::memory::Loan;
use crate::stack::machine::{Action, Effect};

/// What a step that is tried again waits for.
pub(super) const RETRY: &str = "retry";

/// The effects of one execution that have no answer yet.
#[derive(Default)]
pub(super) struct Flights {
    /// Once there was one: most executions make none.
    air: Option<FuturesUnordered<LocalBoxFuture<'static, Option<Landed>>>>,
    under_way: HashMap<Arc<str>, AbortHandle>,
    /// Those that were over as soon as they began.
    down: VecDeque<Landed>,
    waiting: Vec<Waiting>,
    /// Held by the one program that the execution runs.
    turn: Option<Arc<Mutex<()>>>,
    /// When what is in the air must have landed, since the node stops.
    pub stop_at: Option<Instant>,
}

/// An effect that waits for longer than memory should be held for.
pub(super) struct Waiting {
    pub effect: Arc<Effect>,
    pub plan: WaitPlan,
}

/// An effect has come to something.
pub(super) struct Landed {
    pub effect: Arc<Effect>,
    pub started_at: Timestamp,
    /// What it holds as long as nobody else does.
    pub loan: Arc<Loan>,
    pub done: Done,
}

/// What an effect takes along.
pub(super) struct Luggage {
    pub engine: Engine,
    pub birth: Arc<Birth>,
    pub execution: Arc<Execution>,
    pub resumes: i32,
    pub until: Option<Timestamp>,
    pub loan: Arc<Loan>,
    pub turn: Arc<Mutex<()>>,
    pub unwinding: bool,
}

impl Flights {
    /// An effect that was over as soon as it began.
    pub(super) fn put_down(&mut self, landed: Landed) {
        self.down.push_back(landed);
    }

    /// Starts an effect.
    pub(super) fn launch(&mut self, effect: Arc<Effect>, luggage: Luggage) {
        let (handle, registration) = AbortHandle::new_pair();
        self.under_way.insert(Arc::clone(&effect.position), handle);
        let flight = Abortable::new(fly(effect, luggage), registration);
        self.air.get_or_insert_default().push(flight.map(Result::ok).boxed_local());
    }

    /// What the one program that runs holds.
    pub(super) fn turn(&mut self) -> Arc<Mutex<()>> {
        Arc::clone(self.turn.get_or_insert_default())
    }

    pub(super) fn put_to_wait(&mut self, effect: Arc<Effect>, plan: WaitPlan) {
        self.waiting.push(Waiting { effect, plan });
    }

    /// Drops what is not asked for any more.
    pub(super) fn keep_only(&mut self, asked: &[Arc<Effect>]) {
        let is_asked = |position: &Arc<str>| asked.iter().any(|effect| effect.position == *position);
        self.under_way.retain(|position, handle| {
            let kept = is_asked(position);
            if !kept {
                handle.abort();
            }
            kept
        });
        self.down.retain(|landed| is_asked(&landed.effect.position));
        self.waiting.retain(|wait| is_asked(&wait.effect.position));
    }

    /// Whether this effect is under way or waits.
    pub(super) fn holds(&self, effect: &Effect) -> bool {
        self.under_way.contains_key(&effect.position)
            || self.down.iter().any(|landed| landed.effect.position == effect.position)
            || self.waiting.iter().any(|wait| wait.effect.position == effect.position)
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.under_way.is_empty() || !self.down.is_empty()
    }

    pub(super) fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    /// When the first wait is over by itself.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.iter().filter_map(|wait| wait.plan.until).min()
    }

    /// Whether something waits for what others do.
    pub(super) fn listens(&self) -> bool {
        self.waiting.iter().any(Waiting::listens)
    }

    /// Lets those look again whose time has come, and those that wait for what others do.
    pub(super) fn wake(&mut self, now: Timestamp) {
        self.waiting.retain(|wait| !wait.listens() && wait.plan.until.is_none_or(|until| until > now));
    }

    /// Lets all look again.
    pub(super) fn wake_all(&mut self) {
        self.waiting.clear();
    }

    /// The next that lands; without anything in the air, never.
    pub(super) async fn land(&mut self) -> Landed {
        if let Some(landed) = self.down.pop_front() {
            return landed;
        }
        let Some(air) = &mut self.air else { return std::future::pending().await };
        loop {
            match air.next().await {
                // A new flight to the same position may be under way already, but not before this one was dropped.
                Some(Some(landed)) if self.under_way.contains_key(&landed.effect.position) => {
                    self.under_way.remove(&landed.effect.position);
                    return landed;
                }
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// One that has landed by now.
    pub(super) fn landed(&mut self) -> Option<Landed> {
        self.land().now_or_never()
    }
}

impl Waiting {
    fn listens(&self) -> bool {
        self.plan.listens.is_some() || !self.plan.executions.is_empty()
    }
}

async fn fly(effect: Arc<Effect>, luggage: Luggage) -> Landed {
    let started_at = luggage.engine.clock.now();
    let around = Circumstances {
        engine: &luggage.engine,
        birth: &luggage.birth,
        execution: &luggage.execution,
        resumes: luggage.resumes,
        until: luggage.until,
        loan: &luggage.loan,
        turn: &luggage.turn,
        unwinding: luggage.unwinding,
    };
    let done = timed(&effect, effect::perform(&around, &effect)).await;
    Landed { effect, started_at, loan: luggage.loan, done }
}

/// The step's own `timeout`, if it has one.
async fn timed(effect: &Effect, performing: impl Future<Output = Done>) -> Done {
    let Some(timeout_ms) = effect.timeout_ms else { return performing.await };
    let bound = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0));
    tokio::time::timeout(bound, performing).await.unwrap_or_else(|_| {
        let code = if matches!(effect.action, Action::Compute(_)) { ErrorCode::Timeout } else { ErrorCode::RequestTimeout };
        Done::Failed(Failure::new(code, format!("the step took longer than its timeout of {timeout_ms} ms")))
    })
}
