//! Who runs here: takes up what is due, and what a bug has lost.
//! Never knows anything that the store does not.

use std::collections::HashMap;
use std::time::Duration;

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, ResponseActFuture, WrapFuture};
use tokio::time::Instant;

use super::courier::{Courier, Deliver};
use super::execution::{Gone, How, deliver};
use crate::domain::ids::ExecutionId;
use crate::engine::Engine;
use crate::engine::claim::{ClaimOutcome, claim_deliveries, claim_due, count_queued, note_next};
use crate::engine::monitor::alerts::poison_alert;
use crate::engine::recover::recover;
use crate::store::write::Entry;

/// The longest rest between two looks at the queue. Timers, nudges and the heart's look make them prompt; this one doubts them.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The rest after a look that failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);
/// So often an execution may break within `BROKEN_WITHIN` before it is left for the next start of the process.
const BROKEN_MAX: usize = 5;
const BROKEN_WITHIN: Duration = Duration::from_secs(60);

/// Take up nothing more: the node stops.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StopClaiming;

pub struct Registry {
    engine: Engine,
    courier: Addr<Courier>,
    broken: HashMap<ExecutionId, Vec<Instant>>,
    claiming: Option<actix::SpawnHandle>,
}

impl Registry {
    pub fn new(engine: Engine, courier: Addr<Courier>) -> Self {
        Self { engine, courier, broken: HashMap::new(), claiming: None }
    }

    /// Whether an execution has broken too often to be tried once more here.
    fn breaks_too_often(&mut self, id: ExecutionId) -> bool {
        let now = Instant::now();
        self.broken.retain(|_, times| {
            times.retain(|at| now.duration_since(*at) < BROKEN_WITHIN);
            !times.is_empty()
        });
        let times = self.broken.entry(id).or_default();
        times.push(now);
        times.len() > BROKEN_MAX
    }
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let looking = look_for_ever(self.engine.clone(), self.courier.clone());
        self.claiming = Some(ctx.spawn(looking.into_actor(self)));
    }
}

impl Handler<Gone> for Registry {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, Gone { id, how }: Gone, _: &mut Context<Self>) -> Self::Result {
        let How::Broken(message) = how else { return Box::pin(actix::fut::ready(())) };
        tracing::error!(execution.id = %id, reason = message, "execution broke");
        if self.breaks_too_often(id) {
            let message =
                format!("it broke {} times within {} s and is left alone: {message}", BROKEN_MAX, BROKEN_WITHIN.as_secs());
            let (journal, alert) = (self.engine.journal.clone(), poison_alert(id, None, Some(message), self.engine.clock.now()));
            let setting_aside = async move {
                if let Err(error) = journal.record(Entry::Alert(alert)).await {
                    tracing::error!(execution.id = %id, error = %error, "that it was set aside could not be recorded");
                }
            };
            return Box::pin(setting_aside.into_actor(self).map(|(), _, _| ()));
        }
        let (engine, courier) = (self.engine.clone(), self.courier.clone());
        let recovering = async move {
            match recover(&engine, id, &message).await {
                Ok(Some(left)) => deliver(&courier, left).await,
                Ok(None) => {}
                Err(error) => tracing::error!(execution.id = %id, error = %error, "could not be taken up again"),
            }
        };
        Box::pin(recovering.into_actor(self).map(|(), _, _| ()))
    }
}

impl Handler<StopClaiming> for Registry {
    type Result = ();

    fn handle(&mut self, _: StopClaiming, ctx: &mut Context<Self>) {
        if let Some(claiming) = self.claiming.take() {
            ctx.cancel_future(claiming);
        }
    }
}

/// Looks at the queue whenever something says so.
async fn look_for_ever(engine: Engine, courier: Addr<Courier>) {
    let mut failing = false;
    let mut counted = Instant::now();
    // The next that falls due is asked for after everything that was taken up: one timer leads to the next.
    let mut unasked = true;
    loop {
        if counted.elapsed() >= LOOK_EVERY {
            counted = Instant::now();
            if let Err(error) = count_queued(&engine).await {
                tracing::debug!(error = %error, "the queue could not be counted");
            }
        }
        let looked_at = engine.clock.now();
        match look(&engine, &courier).await {
            Ok(Look::More) => {
                unasked = true;
                continue;
            }
            Ok(Look::Some) => unasked = true,
            Ok(Look::Nothing) => {}
            Err(error) => {
                if !failing {
                    tracing::warn!(error = %error, "the queue cannot be read, trying again");
                }
                failing = true;
                tokio::time::sleep(AFTER_ERROR).await;
                continue;
            }
        }
        failing = false;
        if unasked {
            unasked = note_next(&engine).await.is_err();
        }
        let rest = engine.wakes.until_next(looked_at, engine.clock.now(), LOOK_EVERY);
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = engine.wakes.nudged() => {}
            () = engine.slots.freed() => {}
        }
    }
}

/// What one look has taken up.
enum Look {
    /// There may be more at once.
    More,
    Some,
    Nothing,
}

async fn look(engine: &Engine, courier: &Addr<Courier>) -> Result<Look, crate::store::StoreError> {
    let outcome = claim_due(engine).await?;
    let deliveries = claim_deliveries(engine).await?;
    let found = !deliveries.is_empty();
    for delivery in deliveries {
        if courier.send(Deliver(Box::new(delivery), false)).await.is_err() {
            tracing::error!("no courier took a message; the next start sends it");
        }
    }
    Ok(match outcome {
        ClaimOutcome::More(_) => Look::More,
        _ if found => Look::More,
        ClaimOutcome::Drained(count) if count > 0 => Look::Some,
        ClaimOutcome::Drained(_) | ClaimOutcome::NoSlots => Look::Nothing,
    })
}
