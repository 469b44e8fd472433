//! `/v1/alerts`: what a person should know of, and that somebody has seen it.
//! Never resolves an alert: that follows from its condition.

use actix_web::{HttpRequest, web};

use super::HttpState;
use super::answer::{self, Answer};
use super::caller::Caller;
use super::code;
use super::problem::Problem;
use super::{alert_query, body, forms};
use crate::domain::alert::Alert;
use crate::domain::value::Value;
use crate::engine::alerts::acknowledge;

/// Who acknowledged, where there are no keys and nobody said.
const ANYBODY: &str = "local";
const NAME_CHARS_MAX: usize = 200;

/// `GET /v1/alerts`: open ones first, newest first.
pub async fn list(request: HttpRequest, state: web::Data<HttpState>) -> Answer {
    let handled = async {
        let query = forms::urlencoded(request.query_string().as_bytes());
        let mut query = alert_query::read(&query.as_object().cloned().unwrap_or_default()).map_err(Problem::invalid)?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is a next page.
        query.limit += 1;
        let mut found = state.engine.read.alerts(&query).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(alert_query::cursor);
        Ok(answer::list(found.iter().map(Alert::shown).collect(), next))
    };
    Answer(handled.await)
}

/// `POST /v1/alerts/{id}/acknowledge`, with `{"by": "…"}` where a key is shared or there is none.
pub async fn acknowledge_one(
    request: HttpRequest,
    id: web::Path<String>,
    state: web::Data<HttpState>,
    payload: web::Payload,
) -> Answer {
    let handled = async {
        let body = body::read(&request, payload, state.body_bytes_max()).await?;
        let by = who(&body.field("by"), Caller::of(&request).name()).map_err(Problem::invalid)?;
        let unknown =
            || Problem::new(&code::ALERT_UNKNOWN, format!("there is no alert {}; GET /v1/alerts lists them", id.as_str()));
        let number: i64 = id.parse().map_err(|_| unknown())?;
        let alert = acknowledge(&state.engine, number, &by).await?.ok_or_else(unknown)?;
        Ok(answer::ok(&alert.shown()))
    };
    Answer(handled.await)
}

fn who(said: &Value, key: Option<&str>) -> Result<String, String> {
    match said {
        Value::Null => Ok(key.unwrap_or(ANYBODY).to_owned()),
        Value::Text(name) if !name.trim().is_empty() && name.chars().count() <= NAME_CHARS_MAX => Ok(name.trim().to_owned()),
        _ => Err(format!("by is a name of 1 to {NAME_CHARS_MAX} characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_says_a_name_is_noted_by_it_and_otherwise_by_his_key() {
        let key = || Some("ops");
        assert_eq!(who(&Value::text(" anna "), key()), Ok("anna".to_owned()));
        assert_eq!(who(&Value::Null, key()), Ok("ops".to_owned()));
        assert_eq!(who(&Value::Null, None), Ok("local".to_owned()));
        assert!(who(&Value::text(" "), None).is_err() && who(&Value::Int(7), None).is_err());
        assert!(who(&Value::text("x".repeat(201)), None).is_err());
    }
}
