//! The values of many rows, column by column: arrays that the database takes apart again, so that a statement has one text.
//! Never makes more than two texts for rows that are inserted in one way, however they differ: each is prepared as long as its
//! connection lives.

use super::sql::{Bind, Sql, column, sql};

/// Named columns of equally many rows. Taken apart in the list of what is selected, where the database hands on each value as it
/// comes; as a table of its own it would store all of them first, which takes twice as long.
#[derive(Default)]
pub struct RowSet<'a>(Vec<Column<'a>>);

struct Column<'a> {
    name: &'static str,
    values: Bind<'a>,
    is_rare: bool,
}

impl<'a> RowSet<'a> {
    /// One value of each row. A set without rows stays empty, and its statement fails.
    #[must_use]
    pub fn with<T: Into<Bind<'a>>>(self, name: &'static str, values: impl Iterator<Item = T>) -> Self {
        self.and(name, values, false)
    }

    /// The same, for what hardly any row says: where none says anything in any such column, these are not inserted.
    #[must_use]
    pub fn rarely<T: Into<Bind<'a>>>(self, name: &'static str, values: impl Iterator<Item = T>) -> Self {
        self.and(name, values, true)
    }

    fn and<T: Into<Bind<'a>>>(mut self, name: &'static str, values: impl Iterator<Item = T>, is_rare: bool) -> Self {
        self.0.extend(column(values).map(|values| Column { name, values, is_rare }));
        self
    }

    /// Inserts the rows; `rest` is what stands behind them.
    pub fn insert(mut self, table: &str, rest: &str) -> Sql<'a> {
        if self.0.iter().all(|column| !column.is_rare || column.values.says_nothing()) {
            self.0.retain(|column| !column.is_rare);
        }
        let names: Vec<&str> = self.0.iter().map(|column| column.name).collect();
        let values = vec!["unnest(?)"; names.len()].join(", ");
        let text = format!("INSERT INTO {table} ({}) SELECT {values} {rest}", names.join(", "));
        self.bound(text)
    }

    /// Updates what matches a row: `head` says what is set, `tail` what matches; both call the rows `u`.
    pub fn update(self, head: &str, tail: &str) -> Sql<'a> {
        let values: Vec<String> = self.0.iter().map(|column| format!("unnest(?) AS {}", column.name)).collect();
        let text = format!("{head} FROM (SELECT {}) AS u {tail}", values.join(", "));
        self.bound(text)
    }

    fn bound(self, text: String) -> Sql<'a> {
        self.0.into_iter().fold(sql(text), |statement, column| statement.bind(column.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(notes: [Option<&'static str>; 2]) -> RowSet<'static> {
        let names = ["a", "b"].into_iter();
        let rows =
            RowSet::default().with("id", [1, 2].into_iter()).with("name", names).with("end", [None::<i64>, None].into_iter());
        rows.rarely("note", notes.into_iter()).rarely("more", [None::<&str>, None].into_iter())
    }

    #[test]
    fn what_is_rare_is_inserted_as_a_whole_or_not_at_all() {
        let few = "INSERT INTO t (id, name, end) SELECT unnest(?), unnest(?), unnest(?) RETURNING id";
        assert_eq!(rows([None, None]).insert("t", "RETURNING id").text(), few);
        let all = "INSERT INTO t (id, name, end, note, more) SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?) ";
        assert_eq!(rows([None, Some("x")]).insert("t", "").text(), all);
    }

    #[test]
    fn every_column_is_there_to_update() {
        let rows = RowSet::default().with("id", [1, 2].into_iter()).rarely("note", [None::<&str>, None].into_iter());
        let update = "UPDATE t SET note = u.note FROM (SELECT unnest(?) AS id, unnest(?) AS note) AS u WHERE t.id = u.id";
        assert_eq!(rows.update("UPDATE t SET note = u.note", "WHERE t.id = u.id").text(), update);
    }
}
