//! The filters of `/v1/deliveries`.
//! Never ignores a filter that it does not understand: more would be sent again than was meant.

use crate::domain::callback::EventType;
use crate::domain::delivery::{DeliveryState, Destination};
use crate::domain::function::FunctionName;
use crate::domain::ids::{DeliveryId, ExecutionId};
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::timestamp::Timestamp;
use crate::domain::value::{Object, Value};
use crate::store::read::DeliveryQuery;

const PAGE_ITEMS_DEFAULT: i64 = 50;
const FILTERS: [&str; 9] =
    ["state", "event", "destination", "execution_id", "function", "created_after", "created_before", "limit", "cursor"];

/// Reads a query string, or the body of a wish.
///
/// # Errors
/// A filter that does not exist or does not hold.
pub fn read(query: &Object) -> Result<DeliveryQuery, String> {
    let mut read = DeliveryQuery { limit: PAGE_ITEMS_DEFAULT, ..DeliveryQuery::default() };
    for (name, value) in &query.fields {
        let text = value.to_text();
        if text.is_empty() || value.is_null() {
            continue;
        }
        match &**name {
            "state" => read.states = every(value, state)?,
            "event" => read.events = every(value, event)?,
            "destination" => read.destination = Some(destination(&text)?),
            "execution_id" => {
                let id = ExecutionId::parse(&text);
                read.execution = Some(id.ok_or_else(|| format!("execution_id is the id of an execution, not \"{text}\""))?);
            }
            "function" => {
                let function = FunctionName::parse(&text);
                read.function = Some(function.map_err(|error| format!("function \"{text}\" does not hold: {error}"))?);
            }
            "created_after" => read.created_after = Some(time(name, &text)?),
            "created_before" => read.created_before = Some(time(name, &text)?),
            "cursor" => {
                let id = DeliveryId::parse(&text);
                read.before = Some(id.ok_or_else(|| format!("cursor is the `next` of a page before, not \"{text}\""))?);
            }
            "limit" => read.limit = limit(&text)?,
            odd => return Err(format!("there is no filter \"{odd}\"; there are {}", FILTERS.join(", "))),
        }
    }
    Ok(read)
}

/// The words of a filter: separated by commas, or written several times.
fn every<T>(value: &Value, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(Value::to_text).collect(),
        other => vec![other.to_text()],
    };
    texts.iter().flat_map(|text| text.split(',')).map(|word| read(word.trim())).collect()
}

fn state(word: &str) -> Result<DeliveryState, String> {
    let known = "pending, delivered, delivered_unconfirmed, dead";
    DeliveryState::parse(word).ok_or_else(|| format!("\"{word}\" is no state of a delivery; there are {known}"))
}

fn event(word: &str) -> Result<EventType, String> {
    EventType::parse(word).ok_or_else(|| {
        let known: Vec<_> = EventType::ALL.iter().map(|event| event.as_str()).collect();
        format!("\"{word}\" is no event; there are {}", known.join(", "))
    })
}

/// Any URL of it, or scheme, host and port alone.
fn destination(text: &str) -> Result<Destination, String> {
    let destination = Destination::of(text);
    match destination == Destination::of("") {
        false => Ok(destination),
        true => Err("destination is a URL such as https://hooks.example.com".to_owned()),
    }
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

    fn query(text: &str) -> Result<DeliveryQuery, String> {
        read(urlencoded(text.as_bytes()).as_object().unwrap())
    }

    #[test]
    fn every_filter_is_read() {
        let id = "019aaaaa-0000-7000-8000-000000000000";
        let text = format!(
            "state=dead,pending&event=execution.failed&destination=https://Hooks.example.com/x&execution_id={id}\
             &function=orders/create&created_after=2024-01-01T00:00:00+01:00&created_before=2024-01-02T00:00:00Z&limit=4\
             &cursor=msg_{id}"
        );
        let read = query(&text).unwrap();
        assert_eq!(read.states, [DeliveryState::Dead, DeliveryState::Pending]);
        assert_eq!(read.events, [EventType::Failed]);
        assert_eq!(read.destination.unwrap().as_str(), "https://hooks.example.com:443");
        assert_eq!((read.limit, read.before, read.execution), (4, DeliveryId::parse(id), ExecutionId::parse(id)));
        assert_eq!(read.created_after.unwrap().to_string(), "2023-12-31T23:00:00.000Z");
        assert!(read.function.is_some() && read.created_before.is_some());
        assert_eq!(query("").unwrap(), DeliveryQuery { limit: 50, ..DeliveryQuery::default() });
    }

    #[test]
    fn what_does_not_hold_is_refused_by_name() {
        for (text, words) in [
            ("state=lost", "delivered_unconfirmed"),
            ("event=execution.dreamt", "execution.completed"),
            ("destination=nowhere", "https://hooks.example.com"),
            ("execution_id=x", "execution_id"),
            ("cursor=x", "cursor"),
            ("limit=201", "1 to 200"),
            ("created_before=soon", "created_before"),
            ("function=%20", "function"),
            ("sate=dead", "there is no filter \"sate\""),
        ] {
            let message = query(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
