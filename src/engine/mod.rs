//! The verbs: one function per thing that can happen to an execution or a delivery.
//! Never waits for a timer of its own and never speaks HTTP to a caller.

pub mod cancel;
pub mod deliver;
pub mod functions;
pub mod journal;
pub mod message;
pub mod start;
pub mod wait;

use std::sync::Arc;

use crate::config::Config;
use crate::domain::clock::SharedClock;
use crate::outbound::Outbound;
use crate::store::read::Read;

/// What every verb needs. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub clock: SharedClock,
    pub config: Arc<Config>,
    pub read: Arc<dyn Read>,
    pub outbound: Outbound,
    pub functions: functions::Functions,
    pub journal: journal::Journal,
    pub waiters: wait::Waiters,
    /// Where callers reach us, without a trailing slash.
    pub public_url: Arc<str>,
}
