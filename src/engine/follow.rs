//! Who follows an execution on this node, and how they hear that something of it has become durable.
//! Never the only way to hear of it: another node may run it, so followers also look at the store now and then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::ids::ExecutionId;
use crate::domain::map::HashMap;

/// Everybody who follows something. Cheap to clone; costs the writer one load while nobody does.
#[derive(Clone, Default)]
pub struct Followers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    count: AtomicUsize,
    bells: Mutex<HashMap<ExecutionId, watch::Sender<()>>>,
}

/// One follower of one execution.
pub struct Following {
    followers: Followers,
    id: ExecutionId,
    bell: watch::Receiver<()>,
}

impl Followers {
    /// From now on every [`Followers::ring`] for this execution is heard, however late the follower listens.
    pub fn follow(&self, id: ExecutionId) -> Following {
        let bell = self.bells().entry(id).or_default().subscribe();
        self.0.count.fetch_add(1, Ordering::Relaxed);
        Following { followers: self.clone(), id, bell }
    }

    /// Something of this execution is durable.
    pub(super) fn ring(&self, id: ExecutionId) {
        if self.0.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        if let Some(bell) = self.bells().get(&id) {
            bell.send_replace(());
        }
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<ExecutionId, watch::Sender<()>>> {
        self.0.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Following {
    /// Resolves once something has happened since the last time this resolved.
    pub async fn rung(&mut self) {
        if self.bell.changed().await.is_err() {
            // The bell lives for as long as it has a follower.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.followers.0.count.fetch_sub(1, Ordering::Relaxed);
        let mut bells = self.followers.bells();
        // This receiver is still among those that are counted.
        if bells.get(&self.id).is_some_and(|bell| bell.receiver_count() <= 1) {
            bells.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::timestamp::Timestamp;

    async fn hears(following: &mut Following) -> bool {
        tokio::time::timeout(Duration::from_millis(20), following.rung()).await.is_ok()
    }

    #[tokio::test]
    async fn a_follower_hears_of_his_execution_also_when_he_listens_late() {
        let followers = Followers::default();
        let (one, other) = (ExecutionId::random(Timestamp(1)), ExecutionId::random(Timestamp(1)));
        let (mut first, mut second) = (followers.follow(one), followers.follow(one));
        followers.ring(other);
        assert!(!hears(&mut first).await);
        followers.ring(one);
        followers.ring(one);
        assert!(hears(&mut first).await && hears(&mut second).await);
        assert!(!hears(&mut first).await, "once for all that had happened");
    }

    #[test]
    fn nothing_is_kept_for_those_who_left() {
        let followers = Followers::default();
        let id = ExecutionId::random(Timestamp(1));
        let (first, second) = (followers.follow(id), followers.follow(id));
        drop(first);
        assert_eq!(followers.bells().len(), 1);
        drop(second);
        assert!(followers.bells().is_empty());
        assert_eq!(followers.0.count.load(Ordering::Relaxed), 0);
    }
}
