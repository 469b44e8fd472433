//! The verbs: one function per thing that can happen to an execution or a delivery.
//! Never waits for a timer of its own and never speaks HTTP to a caller.

pub mod advance;
pub mod alerts;
pub mod breakers;
pub mod cancel;
pub mod claim;
mod compute;
pub mod deliver;
pub mod deploy;
pub mod destinations;
mod effect;
pub mod event;
mod file_schedules;
pub mod finish;
pub mod fire;
pub mod follow;
pub mod functions;
pub mod journal;
pub mod keys;
pub mod lanes;
pub mod live;
mod mark;
mod memory;
pub mod message;
pub mod metrics;
pub mod monitor;
pub mod node;
pub mod prune;
pub mod read_token;
mod record_ids;
mod records;
pub mod recover;
pub mod redeliver;
mod request;
pub mod rerun;
pub mod resume;
pub mod resume_key;
pub mod run;
pub mod schedule;
mod share;
pub mod signing;
pub mod slots;
pub mod start;
pub mod traces;
pub mod vault;
pub mod wait;
pub mod wakes;

use std::sync::Arc;

use crate::config::Config;
use crate::domain::clock::SharedClock;
use crate::domain::value::Value;
use crate::outbound::Outbound;
use crate::sandbox::Sandboxes;
use crate::store::Store;
use crate::store::read::Read;
use crate::store::write::Write;

use breakers::Breakers;
use destinations::Destinations;
use functions::Functions;
use journal::Journal;
use keys::Keyring;
use lanes::Lanes;
use live::{Launches, Live};
use metrics::Metrics;
use record_ids::RecordIds;
use resume_key::ResumeKey;
use signing::Signing;
use slots::Slots;
use traces::Traces;
use vault::Vault;
use wait::Waiters;
use wakes::Wakes;

/// What every verb needs. Cheap to clone: one count, however much there is.
#[derive(Clone)]
pub struct Engine(Arc<Fittings>);

/// What an engine is fitted with.
pub struct Fittings {
    pub clock: SharedClock,
    pub config: Arc<Config>,
    pub read: Arc<dyn Read>,
    write: Arc<dyn Write>,
    pub outbound: Outbound,
    /// Where the programs of others run.
    sandboxes: Sandboxes,
    pub destinations: Destinations,
    pub functions: Functions,
    pub keys: Keyring,
    pub journal: Journal,
    pub waiters: Waiters,
    pub slots: Slots,
    pub live: Live,
    pub lanes: Lanes,
    pub breakers: Breakers,
    pub wakes: Wakes,
    pub firing: fire::Nudge,
    record_ids: RecordIds,
    launches: Launches,
    /// Where callers reach us, without a trailing slash.
    pub public_url: Arc<str>,
    /// Makes the addresses through which a stack's events come in without a key.
    pub resume_key: ResumeKey,
    /// Opens what callbacks keep private.
    vault: Vault,
    /// Sign where neither the callback nor its function has a secret of its own.
    pub signing: Signing,
    pub traces: Traces,
    /// The `env` root of every stack: only the names that the configuration allows.
    env: Value,
}

/// What an engine is made of.
pub struct Parts {
    pub clock: SharedClock,
    pub config: Arc<Config>,
    pub store: Store,
    pub outbound: Outbound,
    pub sandboxes: Sandboxes,
    pub functions: Functions,
    pub keys: Keyring,
    pub journal: Journal,
    pub launches: Launches,
    pub public_url: Arc<str>,
    pub resume_key: ResumeKey,
    pub vault: Vault,
    pub signing: Signing,
    pub traces: Traces,
}

impl std::ops::Deref for Engine {
    type Target = Fittings;

    fn deref(&self) -> &Fittings {
        &self.0
    }
}

impl Engine {
    pub fn metrics(&self) -> &Metrics {
        self.journal.metrics()
    }

    pub fn new(parts: Parts) -> Self {
        let env = parts.config.env.values.iter().map(|(name, value)| (name.as_str(), Value::text(value.as_str())));
        Self(Arc::new(Fittings {
            env: Value::object(env),
            slots: Slots::of(parts.config.executions.max_running).bounded_by(parts.config.executions.memory_total_bytes),
            clock: parts.clock,
            config: parts.config,
            read: parts.store.read,
            write: parts.store.write,
            outbound: parts.outbound,
            sandboxes: parts.sandboxes,
            destinations: Destinations::default(),
            functions: parts.functions,
            keys: parts.keys,
            journal: parts.journal,
            waiters: Waiters::default(),
            live: Live::default(),
            lanes: Lanes::default(),
            breakers: Breakers::default(),
            wakes: Wakes::default(),
            firing: fire::Nudge::default(),
            record_ids: RecordIds::default(),
            launches: parts.launches,
            public_url: parts.public_url,
            resume_key: parts.resume_key,
            vault: parts.vault,
            signing: parts.signing,
            traces: parts.traces,
        }))
    }
}
