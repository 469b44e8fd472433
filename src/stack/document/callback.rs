//! The defaults that a function gives to callbacks of its executions.
//! Never opens the address and never shows a secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::node::{Data, Node};
use super::settings::Settings;
use super::units::duration_ms;
use crate::domain::callback::{CallbackAuth, CallbackSettings, EventType};
use crate::domain::limits::{CALLBACK_HEADERS_BYTES_MAX, CALLBACK_HEADERS_MAX, URL_BYTES_MAX};
use crate::stack::finding::{Findings, did_you_mean};

const KEYS: [&str; 12] = [
    "url",
    "headers",
    "secret",
    "auth",
    "events",
    "failure_url",
    "retry",
    "timeout",
    "follow_redirects",
    "accept_html",
    "one_shot",
    "order_key",
];
const AUTH_KEYS: [&str; 7] = ["type", "name", "value", "username", "password", "token", "secret"];
/// Attempts at one delivery, less the first.
const DELAYS_MAX: usize = 20;
/// Headers that the delivery itself sets.
const OWN_HEADERS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// Reads `callback`: an object, or the URL alone. Without a URL in it, the settings hold for the caller's.
pub fn read_callback(node: &Node, findings: &mut Findings) -> Option<CallbackSettings> {
    if node.as_text().is_some() {
        return read_url(node, "callback", findings).map(CallbackSettings::to);
    }
    let settings = Settings::of(node, "`callback`", &KEYS, findings)?;
    let url = |key: &str, findings: &mut Findings| settings.get(key).and_then(|node| read_url(node, key, findings));
    let mut callback = CallbackSettings::to(url("url", findings).unwrap_or_default());
    callback.failure_url = url("failure_url", findings);
    callback.headers = settings.get("headers").map(|node| read_headers(node, findings)).unwrap_or_default();
    callback.secret = settings.get("secret").and_then(|node| read_secret(node, findings));
    if let Some(node) = settings.get("auth") {
        read_auth(node, &mut callback, findings);
    }
    callback.events = settings.get("events").and_then(|node| read_events(node, findings));
    callback.retry_delays_ms = settings.get("retry").and_then(|node| read_delays(&settings, node, findings));
    callback.timeout_ms = settings.whole("timeout", 1, 300, findings).map(|seconds| seconds * 1_000);
    callback.follow_redirects =
        settings.whole("follow_redirects", 0, 3, findings).and_then(|hops| u8::try_from(hops).ok()).unwrap_or_default();
    callback.accept_html = settings.flag("accept_html", findings).unwrap_or_default();
    callback.one_shot = settings.flag("one_shot", findings).unwrap_or_default();
    callback.order_key = settings.text("order_key", findings).map(str::to_owned);
    Some(callback)
}

fn read_url(node: &Node, key: &str, findings: &mut Findings) -> Option<String> {
    let text = node.as_text().unwrap_or_default();
    let parsed = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if parsed.is_some() && text.len() <= URL_BYTES_MAX {
        return Some(text.to_owned());
    }
    let message = format!("`{key}` is no http or https address of at most {URL_BYTES_MAX} bytes");
    findings.error(node.span.start, "bad_setting", message, Some("write it out, such as `https://example.com/hook`".into()));
    None
}

fn read_headers(node: &Node, findings: &mut Findings) -> Vec<(String, String)> {
    let Some(members) = node.as_object() else {
        findings.error(node.span.start, "object_expected", format!("`headers` is an object, not {}", node.kind()), None);
        return Vec::new();
    };
    let mut headers = Vec::new();
    for member in members {
        let name = member.key.to_ascii_lowercase();
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let Some(value) = member.value.as_text().filter(|value| !value.contains(['\r', '\n'])) else {
            findings.error(member.value.span.start, "bad_setting", format!("the header `{name}` is a text of one line"), None);
            continue;
        };
        if name.is_empty() || !name.chars().all(is_token) {
            findings.error(member.key_span.start, "bad_setting", format!("`{}` is no name of a header", member.key), None);
        } else if OWN_HEADERS.contains(&name.as_str()) || name.starts_with("webhook-") {
            findings.error(
                member.key_span.start,
                "bad_setting",
                format!("the header `{name}` is set by the delivery itself"),
                None,
            );
        } else {
            headers.push((member.key.clone(), value.to_owned()));
        }
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > CALLBACK_HEADERS_MAX || bytes > CALLBACK_HEADERS_BYTES_MAX {
        let message =
            format!("a callback has at most {CALLBACK_HEADERS_MAX} headers of {CALLBACK_HEADERS_BYTES_MAX} bytes in all");
        findings.error(node.span.start, "bad_setting", message, None);
    }
    headers
}

fn read_secret(node: &Node, findings: &mut Findings) -> Option<String> {
    let text = node.as_text().unwrap_or_default();
    let bytes = text.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
    if bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
        return Some(text.to_owned());
    }
    let help = "without one the server's secret signs";
    let message = "a secret is `whsec_` and the base64 of 24 to 64 bytes";
    findings.error(node.span.start, "bad_setting", message, Some(help.into()));
    None
}

/// What the receiver checks beside the signature: a header, a name and a password, a token, or a phrase that signs tokens.
fn read_auth(node: &Node, callback: &mut CallbackSettings, findings: &mut Findings) {
    let Some(settings) = Settings::of(node, "`callback.auth`", &AUTH_KEYS, findings) else { return };
    // A mistake is told without the value, which may be a secret in the wrong place.
    let part = |key: &str| settings.get(key).and_then(Node::as_text).unwrap_or_default().to_owned();
    let kind = part("type");
    let parts: Vec<String> = match kind.as_str() {
        "header" => vec![part("name"), part("value")],
        "basic" => vec![part("username"), part("password")],
        "bearer" => vec![part("token")],
        "jwt" => vec![part("secret")],
        _ => Vec::new(),
    };
    let is_whole = !parts.is_empty() && parts.iter().all(|part| !part.is_empty() && !part.contains(['\r', '\n', '\0']));
    let header = match (kind.as_str(), parts.as_slice()) {
        ("header", [name, value]) => Some((name.clone(), value.clone())),
        ("basic", [name, password]) => {
            Some(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))))
        }
        ("bearer", [token]) => Some(("Authorization".to_owned(), format!("Bearer {token}"))),
        _ => None,
    };
    match (kind.as_str(), header) {
        _ if !is_whole => {
            let help = "there are `{\"type\": \"header\", \"name\", \"value\"}`, `basic` with `username` and `password`, `bearer` \
                        with `token`, `jwt` with `secret`";
            findings.error(node.span.start, "bad_setting", "`auth` is not whole".to_owned(), Some(help.into()));
        }
        ("jwt", _) => callback.auth = parts.into_iter().next().map(|secret| CallbackAuth::Jwt { secret }),
        (_, Some((name, value))) => {
            callback.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
            callback.headers.push((name, value));
        }
        (_, None) => {}
    }
}

fn read_events(node: &Node, findings: &mut Findings) -> Option<Vec<EventType>> {
    let one = std::slice::from_ref(node);
    let items = match &node.data {
        Data::Array(items) => items.as_slice(),
        _ => one,
    };
    let mut events = Vec::new();
    for item in items {
        let text = item.as_text().unwrap_or_default();
        let found = EventType::parse(text).or_else(|| EventType::parse(&format!("execution.{text}")));
        let Some(event) = found else {
            let names = EventType::ALL.map(EventType::as_str);
            let help = did_you_mean(text, names).unwrap_or_else(|| format!("there are {}", names.join(", ")));
            findings.error(item.span.start, "bad_setting", format!("there is no event `{text}`"), Some(help));
            continue;
        };
        events.push(event);
    }
    Some(events)
}

/// The delays between the attempts, in seconds or with units.
fn read_delays(settings: &Settings<'_>, node: &Node, findings: &mut Findings) -> Option<Vec<i64>> {
    let items = node.as_array().filter(|items| items.len() <= DELAYS_MAX);
    let read = |items: &[Node]| items.iter().map(|item| duration_ms(&item.to_value(), 1_000).ok()).collect();
    let delays: Option<Vec<i64>> = items.and_then(read);
    if delays.is_none() {
        let wanted = format!("a list of at most {DELAYS_MAX} delays such as `[1, 10, \"5m\"]`");
        settings.wrong("retry", &wanted, node, findings);
    }
    delays
}
