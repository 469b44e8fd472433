//! Filters of objects.
//! Never changes an object in place; others may hold it.

use std::collections::HashSet;
use std::sync::Arc;

use super::call::at_path;
use super::{Builtin, Call, Raise, builtin};
use crate::domain::limits::VALUE_DEPTH_MAX;
use crate::domain::value::{Name, Object, Value};

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["get"], 1..=2, &["path", "default"], |call| {
        let found = match (call.input, call.argument(0)) {
            (Value::Array(items), Some(Value::Int(index))) => {
                usize::try_from(*index).ok().and_then(|index| items.get(index)).cloned().unwrap_or_default()
            }
            (input, path) => at_path(input, &path.map(Value::to_text).unwrap_or_default()),
        };
        Ok(if found.is_null() { call.argument(1).cloned().unwrap_or_default() } else { found })
    }),
    builtin(&["set"], 2..=2, &["path", "value"], |call| {
        let path = call.text(0, "");
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > VALUE_DEPTH_MAX {
            return Err(call.raise(format!("the path has {} parts, and values have {VALUE_DEPTH_MAX} levels", parts.len())));
        }
        Ok(with(call.input, &parts, call.argument(1).cloned().unwrap_or_default()))
    }),
    builtin(&["has"], 1..=1, &["path"], |call| {
        let path = call.text(0, "");
        let own = call.input.as_object().is_some_and(|object| object.get(&path).is_some());
        Ok(Value::Bool(own || !at_path(call.input, &path).is_null()))
    }),
    builtin(&["keys"], 0..=0, &[], |call| {
        let object = object(call)?;
        let keys = object.fields.keys().map(|key| Value::text(key.as_str()));
        Ok(Value::array(keys.collect()))
    }),
    builtin(&["values"], 0..=0, &[], |call| Ok(Value::array(call.list()?.to_vec()))),
    builtin(&["entries"], 0..=0, &[], |call| {
        let entry = |(key, value): (&Name, &Value)| Value::object([("key", Value::text(key.as_str())), ("value", value.clone())]);
        Ok(Value::array(object(call)?.fields.iter().map(entry).collect()))
    }),
    builtin(&["pick"], 1..=16, &[], |call| picked(call, true)),
    builtin(&["unpick"], 1..=16, &[], |call| picked(call, false)),
    builtin(&["merge"], 1..=1, &[], merge),
];

fn object(call: &Call<'_>) -> Result<Object, Raise> {
    match call.input {
        Value::Null => Ok(Object::default()),
        Value::Object(object) => Ok(Object::clone(object)),
        other => Err(call.wrong("works on an object", other)),
    }
}

fn picked(call: &Call<'_>, wanted: bool) -> Result<Value, Raise> {
    let mut names = HashSet::new();
    for argument in call.arguments {
        match argument {
            Value::Array(items) => names.extend(items.iter().map(Value::to_text)),
            other => names.extend([other.to_text()]),
        }
    }
    let fields = object(call)?.fields.into_iter().filter(|(name, _)| names.contains(&**name) == wanted);
    Ok(Value::object(fields))
}

fn merge(call: &Call<'_>) -> Result<Value, Raise> {
    let other = call.argument(0).cloned().unwrap_or_default();
    match (call.input, &other) {
        (Value::Array(a), Value::Array(b)) => Ok(Value::array(a.iter().chain(b.iter()).cloned().collect())),
        (_, Value::Object(more)) => Ok(Value::object(object(call)?.fields.into_iter().chain(more.fields.clone()))),
        (input, Value::Null) => Ok(input.clone()),
        (_, other) => Err(call.wrong("takes an object", other)),
    }
}

/// A value with the part at a path replaced; what is missing on the way becomes objects.
fn with(value: &Value, path: &[&str], new: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return new };
    let mut fields = value.as_object().map(|object| object.fields.clone()).unwrap_or_default();
    let inner = fields.get(*first).cloned().unwrap_or_default();
    fields.insert((*first).into(), with(&inner, rest, new));
    Value::Object(Arc::new(Object { table: None, fields }))
}
