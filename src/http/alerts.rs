//! `GET /v1/alerts`: what a person should know of.
//! Never changes an alert.

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::forms;
use super::problem::Problem;
use crate::domain::alert::Alert;
use crate::domain::limits::PAGE_ITEMS_MAX;
use crate::domain::value::Value;

/// Open ones first, newest first; `?open=true` leaves out what is over.
pub async fn list(request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let (open_only, limit) = read(&query).map_err(Problem::invalid)?;
        let alerts = state.engine.read.alerts(open_only, limit).await?;
        Ok(answer::list(alerts.iter().map(shown).collect(), None))
    };
    Answer(handled.await)
}

fn read(query: &Value) -> Result<(bool, i64), String> {
    let (open, limit) = (query.field("open"), query.field("limit"));
    let open_only = match open.as_str() {
        None | Some("false" | "0") => false,
        Some("true" | "1" | "") => true,
        Some(odd) => return Err(format!("open is true or false, not \"{odd}\"")),
    };
    let limit = if limit.is_null() { Some(PAGE_ITEMS_MAX) } else { limit.as_integer() };
    let limit = limit.filter(|limit| (1..=PAGE_ITEMS_MAX).contains(limit));
    Ok((open_only, limit.ok_or_else(|| format!("limit is a number from 1 to {PAGE_ITEMS_MAX}"))?))
}

fn shown(alert: &Alert) -> Value {
    let new = &alert.alert;
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::text);
    let fields = [
        ("id", Value::Int(alert.id)),
        ("type", Value::text(new.kind.as_str())),
        ("execution_id", new.execution_id.map_or(Value::Null, |id| Value::text(id.to_string()))),
        ("function_name", text(new.function_name.as_deref())),
        ("stuck_duration", new.stuck_duration.map_or(Value::Null, Value::Decimal)),
        ("severity", Value::text(new.severity.as_str())),
        ("message", text(new.message.as_deref())),
        ("created_at", Value::Timestamp(new.at)),
        ("updated_at", Value::Timestamp(alert.updated_at)),
        ("resolved_at", alert.resolved_at.map_or(Value::Null, Value::Timestamp)),
    ];
    let extra = new.extra.as_object().map(|extra| extra.fields.clone()).unwrap_or_default();
    let extra = extra.into_iter().filter(|(name, _)| !fields.iter().any(|(field, _)| *field == &**name)).collect::<Vec<_>>();
    Value::object(fields.map(|(name, value)| (name.into(), value)).into_iter().chain(extra))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::NewAlert;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn an_alert_shows_its_own_fields_and_those_that_a_stack_added() {
        let alert = Alert {
            id: 7,
            alert: NewAlert {
                kind: "async_timeout".into(),
                execution_id: None,
                function_name: None,
                stuck_duration: Some(1.5),
                severity: "warning".into(),
                message: None,
                extra: Value::from_json_text(r#"{"team": "a", "id": 9}"#).unwrap(),
                at: Timestamp(0),
            },
            updated_at: Timestamp(0),
            resolved_at: None,
        };
        let shown = shown(&alert);
        assert_eq!((shown.field("team"), shown.field("id")), (Value::text("a"), Value::Int(7)));
        assert_eq!(shown.field("type"), Value::text("async_timeout"));
    }

    #[test]
    fn a_list_may_leave_out_what_is_over() {
        let of = |text: &str| read(&forms::urlencoded(text.as_bytes()));
        assert_eq!(of(""), Ok((false, PAGE_ITEMS_MAX)));
        assert_eq!(of("open=true&limit=5"), Ok((true, 5)));
        assert!(of("open=perhaps").is_err() && of("limit=0").is_err());
    }
}
