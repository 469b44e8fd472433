//! One actor per running execution: it drives the machine until the execution leaves memory.
//! Never lets a panic past itself, and never leaves without telling the registry how it went.

use std::panic::AssertUnwindSafe;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Message, WrapFuture};
use futures_util::FutureExt;

use super::courier::{Courier, Deliver};
use super::registry::Registry;
use crate::domain::ids::ExecutionId;
use crate::engine::Engine;
use crate::engine::advance::{Left, advance};
use crate::engine::live::Launch;
use crate::engine::run::Run;

/// How an execution's actor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It ended, lies in the store, or belongs to somebody else.
    Left,
    /// A bug: it has to be taken up again. The message says what is known.
    Broken(String),
}

/// An execution's actor is gone: sent exactly once, on every way out.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Gone {
    pub id: ExecutionId,
    pub how: How,
}

pub struct Execution {
    engine: Engine,
    courier: Addr<Courier>,
    registry: Addr<Registry>,
    id: ExecutionId,
    launch: Option<Launch>,
    /// Until the body has said otherwise, the actor was lost.
    how: How,
}

impl Execution {
    pub fn new(engine: Engine, courier: Addr<Courier>, registry: Addr<Registry>, launch: Launch) -> Self {
        let id = launch.claimed.owner.id;
        let how = How::Broken("the actor of this execution was lost".to_owned());
        Self { engine, courier, registry, id, launch: Some(launch), how }
    }
}

impl Actor for Execution {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let Some(launch) = self.launch.take() else { return ctx.stop() };
        // In a box from the start: it is large, and everything around it moves it on.
        let body = Box::pin(guarded(self.engine.clone(), self.courier.clone(), launch));
        ctx.spawn(body.into_actor(self).map(|how, actor, ctx| {
            actor.how = how;
            ctx.stop();
        }));
    }
}

impl Drop for Execution {
    fn drop(&mut self) {
        self.engine.live.leave(self.id);
        #[expect(clippy::disallowed_methods, reason = "without a registry the node is stopping, and the next start takes it up")]
        self.registry.do_send(Gone { id: self.id, how: self.how.clone() });
    }
}

/// Runs an execution; a panic inside is told as what it is.
async fn guarded(engine: Engine, courier: Addr<Courier>, launch: Launch) -> How {
    let newborn = launch.newborn.clone();
    let ran = AssertUnwindSafe(run(engine, courier, launch)).catch_unwind().await;
    let how = ran.unwrap_or_else(|panic| How::Broken(format!("a bug of ringback: {}", panic_text(&*panic))));
    if let (How::Broken(_), Some(newborn)) = (&how, newborn) {
        // Who takes it up again finds it in the store, or it was never accepted.
        newborn.bundle.send();
        drop(newborn.receipt.await);
    }
    how
}

async fn run(engine: Engine, courier: Addr<Courier>, launch: Launch) -> How {
    let Launch { claimed, slot, given, newborn } = launch;
    let mut hearing = engine.live.enter(claimed.owner.id);
    let mut run = match Run::take_up(engine, claimed, given, newborn).await {
        Ok(run) => run,
        Err(error) => return How::Broken(format!("the execution cannot be taken up: {error}")),
    };
    let left = advance(&mut run, &mut hearing).await;
    drop(slot);
    deliver(&courier, left).await;
    How::Left
}

/// Hands the message of a finished execution to the courier, straight from memory, where it has not left with its commit.
pub(super) async fn deliver(courier: &Addr<Courier>, left: Left) {
    let Left::Finished(finished) = left else { return };
    let Some(delivery) = finished.delivery else { return };
    let started = delivery.attempts > 0;
    if courier.send(Deliver(delivery, started)).await.is_err() {
        tracing::error!(execution.id = %finished.execution.birth.id, "no courier took the message; the next start sends it");
    }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
