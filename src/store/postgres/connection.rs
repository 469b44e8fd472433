//! Connections to a Postgres database, and its schema.
//! Never shows a password: messages name the host and the database only.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::migration::Migration;
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::driver::Driver;
use super::fault::store_error;
use super::rows::Number;
use super::sql::sql;
use crate::store::StoreError;
use crate::store::statements::Statements;

/// The pure-Rust driver, driven from a thread of its own.
pub type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, Driver>;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Held while migrations run, so that two nodes that start at once do not run them twice.
const MIGRATION_LOCK: i64 = 7_280_001;

/// A connection that reads.
///
/// # Errors
/// The server cannot be reached, or does not let us in.
pub fn open_reader(url: &str) -> Result<PgConnection, StoreError> {
    let mut conn = establish(url)?;
    conn.batch_execute("SET default_transaction_read_only = on; SET statement_timeout = '30s'").map_err(store_error)?;
    Ok(conn)
}

/// The connection that writes. A plan made while a table is empty must not last, so it never scans where an index serves.
///
/// # Errors
/// The server cannot be reached, or does not let us in.
pub fn open_writer(url: &str, relaxed: bool) -> Result<PgConnection, StoreError> {
    let mut conn = establish(url)?;
    let durable = if relaxed { "off" } else { "on" };
    let settings = format!(
        "SET synchronous_commit = {durable}; SET idle_in_transaction_session_timeout = '5s'; SET enable_seqscan = off; \
         SET enable_hashjoin = off; SET enable_mergejoin = off; SET lock_timeout = '20s'"
    );
    conn.batch_execute(&settings).map_err(store_error)?;
    // Large bodies cost a sixth of the server's own way; servers before 14, and some builds, do not have it.
    if let Err(error) = conn.batch_execute("SET default_toast_compression = 'lz4'") {
        tracing::debug!(error = %error, "the server does not compress with lz4");
    }
    Ok(conn)
}

/// The connection that renews the lease; whatever it waits for must end well before the lease does.
///
/// # Errors
/// The server cannot be reached, or does not let us in.
pub fn open_heart(url: &str) -> Result<PgConnection, StoreError> {
    let mut conn = establish(url)?;
    let settings = "SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '2s'; SET statement_timeout = '5s'";
    conn.batch_execute(settings).map_err(store_error)?;
    Ok(conn)
}

/// A connection on which both sides notice within seconds that the other is gone.
///
/// # Errors
/// The server cannot be reached, or does not let us in.
pub fn establish(url: &str) -> Result<PgConnection, StoreError> {
    let unreachable = |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("{}: {error}", shown(url)));
    let mut conn = PgConnection::establish(&attentive(url)).map_err(|error| unreachable(&error))?;
    let settings = "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; \
                    SET tcp_user_timeout = 5000";
    conn.batch_execute(settings).map_err(|error| unreachable(&error))?;
    // Not every platform's server can look whether its client is still there.
    if let Err(error) = conn.batch_execute("SET client_connection_check_interval = 500") {
        tracing::debug!(error = %error, "the server does not look for clients that are gone");
    }
    Ok(conn)
}

/// The URL with bounds for a silent network, unless it sets its own.
fn attentive(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else { return text.to_owned() };
    let wanted = [("keepalives_idle", "3"), ("keepalives_interval", "1"), ("keepalives_retries", "3"), ("tcp_user_timeout", "5")];
    let set: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for (name, value) in wanted.into_iter().filter(|(name, _)| !set.iter().any(|other| other == name)) {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.into()
}

/// Counts what is sent over a connection from now on.
pub fn counted(mut conn: PgConnection, statements: &Statements) -> PgConnection {
    conn.set_instrumentation(statements.clone());
    conn
}

/// Host and database of a URL, without who logs in and how.
pub fn shown(url: &str) -> String {
    let Ok(url) = url::Url::parse(url) else { return "the database".to_owned() };
    format!("postgres {}:{}{}", url.host_str().unwrap_or("localhost"), url.port().unwrap_or(5432), url.path())
}

/// Brings the schema to what this program knows and returns the migrations that it ran.
///
/// # Errors
/// The schema is newer than this program, or older and `migrate` is off.
pub fn migrate(conn: &mut PgConnection, migrate: bool) -> Result<Vec<String>, StoreError> {
    let setup = |error: Box<dyn std::error::Error + Send + Sync>| {
        StoreError::Setup(format!("cannot migrate the database: {error}; nothing of a failed migration was kept"))
    };
    let lock = |conn: &mut PgConnection, text: &'static str| {
        sql(text).bind(MIGRATION_LOCK).first::<Number>(conn).map(|_| ()).map_err(store_error)
    };
    lock(conn, "SELECT 1::bigint AS n FROM pg_advisory_lock(?)")?;
    let migrated = (|| {
        refuse_newer(conn)?;
        let pending = conn.pending_migrations(MIGRATIONS).map_err(setup)?;
        let names: Vec<String> = pending.iter().map(|migration| migration.name().to_string()).collect();
        if !migrate && !names.is_empty() {
            return Err(StoreError::Setup(format!(
                "the database lacks the migrations {}; run `ringback migrate`, or set store.migrate",
                names.join(", ")
            )));
        }
        conn.run_pending_migrations(MIGRATIONS).map_err(setup)?;
        Ok(names)
    })();
    lock(conn, "SELECT 1::bigint AS n FROM pg_advisory_unlock(?)")?;
    migrated
}

fn refuse_newer(conn: &mut PgConnection) -> Result<(), StoreError> {
    let setup = |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Setup(format!("cannot read the schema: {error}"));
    let known: Vec<Box<dyn Migration<Pg>>> = diesel::migration::MigrationSource::migrations(&MIGRATIONS).map_err(setup)?;
    let applied = conn.applied_migrations().map_err(setup)?;
    let unknown = applied.iter().find(|version| known.iter().all(|migration| migration.name().version() != **version));
    match unknown {
        None => Ok(()),
        Some(version) => Err(StoreError::Setup(format!(
            "the database has the migration {version}, which this version of ringback does not know; use a newer ringback"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_shown_without_who_logs_in() {
        assert_eq!(shown("postgres://me:geheim@db.example:6432/ringback?x=y"), "postgres db.example:6432/ringback");
    }
}
