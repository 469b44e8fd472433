//! Filters between texts and other texts that stand for them.
//! Never lets through what no database stores.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::call::{Call, Raise};
use super::{Builtin, builtin};
use crate::domain::value::{Value, check_text};

/// What RFC 3986 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["json_encode", "tojson"], 0..=1, &[], |call| {
        call.shown(call.input)?;
        Ok(Value::text(call.input.to_json_text()))
    }),
    builtin(&["json_decode", "fromjson"], 0..=0, &[], |call| match call.input_text()? {
        None => Ok(Value::Null),
        Some(text) => Value::from_json_text(&text).map_err(|error| call.raise(error)),
    }),
    builtin(&["base64_encode"], 0..=0, &[], |call| {
        Ok(call.input_text()?.map_or(Value::Null, |text| Value::text(STANDARD.encode(text))))
    }),
    builtin(&["base64_decode"], 0..=0, &[], base64_decode),
    builtin(&["url_encode"], 0..=0, &[], |call| {
        Ok(call.input_text()?.map_or(Value::Null, |text| Value::text(utf8_percent_encode(&text, UNRESERVED).to_string())))
    }),
    builtin(&["url_decode"], 0..=0, &[], |call| match call.input_text()? {
        None => Ok(Value::Null),
        Some(text) => stored(call, percent_decode_str(&text.replace('+', " ")).collect()),
    }),
];

fn base64_decode(call: &Call<'_>) -> Result<Value, Raise> {
    let Some(text) = call.input_text()? else { return Ok(Value::Null) };
    let plain = text.trim();
    let decoded = STANDARD.decode(plain).or_else(|_| URL_SAFE_NO_PAD.decode(plain.trim_end_matches('=')));
    stored(call, decoded.map_err(|error| call.raise(format!("not base64: {error}")))?)
}

fn stored(call: &Call<'_>, bytes: Vec<u8>) -> Result<Value, Raise> {
    let text = String::from_utf8(bytes).map_err(|_| call.raise("what comes out is no text"))?;
    check_text(&text).map_err(|error| call.raise(error))?;
    Ok(Value::text(text))
}
