//! A statement of SQL text with its values, prepared once per text by the statement cache.
//! Never puts a value into the text.

use std::borrow::Cow;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::sql_types::{Array, BigInt, Binary, Double, Nullable, Text, Untyped};
use diesel::{QueryResult, RunQueryDsl};

use super::connection::PgConnection;
use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId};
use crate::domain::timestamp::Timestamp;

/// What the database quotes where a statement came to other rows than it must.
pub const OTHER_ROWS: &str = "ringback:rows ";

/// One value of a statement.
#[derive(Debug, Clone)]
pub enum Bind<'a> {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<Cow<'a, str>>),
    Blob(Option<Cow<'a, [u8]>>),
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<Cow<'a, str>>>),
    Blobs(Vec<Option<Cow<'a, [u8]>>>),
}

/// A statement: every `?` in the text takes the next value.
#[derive(Debug, Clone)]
pub struct Sql<'a> {
    text: Cow<'static, str>,
    binds: Vec<Bind<'a>>,
}

pub fn sql<'a>(text: impl Into<Cow<'static, str>>) -> Sql<'a> {
    Sql { text: text.into(), binds: Vec::new() }
}

impl<'a> Sql<'a> {
    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind<'a>>) -> Self {
        self.binds.push(value.into());
        self
    }

    /// One value of many rows, as an array. Without rows there is none, and the statement fails as a whole.
    #[must_use]
    pub fn column<T: Into<Bind<'a>>>(mut self, values: impl Iterator<Item = T>) -> Self {
        self.binds.extend(column(values));
        self
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Breaks the transaction off unless so many rows are changed or found: a text that is no number says so in every language.
    #[must_use]
    pub fn raising_unless(self, rows: usize) -> Self {
        let returning = if self.text.starts_with("SELECT") { "" } else { " RETURNING 1" };
        self.raising(returning, "", rows)
    }

    /// The same, for rows that are changed and none of which may say anything in this column.
    #[must_use]
    pub fn raising_unless_without(self, column: &str, rows: usize) -> Self {
        self.raising(&format!(" RETURNING {column}"), &format!(" AND count({column}) = 0"), rows)
    }

    /// Inserts only where this look, which must raise unless it gives 1, does not raise: one statement instead of two.
    #[must_use]
    pub fn provided(mut self, look: Self) -> Self {
        self.push(&format!(" WHERE ({}) = 1", look.text));
        self.binds.extend(look.binds);
        self
    }

    fn raising(mut self, returning: &str, condition: &str, rows: usize) -> Self {
        let text = &self.text;
        self.text = format!(
            "WITH done AS ({text}{returning}) SELECT CASE WHEN count(*) = ?{condition} THEN 1 \
             ELSE ('{OTHER_ROWS}' || count(*))::int END FROM done"
        )
        .into();
        self.binds.push(Bind::Int(i64::try_from(rows).ok()));
        self
    }

    /// Breaks the transaction off, in the same way, if any row is found.
    #[must_use]
    pub fn raising_if_any(mut self) -> Self {
        let text = &self.text;
        self.text =
            format!("SELECT CASE WHEN count(*) = 0 THEN 1 ELSE ('{OTHER_ROWS}' || count(*))::int END FROM ({text}) AS found")
                .into();
        self
    }

    /// Runs the statement and tells its plan, line by line.
    #[cfg(test)]
    pub fn explained(mut self) -> Self {
        self.text = format!("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {}", self.text).into();
        self
    }

    /// Adds text behind what is there, for statements whose conditions vary.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    pub fn push_value(&mut self, value: impl Into<Bind<'a>>) -> &mut Self {
        self.binds.push(value.into());
        self
    }

    /// Runs the statement; how many rows it changed.
    pub fn run(self, conn: &mut PgConnection) -> QueryResult<usize> {
        self.execute(conn)
    }

    pub fn all<T: FromNamedRow>(self, conn: &mut PgConnection) -> QueryResult<Vec<T>> {
        let rows: Vec<Named<T>> = self.load(conn)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    pub fn first<T: FromNamedRow>(self, conn: &mut PgConnection) -> QueryResult<Option<T>> {
        Ok(self.all(conn)?.into_iter().next())
    }
}

impl Bind<'_> {
    /// Whether it is a column without a single value.
    pub fn says_nothing(&self) -> bool {
        match self {
            Self::Ints(values) => values.iter().all(Option::is_none),
            Self::Texts(values) => values.iter().all(Option::is_none),
            Self::Blobs(values) => values.iter().all(Option::is_none),
            Self::Int(_) | Self::Real(_) | Self::Text(_) | Self::Blob(_) => false,
        }
    }
}

/// One value of many rows, which all are of one kind. `None` without rows.
pub fn column<'a, T: Into<Bind<'a>>>(values: impl Iterator<Item = T>) -> Option<Bind<'a>> {
    let mut column: Option<Bind<'a>> = None;
    for value in values {
        match (&mut column, value.into()) {
            (Some(Bind::Ints(column)), Bind::Int(value)) => column.push(value),
            (Some(Bind::Texts(column)), Bind::Text(value)) => column.push(value),
            (Some(Bind::Blobs(column)), Bind::Blob(value)) => column.push(value),
            (None, Bind::Int(value)) => column = Some(Bind::Ints(vec![value])),
            (None, Bind::Text(value)) => column = Some(Bind::Texts(vec![value])),
            (None, Bind::Blob(value)) => column = Some(Bind::Blobs(vec![value])),
            // A missing value makes the statement fail as a whole.
            _ => return None,
        }
    }
    column
}

impl QueryFragment<Pg> for Sql<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.text.split('?');
        out.push_sql(pieces.next().unwrap_or_default());
        let mut binds = self.binds.iter();
        for piece in pieces {
            match binds.next() {
                Some(Bind::Int(value)) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Some(Bind::Real(value)) => out.push_bind_param::<Nullable<Double>, _>(value)?,
                Some(Bind::Text(value)) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Some(Bind::Blob(value)) => out.push_bind_param::<Nullable<Binary>, _>(value)?,
                Some(Bind::Ints(values)) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(values)?,
                Some(Bind::Texts(values)) => out.push_bind_param::<Array<Nullable<Text>>, _>(values)?,
                Some(Bind::Blobs(values)) => out.push_bind_param::<Array<Nullable<Binary>>, _>(values)?,
                None => return Err(diesel::result::Error::QueryBuilderError("a statement has more places than values".into())),
            }
            out.push_sql(piece);
        }
        match binds.next() {
            None => Ok(()),
            Some(_) => Err(diesel::result::Error::QueryBuilderError("a statement has more values than places".into())),
        }
    }
}

impl QueryId for Sql<'_> {
    type QueryId = ();

    // Without a static id the cache goes by the text, which is what differs here.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql<'_> {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Sql<'_> {}

/// What can be read from a row by the names of its columns.
pub trait FromNamedRow: Sized + 'static {
    fn from_row<'a>(row: &impl NamedRow<'a, Pg>) -> diesel::deserialize::Result<Self>;
}

/// Carries a `FromNamedRow` through diesel.
pub struct Named<T>(pub T);

impl<T: FromNamedRow> diesel::deserialize::QueryableByName<Pg> for Named<T> {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> diesel::deserialize::Result<Self> {
        T::from_row(row).map(Self)
    }
}

macro_rules! binds {
    ($($from:ty => $variant:ident, $value:ident, $convert:expr;)*) => {
        $(
            impl<'a> From<$from> for Bind<'a> {
                fn from($value: $from) -> Self {
                    Self::$variant(Some($convert))
                }
            }
            impl<'a> From<Option<$from>> for Bind<'a> {
                fn from(value: Option<$from>) -> Self {
                    Self::$variant(value.map(|$value| $convert))
                }
            }
        )*
    };
}

binds! {
    i64 => Int, value, value;
    i32 => Int, value, value.into();
    i16 => Int, value, value.into();
    u32 => Int, value, value.into();
    u16 => Int, value, value.into();
    bool => Int, value, value.into();
    Timestamp => Int, value, value.0;
    f64 => Real, value, value;
    String => Text, value, Cow::Owned(value);
    &'a str => Text, value, Cow::Borrowed(value);
    &'a [u8] => Blob, value, Cow::Borrowed(value);
    ExecutionId => Blob, value, Cow::Owned(value.0.as_bytes().to_vec());
    DeliveryId => Blob, value, Cow::Owned(value.0.as_bytes().to_vec());
    DestinationId => Blob, value, Cow::Owned(value.0.as_bytes().to_vec());
}
