//! Moving everything from a SQLite file into Postgres: what both sides agree on, and the order of it.
//! Never leaves both servable: the target is closed before the source is, the source before the first row leaves, and the target
//! opens after the last.

use super::StoreError;
use super::postgres::Arriving;
use super::sqlite::Leaving;
use crate::domain::timestamp::Timestamp;

/// Settings of the source: where it is going, where it went.
pub const MOVING: &str = "moving";
pub const MOVED: &str = "moved";
/// Settings of the target: by the token of the move, that it is not whole yet, that it is.
pub const INCOMPLETE: &str = "incomplete";
pub const ARRIVED: &str = "arrived";
/// Settings that belong to one of the two only.
const OWN_SETTINGS: [&str; 4] = [MOVING, MOVED, INCOMPLETE, ARRIVED];
const SETTINGS: &str = "settings";
/// Rows that travel at once.
const ROWS_AT_ONCE: i64 = 100;

/// A table that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// What its rows are ordered by, and each has of its own.
    pub key: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
    Bytes,
}

/// Some rows of a table, as JSON objects.
#[derive(Debug)]
pub struct Page {
    pub rows: Vec<String>,
    /// Behind which row the next page begins.
    pub next: Option<String>,
    pub is_last: bool,
}

/// What the source says of its move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Names this move on both sides.
    pub token: String,
    /// Where it goes, as people read it.
    pub target: String,
    pub over: bool,
}

impl Tombstone {
    pub fn read(text: &str) -> Self {
        let (token, target) = text.split_once(' ').unwrap_or((text, ""));
        Self { token: token.to_owned(), target: target.to_owned(), over: false }
    }

    pub fn text(&self) -> String {
        format!("{} {}", self.token, self.target)
    }

    /// Why a server does not start on the source.
    pub fn refusal(&self) -> String {
        let Self { target, over, .. } = self;
        if *over {
            return format!("this database was moved to {target}; serve that one");
        }
        format!(
            "this database is being moved to {target}; run `ringback move` again to finish that, or with --abandon to keep this one"
        )
    }
}

/// Why a node does not start on a target.
pub fn incomplete() -> StoreError {
    StoreError::Setup("a move into this database has not come to its end; run `ringback move` again".to_owned())
}

/// Hears how many rows have moved, and how many there are in all.
pub type Told = Box<dyn Fn(i64, i64) + Send>;

/// What a move has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relocated {
    pub tables: usize,
    pub rows: i64,
}

/// Moves everything, running executions included. Killed at any point it can be called again, until one of the two can be
/// served. Blocks; call it on a thread without a runtime.
///
/// # Errors
/// A server runs on the source, the target is not empty, or one of them fails; nothing can be served then but by calling this
/// again, or [`abandon`].
pub fn relocate(from: &str, to: &str, label: &str, now: Timestamp, told: &Told) -> Result<Relocated, StoreError> {
    let mut source = Leaving::open(from)?;
    let tombstone = match source.tombstone()? {
        Some(tombstone) if tombstone.over => return Err(StoreError::Setup(tombstone.refusal())),
        Some(tombstone) if tombstone.target != label => {
            return Err(StoreError::Setup(format!(
                "this database is being moved to {} already, not to {label}",
                tombstone.target
            )));
        }
        found => found,
    };
    let mut target = Arriving::open(to)?;
    if let Some(tombstone) = &tombstone
        && target.has_arrived(&tombstone.token)?
    {
        source.leave()?;
        return Ok(Relocated::default());
    }
    let tombstone = tombstone.unwrap_or_else(|| Tombstone {
        token: uuid::Uuid::new_v4().simple().to_string(),
        target: label.to_owned(),
        over: false,
    });
    // The target first: between the two a server may still start on the source, and never on a target that is to be filled.
    target.begin(&tombstone.token)?;
    source.bury(&tombstone, now)?;
    let done = copy(&mut source, &mut target, told)?;
    target.complete(&tombstone.token)?;
    source.leave()?;
    Ok(done)
}

/// Gives an unfinished move up: the source can be served again, the target never.
///
/// # Errors
/// The source is not being moved, or the move has ended.
pub fn abandon(from: &str, to: &str) -> Result<(), StoreError> {
    let mut source = Leaving::open(from)?;
    let Some(tombstone) = source.tombstone()? else {
        return Err(StoreError::Setup("this database is not being moved".to_owned()));
    };
    if tombstone.over || Arriving::open(to)?.has_arrived(&tombstone.token)? {
        return Err(StoreError::Setup(format!("the move to {} has come to its end; serve that one", tombstone.target)));
    }
    source.stay()
}

fn copy(source: &mut Leaving, target: &mut Arriving, told: &Told) -> Result<Relocated, StoreError> {
    let mut done = Relocated::default();
    let tables = source.tables()?;
    let mut total = 0;
    for table in &tables {
        total += source.count(table)?;
    }
    for table in &tables {
        let mut after = None;
        loop {
            let mut page = source.page(table, after.as_deref(), ROWS_AT_ONCE)?;
            after = page.next;
            if table.name == SETTINGS {
                page.rows.retain(|row| !is_own(row));
            }
            if !page.rows.is_empty() {
                target.insert(table, &page.rows)?;
                done.rows += i64::try_from(page.rows.len()).unwrap_or(0);
                told(done.rows, total);
            }
            if page.is_last {
                break;
            }
        }
        done.tables += 1;
    }
    for table in tables.iter().filter(|table| table.name != SETTINGS) {
        let (there, here) = (source.count(table)?, target.count(&table.name)?);
        if there != here {
            let name = &table.name;
            return Err(StoreError::Corrupt(format!("{name} has {there} rows in the source and {here} in the target")));
        }
    }
    Ok(done)
}

fn is_own(row: &str) -> bool {
    let row: serde_json::Value = serde_json::from_str(row).unwrap_or_default();
    row["name"].as_str().is_some_and(|name| OWN_SETTINGS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tombstone_reads_as_it_was_written() {
        let tombstone = Tombstone { token: "t1".into(), target: "postgres host/db".into(), over: false };
        assert_eq!(Tombstone::read(&tombstone.text()), tombstone);
        assert!(tombstone.refusal().contains("--abandon"));
        assert!(Tombstone { over: true, ..tombstone }.refusal().contains("serve that one"));
    }

    #[test]
    fn what_speaks_of_the_move_does_not_travel() {
        assert!(is_own(r#"{"name":"moving","value":"x"}"#));
        assert!(!is_own(r#"{"name":"webhook_secret","value":"x"}"#));
    }
}
