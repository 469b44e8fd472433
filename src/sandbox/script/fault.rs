//! What the engine raised, as a fault with the line of the script.
//! Never takes a thrown value at its word: it may be anything.

use rquickjs::{Ctx, Error, Object, Value as JsValue};

use super::{LINES_BEFORE, NAME, values};
use crate::domain::value::Value;
use crate::sandbox::task::{Fault, Raised};

/// Characters of a message that are kept.
const MESSAGE_CHARS_MAX: usize = 2000;
/// Bytes of a payload that are kept.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// What scripts of other places reach out with.
const OUTWARD: [&str; 10] =
    ["fetch", "XMLHttpRequest", "WebSocket", "require", "process", "Deno", "axios", "setTimeout", "setInterval", "Buffer"];

pub fn fault(ctx: &Ctx<'_>, error: Error) -> Fault {
    match error {
        Error::Allocation => Fault::Memory,
        Error::Exception => thrown(ctx, &ctx.catch()),
        Error::Unknown if ctx.has_exception() => thrown(ctx, &ctx.catch()),
        Error::Utf8(_) => Fault::Value("a text holds an unpaired surrogate".to_owned()),
        other => raised(Raised { name: "InternalError".to_owned(), message: other.to_string(), ..Raised::default() }),
    }
}

fn raised(raised: Raised) -> Fault {
    Fault::Raised(Box::new(raised))
}

fn thrown<'js>(ctx: &Ctx<'js>, value: &JsValue<'js>) -> Fault {
    if value.is_null() {
        return Fault::Null;
    }
    let Some(object) = value.as_object() else {
        let shown = values::from_js(ctx, value, &mut PAYLOAD_BYTES_MAX.clone(), 0).unwrap_or_default();
        let what = if value.is_undefined() { "undefined" } else { "an empty text" };
        let message = said(&shown.to_text(), what);
        return raised(Raised { name: "Error".to_owned(), message, ..Raised::default() });
    };
    let name = text(object, "name").unwrap_or_else(|| "Error".to_owned());
    let message = text(object, "message");
    match (name.as_str(), message.as_deref()) {
        // Texts are joined lazily: one that doubles meets the longest text there is before it fills the heap.
        ("InternalError", Some("out of memory" | "string too long")) => return Fault::Memory,
        ("InternalError", Some("interrupted")) => return Fault::Interrupted,
        _ => {}
    }
    let place = text(object, "stack").and_then(|stack| place(&stack));
    let payload = object.get::<_, JsValue<'js>>("payload").ok();
    let payload = payload.and_then(|payload| values::from_js(ctx, &payload, &mut PAYLOAD_BYTES_MAX.clone(), 0).ok());
    let message = message.unwrap_or_else(|| {
        let whole = values::from_js(ctx, value, &mut PAYLOAD_BYTES_MAX.clone(), 0).unwrap_or(Value::Null);
        whole.to_json_text()
    });
    raised(Raised {
        message: said(&with_help(&name, message), &name),
        name,
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        code: text(object, "code").filter(|code| !code.is_empty()),
        status: object.get::<_, u16>("status").ok().filter(|status| (400..=599).contains(status)),
        payload: payload.unwrap_or_default(),
    })
}

fn text(object: &Object<'_>, name: &str) -> Option<String> {
    object.get::<_, JsValue<'_>>(name).ok()?.as_string()?.to_string().ok()
}

/// `    at <anonymous> (lambda:3:7)`, the first that is the script's own.
fn place(stack: &str) -> Option<(u32, u32)> {
    let rest = stack.split(&format!("{NAME}:")).nth(1)?;
    let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let line = numbers.next()?.ok()?.saturating_sub(LINES_BEFORE).max(1);
    Some((line, numbers.next().and_then(Result::ok).unwrap_or(1)))
}

fn with_help(name: &str, message: String) -> String {
    let missing = message.strip_suffix(" is not defined").filter(|missing| name == "ReferenceError" && OUTWARD.contains(missing));
    match missing {
        Some(_) => format!("{message}: a lambda reaches nothing outside; call others with external_api_request, wait with sleep"),
        None => message,
    }
}

/// A message that says something, even where the one who threw it did not.
fn said(message: &str, what: &str) -> String {
    let message = shortened(message);
    if message.trim().is_empty() { format!("it threw {what}") } else { message }
}

fn shortened(message: &str) -> String {
    message.chars().take(MESSAGE_CHARS_MAX).filter(|c| *c != '\0').collect()
}
