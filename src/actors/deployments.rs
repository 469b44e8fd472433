//! What other nodes deployed, made current here.
//! Never decides what is current; the store does.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};

use crate::engine::Engine;
use crate::engine::deploy::sync;

/// A deployment is current on every node that soon; an idle node asks the database no more often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub struct Deployments {
    engine: Engine,
}

impl Deployments {
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl Actor for Deployments {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        // A file that nobody shares has no other nodes.
        if !self.engine.config.store.is_shared() {
            return;
        }
        let engine = self.engine.clone();
        let looking = async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                if let Err(error) = sync(&engine).await {
                    tracing::warn!(%error, "what other nodes deployed could not be looked up, trying again");
                }
            }
        };
        ctx.spawn(looking.into_actor(self));
    }
}
