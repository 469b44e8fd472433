//! Filters of lists.
//! Never loses the order of what it keeps.

use std::cmp::Ordering;
use std::sync::Arc;

use super::call::{at_path, int, number};
use super::{Builtin, Call, Raise, builtin};
use crate::domain::value::{Name, Object, Value, compare};

type Filtered = Result<Value, Raise>;

/// Items of the longest `range`.
const RANGE_MAX: i64 = 100_000;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["first"], 0..=0, &[], |call| Ok(call.list()?.first().cloned().unwrap_or_default())),
    builtin(&["last"], 0..=0, &[], |call| Ok(call.list()?.last().cloned().unwrap_or_default())),
    builtin(&["length", "count", "size", "strlen", "string_length"], 0..=0, &[], length),
    builtin(&["where", "filter", "select", "array_filter"], 0..=3, &["attribute"], |call| kept(call, true)),
    builtin(&["reject"], 0..=3, &["attribute"], |call| kept(call, false)),
    builtin(&["map", "pluck", "array_map"], 1..=1, &["attribute"], map),
    builtin(&["find"], 0..=3, &["attribute"], |call| Ok(first(call, true)?.unwrap_or_default())),
    builtin(&["some"], 0..=3, &["attribute"], |call| Ok(Value::Bool(first(call, true)?.is_some()))),
    builtin(&["every"], 0..=3, &["attribute"], |call| Ok(Value::Bool(first(call, false)?.is_none()))),
    builtin(&["sort"], 0..=2, &["attribute", "reverse"], sort),
    builtin(&["reverse"], 0..=0, &[], |call| match call.input {
        Value::Text(text) => Ok(Value::text(text.chars().rev().collect::<String>())),
        _ => Ok(Value::array(call.list()?.iter().rev().cloned().collect())),
    }),
    builtin(&["unique", "array_unique"], 0..=1, &["attribute"], unique),
    builtin(&["flatten"], 0..=0, &[], flatten),
    builtin(&["push", "append"], 1..=1, &[], |call| {
        let item = call.argument(0).cloned().unwrap_or_default();
        match call.input {
            Value::Text(text) => Ok(Value::text(text.to_string() + &call.shown(&item)?)),
            _ => Ok(Value::array(call.list()?.iter().cloned().chain([item]).collect())),
        }
    }),
    builtin(&["prepend"], 1..=1, &[], |call| {
        let item = call.argument(0).cloned().unwrap_or_default();
        match call.input {
            Value::Text(text) => Ok(Value::text(call.shown(&item)? + text)),
            _ => Ok(Value::array(std::iter::once(item).chain(call.list()?.iter().cloned()).collect())),
        }
    }),
    builtin(&["concat"], 1..=1, &[], concat),
    builtin(&["slice"], 1..=2, &[], slice),
    builtin(&["join", "implode"], 0..=1, &[], |call| {
        let separator = call.text(0, "");
        let items = call.list()?;
        call.makes(items.len().saturating_mul(separator.len()))?;
        let mut joined = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                joined.push_str(&separator);
            }
            joined.push_str(&call.shown(item)?);
            call.makes(joined.len())?;
        }
        Ok(Value::text(joined))
    }),
    builtin(&["group_by"], 1..=1, &["attribute"], group_by),
    builtin(&["index_by"], 1..=1, &["attribute"], |call| {
        let path = call.text(0, "");
        let mut indexed = Object::default();
        for item in call.list()?.iter() {
            indexed.fields.insert(call.shown(&at_path(item, &path))?.into(), item.clone());
        }
        Ok(Value::Object(Arc::new(indexed)))
    }),
    builtin(&["min"], 0..=1, &["attribute"], |call| extreme(call, Ordering::Less)),
    builtin(&["max"], 0..=1, &["attribute"], |call| extreme(call, Ordering::Greater)),
    builtin(&["sum"], 0..=1, &["attribute"], |call| Ok(number(numbers(call)?.iter().sum()))),
    builtin(&["avg", "average"], 0..=1, &["attribute"], |call| {
        let numbers = numbers(call)?;
        #[expect(clippy::cast_precision_loss, reason = "lists have far fewer than 2^53 items")]
        let mean = |all: &[f64]| number(all.iter().sum::<f64>() / all.len() as f64);
        Ok(if numbers.is_empty() { Value::Null } else { mean(&numbers) })
    }),
    builtin(&["first_notnull"], 0..=8, &[], |call| {
        let own = call.input.as_array().unwrap_or(std::slice::from_ref(call.input));
        Ok(own.iter().chain(call.arguments).find(|value| !value.is_null()).cloned().unwrap_or_default())
    }),
    builtin(&["overlaps"], 1..=1, &[], |call| {
        let other = call.argument(0).and_then(Value::as_array).unwrap_or_default();
        for item in call.list()?.iter() {
            if among(call, other, item)? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }),
    builtin(&["range"], 1..=2, &[], range),
    builtin(&["in", "in_list", "in_array"], 1..=1, &[], |call| {
        let list = call.argument(0).and_then(Value::as_array).unwrap_or_default();
        Ok(Value::Bool(among(call, list, call.input)?))
    }),
];

fn length(call: &Call<'_>) -> Filtered {
    Ok(match call.input {
        Value::Null => Value::Int(0),
        Value::Array(items) => int(items.len()),
        Value::Object(object) => int(object.fields.len()),
        other => int(other.to_text().chars().count()),
    })
}

fn kept(call: &Call<'_>, wanted: bool) -> Filtered {
    let condition = Condition::of(call);
    let mut kept = Vec::new();
    for item in call.list()?.iter() {
        if condition.holds(call, item)? == wanted {
            kept.push(item.clone());
        }
    }
    Ok(Value::array(kept))
}

/// The first item that holds, or the first that does not.
fn first(call: &Call<'_>, wanted: bool) -> Result<Option<Value>, Raise> {
    let condition = Condition::of(call);
    for item in call.list()?.iter() {
        if condition.holds(call, item)? == wanted {
            return Ok(Some(item.clone()));
        }
    }
    Ok(None)
}

/// `()` truthy, `(field)` truthy, `({field: value})` all equal, `(field, value)` equal, `(field, operator, value)` compared.
enum Condition<'a> {
    Truthy(Option<String>),
    Fields(&'a Object),
    Compared { path: String, operator: String, value: &'a Value },
}

impl<'a> Condition<'a> {
    fn of(call: &Call<'a>) -> Self {
        match (call.argument(0), call.argument(1), call.argument(2)) {
            (Some(Value::Object(fields)), None, None) => Self::Fields(fields),
            (path, None, _) => Self::Truthy(path.map(Value::to_text)),
            (path, Some(value), None) => {
                Self::Compared { path: path.map(Value::to_text).unwrap_or_default(), operator: "==".to_owned(), value }
            }
            (path, Some(operator), Some(value)) => {
                Self::Compared { path: path.map(Value::to_text).unwrap_or_default(), operator: operator.to_text(), value }
            }
        }
    }

    fn holds(&self, call: &Call<'_>, item: &Value) -> Result<bool, Raise> {
        match self {
            Self::Truthy(None) => Ok(item.is_truthy()),
            Self::Truthy(Some(path)) => Ok(at_path(item, path).is_truthy()),
            Self::Fields(fields) => {
                for (path, value) in &fields.fields {
                    if !call.equal(&at_path(item, path), value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Compared { path, operator, value } => compares(call, &at_path(item, path), operator, value),
        }
    }
}

fn compares(call: &Call<'_>, field: &Value, operator: &str, value: &Value) -> Result<bool, Raise> {
    let ordered = |wanted: &[Ordering]| compare(field, value).is_some_and(|ordering| wanted.contains(&ordering));
    let inside = |list: &Value, item: &Value| match list {
        Value::Text(text) => Ok(text.contains(&call.shown(item)?)),
        other => among(call, other.as_array().unwrap_or_default(), item),
    };
    Ok(match operator {
        "==" | "=" | "eq" => call.equal(field, value)?,
        "!=" | "<>" | "ne" => !call.equal(field, value)?,
        "===" => call.same(field, value)?,
        "!==" => !call.same(field, value)?,
        "<" | "lt" => ordered(&[Ordering::Less]),
        "<=" | "lte" => ordered(&[Ordering::Less, Ordering::Equal]),
        ">" | "gt" => ordered(&[Ordering::Greater]),
        ">=" | "gte" => ordered(&[Ordering::Greater, Ordering::Equal]),
        "in" => inside(value, field)?,
        "contains" => inside(field, value)?,
        _ => false,
    })
}

fn among(call: &Call<'_>, list: &[Value], item: &Value) -> Result<bool, Raise> {
    for other in list {
        if call.equal(other, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn map(call: &Call<'_>) -> Filtered {
    let path = call.text(0, "");
    Ok(Value::array(call.list()?.iter().map(|item| at_path(item, &path)).collect()))
}

/// `sort`, `sort('field')`, `sort('field', 'desc')`, `sort(attribute='field', reverse=true)`.
fn sort(call: &Call<'_>) -> Filtered {
    let path = call.argument(0).map(Value::to_text).filter(|path| !path.is_empty());
    let descending = match call.argument(1) {
        Some(Value::Text(word)) => word.to_lowercase().starts_with("desc"),
        other => other.is_some_and(Value::is_truthy),
    };
    let key = |item: &Value| path.as_deref().map_or_else(|| item.clone(), |path| at_path(item, path));
    let mut keyed: Vec<(Value, Value)> = call.list()?.iter().map(|item| (key(item), item.clone())).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let ordering = order(a, b);
        if descending { ordering.reverse() } else { ordering }
    });
    Ok(Value::array(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// A total order: by kind first, within a kind by value.
fn order(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Decimal(_) => 2,
        Value::Timestamp(_) => 3,
        Value::Text(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    };
    rank(a).cmp(&rank(b)).then_with(|| compare(a, b).unwrap_or(Ordering::Equal))
}

fn unique(call: &Call<'_>) -> Filtered {
    let path = call.argument(0).map(Value::to_text);
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for item in call.list()?.iter() {
        let key = path.as_deref().map_or_else(|| item.clone(), |path| at_path(item, path));
        // A text and a number that read alike are two.
        if seen.insert((matches!(key, Value::Text(_)), call.shown(&key)?)) {
            kept.push(item.clone());
        }
    }
    Ok(Value::array(kept))
}

fn flatten(call: &Call<'_>) -> Filtered {
    let all = call.list()?.iter().fold(0_usize, |all, item| all.saturating_add(item.as_array().map_or(1, <[Value]>::len)));
    call.makes(all.saturating_mul(size_of::<Value>()))?;
    let mut flat = Vec::new();
    for item in call.list()?.iter() {
        match item {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::array(flat))
}

fn concat(call: &Call<'_>) -> Filtered {
    let other = call.argument(0).cloned().unwrap_or_default();
    match (call.input, &other) {
        (Value::Text(text), other) => Ok(Value::text(text.to_string() + &call.shown(other)?)),
        (_, Value::Array(more)) => Ok(Value::array(call.list()?.iter().chain(more.iter()).cloned().collect())),
        (_, Value::Null) => Ok(Value::array(call.list()?.to_vec())),
        (_, other) => Err(call.wrong("takes a list", other)),
    }
}

fn slice(call: &Call<'_>) -> Filtered {
    let place = |at: i64, length: usize| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from_start = if at < 0 { at.saturating_add(length) } else { at };
        usize::try_from(from_start.clamp(0, length)).unwrap_or(0)
    };
    let (start, end) = (call.integer(0, 0)?, call.integer(1, i64::MAX)?);
    if let Value::Text(text) = call.input {
        let length = text.chars().count();
        let (start, end) = (place(start, length), place(end, length));
        return Ok(Value::text(text.chars().skip(start).take(end.saturating_sub(start)).collect::<String>()));
    }
    let whole = call.list()?;
    let (start, end) = (place(start, whole.len()), place(end, whole.len()));
    Ok(Value::array(whole.get(start..end.max(start)).unwrap_or_default().to_vec()))
}

fn group_by(call: &Call<'_>) -> Filtered {
    let path = call.text(0, "");
    let mut groups: indexmap::IndexMap<Name, Vec<Value>> = indexmap::IndexMap::new();
    for item in call.list()?.iter() {
        groups.entry(call.shown(&at_path(item, &path))?.into()).or_default().push(item.clone());
    }
    let fields = groups.into_iter().map(|(key, items)| (key, Value::array(items))).collect();
    Ok(Value::Object(Arc::new(Object { table: None, fields })))
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Filtered {
    let path = call.argument(0).map(Value::to_text);
    let key = |item: &Value| path.as_deref().map_or_else(|| item.clone(), |path| at_path(item, path));
    let values = call.list()?.iter().map(key).filter(|value| !value.is_null()).collect::<Vec<_>>();
    let better = |best: Value, next: Value| if compare(&next, &best) == Some(wanted) { next } else { best };
    Ok(values.into_iter().reduce(better).unwrap_or_default())
}

fn numbers(call: &Call<'_>) -> Result<Vec<f64>, Raise> {
    let path = call.argument(0).map(Value::to_text);
    let key = |item: &Value| path.as_deref().map_or_else(|| item.clone(), |path| at_path(item, path));
    let values = call.list()?.iter().map(key).filter(|value| !value.is_null()).collect::<Vec<_>>();
    values.iter().map(|value| value.as_number().ok_or_else(|| call.wrong("works on numbers", value))).collect()
}

fn range(call: &Call<'_>) -> Filtered {
    let (start, end) = match call.count() {
        1 => (0, call.integer(0, 0)?),
        _ => (call.integer(0, 0)?, call.integer(1, 0)?),
    };
    if end.saturating_sub(start) > RANGE_MAX {
        return Err(call.raise(format!("at most {RANGE_MAX} numbers")));
    }
    Ok(Value::array((start..end).map(Value::Int).collect()))
}
