//! Record ids in blocks, so that an insert needs no round trip for its id.
//! Never gives the same id of a table twice; gaps are allowed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::StoreError;
use crate::store::write::Write;

/// Ids fetched at once.
const BLOCK: i64 = 64;

/// The blocks that this node holds. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct RecordIds(Arc<Mutex<HashMap<Arc<str>, Range<i64>>>>);

impl RecordIds {
    /// The next id of a table.
    ///
    /// # Errors
    /// The store's, when a new block could not be fetched.
    pub(super) async fn next(&self, write: &dyn Write, table: &Arc<str>) -> Result<i64, StoreError> {
        if let Some(id) = self.held(table) {
            return Ok(id);
        }
        let first = write.reserve_record_ids(table, BLOCK).await?;
        // Two that fetch at once both fetch a block; the rest of the older one becomes a gap.
        self.lock().insert(Arc::clone(table), first + 1..first + BLOCK);
        Ok(first)
    }

    fn held(&self, table: &Arc<str>) -> Option<i64> {
        self.lock().get_mut(table).and_then(Iterator::next)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Range<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
