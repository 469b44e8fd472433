//! The filters of `GET /v1/alerts`.
//! Never ignores a filter that it does not understand: a list that silently holds too much misleads.

use crate::domain::alert::Alert;
use crate::domain::ids::ExecutionId;
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::value::Object;
use crate::store::read::{AlertCursor, AlertQuery};

const FILTERS: [&str; 8] = ["open", "acknowledged", "type", "severity", "execution_id", "function", "limit", "cursor"];

/// Reads a query string.
///
/// # Errors
/// A filter that does not exist or does not hold.
pub fn read(query: &Object) -> Result<AlertQuery, String> {
    let mut read = AlertQuery { limit: PAGE_ITEMS_MAX, ..AlertQuery::default() };
    for (name, value) in &query.fields {
        let text = value.to_text();
        match &**name {
            "open" => read.open = Some(flag(name, &text)?),
            "acknowledged" => read.acknowledged = Some(flag(name, &text)?),
            "type" | "severity" | "execution_id" | "function" | "cursor" | "limit" if text.is_empty() => {}
            "type" => read.kind = Some(text),
            "severity" => read.severity = Some(text),
            "execution_id" => {
                let id = ExecutionId::parse(&text);
                read.execution = Some(id.ok_or_else(|| format!("execution_id is the id of an execution, not \"{text}\""))?);
            }
            "function" => read.function = Some(text),
            "cursor" => read.after = Some(place(&text)?),
            "limit" => {
                let limit = text.parse().ok().filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
                read.limit = limit.ok_or_else(|| format!("limit is a number from 1 to {PAGE_ITEMS_MAX}, not \"{text}\""))?;
            }
            odd => return Err(format!("there is no filter \"{odd}\"; there are {}", FILTERS.join(", "))),
        }
    }
    Ok(read)
}

/// Where the page that ends with this alert is followed by the next.
pub fn cursor(alert: &Alert) -> String {
    format!("{}-{}", if alert.resolved_at.is_none() { "open" } else { "over" }, alert.id)
}

fn place(text: &str) -> Result<AlertCursor, String> {
    let read = text.split_once('-').and_then(|(kind, id)| {
        let is_open = ["over", "open"].iter().position(|known| *known == kind)? == 1;
        Some(AlertCursor { is_open, id: id.parse().ok()? })
    });
    read.ok_or_else(|| format!("cursor is what `next` of another page said, not \"{text}\""))
}

fn flag(name: &str, text: &str) -> Result<bool, String> {
    match text {
        "false" | "0" => Ok(false),
        "true" | "1" | "" => Ok(true),
        odd => Err(format!("{name} is true or false, not \"{odd}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::forms::urlencoded;
    use super::*;

    fn of(text: &str) -> Result<AlertQuery, String> {
        read(urlencoded(text.as_bytes()).as_object().unwrap())
    }

    #[test]
    fn every_filter_is_read() {
        assert_eq!(of(""), Ok(AlertQuery { limit: PAGE_ITEMS_MAX, ..AlertQuery::default() }));
        let read = of("open=true&acknowledged=0&type=queue_old&severity=critical&function=f&limit=5&cursor=over-7").unwrap();
        assert_eq!((read.open, read.acknowledged, read.limit), (Some(true), Some(false), 5));
        assert_eq!((read.kind.as_deref(), read.severity.as_deref()), (Some("queue_old"), Some("critical")));
        assert_eq!((read.function.as_deref(), read.after), (Some("f"), Some(AlertCursor { is_open: false, id: 7 })));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for odd in ["open=perhaps", "limit=0", "limit=201", "cursor=7", "cursor=open-x", "execution_id=7", "kind=x"] {
            assert!(of(odd).is_err(), "{odd}");
        }
    }
}
