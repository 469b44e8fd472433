//! Writing records with the checkpoint of the step that wrote them.
//! Never overwrites a row that changed since it was read.

use std::sync::Arc;

use diesel::sql_types::{BigInt, Text};
use diesel::{RunQueryDsl, SqliteConnection, sql_query};

use super::alerts;
use super::commit::Applied;
use super::submit::ExecuteFound;
use crate::domain::record::{RecordWrite, UniqueKey};
use crate::domain::timestamp::Timestamp;
use crate::domain::value::Value;
use crate::store::write::Refusal;

pub(super) fn write(connection: &mut SqliteConnection, write: &RecordWrite, at: Timestamp) -> Applied<()> {
    match write {
        RecordWrite::Insert { table, value, .. } if &**table == "alerts" => {
            alerts::raise(connection, &alerts::from_record(value, at))
        }
        RecordWrite::Insert { table, id, value, unique } => insert(connection, table, *id, value, unique),
        RecordWrite::Update { table, id, version, value, unique } => {
            let changed = sql_query("UPDATE records SET data = ?, version = version + 1 WHERE table_name = ? AND id = ? AND version = ?")
                .bind::<Text, _>(value.to_stored_text())
                .bind::<Text, _>(&**table)
                .bind::<BigInt, _>(id)
                .bind::<BigInt, _>(version)
                .execute(connection)?;
            if changed != 1 {
                return Err(conflict(table, *id));
            }
            forget_keys(connection, table, *id)?;
            take_keys(connection, table, *id, unique)
        }
        RecordWrite::Delete { table, id, version } => {
            let deleted = sql_query("DELETE FROM records WHERE table_name = ? AND id = ? AND version = ?")
                .bind::<Text, _>(&**table)
                .bind::<BigInt, _>(id)
                .bind::<BigInt, _>(version)
                .execute(connection)?;
            if deleted != 1 {
                return Err(conflict(table, *id));
            }
            forget_keys(connection, table, *id)
        }
    }
}

fn insert(connection: &mut SqliteConnection, table: &Arc<str>, id: i64, value: &Value, unique: &[UniqueKey]) -> Applied<()> {
    let inserted = sql_query("INSERT OR IGNORE INTO records (table_name, id, version, data) VALUES (?, ?, 1, ?)")
        .bind::<Text, _>(&**table)
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(value.to_stored_text())
        .execute(connection)?;
    if inserted != 1 {
        return Err(Refusal::Duplicate { table: table.to_string(), key: format!("id {id}") }.into());
    }
    // An id that a stack chose must not be given out again.
    sql_query(
        "INSERT INTO record_ids (table_name, next_id) VALUES (?, ?) \
         ON CONFLICT (table_name) DO UPDATE SET next_id = excluded.next_id WHERE excluded.next_id > record_ids.next_id",
    )
    .bind::<Text, _>(&**table)
    .bind::<BigInt, _>(id.saturating_add(1))
    .execute(connection)?;
    take_keys(connection, table, id, unique)
}

fn take_keys(connection: &mut SqliteConnection, table: &Arc<str>, id: i64, unique: &[UniqueKey]) -> Applied<()> {
    for key in unique {
        let taken = sql_query("SELECT record_id AS id FROM record_keys WHERE table_name = ? AND key_name = ? AND key_value = ?")
            .bind::<Text, _>(&**table)
            .bind::<Text, _>(&*key.name)
            .bind::<Text, _>(&*key.value)
            .execute_found(connection)?;
        if taken {
            return Err(Refusal::Duplicate { table: table.to_string(), key: key.name.to_string() }.into());
        }
        sql_query("INSERT INTO record_keys (table_name, key_name, key_value, record_id) VALUES (?, ?, ?, ?)")
            .bind::<Text, _>(&**table)
            .bind::<Text, _>(&*key.name)
            .bind::<Text, _>(&*key.value)
            .bind::<BigInt, _>(id)
            .execute(connection)?;
    }
    Ok(())
}

fn forget_keys(connection: &mut SqliteConnection, table: &Arc<str>, id: i64) -> Applied<()> {
    sql_query("DELETE FROM record_keys WHERE table_name = ? AND record_id = ?")
        .bind::<Text, _>(&**table)
        .bind::<BigInt, _>(id)
        .execute(connection)?;
    Ok(())
}

fn conflict(table: &Arc<str>, id: i64) -> super::commit::EntryError {
    Refusal::Conflict { table: table.to_string(), id }.into()
}
