//! The values that stacks compute with: JSON plus a timestamp, cheap to clone.
//! Never holds a NUL character or an unpaired surrogate once `check` has passed it.

mod compare;
mod convert;
mod json;
mod read;
mod shown;
mod size;

mod write;

use std::sync::Arc;

use foldhash::quality::RandomState;
use indexmap::IndexMap;
use smol_str::SmolStr;

pub use compare::{compare, loosely_equal, strictly_equal};
pub use json::{InvalidValue, check_text};
pub use shown::Shown;
pub use size::{ARRAY_BYTES, ENTRY_BYTES, Excess, OBJECT_BYTES, VALUE_BYTES};

use super::timestamp::Timestamp;

/// A value of the language. Arrays and objects are shared: cloning costs a counter.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Decimal(f64),
    Text(Arc<str>),
    Timestamp(Timestamp),
    Array(Arc<Vec<Value>>),
    Object(Arc<Object>),
}

/// The name of a field: kept in place as long as it is short, which most are.
pub type Name = SmolStr;

/// Fields by name, in the order in which they were written.
pub type Fields = IndexMap<Name, Value, RandomState>;

/// Fields in the order in which they were written, and the table that the row was read from, if it was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    pub table: Option<Arc<str>>,
    pub fields: Fields,
}

impl Object {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }
}

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn array(items: Vec<Value>) -> Self {
        Self::Array(Arc::new(items))
    }

    pub fn object<K: Into<Name>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self::Object(Arc::new(Object { table: None, fields }))
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The field of an object, or null.
    pub fn field(&self, name: &str) -> Value {
        self.as_object().and_then(|object| object.get(name)).cloned().unwrap_or_default()
    }

    /// Falsy: false, null, 0, "", "0", [] and {}; everything else is truthy.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Decimal(value) => *value != 0.0 && !value.is_nan(),
            Self::Text(text) => !text.is_empty() && &**text != "0",
            Self::Timestamp(_) => true,
            Self::Array(items) => !items.is_empty(),
            Self::Object(object) => !object.fields.is_empty(),
        }
    }

    /// The name of the kind of value, as messages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Timestamp(_) => "timestamp",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}
