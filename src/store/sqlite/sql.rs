//! A statement of SQL text with its values, prepared once per text by diesel's statement cache.
//! Never puts a value into the text.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text, Untyped};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};

use crate::domain::ids::{DeliveryId, DestinationId, ExecutionId};
use crate::domain::timestamp::Timestamp;

/// One value of a statement.
#[derive(Debug, Clone)]
pub enum Bind<'a> {
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<Cow<'a, str>>),
    Blob(Option<Cow<'a, [u8]>>),
    Id(Option<[u8; 16]>),
}

/// A statement: every `?` in the text takes the next value. `T` names it where its text is always the same.
#[derive(Debug, Clone)]
pub struct Sql<'a, T = Varying> {
    text: Cow<'static, str>,
    binds: Vec<Bind<'a>>,
    /// Whether its text comes again, and is worth to be kept prepared.
    again: bool,
    of: PhantomData<T>,
}

/// Tells statements apart without a look at their text.
pub trait Statement: 'static {
    const IS_FIXED: bool;
}

/// The text says which statement it is.
#[derive(Debug, Clone)]
pub struct Varying;

impl Statement for Varying {
    const IS_FIXED: bool = false;
}

pub fn sql<'a>(text: impl Into<Cow<'static, str>>) -> Sql<'a> {
    Sql { text: text.into(), binds: Vec::new(), again: true, of: PhantomData }
}

/// A statement of the hot path: found again by its type, so that its text is neither built nor compared.
macro_rules! fixed {
    ($text:expr $(,)?) => {{
        struct Fixed;
        impl $crate::store::sqlite::sql::Statement for Fixed {
            const IS_FIXED: bool = true;
        }
        const PLACES: usize = $crate::store::sqlite::sql::places($text);
        $crate::store::sqlite::sql::Sql::<Fixed>::fixed($text, PLACES)
    }};
}
pub(super) use fixed;

/// How many values a text takes.
pub const fn places(text: &str) -> usize {
    let (bytes, mut at, mut count) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'?' {
            count += 1;
        }
        at += 1;
    }
    count
}

impl<'a, T: Statement> Sql<'a, T> {
    /// Use [`fixed!`], which gives each text a type of its own and counts its places when it is compiled.
    pub fn fixed(text: &'static str, places: usize) -> Self {
        Self { text: Cow::Borrowed(text), binds: Vec::with_capacity(places), again: true, of: PhantomData }
    }

    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind<'a>>) -> Self {
        self.binds.push(value.into());
        self
    }

    /// Runs the statement; how many rows it changed.
    pub fn run(self, conn: &mut SqliteConnection) -> QueryResult<usize> {
        self.execute(conn)
    }

    pub fn all<R: FromNamedRow>(self, conn: &mut SqliteConnection) -> QueryResult<Vec<R>> {
        let rows: Vec<Named<R>> = self.load(conn)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    pub fn first<R: FromNamedRow>(self, conn: &mut SqliteConnection) -> QueryResult<Option<R>> {
        Ok(self.all(conn)?.into_iter().next())
    }
}

impl<'a> Sql<'a> {
    /// Says that this text comes once, so that nothing of it is kept.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.again = false;
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
}

impl<T> QueryFragment<Sqlite> for Sql<'_, T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.again {
            out.unsafe_to_cache_prepared();
        }
        // The text has its places already, so it goes out whole and the values behind it.
        out.push_sql(&self.text);
        for bind in &self.binds {
            match bind {
                Bind::Int(value) => out.push_bind_param_value_only::<Nullable<BigInt>, _>(value)?,
                Bind::Real(value) => out.push_bind_param_value_only::<Nullable<Double>, _>(value)?,
                Bind::Text(value) => out.push_bind_param_value_only::<Nullable<Text>, _>(value)?,
                Bind::Blob(value) => out.push_bind_param_value_only::<Nullable<Binary>, _>(value)?,
                Bind::Id(Some(bytes)) => out.push_bind_param_value_only::<Binary, [u8]>(bytes)?,
                Bind::Id(None) => out.push_bind_param_value_only::<Nullable<Binary>, Option<&[u8]>>(&None)?,
            }
        }
        debug_assert_eq!(self.text.matches('?').count(), self.binds.len(), "each place has a value: {}", self.text);
        Ok(())
    }
}

impl<T: Statement> QueryId for Sql<'_, T> {
    type QueryId = T;

    const HAS_STATIC_QUERY_ID: bool = T::IS_FIXED;
}

impl<T> Query for Sql<'_, T> {
    type SqlType = Untyped;
}

impl<T, Conn> RunQueryDsl<Conn> for Sql<'_, T> {}

/// What can be read from a row by the names of its columns.
pub trait FromNamedRow: Sized + 'static {
    fn from_row<'a>(row: &impl NamedRow<'a, Sqlite>) -> diesel::deserialize::Result<Self>;
}

/// Carries a `FromNamedRow` through diesel.
pub struct Named<T>(pub T);

impl<T: FromNamedRow> diesel::deserialize::QueryableByName<Sqlite> for Named<T> {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> diesel::deserialize::Result<Self> {
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
    ExecutionId => Id, value, value.0.into_bytes();
    DeliveryId => Id, value, value.0.into_bytes();
    DestinationId => Id, value, value.0.into_bytes();
}
