//! What other nodes deployed, made current here.
//! Never decides what is current; the store does.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, WrapFuture};

use crate::engine::Engine;
use crate::engine::deploy::sync;

const AFTER_ERROR: Duration = Duration::from_secs(1);

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
        let engine = self.engine.clone();
        let looking = async move {
            let mut deployments = engine.functions.deployments();
            while deployments.changed().await.is_ok() {
                while let Err(error) = sync(&engine).await {
                    tracing::warn!(%error, "what other nodes deployed could not be looked up, trying again");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        };
        ctx.spawn(looking.into_actor(self));
    }
}
