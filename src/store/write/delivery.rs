//! What is written of deliveries: that one is owed, and what its attempts came to.
//! Never decides when one is tried again.

use crate::domain::delivery::{AttemptOutcome, Delivery, DeliveryState};
use crate::domain::ids::DeliveryId;
use crate::domain::timestamp::Timestamp;

/// A message that becomes owed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    pub delivery: Delivery,
    /// Born on hold: its registered destination is disabled. Due for nobody.
    pub on_hold: bool,
    /// The courier of this node takes it straight from memory; else it is due at `created_at` for whoever claims it.
    pub held: bool,
}

impl NewDelivery {
    /// How it stands from its birth on.
    pub fn state(&self) -> DeliveryState {
        if self.on_hold { DeliveryState::Held } else { DeliveryState::Pending }
    }
}

/// One delivery attempt is over.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryClosed {
    pub id: DeliveryId,
    pub number: u32,
    pub started_at: Timestamp,
    pub at: Timestamp,
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    pub detail: Option<String>,
    pub answer: Option<String>,
    pub next: AfterAttempt,
    pub counted: u32,
    pub excused: u32,
    pub had_unknown: bool,
    pub thin: bool,
}

impl DeliveryClosed {
    /// The attempt that the delivery is over with, whose place is in the delivery's own row. Number 0 is none: it was given up
    /// before any.
    pub fn last_attempt(&self) -> Option<&Self> {
        let is_over = matches!(self.next, AfterAttempt::Closed { .. });
        (is_over && self.number > 0).then_some(self)
    }
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterAttempt {
    /// Due again then, for whoever claims it, unless this node keeps it in memory (`held`).
    Again { due_at: Timestamp, held: bool },
    /// Over, in this state, for this reason.
    Closed { state: DeliveryState, reason: Option<String> },
}
