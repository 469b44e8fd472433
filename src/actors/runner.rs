//! Starts executions on its thread, as they are handed over.
//! Never keeps one: each tells the registry how it went.

use actix::{Actor, Addr, AsyncContext, Context, StreamHandler};
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;

use super::courier::Courier;
use super::execution::Execution;
use super::registry::Registry;
use crate::engine::Engine;
use crate::engine::live::Launch;

pub struct Runner {
    engine: Engine,
    courier: Addr<Courier>,
    registry: Addr<Registry>,
    /// Until it has started.
    launched: Option<mpsc::UnboundedReceiver<Launch>>,
}

impl Runner {
    pub fn new(
        engine: Engine,
        courier: Addr<Courier>,
        registry: Addr<Registry>,
        launched: mpsc::UnboundedReceiver<Launch>,
    ) -> Self {
        Self { engine, courier, registry, launched: Some(launched) }
    }
}

impl Actor for Runner {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        if let Some(mut launched) = self.launched.take() {
            ctx.add_stream(poll_fn(move |context| launched.poll_recv(context)));
        }
    }
}

impl StreamHandler<Launch> for Runner {
    fn handle(&mut self, launch: Launch, _: &mut Context<Self>) {
        Execution::new(self.engine.clone(), self.courier.clone(), self.registry.clone(), launch).start();
    }

    /// The engine is gone, and with it whoever might hand over more.
    fn finished(&mut self, _: &mut Context<Self>) {}
}
