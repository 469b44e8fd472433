//! From a URL to an opened store.
//! Never knows more of a database than its scheme.

use super::{Probed, Relocated, Store, StoreError, Told, moving, postgres, sqlite};
use crate::config::StoreConfig;
use crate::domain::clock::SharedClock;
use crate::domain::timestamp::Timestamp;

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

/// Looks at a database server without changing anything; `None` for a file, which has none.
///
/// # Errors
/// It cannot be reached or does not keep what nodes need; with the mend.
pub async fn probe(url: &str) -> Result<Option<Probed>, StoreError> {
    match scheme(url) {
        "sqlite" => Ok(None),
        "postgres" | "postgresql" => postgres::probe(url).await.map(Some),
        _ => Err(unknown(url)),
    }
}

/// Moves everything from a SQLite file into a Postgres database, running executions included; `label` names the target for
/// people. Killed at any point it can be called again.
///
/// # Errors
/// A server runs on the source, the target is not empty, or one of them fails.
pub async fn relocate(from: &str, to: &str, label: &str, now: Timestamp, told: Told) -> Result<Relocated, StoreError> {
    check_direction(from, to)?;
    let (from, to, label) = (from.to_owned(), to.to_owned(), label.to_owned());
    postgres::on_thread(move || moving::relocate(&from, &to, &label, now, &told)).await
}

/// Gives an unfinished move up: the source can be served again.
///
/// # Errors
/// The source is not being moved, or the move has ended.
pub async fn abandon(from: &str, to: &str) -> Result<(), StoreError> {
    check_direction(from, to)?;
    let (from, to) = (from.to_owned(), to.to_owned());
    postgres::on_thread(move || moving::abandon(&from, &to)).await
}

fn check_direction(from: &str, to: &str) -> Result<(), StoreError> {
    match (scheme(from), scheme(to)) {
        ("sqlite", "postgres" | "postgresql") => Ok(()),
        ("sqlite", _) => Err(StoreError::Setup("a move goes to postgres://USER@HOST/NAME".to_owned())),
        _ => Err(StoreError::Setup("a move comes from sqlite://FILE".to_owned())),
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
