//! Registered destinations: who is told of every execution that matches, and what becomes of who does not listen.
//! Never ends an execution against a list that has changed meanwhile.

mod change;
mod health;
mod test;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::Engine;
use super::message::{self, Interim};
use crate::domain::delivery::Delivery;
use crate::domain::execution::Execution;
use crate::domain::ids::DestinationId;
use crate::domain::registration::Registration;
use crate::store::StoreError;
use crate::store::write::NewDelivery;

pub use change::{Change, ChangeError, NewDestination, change, create, remove};
pub use health::sweep;
pub(super) use health::{judge, withheld};
pub use test::{Tested, test};

/// For interim messages another node's change may be this old, in milliseconds; for an end it is never old.
const FRESH_MS: i64 = 1000;

/// The destinations as this process knows them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Destinations(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    known: RwLock<Arc<Known>>,
    looked_at: AtomicI64,
}

#[derive(Debug, Default)]
struct Known {
    generation: i64,
    all: Vec<Registration>,
}

impl Destinations {
    /// Reads them again.
    ///
    /// # Errors
    /// The store's; what was known stays known.
    pub async fn reload(&self, engine: &Engine) -> Result<(), StoreError> {
        let (generation, all) = engine.read.destinations().await?;
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        // Of two that read at once the later answer need not be the newer.
        if generation >= known.generation {
            *known = Arc::new(Known { generation, all });
        }
        Ok(())
    }

    /// Reads them again if nobody has for a moment. Without the database what was known stays known.
    async fn refresh(&self, engine: &Engine) {
        let now = engine.clock.now().ms();
        let looked_at = self.0.looked_at.load(Ordering::Relaxed);
        let is_due = (now - looked_at).abs() >= FRESH_MS
            && self.0.looked_at.compare_exchange(looked_at, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if is_due && let Err(error) = self.reload(engine).await {
            tracing::warn!(error = %error, "the registered destinations could not be read");
        }
    }

    pub fn all(&self) -> Vec<Registration> {
        self.known().all.clone()
    }

    pub fn find(&self, id: DestinationId) -> Option<Registration> {
        self.known().all.iter().find(|one| one.id == id).cloned()
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an execution that ends owes to registered destinations, and the generation for which that holds.
pub(super) fn owed(engine: &Engine, execution: &Execution, own: Option<&Delivery>) -> (i64, Vec<NewDelivery>) {
    let known = engine.destinations.known();
    let mut body = own.map(|own| own.body.clone());
    let mut owed = Vec::new();
    for destination in &known.all {
        if let Some(delivery) = message::registered(engine, execution, destination, &mut body) {
            owed.push(NewDelivery { delivery, on_hold: destination.disabled.is_some(), held: false });
        }
    }
    (known.generation, owed)
}

/// What an execution owes before its end: to its own callback, or where its stack says, and to registered destinations that
/// asked for it. All of it goes through the store's due list: the courier finds it there.
pub(super) async fn owed_interim(engine: &Engine, execution: &Execution, interim: &Interim<'_>) -> Vec<NewDelivery> {
    engine.destinations.refresh(engine).await;
    let own = message::interim(engine, execution, interim);
    let mut body = own.as_ref().map(|own| own.body.clone());
    let mut owed: Vec<NewDelivery> =
        own.into_iter().map(|delivery| NewDelivery { delivery, held: false, on_hold: false }).collect();
    for destination in &engine.destinations.known().all {
        if let Some(delivery) = message::registered_interim(engine, execution, interim, destination, &mut body) {
            owed.push(NewDelivery { delivery, on_hold: destination.disabled.is_some(), held: false });
        }
    }
    owed
}
