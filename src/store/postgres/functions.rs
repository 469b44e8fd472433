//! Functions' versions and the settings that the store keeps.
//! Never changes a stored version: executions run with the one that they started with.

use std::sync::Arc;

use super::connection::PgConnection;
use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::fault::store_error;
use super::rows::{Columns, Word};
use super::sql::{FromNamedRow, sql};
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::store::StoreError;
use crate::store::read::{Deployed, VersionRow};
use crate::store::write::{Deployment, Origin};

pub fn deploy(conn: &mut PgConnection, functions: &[Deployment], removed: &[FunctionName]) -> QueryResult<()> {
    for name in removed {
        sql("DELETE FROM functions WHERE name_key = ?").bind(name.key()).run(conn)?;
    }
    for function in functions {
        sql("INSERT INTO function_versions (name_key, version, definition, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(function.name.key())
            .bind(&*function.version.0)
            .bind(&*function.definition)
            .bind(function.at)
            .run(conn)?;
        sql("INSERT INTO functions (name_key, name, version, origin, deployed_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name_key) DO UPDATE \
             SET name = excluded.name, version = excluded.version, origin = excluded.origin, deployed_at = excluded.deployed_at")
        .bind(function.name.key())
        .bind(function.name.as_str())
        .bind(&*function.version.0)
        .bind(function.origin.as_str())
        .bind(function.at)
        .run(conn)?;
    }
    next_generation(conn)
}

/// A number that every node sees in its regular look: another one means that there is something new.
fn next_generation(conn: &mut PgConnection) -> QueryResult<()> {
    sql("INSERT INTO settings (name, value) VALUES ('functions', '1') ON CONFLICT (name) DO UPDATE SET value = (settings.value::bigint + 1)::text")
        .run(conn)
        .map(|_| ())
}

pub fn replace_definitions(conn: &mut PgConnection, functions: &[Deployment]) -> QueryResult<()> {
    for function in functions {
        sql("UPDATE function_versions SET definition = ? WHERE name_key = ? AND version = ?")
            .bind(&*function.definition)
            .bind(function.name.key())
            .bind(&*function.version.0)
            .run(conn)?;
    }
    Ok(())
}

pub fn current(conn: &mut PgConnection) -> QueryResult<Vec<Deployment>> {
    sql("SELECT name, functions.version AS version, definition, origin, deployed_at FROM functions JOIN function_versions \
         USING (name_key) WHERE function_versions.version = functions.version ORDER BY name_key")
    .all(conn)
}

impl FromNamedRow for Deployment {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            name: row.function_name("name")?,
            version: FunctionVersion(row.text("version")?.into()),
            definition: row.text("definition")?.into(),
            origin: origin(&row.text("origin")?)?,
            at: row.at("deployed_at")?,
        })
    }
}

fn origin(text: &str) -> deserialize::Result<Origin> {
    Origin::parse(text).ok_or_else(|| format!("\"{text}\" is no origin").into())
}

pub fn deployed(conn: &mut PgConnection) -> QueryResult<Vec<Deployed>> {
    sql("SELECT name, version, origin FROM functions ORDER BY name_key").all(conn)
}

impl FromNamedRow for Deployed {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            name: row.function_name("name")?,
            version: FunctionVersion(row.text("version")?.into()),
            origin: origin(&row.text("origin")?)?,
        })
    }
}

pub fn versions(conn: &mut PgConnection, name: &FunctionName) -> QueryResult<Vec<VersionRow>> {
    sql("SELECT version, created_at FROM function_versions WHERE name_key = ? ORDER BY created_at DESC, version")
        .bind(name.key())
        .all(conn)
}

impl FromNamedRow for VersionRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self { version: FunctionVersion(row.text("version")?.into()), created_at: row.at("created_at")? })
    }
}

pub fn version(conn: &mut PgConnection, name: &FunctionName, version: &FunctionVersion) -> QueryResult<Option<Arc<str>>> {
    let found: Option<Word> = sql("SELECT definition AS t FROM function_versions WHERE name_key = ? AND version = ?")
        .bind(name.key())
        .bind(&*version.0)
        .first(conn)?;
    Ok(found.map(|Word(definition)| definition.into()))
}

pub fn setting(conn: &mut PgConnection, name: &str, fresh: String) -> Result<String, StoreError> {
    sql("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(fresh)
        .run(conn)
        .map_err(store_error)?;
    let kept: Option<Word> = sql("SELECT value AS t FROM settings WHERE name = ?").bind(name).first(conn).map_err(store_error)?;
    kept.map(|Word(value)| value).ok_or_else(|| StoreError::Corrupt(format!("the setting {name} vanished")))
}

pub fn stored_setting(conn: &mut PgConnection, name: &str) -> QueryResult<Option<String>> {
    let kept: Option<Word> = sql("SELECT value AS t FROM settings WHERE name = ?").bind(name).first(conn)?;
    Ok(kept.map(|Word(value)| value))
}

pub fn replace_setting(conn: &mut PgConnection, name: &str, from: &str, to: &str) -> QueryResult<bool> {
    let changed = sql("UPDATE settings SET value = ? WHERE name = ? AND value = ?").bind(to).bind(name).bind(from).run(conn)?;
    Ok(changed == 1)
}
