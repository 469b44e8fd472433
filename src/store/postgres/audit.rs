//! What was done to this installation.
//! Never keeps more lines than their bound.

use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use crate::domain::audit::{AuditEntry, Audited};
use crate::domain::limits::AUDIT_LINES_MAX;

pub fn note(conn: &mut PgConnection, entry: &AuditEntry) -> QueryResult<()> {
    sql("INSERT INTO audit (at, caller, method, path, status, ip) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(entry.at)
        .bind(entry.caller.as_deref())
        .bind(&*entry.method)
        .bind(&*entry.path)
        .bind(entry.status)
        .bind(entry.ip.as_deref())
        .run(conn)?;
    sql("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?").bind(AUDIT_LINES_MAX).run(conn).map(|_| ())
}

pub fn list(conn: &mut PgConnection, before: Option<i64>, limit: i64) -> QueryResult<Vec<Audited>> {
    sql("SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?").bind(before.unwrap_or(i64::MAX)).bind(limit).all(conn)
}

impl FromNamedRow for Audited {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            id: row.int("id")?,
            entry: AuditEntry {
                at: row.at("at")?,
                caller: row.opt_text("caller")?,
                method: row.text("method")?,
                path: row.text("path")?,
                status: row.small("status")?,
                ip: row.opt_text("ip")?,
            },
        })
    }
}
