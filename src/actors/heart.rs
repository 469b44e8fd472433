//! This node's lease, and its regular look at what is due.
//! Never lets a node go on that was declared dead.

use std::time::Duration;

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Message, WrapFuture};

use super::OnFatal;
use crate::engine::Engine;
use crate::engine::node::beat;
use crate::store::StoreError;

/// The longest rest between two looks at the store, idle and while executions run here, which others may cancel.
const BEAT: Duration = Duration::from_secs(2);
const AFTER_ERROR: Duration = Duration::from_millis(500);
const BUSY_BEAT: Duration = Duration::from_secs(1);

/// Look no more: the node gives everything back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rest;

pub struct Heart {
    engine: Engine,
    on_fatal: OnFatal,
}

impl Heart {
    pub fn new(engine: Engine, on_fatal: OnFatal) -> Self {
        Self { engine, on_fatal }
    }
}

impl Actor for Heart {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let (engine, on_fatal) = (self.engine.clone(), self.on_fatal.clone());
        let beating = async move {
            let mut rest = BEAT;
            loop {
                tokio::time::sleep(rest).await;
                let usual = if engine.live.count() > 0 { BUSY_BEAT } else { BEAT };
                rest = match beat(&engine).await {
                    Ok(beat) => beat.again.map_or(usual, |again| again.min(usual)),
                    Err(StoreError::Fenced(reason)) => {
                        on_fatal(&format!("this node has lost its lease: {reason}"));
                        return;
                    }
                    Err(error) => {
                        tracing::warn!(error = %error, "the lease could not be renewed, trying again");
                        AFTER_ERROR
                    }
                };
            }
        };
        ctx.spawn(beating.into_actor(self));
    }
}

impl Handler<Rest> for Heart {
    type Result = ();

    fn handle(&mut self, _: Rest, ctx: &mut Context<Self>) {
        ctx.stop();
    }
}
