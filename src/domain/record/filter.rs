//! Which rows a query means: equality, comparisons, and their combinations.
//! Never raises while matching; a filter that does not hold is refused when it is read.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::value::{Value, compare, loosely_equal};

/// A condition on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every row.
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Field {
        path: Arc<str>,
        test: Test,
    },
}

/// A condition on one field; a comparison with null is false, except that equality with null means "has no value".
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Equal(Value),
    NotEqual(Value),
    Greater(Value),
    GreaterOrEqual(Value),
    Less(Value),
    LessOrEqual(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Like(LikePattern),
    Regex(Pattern),
    Exists(bool),
    Includes(Value),
    /// Holds where the field has a value and the test does not.
    Not(Box<Test>),
}

/// A compiled regular expression that compares by its source.
#[derive(Debug, Clone)]
pub struct Pattern(pub regex::Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// `%` and `_` as in SQL; without either, the text is searched anywhere. Case does not matter.
pub type LikePattern = Pattern;

/// Why a filter does not hold, in words for the author of the stack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FilterError(pub String);

impl Filter {
    /// Reads the value of a step's `filter`.
    ///
    /// # Errors
    /// An operator that does not exist or whose operand is of the wrong kind.
    pub fn parse(value: &Value) -> Result<Self, FilterError> {
        match value {
            Value::Null => Ok(Self::All),
            Value::Object(object) => {
                let mut parts = Vec::with_capacity(object.fields.len());
                for (name, operand) in &object.fields {
                    parts.push(parse_entry(name, operand)?);
                }
                Ok(if parts.len() == 1 { parts.remove(0) } else { Self::And(parts) })
            }
            other => Err(FilterError(format!("a filter is an object, not {}", other.kind()))),
        }
    }

    pub fn matches(&self, row: &Value) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(row)),
            Self::Not(part) => !part.matches(row),
            Self::Field { path, test } => test.matches(&at_path(row, path)),
        }
    }

    /// The id that every matching row must have, if the filter names one: the one lookup that needs no scan.
    pub fn fixed_id(&self) -> Option<i64> {
        match self {
            Self::Field { path, test: Test::Equal(value) } if &**path == "id" => value.as_integer(),
            Self::And(parts) => parts.iter().find_map(Self::fixed_id),
            _ => None,
        }
    }
}

fn at_path(row: &Value, path: &str) -> Value {
    let direct = row.field(path);
    if !direct.is_null() || !path.contains('.') {
        return direct;
    }
    path.split('.').fold(row.clone(), |value, part| value.field(part))
}

fn parse_entry(name: &str, operand: &Value) -> Result<Filter, FilterError> {
    match name {
        "$and" | "and" if operand.as_array().is_some() => Ok(Filter::And(parse_list(name, operand)?)),
        "$or" | "or" if operand.as_array().is_some() => Ok(Filter::Or(parse_list(name, operand)?)),
        "$and" | "$or" => Err(FilterError(format!("{name} takes a list of filters"))),
        "$not" => Ok(Filter::Not(Box::new(Filter::parse(operand)?))),
        _ if name.starts_with('$') => Err(FilterError(format!("{name} is no operator that stands outside a field"))),
        _ => parse_field(name, operand),
    }
}

fn parse_list(name: &str, operand: &Value) -> Result<Vec<Filter>, FilterError> {
    let items = operand.as_array().ok_or_else(|| FilterError(format!("{name} takes a list of filters")))?;
    items.iter().map(Filter::parse).collect()
}

fn parse_field(name: &str, operand: &Value) -> Result<Filter, FilterError> {
    let path: Arc<str> = name.into();
    let Some(object) =
        operand.as_object().filter(|object| !object.fields.is_empty() && object.fields.keys().all(|key| is_operator(key)))
    else {
        return Ok(Filter::Field { path, test: Test::Equal(operand.clone()) });
    };
    let mut parts = Vec::with_capacity(object.fields.len());
    for (operator, value) in &object.fields {
        parts.push(if &**operator == "$not" {
            Filter::Not(Box::new(parse_field(name, value)?))
        } else {
            Filter::Field { path: Arc::clone(&path), test: parse_test(operator, value)? }
        });
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
}

fn is_operator(key: &str) -> bool {
    key.starts_with('$') || matches!(key, "=" | "==" | "!=" | "<>" | ">" | ">=" | "<" | "<=")
}

fn parse_test(operator: &str, value: &Value) -> Result<Test, FilterError> {
    let list = || value.as_array().map(<[Value]>::to_vec).ok_or_else(|| FilterError(format!("{operator} takes a list")));
    let text = || value.as_str().ok_or_else(|| FilterError(format!("{operator} takes a text")));
    Ok(match operator {
        "$eq" | "=" | "==" => Test::Equal(value.clone()),
        "$ne" | "!=" | "<>" => Test::NotEqual(value.clone()),
        "$gt" | ">" => Test::Greater(value.clone()),
        "$gte" | ">=" => Test::GreaterOrEqual(value.clone()),
        "$lt" | "<" => Test::Less(value.clone()),
        "$lte" | "<=" => Test::LessOrEqual(value.clone()),
        "$in" => Test::In(list()?),
        "$nin" => Test::NotIn(list()?),
        "$like" => Test::Like(like(&value.to_text())?),
        "$regex" => Test::Regex(regex(text()?)?),
        "$not_like" => Test::Not(Box::new(Test::Like(like(&value.to_text())?))),
        "$not_regex" => Test::Not(Box::new(Test::Regex(regex(text()?)?))),
        "$not_includes" => Test::Not(Box::new(Test::Includes(value.clone()))),
        "$exists" => Test::Exists(value.is_truthy()),
        "$includes" | "$contains" => Test::Includes(value.clone()),
        _ => {
            return Err(FilterError(format!(
                "{operator} is no filter operator; there are $eq $ne $gt $gte $lt $lte $in $nin $like $not_like $regex $not_regex $exists $includes $not_includes $and $or $not"
            )));
        }
    })
}

fn regex(source: &str) -> Result<Pattern, FilterError> {
    let built = regex::RegexBuilder::new(source).size_limit(1 << 20).build();
    built.map(Pattern).map_err(|error| FilterError(format!("$regex does not hold: {error}")))
}

fn like(pattern: &str) -> Result<LikePattern, FilterError> {
    let wild = pattern.contains(['%', '_']);
    let body: String = pattern
        .chars()
        .map(|c| match c {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect();
    regex(&if wild { format!("(?is)^{body}$") } else { format!("(?is){body}") })
}

impl Test {
    fn matches(&self, value: &Value) -> bool {
        let ordered = |operand: &Value| compare(value, operand);
        match self {
            Self::Equal(operand) if operand.is_null() => value.is_null(),
            Self::Equal(operand) => !value.is_null() && loosely_equal(value, operand),
            Self::NotEqual(operand) if operand.is_null() => !value.is_null(),
            Self::NotEqual(operand) => !value.is_null() && !loosely_equal(value, operand),
            Self::Greater(operand) => ordered(operand) == Some(Ordering::Greater),
            Self::GreaterOrEqual(operand) => matches!(ordered(operand), Some(Ordering::Greater | Ordering::Equal)),
            Self::Less(operand) => ordered(operand) == Some(Ordering::Less),
            Self::LessOrEqual(operand) => matches!(ordered(operand), Some(Ordering::Less | Ordering::Equal)),
            Self::In(operands) => !value.is_null() && operands.iter().any(|operand| loosely_equal(value, operand)),
            Self::NotIn(operands) => !value.is_null() && !operands.iter().any(|operand| loosely_equal(value, operand)),
            Self::Like(pattern) | Self::Regex(pattern) => !value.is_null() && pattern.0.is_match(&value.to_text()),
            Self::Exists(wanted) => value.is_null() != *wanted,
            Self::Not(test) => !value.is_null() && !test.matches(value),
            Self::Includes(operand) => {
                value.as_array().is_some_and(|items| items.iter().any(|item| loosely_equal(item, operand)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: &str, row: &str, expected: bool) {
        let filter = Filter::parse(&Value::from_json_text(filter).unwrap()).unwrap();
        assert_eq!(filter.matches(&Value::from_json_text(row).unwrap()), expected, "{filter:?} on {row}");
    }

    #[test]
    fn rows_match_by_equality_comparison_and_combination() {
        check(r#"{"a": 1, "b": "x"}"#, r#"{"a": 1, "b": "x"}"#, true);
        check(r#"{"a": 1}"#, r#"{"a": "1"}"#, true);
        check(r#"{"a": {"$gt": 1, "$lt": 3}}"#, r#"{"a": 2}"#, true);
        check(r#"{"a": {"$lt": 3}}"#, r#"{"a": null}"#, false);
        check(r#"{"a": {"$ne": null}}"#, r#"{"a": 1}"#, true);
        check(r#"{"$or": [{"a": 1}, {"b": 2}]}"#, r#"{"b": 2}"#, true);
        check(r#"{"$not": {"a": 1}}"#, r#"{"a": 1}"#, false);
        check(r#"{"n": {"$like": "john"}}"#, r#"{"n": "Big JOHN"}"#, true);
        check(r#"{"n": {"$not_like": "j%"}}"#, r#"{"n": "Big JOHN"}"#, true);
        check(r#"{"n": {"$not_regex": "^B"}}"#, r#"{"n": "Big JOHN"}"#, false);
        check(r#"{"t": {"$not_includes": "vip"}}"#, r#"{"t": ["new"]}"#, true);
        check(r#"{"n": {"$like": "j%"}}"#, r#"{"n": "Big JOHN"}"#, false);
        check(r#"{"t": {"$includes": "vip"}}"#, r#"{"t": ["vip"]}"#, true);
        check(r#"{"c.city": "Rome"}"#, r#"{"c": {"city": "Rome"}}"#, true);
        check(r#"{"n": {"$in": [1, 2]}}"#, r#"{"n": 2}"#, true);
    }

    #[test]
    fn an_unknown_operator_is_refused_with_the_list_of_those_that_exist() {
        let error = Filter::parse(&Value::from_json_text(r#"{"a": {"$near": 1}}"#).unwrap()).unwrap_err();
        assert!(error.0.contains("$near") && error.0.contains("$includes"), "{error}");
    }
}
