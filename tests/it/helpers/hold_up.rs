//! Holds up whoever writes to a database, for as long as a story wants.
//! Never reads or writes a row.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::runtime;

/// The hold; dropping it lets go.
#[expect(dead_code, reason = "they are held, not used")]
pub enum Held {
    Sqlite(Box<SqliteConnection>),
    Postgres(tokio_postgres::Client),
}

/// Takes a lock that every commit of the product needs.
pub fn hold_up(database: &str) -> Held {
    match database.strip_prefix("sqlite://") {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE").unwrap();
            Held::Sqlite(Box::new(conn))
        }
        None => runtime().block_on(async {
            let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.unwrap();
            runtime().spawn(connection);
            client.batch_execute("BEGIN; LOCK TABLE executions IN SHARE MODE").await.unwrap();
            Held::Postgres(client)
        }),
    }
}
