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
    /// How long a delivery attempt takes at most, where its message says nothing else.
    pub attempt_ms: i64,
    /// Where this process is to die, for tests.
    pub failpoint: Option<Failpoint>,
}

/// A commit at which the process is to die.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failpoint {
    /// In place of the commit, else right behind it, before anybody is told.
    pub before: bool,
    /// Which commit, from 1, counted from the first call of the function on.
    pub commit: u64,
    pub function: String,
}

impl StoreConfig {
    pub(super) fn read(settings: &mut Settings) -> Self {
        Self {
            database: settings.parsed("store.database", String::new(), parse_database),
            relaxed: settings.choice("store.durability", &[("full", false), ("relaxed", true)]),
            migrate: settings.flag("store.migrate"),
            lease_ms: settings.integer("store.lease_s", 3..=600) * 1000,
            // Told by the section `callbacks`.
            attempt_ms: 0,
            failpoint: settings.parsed("store.failpoint", None, parse_failpoint),
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
            .field("attempt_ms", &self.attempt_ms)
            .field("failpoint", &self.failpoint)
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

fn parse_failpoint(text: &str) -> Result<Option<Failpoint>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let odd = || format!("\"{text}\" is not \"before N FUNCTION\" or \"after N FUNCTION\"");
    let mut words = text.split(' ');
    let (Some(moment), Some(commit), Some(function), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(odd());
    };
    let before = match moment {
        "before" => true,
        "after" => false,
        _ => return Err(odd()),
    };
    let commit = commit.parse().map_err(|_| odd())?;
    Ok(Some(Failpoint { before, commit, function: function.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failpoint_names_a_moment_a_commit_and_a_function() {
        let wanted = Failpoint { before: true, commit: 7, function: "orders/create".to_owned() };
        assert_eq!(parse_failpoint("before 7 orders/create"), Ok(Some(wanted)));
        assert_eq!(parse_failpoint(""), Ok(None));
        for odd in ["before", "before x a", "during 1 a", "after 1 a b"] {
            assert!(parse_failpoint(odd).unwrap_err().contains("is not \"before N FUNCTION\""), "{odd}");
        }
    }
}
