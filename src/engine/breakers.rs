//! Which destinations get nothing for now, as the lanes of this node say.
//! Never decides whether something may be sent: each lane asks its own breaker.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::delivery::Destination;
use crate::domain::timestamp::Timestamp;

/// The breakers of this node that are not closed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Breakers(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    open: BTreeMap<Destination, OpenBreaker>,
    /// Closed since somebody took note of it.
    closed: Vec<Destination>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBreaker {
    /// When it opened first: probes that fail do not start it anew.
    pub since: Timestamp,
    /// What its last failure was.
    pub detail: String,
}

impl Breakers {
    pub fn opened(&self, destination: &Destination, detail: &str, at: Timestamp) {
        let mut inner = self.inner();
        let breaker = inner.open.entry(destination.clone()).or_insert_with(|| OpenBreaker { since: at, detail: String::new() });
        detail.clone_into(&mut breaker.detail);
    }

    /// Says whether it was open.
    pub fn closed(&self, destination: &Destination) -> bool {
        let mut inner = self.inner();
        let was_open = inner.open.remove(destination).is_some();
        if was_open {
            inner.closed.push(destination.clone());
        }
        was_open
    }

    pub fn open(&self) -> Vec<(Destination, OpenBreaker)> {
        self.inner().open.iter().map(|(destination, breaker)| (destination.clone(), breaker.clone())).collect()
    }

    pub fn take_closed(&self) -> Vec<Destination> {
        std::mem::take(&mut self.inner().closed)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaker_is_open_since_it_opened_first_and_is_told_closed_once() {
        let (breakers, there) = (Breakers::default(), Destination::of("http://a.example"));
        assert!(!breakers.closed(&there));
        breakers.opened(&there, "no answer", Timestamp(5));
        breakers.opened(&there, "503", Timestamp(9));
        assert_eq!(breakers.open(), [(there.clone(), OpenBreaker { since: Timestamp(5), detail: "503".to_owned() })]);
        assert!(breakers.closed(&there) && breakers.open().is_empty());
        assert_eq!((breakers.take_closed(), breakers.take_closed()), (vec![there], Vec::new()));
    }
}
