//! A request as a value, as deltas hold it, and back.
//! Never changes the meaning of a field that was ever written.

use super::need::{HttpRequest, RequestBody};
use crate::domain::value::Value;

/// The value of a request with its step's timeout.
pub fn to_value(request: &HttpRequest, timeout_ms: Option<i64>) -> Value {
    let (kind, body) = match &request.body {
        RequestBody::None => ("none", Value::Null),
        RequestBody::Json(value) => ("json", value.clone()),
        RequestBody::Text(text) => ("text", Value::text(text.as_str())),
        RequestBody::Form(fields) => ("form", pairs(fields)),
    };
    Value::object([
        ("method", Value::text(request.method.as_str())),
        ("url", Value::text(request.url.as_str())),
        ("headers", pairs(&request.headers)),
        ("kind", Value::text(kind)),
        ("body", body),
        ("timeout_ms", Value::Int(request.timeout_ms)),
        ("follow", Value::Bool(request.follow_location)),
        ("verify", Value::Bool(request.verify_peer)),
        ("raise", Value::Bool(request.raise_on_error)),
        ("step_timeout_ms", timeout_ms.map_or(Value::Null, Value::Int)),
    ])
}

/// Reads what [`to_value`] made; `None` for anything else.
pub fn from_value(value: &Value) -> Option<(HttpRequest, Option<i64>)> {
    let text = |name: &str| value.field(name).as_str().map(str::to_owned);
    let flag = |name: &str| match value.field(name) {
        Value::Bool(flag) => Some(flag),
        _ => None,
    };
    let body = match text("kind")?.as_str() {
        "none" => RequestBody::None,
        "json" => RequestBody::Json(value.field("body")),
        "text" => RequestBody::Text(text("body")?),
        "form" => RequestBody::Form(read_pairs(&value.field("body"))?),
        _ => return None,
    };
    let request = HttpRequest {
        method: text("method")?,
        url: text("url")?,
        headers: read_pairs(&value.field("headers"))?,
        body,
        timeout_ms: value.field("timeout_ms").as_integer()?,
        follow_location: flag("follow")?,
        verify_peer: flag("verify")?,
        raise_on_error: flag("raise")?,
    };
    Some((request, value.field("step_timeout_ms").as_integer()))
}

fn pairs(pairs: &[(String, String)]) -> Value {
    let pair = |(name, value): &(String, String)| Value::array(vec![Value::text(name.as_str()), Value::text(value.as_str())]);
    Value::array(pairs.iter().map(pair).collect())
}

fn read_pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let pair = |pair: &Value| match pair.as_array()? {
        [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
        _ => None,
    };
    value.as_array()?.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn a_request_is_the_same_after_it_was_stored() {
        let bodies = [
            RequestBody::None,
            RequestBody::Json(Value::object([("at", Value::Timestamp(Timestamp(5)))])),
            RequestBody::Text("é".to_owned()),
            RequestBody::Form(vec![("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]),
        ];
        for body in bodies {
            let request = HttpRequest {
                method: "POST".to_owned(),
                url: "http://a/?b=c".to_owned(),
                headers: vec![("X-A".to_owned(), "1".to_owned())],
                body,
                timeout_ms: 30_000,
                follow_location: true,
                verify_peer: false,
                raise_on_error: true,
            };
            for timeout_ms in [None, Some(7)] {
                let stored = to_value(&request, timeout_ms).to_stored_text();
                let read = Value::from_stored_text(&stored).unwrap();
                assert_eq!(from_value(&read), Some((request.clone(), timeout_ms)));
            }
        }
        assert_eq!(from_value(&Value::Null), None);
    }
}
