//! What people ask of the whole: counts, samples, lists for pages.
//! Never changes anything, and never scans what grows without a bound.

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::SqliteStore;
use super::fault::store_error;
use super::rows::{Columns, Word};
use super::sql::{FromNamedRow, sql};
use crate::domain::execution::State;
use crate::domain::function::{FunctionName, FunctionVersion};
use crate::domain::record::Row;
use crate::domain::timestamp::Timestamp;
use crate::store::Stored;
use crate::store::read::survey::{DeliveryCounts, EndedCount, RunSample, StoredVersion, Survey};

impl Survey for SqliteStore {
    fn open_counts(&self) -> Stored<'_, Vec<(State, i64)>> {
        self.readers.run(|conn| open_counts(conn).map_err(store_error))
    }

    fn ended_counts(&self, from: Timestamp, span_ms: i64) -> Stored<'_, Vec<EndedCount>> {
        self.readers.run(move |conn| ended_counts(conn, from, span_ms).map_err(store_error))
    }

    fn delivery_counts(&self) -> Stored<'_, DeliveryCounts> {
        self.readers.run(|conn| delivery_counts(conn).map_err(store_error))
    }

    fn latest_runs<'a>(&'a self, name: &'a FunctionName, limit: i64) -> Stored<'a, Vec<RunSample>> {
        let name = name.key();
        self.readers.run(move |conn| latest_runs(conn, name, limit).map_err(store_error))
    }

    fn function_versions<'a>(&'a self, name: &'a FunctionName) -> Stored<'a, Vec<StoredVersion>> {
        let name = name.key();
        self.readers.run(move |conn| function_versions(conn, name).map_err(store_error))
    }

    fn table_names(&self) -> Stored<'_, Vec<String>> {
        self.readers.run(|conn| table_names(conn).map_err(store_error))
    }

    fn latest_records<'a>(&'a self, table: &'a str, before: Option<i64>, limit: i64) -> Stored<'a, Vec<Row>> {
        let table = table.to_owned();
        self.readers.run(move |conn| latest_records(conn, &table, before, limit).map_err(store_error))
    }
}

fn open_counts(conn: &mut SqliteConnection) -> QueryResult<Vec<(State, i64)>> {
    let counts: Vec<StateCount> =
        sql("SELECT state, count(*) AS n FROM executions WHERE completed_at IS NULL GROUP BY state").all(conn)?;
    Ok(counts.into_iter().map(|StateCount(state, count)| (state, count)).collect())
}

fn ended_counts(conn: &mut SqliteConnection, from: Timestamp, span_ms: i64) -> QueryResult<Vec<EndedCount>> {
    sql("SELECT (completed_at - ?) / ? AS span, state, count(*) AS n FROM executions WHERE completed_at >= ? \
         GROUP BY 1, 2 ORDER BY 1, 2")
    .bind(from)
    .bind(span_ms.max(1))
    .bind(from)
    .all(conn)
}

fn delivery_counts(conn: &mut SqliteConnection) -> QueryResult<DeliveryCounts> {
    let counts: Option<DeliveryCounts> = sql("SELECT (SELECT count(*) FROM deliveries WHERE closed_at IS NULL) AS pending, \
         (SELECT count(*) FROM deliveries WHERE state = 'dead' AND state IN ('dead', 'delivered_unconfirmed')) AS dead")
    .first(conn)?;
    Ok(counts.unwrap_or_default())
}

fn latest_runs(conn: &mut SqliteConnection, function_key: String, limit: i64) -> QueryResult<Vec<RunSample>> {
    sql("SELECT state, started_at, completed_at FROM executions WHERE function_key = ? AND completed_at IS NOT NULL \
         ORDER BY id DESC LIMIT ?")
    .bind(function_key)
    .bind(limit.max(0))
    .all(conn)
}

fn function_versions(conn: &mut SqliteConnection, function_key: String) -> QueryResult<Vec<StoredVersion>> {
    sql("SELECT version, definition, created_at FROM function_versions WHERE name_key = ? ORDER BY created_at DESC, version")
        .bind(function_key)
        .all(conn)
}

fn table_names(conn: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let names: Vec<Word> = sql("SELECT table_name AS t FROM record_ids ORDER BY table_name").all(conn)?;
    Ok(names.into_iter().map(|Word(name)| name).collect())
}

fn latest_records(conn: &mut SqliteConnection, table: &str, before: Option<i64>, limit: i64) -> QueryResult<Vec<Row>> {
    let rows: Vec<RecordRow> =
        sql("SELECT id, version, data FROM records WHERE table_name = ? AND id < ? ORDER BY id DESC LIMIT ?")
            .bind(table)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit.max(0))
            .all(conn)?;
    Ok(rows.into_iter().map(|RecordRow(row)| row).collect())
}

struct StateCount(State, i64);

impl FromNamedRow for StateCount {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(row.state("state")?, row.int("n")?))
    }
}

impl FromNamedRow for EndedCount {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { span: row.int("span")?, state: row.state("state")?, count: row.int("n")? })
    }
}

impl FromNamedRow for DeliveryCounts {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { pending: row.int("pending")?, dead: row.int("dead")? })
    }
}

impl FromNamedRow for RunSample {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { state: row.state("state")?, started_at: row.opt_at("started_at")?, completed_at: row.at("completed_at")? })
    }
}

impl FromNamedRow for StoredVersion {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            version: FunctionVersion(row.text("version")?.into()),
            definition: row.text("definition")?.into(),
            created_at: row.at("created_at")?,
        })
    }
}

struct RecordRow(Row);

impl FromNamedRow for RecordRow {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self(Row { id: row.int("id")?, version: row.int("version")?, value: row.value("data")? }))
    }
}
