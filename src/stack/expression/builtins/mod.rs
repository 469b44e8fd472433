//! The filters: one table of names, aliases and argument counts, one file per family.
//! Never asks a clock or draws a number but through the scope.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::Scope;
use crate::domain::value::Value;

/// A filter: `input|name(arguments, keyword='…')`.
pub(super) struct Builtin {
    /// The first is canonical, the others are aliases.
    pub names: &'static [&'static str],
    /// How many arguments it takes beside its input, keyword arguments included.
    pub arguments: RangeInclusive<usize>,
    pub keywords: &'static [&'static str],
    pub run: fn(&Call<'_>) -> Result<Value, Raise>,
}

/// One use of a filter.
pub(super) struct Call<'a> {
    pub name: &'a str,
    pub input: &'a Value,
    pub arguments: &'a [Value],
    pub keywords: &'a [(Arc<str>, Value)],
    pub scope: &'a dyn Scope,
}

/// Why a filter has no value, in words.
pub(super) struct Raise(pub String);

/// The filter of this name or alias.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    let _ = name;
    None
}

/// Every name and alias.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
