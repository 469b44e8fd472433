//! Forms with files: fields as texts, files as `{base64, content_type, bytes, filename}`.
//! Never writes a file to disk; the body's bound has been kept before.

use actix_multipart::{Field, Multipart};
use actix_web::http::header::HeaderMap;
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use super::code;
use super::forms::Fields;
use super::problem::Problem;
use crate::domain::value::Value;

pub async fn read(headers: &HeaderMap, body: Bytes) -> Result<Value, Problem> {
    let stream = futures_util::stream::once(std::future::ready(Ok(body)));
    let mut parts = Multipart::new(headers, stream);
    let mut fields = Fields::default();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| refuse(&error))?;
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = content(&mut part).await?;
        fields.add(&name, value(&part, &name, &bytes)?);
    }
    Ok(fields.into_value())
}

async fn content(part: &mut Field) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = part.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| refuse(&error))?);
    }
    Ok(bytes.freeze())
}

fn value(part: &Field, name: &str, bytes: &[u8]) -> Result<Value, Problem> {
    let filename = part.content_disposition().and_then(|disposition| disposition.get_filename());
    if let Some(filename) = filename {
        let content_type = part.content_type().map_or("application/octet-stream", |mime| mime.essence_str());
        return Ok(Value::object([
            ("base64", Value::text(base64::engine::general_purpose::STANDARD.encode(bytes))),
            ("content_type", Value::text(content_type)),
            ("bytes", Value::Int(i64::try_from(bytes.len()).unwrap_or(i64::MAX))),
            ("filename", Value::text(filename)),
        ]));
    }
    let text = std::str::from_utf8(bytes);
    text.map(Value::text).map_err(|_| Problem::new(&code::MALFORMED_BODY, format!("the field \"{name}\" is no UTF-8 text")))
}

fn refuse(error: &actix_multipart::MultipartError) -> Problem {
    Problem::new(&code::MALFORMED_BODY, format!("the form cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{CONTENT_TYPE, HeaderValue};

    async fn form(body: &'static str) -> Result<Value, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=x"));
        read(&headers, Bytes::from_static(body.as_bytes())).await
    }

    #[actix_web::test]
    async fn fields_are_texts_and_files_carry_their_name_and_type() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n\
                    --x--\r\n";
        assert_eq!(
            form(body).await.unwrap().to_json_text(),
            r#"{"title":"Hello","file":{"base64":"YWJj","content_type":"text/plain","bytes":3,"filename":"a.txt"}}"#
        );
    }

    #[actix_web::test]
    async fn a_form_that_breaks_off_is_refused() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHel";
        assert_eq!(form(body).await.unwrap_err().status(), 400);
    }
}
