//! From a URL to an opened store.
//! Never knows more of a database than its scheme.

use super::{Store, StoreError, postgres, sqlite};
use crate::config::StoreConfig;
use crate::domain::clock::SharedClock;

/// Opens the store that the configuration names, and migrates it if that is allowed.
///
/// # Errors
/// The URL has another scheme, the database cannot be reached, or its schema does not fit.
pub async fn open(config: &StoreConfig, clock: SharedClock) -> Result<Store, StoreError> {
    match scheme(&config.database) {
        "sqlite" => sqlite::open(config, clock).await,
        "postgres" | "postgresql" => postgres::open(config, clock).await,
        _ => Err(unknown(&config.database)),
    }
}

/// Brings the schema of a database up to date; the names of the migrations that were run.
///
/// # Errors
/// The URL has another scheme, the database cannot be reached, or its schema is newer than this program.
pub async fn migrate(url: &str) -> Result<Vec<String>, StoreError> {
    match scheme(url) {
        "sqlite" => sqlite::migrate(url).await,
        "postgres" | "postgresql" => postgres::migrate(url).await,
        _ => Err(unknown(url)),
    }
}

/// The value of a setting in a database that another process may be using.
///
/// # Errors
/// The URL has another scheme, or the database cannot be read.
pub async fn peek_setting(url: &str, name: &'static str) -> Result<Option<String>, StoreError> {
    match scheme(url) {
        "sqlite" => sqlite::peek_setting(url, name).await,
        "postgres" | "postgresql" => postgres::peek_setting(url, name).await,
        _ => Err(unknown(url)),
    }
}

fn scheme(url: &str) -> &str {
    url.split_once("://").map_or("", |(scheme, _)| scheme)
}

fn unknown(url: &str) -> StoreError {
    // The rest of a URL may hold a password.
    let scheme = scheme(url);
    StoreError::Setup(format!("\"{scheme}://\" is no database; there are sqlite://FILE and postgres://USER@HOST/NAME"))
}
