//! Records in tables: what a stack asks for and what it writes.
//! Never touches a database; says what is meant, and whether a row matches.

use std::cmp::Ordering;
use std::sync::Arc;

use super::value::{Value, compare};

mod filter;

pub use filter::{Filter, FilterError, Test};

/// A row and the version that an edit of it must still find.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub id: i64,
    /// Grows with each edit.
    pub version: i64,
    /// An object with `id` and `created_at`, tagged with its table.
    pub value: Value,
}

/// Which rows of a table, in which order, how many.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordQuery {
    pub table: Arc<str>,
    pub filter: Filter,
    pub sort: Vec<SortKey>,
    pub offset: u64,
    pub limit: Option<u64>,
    /// Only these fields, if given.
    pub fields: Option<Vec<Arc<str>>>,
    /// Rows held at once may not exceed this many bytes.
    pub memory_bytes_max: u64,
}

impl RecordQuery {
    pub fn all(table: impl Into<Arc<str>>) -> Self {
        Self {
            table: table.into(),
            filter: Filter::All,
            sort: Vec::new(),
            offset: 0,
            limit: None,
            fields: None,
            memory_bytes_max: u64::MAX,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub field: Arc<str>,
    pub descending: bool,
}

impl SortKey {
    /// `"id ASC"`, `"-created_at, name desc"`
    ///
    /// # Errors
    /// An order that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        match (text.strip_prefix('-'), text.split_once(char::is_whitespace)) {
            (Some(field), _) => Self::of(field, "desc"),
            (None, Some((field, order))) => Self::of(field, order.trim()),
            (None, None) => Self::of(text, "asc"),
        }
    }

    /// # Errors
    /// An order that is none.
    pub fn of(field: &str, order: &str) -> Result<Self, String> {
        let descending = match order.to_lowercase().as_str() {
            "asc" | "ascending" | "1" | "" => false,
            "desc" | "descending" | "-1" => true,
            other => return Err(format!("`sort` goes asc or desc, not \"{other}\"")),
        };
        Ok(Self { field: field.into(), descending })
    }
}

/// The order of two rows by `keys`; nulls first, what cannot be compared stays in place.
pub fn order_rows(a: &Value, b: &Value, keys: &[SortKey]) -> Ordering {
    for key in keys {
        let (x, y) = (a.field(&key.field), b.field(&key.field));
        let ordering = match (x.is_null(), y.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => compare(&x, &y).unwrap_or(Ordering::Equal),
        };
        let ordering = if key.descending { ordering.reverse() } else { ordering };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    Ordering::Equal
}

/// A write that commits with its step's checkpoint: exactly once.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordWrite {
    /// `value` holds `id` and `created_at` already. `unique` are the table's unique keys with the row's texts.
    Insert { table: Arc<str>, id: i64, value: Value, unique: Vec<UniqueKey> },
    /// Refused as a conflict unless the row still has `version`.
    Update { table: Arc<str>, id: i64, version: i64, value: Value, unique: Vec<UniqueKey> },
    /// Refused as a conflict unless the row still has `version`.
    Delete { table: Arc<str>, id: i64, version: i64 },
}

impl RecordWrite {
    pub fn table(&self) -> &Arc<str> {
        match self {
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => table,
        }
    }
}

/// A unique key of a table and this row's value in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueKey {
    /// The fields, joined by commas.
    pub name: Arc<str>,
    /// The row's values, as JSON.
    pub value: Arc<str>,
}
