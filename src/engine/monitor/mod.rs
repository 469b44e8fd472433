//! The monitor: finds what a person should know of, says so in `alerts`, and mends what can be mended.
//! Never writes a terminal state beside an owner.

pub mod alerts;
mod conditions;
mod stuck;
mod tell;

pub use tell::tell;

use super::Engine;
use super::destinations;
use super::journal::JournalError;
use crate::domain::alert::{Alert, kind};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::read::AlertQuery;
use crate::store::write::Over;

/// Open alerts that one sweep compares with what it finds.
const OPEN_MAX: i64 = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What a sweep found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    pub stuck: usize,
    /// Of those, how many were taken up or woken.
    pub mended: usize,
    pub resolved: usize,
}

/// One look at everything, with what was open before it.
struct Sweep<'a> {
    engine: &'a Engine,
    now: Timestamp,
    open: Vec<Alert>,
}

impl Sweep<'_> {
    fn has_open(&self, kind: &str) -> bool {
        self.open.iter().any(|alert| alert.alert.kind == kind)
    }
}

/// Looks at every condition: raises what is the case, resolves what is over, mends what is stuck, and tells of it all.
///
/// # Errors
/// The store's or the journal's; the next sweep finds the same.
pub async fn sweep(engine: &Engine) -> Result<Swept, SweepError> {
    let now = engine.clock.now();
    let query = AlertQuery { open: Some(true), limit: OPEN_MAX, ..AlertQuery::default() };
    let sweep = Sweep { engine, now, open: engine.read.alerts(&query).await? };
    let failing = destinations::sweep(engine, now).await?;
    engine.metrics().open_alerts(&sweep.open);
    let mut swept = stuck::look(&sweep).await?;
    swept.resolved += conditions::settle(&sweep, kind::DESTINATION_FAILING, failing, Over::Rest).await?;
    swept.resolved += conditions::storage_lag(&sweep).await?;
    swept.resolved += conditions::queue_old(&sweep).await?;
    swept.resolved += conditions::schedule_missed(&sweep).await?;
    swept.resolved += conditions::callback_overdue(&sweep).await?;
    swept.resolved += conditions::delivery_dead(&sweep).await?;
    swept.resolved += conditions::breaker_open(&sweep).await?;
    tell(engine).await?;
    Ok(swept)
}

/// What cannot wait for the next sweep: an alert was raised elsewhere, or a breaker has closed.
///
/// # Errors
/// The store's or the journal's; the next sweep finds the same.
pub async fn look_now(engine: &Engine) -> Result<(), SweepError> {
    let closed = engine.breakers.take_closed();
    if !closed.is_empty() {
        conditions::breakers_closed(engine, closed).await?;
    }
    tell(engine).await
}
