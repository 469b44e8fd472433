//! The filters of `GET /v1/executions`.
//! Never ignores a filter that it does not understand: a list that silently holds too much misleads.

use crate::domain::execution::State;
use crate::domain::function::FunctionName;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value};
use crate::store::read::ExecutionQuery;

const PAGE_ITEMS_DEFAULT: i64 = 50;
const FILTERS: [&str; 11] =
    ["function", "status", "state", "tag", "parent", "created_after", "created_before", "error_code", "q", "limit", "cursor"];

/// Reads a query string. `None`: nothing can match.
///
/// # Errors
/// A filter that does not exist or does not hold.
pub fn read(query: &Object) -> Result<Option<ExecutionQuery>, String> {
    let mut read = ExecutionQuery { limit: PAGE_ITEMS_DEFAULT, ..ExecutionQuery::default() };
    let (mut states, mut of_status) = (None, None);
    for (name, value) in &query.fields {
        let text = value.to_text();
        if text.is_empty() {
            continue;
        }
        match &**name {
            "function" => {
                let function = FunctionName::parse(&text);
                read.function = Some(function.map_err(|error| format!("function \"{text}\" does not hold: {error}"))?);
            }
            "status" => of_status = Some(every(value, of_status_word)?),
            "state" => states = Some(every(value, of_state_word)?),
            "tag" => read.tag = Some(text),
            "parent" => read.parent = Some(id(name, &text)?),
            "created_after" => read.created_after = Some(time(name, &text)?),
            "created_before" => read.created_before = Some(time(name, &text)?),
            "error_code" => read.error_code = Some(text),
            "q" => read.q = Some(text),
            "cursor" => read.before = Some(id(name, &text)?),
            "limit" => read.limit = limit(&text)?,
            odd => return Err(format!("there is no filter \"{odd}\"; there are {}", FILTERS.join(", "))),
        }
    }
    read.states = match (states, of_status) {
        (Some(states), Some(of_status)) => {
            let both: Vec<State> = states.into_iter().filter(|state| of_status.contains(state)).collect();
            if both.is_empty() {
                return Ok(None);
            }
            both
        }
        (states, of_status) => states.or(of_status).unwrap_or_default(),
    };
    Ok(Some(read))
}

/// The states that a filter names: separated by commas, or written several times.
fn every(value: &Value, read: impl Fn(&str) -> Result<Vec<State>, String>) -> Result<Vec<State>, String> {
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(Value::to_text).collect(),
        other => vec![other.to_text()],
    };
    let mut states = Vec::new();
    for word in texts.iter().flat_map(|text| text.split(',')) {
        states.extend(read(word.trim())?);
    }
    Ok(states)
}

fn of_state_word(word: &str) -> Result<Vec<State>, String> {
    let state = State::parse(word).ok_or_else(|| {
        let words: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
        format!("\"{word}\" is no state; there are {}", words.join(", "))
    })?;
    Ok(vec![state])
}

fn of_status_word(word: &str) -> Result<Vec<State>, String> {
    let states: Vec<_> = State::ALL.into_iter().filter(|state| state.status().as_str() == word).collect();
    if states.is_empty() { Err(format!("\"{word}\" is no status; there are running, completed, error")) } else { Ok(states) }
}

fn id(name: &str, text: &str) -> Result<ExecutionId, String> {
    ExecutionId::parse(text).ok_or_else(|| format!("{name} is the id of an execution, not \"{text}\""))
}

/// In a query `+` is a space, and not everybody escapes it.
fn time(name: &str, text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(&text.replace(' ', "+"))
        .ok_or_else(|| format!("{name} is a time such as 2030-01-31T12:00:00Z, not \"{text}\""))
}

fn limit(text: &str) -> Result<i64, String> {
    let limit = text.parse().ok().filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
    limit.ok_or_else(|| format!("limit is a number from 1 to {PAGE_ITEMS_MAX}, not \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::super::forms::urlencoded;
    use super::*;

    fn query(text: &str) -> Result<Option<ExecutionQuery>, String> {
        read(urlencoded(text.as_bytes()).as_object().unwrap())
    }

    #[test]
    fn every_filter_is_read() {
        let id = "019aaaaa-0000-7000-8000-000000000000";
        let text = format!(
            "function=orders/create&state=failed,cancelled&tag=a&parent={id}&created_after=2024-01-01T00:00:00+01:00\
             &created_before=2024-01-02T00:00:00Z&error_code=E&q=x&limit=4&cursor={id}"
        );
        let read = query(&text).unwrap().unwrap();
        assert_eq!(read.states, [State::Failed, State::Cancelled]);
        assert_eq!(read.created_after.unwrap().to_string(), "2023-12-31T23:00:00.000Z");
        assert_eq!((read.limit, read.before, read.parent), (4, ExecutionId::parse(id), ExecutionId::parse(id)));
        assert!(read.function.is_some() && read.tag.is_some() && read.error_code.is_some() && read.q.is_some());
        let plain = query("").unwrap().unwrap();
        assert_eq!(plain, ExecutionQuery { limit: 50, ..ExecutionQuery::default() });
    }

    #[test]
    fn status_is_a_set_of_states_and_narrows_them() {
        let states = |text| query(text).unwrap().map(|query| query.states);
        assert_eq!(states("status=error"), Some(vec![State::Failed, State::TimedOut, State::Cancelled]));
        assert_eq!(states("status=error&state=failed,running"), Some(vec![State::Failed]));
        assert_eq!(states("status=completed&state=failed"), None);
        assert_eq!(states("state=failed&state=queued"), Some(vec![State::Failed, State::Queued]));
    }

    #[test]
    fn what_does_not_hold_is_refused_by_name() {
        for (text, words) in [
            ("state=sleeping", "sleeping"),
            ("status=done", "running, completed, error"),
            ("limit=many", "limit"),
            ("limit=201", "1 to 200"),
            ("limit=0", "limit"),
            ("created_after=soon", "created_after"),
            ("parent=x", "parent"),
            ("cursor=x", "cursor"),
            ("function=%20", "function"),
            ("fuction=a", "there is no filter \"fuction\""),
        ] {
            let message = query(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
