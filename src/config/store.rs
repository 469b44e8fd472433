//! Section `store`: which database, and how durable it is.
//! Never shows the password in its URL.

use std::fmt;

use super::provenance::without_password;
use super::settings::Settings;

#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite://ringback.db` or `postgres://…`
    pub database: String,
    /// Relaxes durability: `full` or `relaxed`.
    pub relaxed: bool,
    pub migrate: bool,
    /// How long a node that says nothing keeps its work, on Postgres.
    pub lease_ms: i64,
}

impl StoreConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            database: settings.parsed("store.database", String::new(), parse_database),
            relaxed: settings.choice("store.durability", &[("full", false), ("relaxed", true)]),
            migrate: settings.flag("store.migrate"),
            lease_ms: settings.integer("store.lease_s", 3..=600) * 1000,
        }
    }
}

impl StoreConfig {
    /// Whether other nodes may use it at the same time.
    pub fn is_shared(&self) -> bool {
        !self.database.starts_with("sqlite")
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("database", &without_password(&self.database))
            .field("relaxed", &self.relaxed)
            .field("migrate", &self.migrate)
            .field("lease_ms", &self.lease_ms)
            .finish()
    }
}

fn parse_database(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("sqlite" | "postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(text.to_owned()),
        Some((scheme @ ("sqlite" | "postgres" | "postgresql"), _)) => Err(format!("{scheme}:// is not followed by a database")),
        _ => Err("a database is sqlite://FILE or postgres://USER@HOST/NAME".to_owned()),
    }
}
