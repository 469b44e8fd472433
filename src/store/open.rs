//! Opening the store that a URL names.
//! Never touches a database whose schema it does not know.

use super::{Store, StoreError, sqlite};
use crate::config::StoreConfig;

/// Opens the store: migrates it where that is wanted, and refuses it otherwise while migrations are pending.
///
/// # Errors
/// `Setup` where the operator has to act; the message says how.
pub async fn open(config: &StoreConfig) -> Result<Store, StoreError> {
    if let Some(path) = config.database.strip_prefix("sqlite://") {
        return sqlite::open(path, config).await;
    }
    let scheme = config.database.split("://").next().unwrap_or_default();
    Err(StoreError::Setup(format!("\"{scheme}\" is no kind of database that this build opens: write sqlite://FILE in store.database")))
}
