//! The parts of an HTTP request as stacks write them: headers, query parameters, forms.
//! Never sends anything.

use url::form_urlencoded::Serializer;

use super::context::parameter;
use crate::domain::value::Value;
use crate::stack::expression::EvalError;

/// Headers from an object, or from a list of `Name: value` or `{name, value}`. A null leaves its header out.
pub fn headers(value: &Value) -> Result<Vec<(String, String)>, EvalError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(object) => {
            let given = object.fields.iter().filter(|(_, value)| !value.is_null());
            Ok(given.map(|(name, value)| (name.to_string(), value.to_text())).collect())
        }
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(header).collect(),
        other => Err(parameter(format!("`headers` is an object or a list, not {}", other.kind()))),
    }
}

fn header(item: &Value) -> Result<(String, String), EvalError> {
    if let Some((name, value)) = item.as_str().and_then(|line| line.split_once(':')) {
        return Ok((name.trim().to_owned(), value.trim().to_owned()));
    }
    match item.field("name") {
        Value::Text(name) => Ok((name.to_string(), item.field("value").to_text())),
        _ => Err(parameter("a header in a list is a text \"Name: value\"")),
    }
}

/// Whether a header is there, whatever its case.
pub fn content_type(headers: &[(String, String)]) -> Option<&str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value.as_str())
}

/// The URL with the parameters behind those that it already has.
pub fn with_query(url: &str, parameters: &Value) -> Result<String, EvalError> {
    let encoded = match parameters {
        Value::Null => String::new(),
        Value::Text(text) => text.trim_start_matches(['?', '&']).to_owned(),
        Value::Object(_) => encode(&form_pairs(parameters)),
        other => return Err(parameter(format!("the query parameters are an object, not {}", other.kind()))),
    };
    if encoded.is_empty() {
        return Ok(url.to_owned());
    }
    let (base, fragment) = url.split_once('#').map_or((url, None), |(base, fragment)| (base, Some(fragment)));
    let joint = match base.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    Ok(format!("{base}{joint}{encoded}{fragment}"))
}

/// An object as the pairs of a form: inner objects as `a[b]`, lists of plain values as the name repeated with `[]`.
pub fn form_pairs(value: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if let Value::Object(object) = value {
        for (name, value) in &object.fields {
            push_pairs(name.to_string(), value, &mut pairs);
        }
    }
    pairs
}

fn push_pairs(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(object) => {
            for (inner, value) in &object.fields {
                push_pairs(format!("{name}[{inner}]"), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let plain = !matches!(item, Value::Array(_) | Value::Object(_));
                let inner = if plain { format!("{name}[]") } else { format!("{name}[{index}]") };
                push_pairs(inner, item, pairs);
            }
        }
        plain => pairs.push((name, plain.to_text())),
    }
}

fn encode(pairs: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        Value::from_json_text(text).unwrap()
    }

    #[test]
    fn headers_are_an_object_or_a_list_of_lines() {
        let expected = vec![("A".to_owned(), "1".to_owned()), ("B".to_owned(), "x: y".to_owned())];
        assert_eq!(headers(&json(r#"{"A": 1, "B": "x: y", "C": null}"#)), Ok(expected.clone()));
        assert_eq!(headers(&json(r#"["A: 1", "B: x: y"]"#)), Ok(expected));
        assert!(headers(&json(r#"["no header"]"#)).is_err());
    }

    #[test]
    fn query_parameters_go_behind_those_of_the_url_and_before_its_fragment() {
        let check = |url: &str, parameters: &str| with_query(url, &json(parameters)).unwrap();
        assert_eq!(check("http://a/b", r#"{"q": "x y", "n": null}"#), "http://a/b?q=x+y");
        assert_eq!(check("http://a/b?c=1#top", r#"{"q": 2}"#), "http://a/b?c=1&q=2#top");
        assert_eq!(check("http://a/b", r#""?x=1""#), "http://a/b?x=1");
        assert_eq!(check("http://a/b", "null"), "http://a/b");
    }

    #[test]
    fn a_form_writes_inner_objects_in_brackets() {
        let pairs = form_pairs(&json(r#"{"a": {"b": true}, "c": [1, 2], "d": [{"e": 3}]}"#));
        let shown: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["a[b]=true", "c[]=1", "c[]=2", "d[0][e]=3"]);
    }
}
