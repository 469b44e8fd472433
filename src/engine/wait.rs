//! Waiting for executions to end, for callers that hold a connection open.
//! Never polls while something on this node can tell.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Engine;
use crate::domain::execution::Execution;
use crate::domain::ids::ExecutionId;
use crate::domain::map::HashMap;
use crate::store::StoreError;

/// How often to look at the store for executions that another node may run.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Between two looks at a database that is away.
const AWAY_PAUSE: Duration = Duration::from_millis(250);

type Listeners = HashMap<ExecutionId, Vec<mpsc::UnboundedSender<Arc<Execution>>>>;

/// Who is waiting for which execution on this node.
#[derive(Clone, Default)]
pub struct Waiters(Arc<Mutex<Listeners>>);

impl Waiters {
    /// Tells everybody who waits for this execution that it has ended.
    pub fn tell(&self, ended: &Arc<Execution>) {
        for listener in self.lock().remove(&ended.birth.id).unwrap_or_default() {
            // Who no longer listens has had its answer by its timeout.
            drop(listener.send(Arc::clone(ended)));
        }
    }

    fn listen(&self, ids: &[ExecutionId]) -> Listening {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut listeners = self.lock();
        for id in ids {
            listeners.entry(*id).or_default().push(sender.clone());
        }
        Listening { waiters: self.clone(), ids: ids.to_vec(), sender, receiver }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Listeners> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Listening {
    waiters: Waiters,
    ids: Vec<ExecutionId>,
    sender: mpsc::UnboundedSender<Arc<Execution>>,
    receiver: mpsc::UnboundedReceiver<Arc<Execution>>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = self.waiters.lock();
        for id in &self.ids {
            if let Some(list) = listeners.get_mut(id) {
                list.retain(|sender| !sender.same_channel(&self.sender));
                if list.is_empty() {
                    listeners.remove(id);
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitMode {
    All,
    Any,
}

/// The executions of `ids`, as soon as all (or any) of those that exist are terminal, or when `timeout` is over.
/// Same order and length; `None` for unknown ids.
///
/// # Errors
/// The store's; while the database is away it is asked again for as long as there is time.
pub async fn wait(
    engine: &Engine,
    ids: &[ExecutionId],
    mode: WaitMode,
    timeout: Duration,
) -> Result<Vec<Option<Execution>>, StoreError> {
    let until = Instant::now() + timeout;
    let mut listening = engine.waiters.listen(ids);
    loop {
        let mut found = match engine.read.executions(ids).await {
            Err(error) if error.is_transient() && Instant::now() + AWAY_PAUSE < until => {
                tokio::time::sleep(AWAY_PAUSE).await;
                continue;
            }
            found => found?,
        };
        if is_over(&found, mode) || Instant::now() >= until {
            return Ok(found);
        }
        let look_again = until.min(Instant::now() + LOOK_EVERY);
        while let Ok(Some(ended)) = timeout_at(look_again, listening.receiver.recv()).await {
            for (_, slot) in ids.iter().zip(&mut found).filter(|(id, _)| **id == ended.birth.id) {
                *slot = Some(Execution::clone(&ended));
            }
            if is_over(&found, mode) {
                return Ok(found);
            }
        }
    }
}

fn is_over(found: &[Option<Execution>], mode: WaitMode) -> bool {
    let mut known = found.iter().flatten().map(|execution| execution.state.is_terminal());
    match mode {
        WaitMode::All => known.all(|terminal| terminal),
        WaitMode::Any => found.iter().all(Option::is_none) || known.any(|terminal| terminal),
    }
}
