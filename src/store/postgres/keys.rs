//! Keys of callers.
//! Never reads or writes a key itself, only its digest.

use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use crate::domain::access_key::{AccessKey, FunctionPattern, KeyRate, Scopes};
use crate::domain::timestamp::Timestamp;

pub fn add(conn: &mut PgConnection, key: &AccessKey) -> QueryResult<bool> {
    let functions: Vec<&str> = key.functions.iter().map(FunctionPattern::as_str).collect();
    let added = sql("INSERT INTO access_keys (name, hint, digest, scopes, functions, expires_at, rate_limit, rate_per_ms, \
         created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
    .bind(&*key.name)
    .bind(&*key.hint)
    .bind(&key.digest[..])
    .bind(key.scopes.to_text())
    .bind(functions.join(","))
    .bind(key.expires_at)
    .bind(key.rate.map(|rate| rate.limit))
    .bind(key.rate.map(|rate| rate.per_ms))
    .bind(key.created_at)
    .bind(key.created_by.as_deref())
    .run(conn)?;
    Ok(added > 0)
}

pub fn revoke(conn: &mut PgConnection, name: &str, at: Timestamp) -> QueryResult<bool> {
    sql("UPDATE access_keys SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL").bind(at).bind(name).run(conn)?;
    let found: Option<Number> = sql("SELECT count(*) AS n FROM access_keys WHERE name = ?").bind(name).first(conn)?;
    Ok(found.is_some_and(|Number(count)| count > 0))
}

pub fn all(conn: &mut PgConnection) -> QueryResult<Vec<AccessKey>> {
    sql("SELECT * FROM access_keys ORDER BY name").all(conn)
}

impl FromNamedRow for AccessKey {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let rate = match (row.opt_int("rate_limit")?, row.opt_int("rate_per_ms")?) {
            (Some(limit), Some(per_ms)) => Some(KeyRate { limit: u32::try_from(limit)?, per_ms }),
            _ => None,
        };
        let (scopes, functions) = (row.text("scopes")?, row.text("functions")?);
        let functions = functions.split(',').filter(|text| !text.is_empty()).map(FunctionPattern::parse);
        Ok(Self {
            name: row.text("name")?,
            hint: row.text("hint")?,
            digest: row.blob("digest")?.try_into().map_err(|_| "a digest has 32 bytes")?,
            scopes: Scopes::parse(&scopes).ok_or_else(|| format!("\"{scopes}\" are no scopes"))?,
            functions: functions.collect::<Result<_, _>>()?,
            expires_at: row.opt_at("expires_at")?,
            rate,
            created_at: row.at("created_at")?,
            created_by: row.opt_text("created_by")?,
            revoked_at: row.opt_at("revoked_at")?,
        })
    }
}
