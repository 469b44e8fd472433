//! The database that a move fills: incomplete until every row is there.
//! Never writes into a database that holds anything else.

use super::connection::{self, PgConnection};
use super::fault::store_error;
use super::functions::stored_setting;
use super::rows::Number;
use super::sql::sql;
use crate::store::StoreError;
use crate::store::moving::{ARRIVED, INCOMPLETE, Kind, Table};

use diesel::Connection;
use diesel::connection::SimpleConnection;

/// Tables that say that somebody has used the database already.
const SIGNS_OF_USE: [&str; 4] = ["settings", "executions", "functions", "records"];
/// Held for as long as a move fills the database.
const MOVE_LOCK: i64 = 7_280_002;
/// Seconds that a move before this one may take to vanish from the server.
const OTHERS_MAY_TAKE_S: u32 = 15;
/// Columns whose next numbers the database gives.
const NUMBERED: [(&str, &str); 2] = [("executions", "number"), ("audit", "id")];

/// A database about to be filled.
pub struct Arriving(PgConnection);

impl Arriving {
    /// One move at a time: what a move that was killed a moment ago still has under way is waited for.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let mut conn = connection::establish(url)?;
        conn.batch_execute(&format!("SET lock_timeout = '{OTHERS_MAY_TAKE_S}s'")).map_err(store_error)?;
        sql("SELECT 1::bigint AS n FROM pg_advisory_lock(?)").bind(MOVE_LOCK).first::<Number>(&mut conn).map_err(|error| {
            match error {
                diesel::result::Error::DatabaseError(_, info) if info.message().contains("lock timeout") => {
                    StoreError::Setup("another move into the target is under way; wait for it, or stop it".to_owned())
                }
                error => store_error(error),
            }
        })?;
        conn.batch_execute("SET lock_timeout = 0").map_err(store_error)?;
        connection::migrate(&mut conn, true)?;
        Ok(Self(conn))
    }

    /// Whether the move with this token has come to its end here.
    pub fn has_arrived(&mut self, token: &str) -> Result<bool, StoreError> {
        Ok(stored_setting(&mut self.0, ARRIVED).map_err(store_error)?.as_deref() == Some(token))
    }

    /// From now on no node runs on it until the move with this token has ended.
    pub fn begin(&mut self, token: &str) -> Result<(), StoreError> {
        match stored_setting(&mut self.0, INCOMPLETE).map_err(store_error)? {
            Some(other) if other == token => return Ok(()),
            Some(other) => return self.begin_instead(&other, token),
            None => {}
        }
        for table in SIGNS_OF_USE {
            if self.count(table)? > 0 {
                return Err(StoreError::Setup(format!("the target has rows in {table} already; give an empty database")));
            }
        }
        let marked = sql("INSERT INTO settings (name, value) VALUES (?, ?)").bind(INCOMPLETE).bind(token).run(&mut self.0);
        marked.map(|_| ()).map_err(store_error)
    }

    /// Another move got no further than to say that it comes: nothing of it is here.
    fn begin_instead(&mut self, other: &str, token: &str) -> Result<(), StoreError> {
        let mut rows = 0;
        for table in SIGNS_OF_USE {
            rows += self.count(table)?;
        }
        if rows > 1 {
            return Err(StoreError::Setup("the target holds the rest of another move; give an empty database".to_owned()));
        }
        let renamed = sql("UPDATE settings SET value = ? WHERE name = ? AND value = ?").bind(token).bind(INCOMPLETE).bind(other);
        renamed.run(&mut self.0).map(|_| ()).map_err(store_error)
    }

    pub fn count(&mut self, table: &str) -> Result<i64, StoreError> {
        let counted = sql(format!("SELECT count(*) AS n FROM \"{table}\"")).first(&mut self.0);
        Ok(counted.map_err(store_error)?.map_or(0, |Number(n)| n))
    }

    /// Inserts rows that are JSON objects; those that are there already stay as they are.
    pub fn insert(&mut self, table: &Table, rows: &[String]) -> Result<(), StoreError> {
        let mut names = Vec::with_capacity(table.columns.len());
        let (mut values, mut types) = (names.clone(), names.clone());
        for column in &table.columns {
            let name = format!("\"{}\"", column.name);
            let (kind, value) = match column.kind {
                Kind::Int => ("bigint", name.clone()),
                Kind::Real => ("double precision", name.clone()),
                Kind::Text => ("text", name.clone()),
                Kind::Bytes => ("text", format!("decode({name}, 'hex')")),
            };
            types.push(format!("{name} {kind}"));
            values.push(value);
            names.push(name);
        }
        let text = format!(
            "INSERT INTO \"{}\" ({}) SELECT {} FROM json_to_recordset(?::text::json) AS r ({}) ON CONFLICT DO NOTHING",
            table.name,
            names.join(", "),
            values.join(", "),
            types.join(", ")
        );
        sql(text).bind(format!("[{}]", rows.join(","))).run(&mut self.0).map(|_| ()).map_err(store_error)
    }

    /// Every row is there: nodes may run on it.
    pub fn complete(&mut self, token: &str) -> Result<(), StoreError> {
        let done = self.0.transaction(|conn| {
            for (table, column) in NUMBERED {
                sql(format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
                     greatest((SELECT max(\"{column}\") FROM \"{table}\"), 1)) AS n"
                ))
                .all::<Number>(conn)?;
            }
            sql("INSERT INTO settings (name, value) VALUES (?, ?)").bind(ARRIVED).bind(token).run(conn)?;
            sql("DELETE FROM settings WHERE name = ? AND value = ?").bind(INCOMPLETE).bind(token).run(conn)
        });
        match done.map_err(store_error)? {
            1 => Ok(()),
            _ => Err(StoreError::Corrupt("the target is not being moved into any more".to_owned())),
        }
    }
}
