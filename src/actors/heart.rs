//! This node's lease: renewed as long as the process is well.
//! Never lets a node go on that was declared dead.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};

use super::OnFatal;
use crate::engine::Engine;
use crate::engine::node::renew;
use crate::store::StoreError;

/// A third of the shortest lease, so that two renewals may be late.
const BEAT: Duration = Duration::from_secs(3);

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
            loop {
                tokio::time::sleep(BEAT).await;
                match renew(&engine).await {
                    Ok(()) => {}
                    Err(StoreError::Fenced(reason)) => {
                        on_fatal(&format!("this node has lost its lease: {reason}"));
                        return;
                    }
                    Err(error) => tracing::warn!(error = %error, "the lease could not be renewed, trying again"),
                }
            }
        };
        ctx.spawn(beating.into_actor(self));
    }
}
