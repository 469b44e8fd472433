//! Forms and query strings as objects of texts.
//! Never guesses a type: what was sent as text stays text.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::domain::value::Value;

/// Fields that stand once are a value, fields that stand more often (or end in `[]`) are a list.
#[derive(Debug, Default)]
pub struct Fields(IndexMap<Arc<str>, (bool, Vec<Value>)>);

impl Fields {
    pub fn add(&mut self, name: &str, value: Value) {
        let (name, is_list) = name.strip_suffix("[]").map_or((name, false), |bare| (bare, true));
        let (list, values) = self.0.entry(name.into()).or_default();
        *list |= is_list || !values.is_empty();
        values.push(value);
    }

    pub fn into_value(self) -> Value {
        Value::object(self.0.into_iter().map(|(name, (is_list, mut values))| match values.pop() {
            Some(single) if !is_list => (name, single),
            last => {
                values.extend(last);
                (name, Value::array(values))
            }
        }))
    }
}

/// A form, or the query of a URL, as an object.
pub fn urlencoded(bytes: &[u8]) -> Value {
    let mut fields = Fields::default();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        fields.add(&name, Value::text(&*value));
    }
    fields.into_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_stands_twice_is_a_list() {
        assert_eq!(urlencoded(b"a=1&b=x%20y&a=2&c[]=3&d").to_json_text(), r#"{"a":["1","2"],"b":"x y","c":["3"],"d":""}"#);
        assert_eq!(urlencoded(b"").to_json_text(), "{}");
    }
}
