//! A step's end: the machine's state with everything that the step wrote.
//! Never takes a row from anybody but the owner that the store knows.

use diesel::deserialize;
use diesel::row::NamedRow;
use diesel::sqlite::Sqlite;

use super::fault::{Applied, Fault};
use super::rows::Columns;
use super::sql::{FromNamedRow, sql};
use super::writer::Writer;
use super::{alerts, deliveries, events, images, journal, records, submit};
use crate::domain::execution::{Ownership, State};
use crate::store::fold::{Image, JournalRow};
use crate::store::write::{Checkpoint, Refusal};

/// Applies a checkpoint with its records, alerts, children and messages.
pub fn apply(writer: &mut Writer, checkpoint: &Checkpoint) -> Applied<()> {
    let owner = checkpoint.owner;
    if images::advance(writer, &[Image::stepped(checkpoint)])? != 1 {
        return Err(why_not(writer, owner)?.1);
    }
    journal::insert(&mut writer.conn, JournalRow::stepped(checkpoint).as_slice())?;
    for (i, write) in (0..).zip(&checkpoint.records) {
        records::apply(&mut writer.conn, write, &records::Source { owner, i, at: checkpoint.at })?;
    }
    if let Some(event) = &checkpoint.takes {
        events::take(&mut writer.conn, owner.id, event)?;
    }
    for alert in &checkpoint.alerts {
        alerts::raise(&mut writer.conn, alert)?;
    }
    for child in &checkpoint.children {
        submit::apply(writer, child)?;
    }
    for delivery in &checkpoint.deliveries {
        deliveries::insert(writer, &[delivery])?;
    }
    Ok(())
}

/// What the store knows of an execution whose owner's write changed no row.
pub struct Standing {
    pub state: State,
    pub owned: bool,
    pub inbox: i64,
    pub cancel_asked: bool,
}

impl FromNamedRow for Standing {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self {
            state: row.state("state")?,
            owned: row.flag("owned")?,
            inbox: row.int("inbox")?,
            cancel_asked: row.flag("cancel_asked")?,
        })
    }
}

/// Why an owner's write changed no row, as far as ownership tells, and what the store knows.
pub fn why_not(writer: &mut Writer, owner: Ownership) -> Applied<(Option<Standing>, Fault)> {
    let standing: Option<Standing> = sql("SELECT state, inbox, cancel_at IS NOT NULL AS cancel_asked, \
         node IS ? AND epoch = ? AND seq = ? - 1 AS owned FROM executions WHERE id = ?")
    .bind(writer.node)
    .bind(owner.epoch)
    .bind(owner.seq)
    .bind(owner.id)
    .first(&mut writer.conn)?;
    let refusal = match &standing {
        None => Refusal::NotFound,
        Some(standing) if standing.state.is_terminal() => Refusal::Terminal(standing.state),
        Some(_) => Refusal::LostOwnership,
    };
    Ok((standing, refusal.into()))
}
