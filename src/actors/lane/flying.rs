//! One attempt from its record to its record: what a lane waits for, without the lane.
//! Never gives up a record of what has happened while the journal lives.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use super::Ticket;
use crate::domain::delivery::Delivery;
use crate::engine::deliver::{Attempted, Outlet};
use crate::engine::journal::JournalError;
use crate::store::write::{DeliveryClosed, Entry};

/// How long to wait before a record is tried again, at first and at most.
const RECORD_AGAIN_MIN: Duration = Duration::from_millis(200);
const RECORD_AGAIN_MAX: Duration = Duration::from_secs(5);

/// What a task of a lane has come to.
pub(super) enum Done {
    /// An attempt has ended.
    Flight { delivery: Box<Delivery>, landed: Landed, ticket: Ticket },
    /// The end of an attempt is durable, or refused.
    Closed { delivery: Box<Delivery>, closed: DeliveryClosed, result: Result<(), JournalError> },
    /// Something that nobody waits for is durable, or refused.
    Recorded(Result<(), JournalError>),
}

/// How an attempt ended.
pub enum Landed {
    /// It could not be recorded as started, so nothing was sent.
    NotStarted(JournalError),
    Attempted {
        attempted: Box<Attempted>,
        took_ms: i64,
    },
}

/// Records that an attempt starts, unless it is recorded already, and makes it. A panic is the end of the attempt only.
pub async fn fly(outlet: &dyn Outlet, delivery: &Delivery, started: bool) -> Landed {
    if !started {
        let entry = Entry::DeliveryStarted {
            id: delivery.id,
            number: delivery.attempts,
            at: outlet.now(),
            ordered: delivery.callback.order_key.is_some(),
        };
        if let Err(error) = outlet.record(entry).await {
            return Landed::NotStarted(error);
        }
    }
    let began = outlet.now();
    let attempted = match AssertUnwindSafe(outlet.attempt(delivery)).catch_unwind().await {
        Ok(attempted) => attempted,
        Err(panic) => {
            let message = panic_message(panic.as_ref());
            tracing::error!(delivery.id = %delivery.id, reason = message, "a delivery attempt panicked");
            outlet.panicked(delivery, message)
        }
    };
    Landed::Attempted { attempted: Box::new(attempted), took_ms: outlet.now().since_ms(began) }
}

/// Records what has happened, however long the database is away.
///
/// # Errors
/// The store refused it, or the journal has stopped.
pub async fn record_surely(outlet: &dyn Outlet, entry: Entry) -> Result<(), JournalError> {
    let mut wait = RECORD_AGAIN_MIN;
    loop {
        match outlet.record(entry.clone()).await {
            Err(JournalError::Full | JournalError::Away(_)) => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RECORD_AGAIN_MAX);
            }
            result => return result,
        }
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without words")
}
