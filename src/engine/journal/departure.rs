//! Messages that leave the moment their end is durable: from the thread that has committed it straight to the courier.
//! Never lets one leave twice, and never waits: what the courier has no room for is left to whoever waits for the end.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::domain::delivery::Delivery;
use crate::domain::limits::DEPARTURES_MAX;

/// A message that an end owes, until somebody takes it. Clones share it.
#[derive(Clone)]
pub struct Departure(Arc<Mutex<Option<Box<Delivery>>>>);

impl Departure {
    pub fn of(delivery: Delivery) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(delivery)))))
    }

    /// The message, unless somebody has taken it.
    pub fn take(&self) -> Option<Box<Delivery>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The courier's end: what is durable and shall leave.
pub type Departures = mpsc::Receiver<Box<Delivery>>;

/// The journal's end.
pub(super) struct DepartureSender(mpsc::Sender<Box<Delivery>>);

impl DepartureSender {
    pub fn new() -> (Self, Departures) {
        let (sender, departures) = mpsc::channel(DEPARTURES_MAX);
        (Self(sender), departures)
    }

    /// Lets a message leave if there is room for it.
    pub fn send_off(&self, departure: &Departure) {
        if let Ok(place) = self.0.try_reserve()
            && let Some(delivery) = departure.take()
        {
            place.send(delivery);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::callback::{CallbackSettings, EventType};
    use crate::domain::ids::{DeliveryId, ExecutionId};
    use crate::domain::timestamp::Timestamp;

    pub fn departure() -> Departure {
        let (execution_id, url) = (ExecutionId::random(Timestamp(0)), "https://a.example/");
        Departure::of(Delivery {
            id: DeliveryId::terminal(execution_id),
            execution_id,
            event: EventType::Completed,
            url: url.to_owned(),
            callback: CallbackSettings::to(url),
            body: Bytes::from_static(b"{}"),
            created_at: Timestamp(0),
            attempts: 1,
            counted: 0,
            excused: 0,
            had_unknown: false,
            thin: false,
        })
    }

    #[test]
    fn a_message_leaves_once_and_stays_where_there_is_no_room() {
        let (leaving, mut departures) = DepartureSender::new();
        let first = departure();
        leaving.send_off(&first);
        leaving.send_off(&first);
        assert!(first.take().is_none(), "it has left");
        let rest: Vec<Departure> = (0..DEPARTURES_MAX).map(|_| departure()).collect();
        rest.iter().for_each(|departure| leaving.send_off(departure));
        let stayed: Vec<bool> = rest.iter().map(|departure| departure.take().is_some()).collect();
        assert_eq!(stayed.iter().filter(|stayed| **stayed).count(), 1);
        assert!(stayed[DEPARTURES_MAX - 1], "who came last waits");
        let mut left = 0;
        while departures.try_recv().is_ok() {
            left += 1;
        }
        assert_eq!(left, DEPARTURES_MAX);
        drop(departures);
        let late = departure();
        leaving.send_off(&late);
        assert!(late.take().is_some(), "without a courier it stays");
    }
}
