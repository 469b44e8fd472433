//! The ids that status, await and cancel are asked about, in every spelling that clients use.
//! Never refuses a single id: what is no id is answered as unknown.

use crate::domain::ids::ExecutionId;
use crate::domain::limits::IDS_PER_CALL_MAX;
use crate::domain::value::{Object, Value};

/// The names that mean several ids, and those that mean one.
const SEVERAL: [&str; 2] = ["execution_ids", "ids"];
const ONE: [&str; 2] = ["execution_id", "async_execution_id"];

/// What was asked about, in the order and the spelling of the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub ids: Vec<Value>,
    /// One id under a name that means one.
    pub single: bool,
}

impl Asked {
    pub fn one(id: &str) -> Self {
        Self { ids: vec![Value::text(id)], single: true }
    }

    /// # Errors
    /// No list, an empty one, or more than 100.
    pub fn from_body(body: &Object) -> Result<Self, String> {
        let given =
            SEVERAL.into_iter().chain(ONE).find_map(|name| Some((name, body.get(name).filter(|value| !value.is_null())?)));
        let Some((name, value)) = given else {
            return Err("execution_ids is missing; it is a list of ids, or one id".to_owned());
        };
        match value {
            Value::Array(ids) => Self::several(name, ids.to_vec()),
            Value::Text(_) => Ok(Self { ids: vec![value.clone()], single: ONE.contains(&name) }),
            other => Err(format!("{name} is a list of ids or one id, not {}", other.kind())),
        }
    }

    /// From a query: `execution_ids=a,b`, also written several times.
    ///
    /// # Errors
    /// No ids, or more than 100.
    pub fn from_query(query: &Object) -> Result<Self, String> {
        let given = SEVERAL.into_iter().chain(ONE).find_map(|name| Some((name, query.get(name)?)));
        let Some((name, value)) = given else {
            return Err("execution_ids is missing; it is a list of ids with commas between them".to_owned());
        };
        let texts = value.as_array().unwrap_or(std::slice::from_ref(value)).iter().filter_map(Value::as_str);
        let ids = texts.flat_map(|text| text.split(',')).map(str::trim).filter(|id| !id.is_empty());
        Self::several(name, ids.map(Value::text).collect())
    }

    fn several(name: &str, ids: Vec<Value>) -> Result<Self, String> {
        match ids.len() {
            0 => Err(format!("{name} is empty; ask for at least one id")),
            count if count > IDS_PER_CALL_MAX => Err(format!("{name} has {count} ids, and one call takes {IDS_PER_CALL_MAX}")),
            _ => Ok(Self { ids, single: false }),
        }
    }

    /// The ids among what was asked, each once.
    pub fn parsed(&self) -> Vec<ExecutionId> {
        let mut ids: Vec<_> = self.ids.iter().filter_map(parse).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// An id, if the text is one.
pub fn parse(asked: &Value) -> Option<ExecutionId> {
    ExecutionId::parse(asked.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019aaaaa-0000-7000-8000-000000000000";

    fn asked(json: &str) -> Result<Asked, String> {
        Asked::from_body(Value::from_json_text(json).unwrap().as_object().unwrap())
    }

    #[test]
    fn ids_are_read_under_every_name() {
        for (json, count, single) in [
            (r#"{"execution_ids": ["a", null, 7, "a"]}"#, 4, false),
            (r#"{"execution_ids": "a"}"#, 1, false),
            (r#"{"ids": ["a"]}"#, 1, false),
            (r#"{"execution_id": "a"}"#, 1, true),
            (r#"{"async_execution_id": "a"}"#, 1, true),
            (r#"{"execution_id": ["a", "b"]}"#, 2, false),
            (r#"{"execution_ids": null, "execution_id": "a"}"#, 1, true),
        ] {
            let asked = asked(json).unwrap();
            assert_eq!((asked.ids.len(), asked.single), (count, single), "{json}");
        }
    }

    #[test]
    fn no_list_an_empty_one_and_a_too_long_one_are_refused() {
        for json in [
            "{}",
            r#"{"execution_ids": []}"#,
            r#"{"execution_ids": {"a": 1}}"#,
            r#"{"execution_ids": 7}"#,
            r#"{"execution_id": null}"#,
        ] {
            assert!(asked(json).is_err(), "{json}");
        }
        let list = |count: usize| format!("{{\"execution_ids\": [{}]}}", vec!["null"; count].join(","));
        assert!(asked(&list(100)).is_ok());
        assert!(asked(&list(101)).unwrap_err().contains("101"));
    }

    #[test]
    fn a_query_separates_ids_by_commas() {
        let query = |text: &str| Asked::from_query(super::super::forms::urlencoded(text.as_bytes()).as_object().unwrap());
        assert_eq!(query("execution_ids=a,b").unwrap().ids.len(), 2);
        assert_eq!(query("ids=a&ids=b,c").unwrap().ids.len(), 3);
        assert!(query("execution_ids=").is_err());
        assert!(query("").is_err());
    }

    #[test]
    fn each_id_is_looked_up_once_and_what_is_none_not_at_all() {
        let asked =
            Asked { ids: vec![Value::text(ID), Value::Null, Value::text(ID.to_uppercase()), Value::text("x")], single: false };
        assert_eq!(asked.parsed(), [ExecutionId::parse(ID).unwrap()]);
    }
}
