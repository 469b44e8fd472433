//! What the operators do to two values.
//! Never loses a whole number to a fraction while it fits.

use super::ast::Operator;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Value, compare, loosely_equal, strictly_equal};

/// Applies an operator; an error says why it cannot, in words.
pub(super) fn apply(operator: Operator, a: &Value, b: &Value) -> Result<Value, String> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let ordered = |wanted: &[std::cmp::Ordering]| {
        let comparable = !a.is_null() && !b.is_null();
        Ok(Value::Bool(comparable && compare(a, b).is_some_and(|ordering| wanted.contains(&ordering))))
    };
    match operator {
        Operator::Equal => Ok(Value::Bool(loosely_equal(a, b))),
        Operator::NotEqual => Ok(Value::Bool(!loosely_equal(a, b))),
        Operator::Same => Ok(Value::Bool(strictly_equal(a, b))),
        Operator::NotSame => Ok(Value::Bool(!strictly_equal(a, b))),
        Operator::Less => ordered(&[Less]),
        Operator::LessOrEqual => ordered(&[Less, Equal]),
        Operator::Greater => ordered(&[Greater]),
        Operator::GreaterOrEqual => ordered(&[Greater, Equal]),
        Operator::In => Ok(Value::Bool(contains(b, a))),
        Operator::NotIn => Ok(Value::Bool(!contains(b, a))),
        Operator::Concat => Ok(Value::text(a.to_text() + &b.to_text())),
        Operator::Add => add(a, b),
        Operator::Subtract => subtract(a, b),
        Operator::Multiply | Operator::Divide | Operator::Remainder | Operator::FloorDivide => {
            let (x, y) = (number(operator, a, b, a)?, number(operator, a, b, b)?);
            arithmetic(operator, x, y)
        }
    }
}

/// The negative of a number.
pub(super) fn negative(value: &Value) -> Result<Value, String> {
    match value {
        Value::Int(number) => Ok(number.checked_neg().map_or(Value::Decimal(9.223_372_036_854_776e18), Value::Int)),
        Value::Null => Ok(Value::Int(0)),
        other => other
            .as_number()
            .map(|number| Value::Decimal(-number))
            .ok_or_else(|| format!("`-` works on numbers, not {}", other.kind())),
    }
}

fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::Array(items) => items.iter().any(|item| loosely_equal(item, part)),
        Value::Object(object) => part.as_str().is_some_and(|name| object.get(name).is_some()),
        Value::Text(text) => !part.is_null() && text.contains(&part.to_text()),
        _ => false,
    }
}

/// Numbers are added, times are moved by seconds, lists are joined; a text that is no number makes it a joining of texts.
/// Two texts are joined, even if both read as numbers; null counts as nothing.
fn add(a: &Value, b: &Value) -> Result<Value, String> {
    match (a, b) {
        (Value::Timestamp(at), other) | (other, Value::Timestamp(at)) if !matches!(other, Value::Text(_)) => {
            Ok(Value::Timestamp(at.plus_ms(milliseconds(Operator::Add, a, b, other)?)))
        }
        (Value::Array(x), Value::Array(y)) => Ok(Value::array(x.iter().chain(y.iter()).cloned().collect())),
        (Value::Text(_), _) | (_, Value::Text(_)) => {
            let both = matches!((a, b), (Value::Text(_), Value::Text(_)));
            match (Number::of(a), Number::of(b)) {
                (Some(x), Some(y)) if !both && !a.is_null() && !b.is_null() => arithmetic(Operator::Add, x, y),
                _ => Ok(Value::text(a.to_text() + &b.to_text())),
            }
        }
        _ => arithmetic(Operator::Add, number(Operator::Add, a, b, a)?, number(Operator::Add, a, b, b)?),
    }
}

/// Time less time is seconds, time less a number of seconds is a time.
fn subtract(a: &Value, b: &Value) -> Result<Value, String> {
    let seconds = |ms: i64| {
        if ms % 1000 == 0 {
            return Value::Int(ms / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 milliseconds")]
        let exact = ms as f64 / 1000.0;
        Value::Decimal(exact)
    };
    match (a, b) {
        (Value::Timestamp(x), Value::Timestamp(y)) => Ok(seconds(x.since_ms(*y))),
        (Value::Timestamp(x), Value::Text(text)) if Timestamp::parse_rfc3339(text).is_some() => {
            Ok(seconds(x.since_ms(Timestamp::parse_rfc3339(text).unwrap_or_default())))
        }
        (Value::Text(text), Value::Timestamp(y)) if Timestamp::parse_rfc3339(text).is_some() => {
            Ok(seconds(Timestamp::parse_rfc3339(text).unwrap_or_default().since_ms(*y)))
        }
        (Value::Timestamp(at), other) => Ok(Value::Timestamp(at.plus_ms(-milliseconds(Operator::Subtract, a, b, other)?))),
        _ => arithmetic(Operator::Subtract, number(Operator::Subtract, a, b, a)?, number(Operator::Subtract, a, b, b)?),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, and timestamps are clamped")]
fn milliseconds(operator: Operator, a: &Value, b: &Value, seconds: &Value) -> Result<i64, String> {
    Ok(match number(operator, a, b, seconds)? {
        Number::Whole(seconds) => seconds.saturating_mul(1000),
        Number::Part(seconds) => (seconds * 1000.0) as i64,
    })
}

#[derive(Clone, Copy)]
enum Number {
    Whole(i64),
    Part(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Whole(0)),
            Value::Int(number) => Some(Self::Whole(*number)),
            Value::Decimal(number) => Some(Self::Part(*number)),
            Value::Text(_) => value.as_integer().map(Self::Whole).or_else(|| value.as_number().map(Self::Part)),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "decimals are 64-bit floats, as in JSON")]
    fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Part(number) => number,
        }
    }
}

fn number(operator: Operator, a: &Value, b: &Value, of: &Value) -> Result<Number, String> {
    Number::of(of).ok_or_else(|| format!("`{}` does not work on {} and {}", operator.sign(), a.kind(), b.kind()))
}

fn arithmetic(operator: Operator, x: Number, y: Number) -> Result<Value, String> {
    let divides = matches!(operator, Operator::Divide | Operator::Remainder | Operator::FloorDivide);
    if divides && y.float() == 0.0 {
        return Err("division by zero".to_owned());
    }
    if let (Number::Whole(a), Number::Whole(b)) = (x, y)
        && let Some(whole) = whole(operator, a, b)
    {
        return Ok(Value::Int(whole));
    }
    let (a, b) = (x.float(), y.float());
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Remainder => a % b,
        _ => (a / b).floor(),
    };
    if result.is_finite() { Ok(Value::Decimal(result)) } else { Err(format!("the result of `{}` is too large", operator.sign())) }
}

fn whole(operator: Operator, a: i64, b: i64) -> Option<i64> {
    match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_rem(b).filter(|rest| *rest == 0).and_then(|_| a.checked_div(b)),
        Operator::Remainder => a.checked_rem(b),
        _ => {
            let quotient = a.checked_div(b)?;
            let inexact = a.checked_rem(b)? != 0;
            Some(if inexact && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
        }
    }
}
