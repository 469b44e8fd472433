//! How a function's executions have gone.
//! Never reads more ended executions than tell the tale.

use diesel::pg::Pg;
use diesel::row::NamedRow;
use diesel::{QueryResult, deserialize};

use super::connection::PgConnection;
use super::rows::{Columns, Number};
use super::sql::{FromNamedRow, sql};
use crate::domain::execution::State;
use crate::domain::function::FunctionName;
use crate::domain::statistics::FunctionStatistics;

/// Ended executions that percentiles and the share of errors are made of.
const LATEST: i64 = 1000;

pub fn of_function(conn: &mut PgConnection, name: &FunctionName) -> QueryResult<FunctionStatistics> {
    let count: Option<Number> =
        sql("SELECT count(*) AS n FROM executions WHERE function_key = ?").bind(name.key()).first(conn)?;
    let open: Vec<StateNumber> = sql("SELECT state, count(*) AS n FROM executions \
         WHERE function_key = ? AND completed_at IS NULL GROUP BY state ORDER BY state")
    .bind(name.key())
    .all(conn)?;
    let latest: Vec<StateNumber> = sql("SELECT state, completed_at - started_at AS n FROM executions \
         WHERE function_key = ? AND completed_at IS NOT NULL ORDER BY id DESC LIMIT ?")
    .bind(name.key())
    .bind(LATEST)
    .all(conn)?;
    Ok(FunctionStatistics {
        count: count.map_or(0, |Number(count)| count),
        open: open.into_iter().map(|StateNumber(state, count)| (state, count.unwrap_or(0))).collect(),
        latest: latest.into_iter().map(|StateNumber(state, ms)| (state, ms)).collect(),
    })
}

struct StateNumber(State, Option<i64>);

impl FromNamedRow for StateNumber {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self(row.state("state")?, row.opt_int("n")?))
    }
}
