//! The values of many rows, column by column: arrays that the database takes apart again, so that a statement has one text.
//! Never sends a new row's column of which no row says anything.

use super::sql::{Bind, Sql, column, sql};

/// Named columns of equally many rows. Taken apart in the list of what is selected, where the database hands on each value as it
/// comes; as a table of its own it would store all of them first, which takes twice as long.
#[derive(Default)]
pub struct RowSet<'a>(Vec<(&'static str, Bind<'a>)>);

impl<'a> RowSet<'a> {
    /// One value of each row. A set without rows stays empty, and its statement fails.
    #[must_use]
    pub fn with<T: Into<Bind<'a>>>(mut self, name: &'static str, values: impl Iterator<Item = T>) -> Self {
        self.0.extend(column(values).map(|column| (name, column)));
        self
    }

    /// Inserts the rows; `rest` is what stands behind them.
    pub fn insert(self, table: &str, rest: &str) -> Sql<'a> {
        let told: Vec<_> = self.0.into_iter().filter(|(_, column)| !column.says_nothing()).collect();
        let names: Vec<&str> = told.iter().map(|(name, _)| *name).collect();
        let values = vec!["unnest(?)"; told.len()].join(", ");
        let text = format!("INSERT INTO {table} ({}) SELECT {values} {rest}", names.join(", "));
        told.into_iter().fold(sql(text), |statement, (_, column)| statement.bind(column))
    }

    /// Updates what matches a row: `head` says what is set, `tail` what matches; both call the rows `u`.
    pub fn update(self, head: &str, tail: &str) -> Sql<'a> {
        let values: Vec<String> = self.0.iter().map(|(name, _)| format!("unnest(?) AS {name}")).collect();
        let text = format!("{head} FROM (SELECT {}) AS u {tail}", values.join(", "));
        self.0.into_iter().fold(sql(text), |statement, (_, column)| statement.bind(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_row_says_is_not_inserted_and_every_column_is_there_to_update() {
        let rows = || {
            let names = ["a", "b"].into_iter();
            RowSet::default().with("id", [1, 2].into_iter()).with("name", names).with("note", [None::<&str>, None].into_iter())
        };
        assert_eq!(
            rows().insert("t", "RETURNING id").text(),
            "INSERT INTO t (id, name) SELECT unnest(?), unnest(?) RETURNING id"
        );
        let update = "UPDATE t SET note = u.note \
                      FROM (SELECT unnest(?) AS id, unnest(?) AS name, unnest(?) AS note) AS u WHERE t.id = u.id";
        assert_eq!(rows().update("UPDATE t SET note = u.note", "WHERE t.id = u.id").text(), update);
    }
}
