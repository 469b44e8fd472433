//! The database that is moved away: its tombstone, and its rows as text for whoever takes them.
//! Never lets a server run on it while it is being moved, nor after.

use std::fs::File;

use diesel::row::NamedRow;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, deserialize};

use super::fault::store_error;
use super::functions::stored_setting;
use super::rows::{Columns, Number, Word};
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use super::{connection, node};
use crate::domain::timestamp::Timestamp;
use crate::store::StoreError;
use crate::store::moving::{Column, Kind, MOVED, MOVING, Page, Table, Tombstone};

/// Tables that speak of processes of this database only, and that of the keys taken of late, which are in theirs by then.
const STAYING: [&str; 3] = ["nodes", "recent_keys", "__diesel_schema_migrations"];

/// A database about to leave, locked.
pub struct Leaving {
    writer: Writer,
    _lock: File,
}

impl Leaving {
    /// Locks the file; refused while a server runs on it.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let path = connection::path_of(url)?;
        if !path.exists() {
            return Err(StoreError::Setup(format!("there is no {}", path.display())));
        }
        let lock = connection::lock(&path)?;
        let mut conn = connection::open_writer(&path, false)?;
        connection::migrate(&mut conn, true)?;
        Ok(Self { writer: Writer::new(conn)?, _lock: lock })
    }

    pub fn tombstone(&mut self) -> Result<Option<Tombstone>, StoreError> {
        tombstone(&mut self.writer.conn)
    }

    /// From now on no server runs on it. What a process had left owned is released, as a start would.
    pub fn bury(&mut self, tombstone: &Tombstone, now: Timestamp) -> Result<(), StoreError> {
        let text = tombstone.text();
        self.writer.transaction(|writer| {
            sql("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)")
                .bind(MOVING)
                .bind(text)
                .run(&mut writer.conn)
                .map_err(store_error)?;
            writer.idempotency.settle_early(&mut writer.conn, usize::MAX).map_err(store_error)?;
            node::start(writer, now).map_err(store_error)?;
            sql("DELETE FROM nodes").run(&mut writer.conn).map_err(store_error)?;
            Ok(())
        })
    }

    /// The target can be served: this database never again.
    pub fn leave(&mut self) -> Result<(), StoreError> {
        let changed = sql("UPDATE settings SET name = ? WHERE name = ?").bind(MOVED).bind(MOVING).run(&mut self.writer.conn);
        changed.map(|_| ()).map_err(store_error)
    }

    /// The move is given up: this database can be served again.
    pub fn stay(&mut self) -> Result<(), StoreError> {
        sql("DELETE FROM settings WHERE name = ?").bind(MOVING).run(&mut self.writer.conn).map(|_| ()).map_err(store_error)
    }

    /// Every table that goes along.
    pub fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        let conn = &mut self.writer.conn;
        let names: Vec<Word> =
            sql("SELECT name AS t FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
                .all(conn)
                .map_err(store_error)?;
        let staying = |name: &str| STAYING.contains(&name);
        names.into_iter().filter(|Word(name)| !staying(name)).map(|Word(name)| table(conn, name).map_err(store_error)).collect()
    }

    pub fn count(&mut self, table: &Table) -> Result<i64, StoreError> {
        let counted = sql(format!("SELECT count(*) AS n FROM \"{}\"", table.name)).first(&mut self.writer.conn);
        Ok(counted.map_err(store_error)?.map_or(0, |Number(n)| n))
    }

    /// Up to `limit` rows behind the key `after`, each as a JSON object; bytes are written in hex.
    pub fn page(&mut self, table: &Table, after: Option<&str>, limit: i64) -> Result<Page, StoreError> {
        let fields: Vec<String> = table.columns.iter().map(field).collect();
        let (name, key, object) = (&table.name, table.key.join(", "), fields.join(", "));
        // `quote` writes what is read back as the same value.
        let literals: Vec<String> = table.key.iter().map(|column| format!("quote({column})")).collect();
        let literals = literals.join(" || ', ' || ");
        let behind = after.map(|after| format!("WHERE ({key}) > ({after}) ")).unwrap_or_default();
        let text = format!("SELECT {literals} AS k, json_object({object}) AS t FROM \"{name}\" {behind}ORDER BY {key} LIMIT ?");
        let rows: Vec<RowText> = sql(text).once().bind(limit).all(&mut self.writer.conn).map_err(store_error)?;
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit;
        let next = rows.last().map(|row| row.key.clone());
        Ok(Page { rows: rows.into_iter().map(|row| row.text).collect(), next, is_last })
    }
}

/// What a database says of its move.
pub fn tombstone(conn: &mut SqliteConnection) -> Result<Option<Tombstone>, StoreError> {
    let moving = stored_setting(conn, MOVING).map_err(store_error)?;
    let moved = stored_setting(conn, MOVED).map_err(store_error)?;
    let read = |text: String| Tombstone::read(&text);
    Ok(moved.map(|text| Tombstone { over: true, ..read(text) }).or_else(|| moving.map(read)))
}

fn field(column: &Column) -> String {
    let name = &column.name;
    match column.kind {
        Kind::Bytes => format!("'{name}', CASE WHEN \"{name}\" IS NULL THEN NULL ELSE hex(\"{name}\") END"),
        Kind::Int | Kind::Real | Kind::Text => format!("'{name}', \"{name}\""),
    }
}

fn table(conn: &mut SqliteConnection, name: String) -> QueryResult<Table> {
    let columns: Vec<Column> = sql("SELECT name, type FROM pragma_table_info(?) ORDER BY cid").bind(name.as_str()).all(conn)?;
    let has_rowid = sql(format!("SELECT rowid AS n FROM \"{name}\" LIMIT 0")).all::<Number>(conn).is_ok();
    let key = if has_rowid {
        vec!["rowid".to_owned()]
    } else {
        let key: Vec<Word> =
            sql("SELECT name AS t FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk").bind(name.as_str()).all(conn)?;
        key.into_iter().map(|Word(column)| format!("\"{column}\"")).collect()
    };
    Ok(Table { name, columns, key })
}

impl FromNamedRow for Column {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let kind = match row.text("type")?.as_str() {
            "INTEGER" => Kind::Int,
            "REAL" => Kind::Real,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            other => return Err(format!("a column has the type {other}, which no column of ours has").into()),
        };
        Ok(Self { name: row.text("name")?, kind })
    }
}

struct RowText {
    key: String,
    text: String,
}

impl FromNamedRow for RowText {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self { key: row.text("k")?, text: row.text("t")? })
    }
}
