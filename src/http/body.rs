//! Bodies as callers write them: JSON with or without a type, forms, forms with files; always an object in the end.
//! Never holds more than the configured bytes, and never waits for ever.

use std::time::Duration;

use actix_web::dev::Decompress;
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use super::code;
use super::forms;
use super::multipart;
use super::problem::Problem;
use crate::domain::limits::DEFINITION_BYTES_MAX;
use crate::domain::value::{InvalidValue, Value};

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(60);
/// How long and how much of a refused body is read on, so that its sender hears the refusal instead of a broken connection.
const DRAIN: Duration = Duration::from_secs(3);
const DRAIN_BYTES_MAX: usize = 64 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a request's body as an object; an empty one is an empty object.
///
/// # Errors
/// 400, 408, 413 or 415, saying what could not be read.
pub async fn read(request: &HttpRequest, payload: web::Payload, bytes_max: usize) -> Result<Value, Problem> {
    match read_any(request, payload, bytes_max).await? {
        object @ Value::Object(_) => Ok(object),
        other => Err(Problem::new(&code::MALFORMED_BODY, format!("the body is an object, not {}", other.kind()))),
    }
}

/// Reads a request's body as whatever it is; an empty one is an empty object.
///
/// # Errors
/// As [`read`], less that it is no object.
pub async fn read_any(request: &HttpRequest, payload: web::Payload, bytes_max: usize) -> Result<Value, Problem> {
    let bytes = collect(Decompress::from_headers(payload, request.headers()), bytes_max).await?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = match shape(content_type, &bytes)? {
        Shape::Empty => Value::object::<&str>([]),
        Shape::Json => parse_json(&bytes)?,
        Shape::Form => forms::urlencoded(&bytes),
        Shape::Multipart => multipart::read(request.headers(), bytes).await?,
    };
    value.check().map_err(refuse)?;
    Ok(value)
}

/// Reads a request's body as the text that it is.
///
/// # Errors
/// As [`read`], or that it is no UTF-8.
pub async fn text(request: &HttpRequest, payload: web::Payload, bytes_max: usize) -> Result<String, Problem> {
    let bytes_max = bytes_max.min(DEFINITION_BYTES_MAX);
    let bytes = collect(Decompress::from_headers(payload, request.headers()), bytes_max).await?;
    String::from_utf8(bytes.into())
        .map_err(|error| Problem::new(&code::MALFORMED_BODY, format!("the body is no UTF-8: {}", error.utf8_error())))
}

async fn collect<E>(stream: impl Stream<Item = Result<Bytes, E>>, bytes_max: usize) -> Result<Bytes, Problem>
where
    E: std::fmt::Display,
{
    let mut stream = std::pin::pin!(stream);
    let mut body = BytesMut::new();
    let deadline = Instant::now() + ARRIVAL;
    loop {
        let chunk = timeout_at(deadline, stream.next())
            .await
            .map_err(|_| Problem::new(&code::BODY_TIMEOUT, format!("the body did not arrive within {} s", ARRIVAL.as_secs())))?;
        let Some(chunk) = chunk else { return Ok(body.freeze()) };
        let broken = "the body broke off before its end, or is not what its Content-Encoding says";
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "a body cannot be read");
            Problem::new(&code::MALFORMED_BODY, broken)
        })?;
        if body.len() + chunk.len() > bytes_max {
            let mut drained = 0;
            let drain = async {
                while let Some(Ok(chunk)) = stream.next().await {
                    drained += chunk.len();
                    if drained > DRAIN_BYTES_MAX {
                        break;
                    }
                }
            };
            // Whether it came to its end changes nothing: the call is refused either way.
            let _ = timeout(DRAIN, drain).await;
            let detail = format!("the body has more than {bytes_max} bytes; the bound is server.body_bytes_max");
            return Err(Problem::new(&code::BODY_TOO_LARGE, detail));
        }
        body.extend_from_slice(&chunk);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Empty,
    Json,
    Form,
    Multipart,
}

/// What a body is: by its type, but what looks like JSON is JSON, since many tools send it under another type or none.
fn shape(content_type: &str, bytes: &[u8]) -> Result<Shape, Problem> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "multipart/form-data" {
        return Ok(Shape::Multipart);
    }
    match bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start().first() {
        None => return Ok(Shape::Empty),
        Some(b'{' | b'[') => return Ok(Shape::Json),
        Some(_) => {}
    }
    match essence.as_str() {
        "application/x-www-form-urlencoded" => Ok(Shape::Form),
        "" | "text/plain" | "application/json" | "text/json" => Ok(Shape::Json),
        other if other.ends_with("+json") => Ok(Shape::Json),
        other => Err(Problem::new(
            &code::UNSUPPORTED_MEDIA_TYPE,
            format!("a body of type {other} is not read; send application/json, a form, or multipart/form-data"),
        )),
    }
}

fn parse_json(bytes: &[u8]) -> Result<Value, Problem> {
    Value::from_json_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)).map_err(refuse)
}

fn refuse(error: InvalidValue) -> Problem {
    Problem::new(&code::MALFORMED_BODY, format!("the body cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_json_is_json_whatever_its_type_says() {
        for content_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"] {
            assert_eq!(shape(content_type, b" {\"a\": 1}").unwrap(), Shape::Json, "{content_type}");
        }
        assert_eq!(shape("application/x-www-form-urlencoded; charset=utf-8", b"a=1").unwrap(), Shape::Form);
        assert_eq!(shape("Multipart/Form-Data; boundary=x", b"--x--").unwrap(), Shape::Multipart);
        assert_eq!(shape("application/json", b"").unwrap(), Shape::Empty);
        assert_eq!(shape("text/xml", b"<a/>").unwrap_err().status(), 415);
        assert_eq!(shape("", b"hello").unwrap(), Shape::Json);
    }

    #[test]
    fn what_no_database_stores_is_refused() {
        for text in [r#"{"a": "\u0000"}"#, r#"{"a": "\ud800"}"#, "{\"a\": \"\u{ff}", r#"{"a": 1e999}"#, "{\"a\": ", "hello"] {
            assert_eq!(parse_json(text.as_bytes()).unwrap_err().status(), 400, "{text}");
        }
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(parse_json(deep.as_bytes()).unwrap_err().status(), 400);
        let marked = [BYTE_ORDER_MARK, b"{\"a\": 1}"].concat();
        assert_eq!(parse_json(&marked).unwrap().field("a"), Value::Int(1));
    }

    #[actix_web::test]
    async fn a_body_is_read_up_to_its_bound_and_not_beyond() {
        let chunks = |sizes: &[usize]| {
            let chunks: Vec<_> = sizes.iter().map(|size| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; *size]))).collect();
            futures_util::stream::iter(chunks)
        };
        assert_eq!(collect(chunks(&[5, 5]), 10).await.unwrap().len(), 10);
        let problem = collect(chunks(&[5, 6, 1000]), 10).await.unwrap_err();
        assert_eq!(problem.status(), 413);
    }
}
