//! When verbs happen: mailboxes, timers, supervision.
//! Never decides what a verb does.
//!
//! ```text
//! System
//! ├── Journal          tries again what could not be committed                    ← failures (queue)
//! ├── Registry         who runs here; takes up what is due, and what a bug has lost ← Gone
//! ├── Runner*          one per thread: starts executions there                    ← Launch (stream)
//! │   └── Execution*   one per running execution                                  → Gone, Deliver
//! ├── Courier          routes deliveries to lanes                                 ← departures (stream), Deliver, Stop
//! │   └── Lane*        one per destination: order, parallelism, breaker
//! ├── Cron             the monitor's sweeps
//! ├── Deployments      what other nodes deployed
//! ├── Exporter         hands spans to the collector of traces, if there is one      ← spans (queue)
//! └── Heart            this node's lease; ends the process when it is lost
//! ```
//!
//! `Supervisor` of actix restarts nothing that panicked, so every execution is guarded where it runs, tells the registry how
//! it went by a guard that runs on every way out, and is taken up again from its last checkpoint.

pub mod courier;
pub mod cron;
pub mod deployments;
pub mod execution;
pub mod heart;
pub mod journal;
pub mod lane;
pub mod registry;
pub mod runner;
pub mod traces;

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};
use tokio::sync::mpsc;

use crate::engine::deliver::EngineOutlet;
use crate::engine::live::{Launch, Signal};
use crate::engine::node;
use crate::engine::{self, Engine};

use courier::Courier;
use registry::Registry;
use runner::Runner;

/// What ends the process when going on is impossible; the message is for the operator.
pub type OnFatal = Arc<dyn Fn(&str) + Send + Sync>;

/// The running actors of a node.
pub struct Actors {
    engine: Engine,
    registry: Addr<Registry>,
    courier: Addr<Courier>,
    heart: Addr<heart::Heart>,
    arbiters: Vec<Arbiter>,
}

/// The pieces that only the actors hold.
pub struct Ends {
    pub journal: engine::journal::Ends,
    /// One for each thread that runs executions.
    pub launched: Vec<mpsc::UnboundedReceiver<Launch>>,
    pub on_fatal: OnFatal,
}

impl Actors {
    /// Starts everything; the first look at the queue takes up what an earlier process left.
    pub fn start(engine: &Engine, ends: Ends) -> Self {
        let arbiters: Vec<Arbiter> = (0..ends.launched.len() + 2).map(|_| Arbiter::new()).collect();
        let (own, shared) = arbiters.split_at(2);
        journal::start(&own[0], ends.journal.failures, Arc::clone(&ends.on_fatal));
        let outlet = EngineOutlet { engine: engine.clone() };
        let settings = engine.config.callbacks.clone();
        let departures = ends.journal.departures;
        let courier =
            Courier::start_in_arbiter(&own[1].handle(), move |_| Courier::new(Arc::new(outlet), &settings).sending(departures));
        let registry = Registry::new(engine.clone(), courier.clone()).start();
        for (arbiter, launched) in shared.iter().zip(ends.launched) {
            let (engine, courier, registry) = (engine.clone(), courier.clone(), registry.clone());
            Runner::start_in_arbiter(&arbiter.handle(), move |_| Runner::new(engine, courier, registry, launched));
        }
        cron::Cron::new(engine.clone()).start();
        deployments::Deployments::new(engine.clone()).start();
        let heart = heart::Heart::new(engine.clone(), ends.on_fatal).start();
        Self { engine: engine.clone(), registry, courier, heart, arbiters }
    }

    /// Hands everything back within a bound: what runs lies down at its next step, attempts in flight may end.
    pub async fn stop(self, within: Duration) {
        let until = tokio::time::Instant::now() + within;
        // The registry stops taking up work first; losing that order costs nothing, since work is given back below.
        let _ = self.registry.send(registry::StopClaiming).await;
        self.engine.live.tell_all(Signal::Stop);
        while self.engine.live.count() > 0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let left = until.saturating_duration_since(tokio::time::Instant::now()).max(Duration::from_millis(500));
        let _ = self.courier.send(courier::Stop { within: left }).await;
        // Who has given everything back has no lease to renew.
        let _ = self.heart.send(heart::Rest).await;
        if let Err(error) = node::stop(&self.engine).await {
            tracing::error!(error = %error, "this node's work could not be handed over; the next start takes it up");
        }
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }
}
