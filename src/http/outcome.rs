//! What a synchronous caller gets when the execution has ended: the stack's own answer, or the problem.
//! Never sends a header that belongs to the connection.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::accepted::name_execution;
use super::answer::Handled;
use super::problem::Problem;
use crate::domain::execution::Execution;
use crate::domain::failure::ErrorCode;
use crate::domain::value::Value;

/// Headers that describe the connection or are set from what is really sent.
const NOT_THE_STACKS: [HeaderName; 8] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TRAILER,
    header::TE,
    header::CONTENT_ENCODING,
    header::DATE,
];

/// The answer of an execution that has ended.
///
/// # Errors
/// The problem of one that failed, unless the stack itself answered with an error status.
pub fn respond(execution: &Execution) -> Handled {
    match &execution.failure {
        Some(failure) if failure.code != ErrorCode::Response => Err(Problem::of_failure(execution.birth.id, failure)),
        _ => Ok(own_answer(execution)),
    }
}

fn own_answer(execution: &Execution) -> HttpResponse {
    let status = execution.response.status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.filter(|status| !status.is_informational()).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    let mut content_type = None;
    for (name, value) in &execution.response.headers {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) else { continue };
        if name == header::CONTENT_TYPE {
            content_type = Some(value);
        } else if !NOT_THE_STACKS.contains(&name) {
            response.append_header((name, value));
        }
    }
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let mut response = if bodiless {
        response.finish()
    } else {
        let body = body(&execution.output, content_type.as_ref());
        response.insert_header((header::CONTENT_TYPE, content_type.unwrap_or(HeaderValue::from_static("application/json"))));
        response.body(body)
    };
    name_execution(execution.birth.id, response.headers_mut());
    response
}

/// JSON, unless the stack named another type and has a text for it.
fn body(output: &Value, content_type: Option<&HeaderValue>) -> String {
    let named = content_type.and_then(|value| value.to_str().ok()).unwrap_or("application/json").to_ascii_lowercase();
    match output {
        Value::Text(text) if !named.contains("json") => text.to_string(),
        other => other.to_json_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_unless_another_type_was_named() {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let json = HeaderValue::from_static("application/problem+json");
        assert_eq!(body(&Value::text("<p>"), Some(&html)), "<p>");
        assert_eq!(body(&Value::text("a"), Some(&json)), "\"a\"");
        assert_eq!(body(&Value::text("a"), None), "\"a\"");
        assert_eq!(body(&Value::Null, None), "null");
        assert_eq!(body(&Value::object([("a", Value::Int(1))]), Some(&html)), "{\"a\":1}");
    }
}
