//! Filters of lists.
//! Never loses the order of what it keeps.

use std::cmp::Ordering;
use std::sync::Arc;

use super::call::{at_path, int, number};
use super::{Builtin, Call, Raise, builtin};
use crate::domain::value::{Object, Value, compare, loosely_equal, strictly_equal};

type Filtered = Result<Value, Raise>;

/// Items of the longest `range`.
const RANGE_MAX: i64 = 100_000;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["first"], 0..=0, &[], |call| Ok(call.list()?.first().cloned().unwrap_or_default())),
    builtin(&["last"], 0..=0, &[], |call| Ok(call.list()?.last().cloned().unwrap_or_default())),
    builtin(&["length", "count", "size", "strlen", "string_length"], 0..=0, &[], length),
    builtin(&["where", "filter", "array_filter"], 0..=3, &["attribute"], |call| kept(call, true)),
    builtin(&["reject"], 0..=3, &["attribute"], |call| kept(call, false)),
    builtin(&["map", "pluck", "array_map"], 1..=1, &["attribute"], map),
    builtin(&["find"], 0..=3, &["attribute"], |call| {
        Ok(call.list()?.iter().find(|item| holds(call, item)).cloned().unwrap_or_default())
    }),
    builtin(&["some"], 0..=3, &["attribute"], |call| Ok(Value::Bool(call.list()?.iter().any(|item| holds(call, item))))),
    builtin(&["every"], 0..=3, &["attribute"], |call| Ok(Value::Bool(call.list()?.iter().all(|item| holds(call, item))))),
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
            Value::Text(text) => Ok(Value::text(text.to_string() + &item.to_text())),
            _ => Ok(Value::array(call.list()?.iter().cloned().chain([item]).collect())),
        }
    }),
    builtin(&["prepend"], 1..=1, &[], |call| {
        let item = call.argument(0).cloned().unwrap_or_default();
        match call.input {
            Value::Text(text) => Ok(Value::text(item.to_text() + text)),
            _ => Ok(Value::array(std::iter::once(item).chain(call.list()?.iter().cloned()).collect())),
        }
    }),
    builtin(&["concat"], 1..=1, &[], concat),
    builtin(&["slice"], 1..=2, &[], slice),
    builtin(&["join", "implode"], 0..=1, &[], |call| {
        let separator = call.text(0, "");
        Ok(Value::text(call.list()?.iter().map(Value::to_text).collect::<Vec<_>>().join(&separator)))
    }),
    builtin(&["group_by"], 1..=1, &["attribute"], group_by),
    builtin(&["index_by"], 1..=1, &["attribute"], |call| {
        let path = call.text(0, "");
        Ok(Value::object(call.list()?.iter().map(|item| (at_path(item, &path).to_text(), item.clone()))))
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
        Ok(Value::Bool(call.list()?.iter().any(|item| other.iter().any(|wanted| loosely_equal(item, wanted)))))
    }),
    builtin(&["range"], 1..=2, &[], range),
    builtin(&["in", "in_list"], 1..=1, &[], |call| {
        let list = call.argument(0).and_then(Value::as_array).unwrap_or_default();
        Ok(Value::Bool(list.iter().any(|item| loosely_equal(item, call.input))))
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
    Ok(Value::array(call.list()?.iter().filter(|item| holds(call, item) == wanted).cloned().collect()))
}

/// `()` truthy, `(field)` truthy, `(field, value)` equal, `(field, operator, value)` compared.
fn holds(call: &Call<'_>, item: &Value) -> bool {
    let Some(path) = call.argument(0) else { return item.is_truthy() };
    let field = at_path(item, &path.to_text());
    match (call.argument(1), call.argument(2)) {
        (None, _) => field.is_truthy(),
        (Some(value), None) => loosely_equal(&field, value),
        (Some(operator), Some(value)) => compares(&field, &operator.to_text(), value),
    }
}

fn compares(field: &Value, operator: &str, value: &Value) -> bool {
    let ordered = |wanted: &[Ordering]| compare(field, value).is_some_and(|ordering| wanted.contains(&ordering));
    let among = |list: &Value, item: &Value| match list {
        Value::Text(text) => text.contains(&item.to_text()),
        other => other.as_array().unwrap_or_default().iter().any(|other| loosely_equal(other, item)),
    };
    match operator {
        "==" | "=" | "eq" => loosely_equal(field, value),
        "!=" | "<>" | "ne" => !loosely_equal(field, value),
        "===" => strictly_equal(field, value),
        "!==" => !strictly_equal(field, value),
        "<" | "lt" => ordered(&[Ordering::Less]),
        "<=" | "lte" => ordered(&[Ordering::Less, Ordering::Equal]),
        ">" | "gt" => ordered(&[Ordering::Greater]),
        ">=" | "gte" => ordered(&[Ordering::Greater, Ordering::Equal]),
        "in" => among(value, field),
        "contains" => among(field, value),
        _ => false,
    }
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
    let key = |item: &Value| path.as_deref().map_or_else(|| item.to_json_text(), |path| at_path(item, path).to_json_text());
    Ok(Value::array(call.list()?.iter().filter(|item| seen.insert(key(item))).cloned().collect()))
}

fn flatten(call: &Call<'_>) -> Filtered {
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
        (Value::Text(text), other) => Ok(Value::text(text.to_string() + &other.to_text())),
        (_, Value::Array(more)) => Ok(Value::array(call.list()?.iter().chain(more.iter()).cloned().collect())),
        (_, Value::Null) => Ok(Value::array(call.list()?.to_vec())),
        (_, other) => Err(call.wrong("takes a list", other)),
    }
}

fn slice(call: &Call<'_>) -> Filtered {
    let whole: Vec<Value> = match call.input {
        Value::Text(text) => text.chars().map(|c| Value::text(c.to_string())).collect(),
        _ => call.list()?.to_vec(),
    };
    let place = |at: i64| {
        let length = i64::try_from(whole.len()).unwrap_or(i64::MAX);
        let from_start = if at < 0 { at.saturating_add(length) } else { at };
        usize::try_from(from_start.clamp(0, length)).unwrap_or(0)
    };
    let (start, end) = (place(call.integer(0, 0)?), place(call.integer(1, i64::MAX)?));
    let part = whole.get(start..end.max(start)).unwrap_or_default();
    Ok(match call.input {
        Value::Text(_) => Value::text(part.iter().map(Value::to_text).collect::<String>()),
        _ => Value::array(part.to_vec()),
    })
}

fn group_by(call: &Call<'_>) -> Filtered {
    let path = call.text(0, "");
    let mut groups: indexmap::IndexMap<Arc<str>, Vec<Value>> = indexmap::IndexMap::new();
    for item in call.list()?.iter() {
        groups.entry(at_path(item, &path).to_text().into()).or_default().push(item.clone());
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
