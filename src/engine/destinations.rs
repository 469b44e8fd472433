//! Registered destinations: who is told of every execution that matches, and what becomes of who does not listen.
//! Never ends an execution against a list that has changed meanwhile.

mod change;
mod health;
mod test;

use std::sync::{Arc, PoisonError, RwLock};

use super::Engine;
use super::message;
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

/// The destinations as this process knows them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Destinations(Arc<RwLock<Arc<Known>>>);

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
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Of two that read at once the later answer need not be the newer.
        if generation >= known.generation {
            *known = Arc::new(Known { generation, all });
        }
        Ok(())
    }

    pub fn all(&self) -> Vec<Registration> {
        self.known().all.clone()
    }

    pub fn find(&self, id: DestinationId) -> Option<Registration> {
        self.known().all.iter().find(|one| one.id == id).cloned()
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
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
