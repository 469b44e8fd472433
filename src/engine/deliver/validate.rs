//! Whether the settings of a callback can be accepted at all.
//! Never sends anything.

use crate::domain::callback::{CallbackAuth, CallbackSettings};
use crate::domain::flow::FlowControl;
use crate::domain::limits::{CALLBACK_HEADERS_BYTES_MAX, CALLBACK_HEADERS_MAX};
use crate::engine::Engine;
use crate::engine::start::StartError;
use crate::outbound::signature::Secret;
use crate::outbound::{HeaderFault, check_header};

/// Headers that belong to the connection or to the signature.
const FORBIDDEN: [&str; 11] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
];
/// Bytes of the phrase that signs tokens.
const JWT_SECRET_BYTES: std::ops::RangeInclusive<usize> = 1..=1024;
/// Bounds of one exchange, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<i64> = 1000..=300_000;
/// Steps of a caller's own ladder.
const DELAYS_MAX: usize = 50;
/// The longest delay of a caller's own ladder, in milliseconds (7 days).
const DELAY_MS_MAX: i64 = 7 * 24 * 60 * 60 * 1000;
const REDIRECTS_MAX: u8 = 3;
/// Bytes of an order key, and of a key of flow control.
const ORDER_KEY_BYTES_MAX: usize = 255;
/// What flow control may ask for: deliveries at once, starts, and the time that they are counted in, in milliseconds.
const FLOW_PARALLELISM: std::ops::RangeInclusive<u32> = 1..=1000;
const FLOW_RATE: std::ops::RangeInclusive<u32> = 1..=10_000;
const FLOW_PER_MS: std::ops::RangeInclusive<i64> = 1000..=86_400_000;

/// Whether a callback with these settings could be delivered to, as far as anybody can know now.
///
/// # Errors
/// `Invalid` for settings that do not hold, `CallbackRefused` for an address that the policy refuses.
pub async fn validate_callback(engine: &Engine, settings: &CallbackSettings) -> Result<(), StartError> {
    check_settings(settings).map_err(StartError::Invalid)?;
    engine.outbound.check(&settings.url).await?;
    if let Some(failure_url) = &settings.failure_url {
        engine.outbound.check(failure_url).await?;
    }
    Ok(())
}

/// What of the settings can be judged without asking anybody. Never shows a header's value or the secret.
fn check_settings(settings: &CallbackSettings) -> Result<(), String> {
    check_headers(&settings.headers)?;
    if let Some(secret) = &settings.secret {
        Secret::parse(secret).map_err(|error| format!("callback.secret: {error}"))?;
    }
    if let Some(CallbackAuth::Jwt { secret }) = &settings.auth
        && !JWT_SECRET_BYTES.contains(&secret.len())
    {
        return Err(format!(
            "callback.auth.secret: a phrase has {} to {} bytes",
            JWT_SECRET_BYTES.start(),
            JWT_SECRET_BYTES.end()
        ));
    }
    if settings.timeout_ms.is_some_and(|timeout_ms| !TIMEOUT_MS.contains(&timeout_ms)) {
        return Err("callback.timeout: an exchange may take 1 to 300 seconds".to_owned());
    }
    if settings.follow_redirects > REDIRECTS_MAX {
        return Err(format!("callback.follow_redirects: at most {REDIRECTS_MAX} redirects are followed"));
    }
    if let Some(delays) = &settings.retry_delays_ms {
        if delays.len() > DELAYS_MAX {
            return Err(format!("callback.retry: a ladder has at most {DELAYS_MAX} delays"));
        }
        if delays.iter().any(|delay_ms| !(0..=DELAY_MS_MAX).contains(delay_ms)) {
            return Err("callback.retry: a delay is at least 0 and at most 7 days".to_owned());
        }
    }
    if settings.order_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > ORDER_KEY_BYTES_MAX) {
        return Err(format!("callback.order_key: a key has 1 to {ORDER_KEY_BYTES_MAX} bytes"));
    }
    settings.flow_control.as_ref().map_or(Ok(()), check_flow)
}

fn check_flow(flow: &FlowControl) -> Result<(), String> {
    if flow.key.len() > ORDER_KEY_BYTES_MAX {
        return Err(format!("callback.flow_control.key: a key has at most {ORDER_KEY_BYTES_MAX} bytes"));
    }
    if flow.parallelism.is_none() && flow.rate.is_none() {
        return Err("callback.flow_control: it bounds nothing without parallelism or rate".to_owned());
    }
    if flow.parallelism.is_some_and(|most| !FLOW_PARALLELISM.contains(&most)) {
        return Err("callback.flow_control.parallelism: 1 to 1000 deliveries may be in flight".to_owned());
    }
    if flow.rate.is_some_and(|rate| !FLOW_RATE.contains(&rate)) {
        return Err("callback.flow_control.rate: 1 to 10000 deliveries may start".to_owned());
    }
    if !FLOW_PER_MS.contains(&flow.per_ms) {
        return Err("callback.flow_control.per: deliveries are counted in 1 to 86400 seconds".to_owned());
    }
    Ok(())
}

fn check_headers(headers: &[(String, String)]) -> Result<(), String> {
    if headers.len() > CALLBACK_HEADERS_MAX {
        return Err(format!("callback.headers: there may be at most {CALLBACK_HEADERS_MAX}"));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > CALLBACK_HEADERS_BYTES_MAX {
        return Err(format!("callback.headers: names and values together may have at most {CALLBACK_HEADERS_BYTES_MAX} bytes"));
    }
    for (name, value) in headers {
        let shown = name.escape_debug();
        check_header(name, value).map_err(|fault| match fault {
            HeaderFault::Name => format!("callback.headers: \"{shown}\" is no name of a header"),
            HeaderFault::Value => format!("callback.headers: the value of \"{shown}\" has a character that no header may have"),
        })?;
        let lower = name.to_ascii_lowercase();
        if FORBIDDEN.contains(&lower.as_str()) || lower.starts_with("webhook-") {
            return Err(format!("callback.headers: \"{shown}\" is set by Ringback itself"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_control_bounds_something_and_within_bounds() {
        let check = |parallelism, rate, per_ms| {
            let flow = FlowControl { key: "k".into(), parallelism, rate, per_ms };
            check_settings(&CallbackSettings { flow_control: Some(flow), ..CallbackSettings::to("https://a.example/") })
        };
        assert_eq!(check(Some(1), None, 1000), Ok(()));
        assert_eq!(check(None, Some(10_000), 86_400_000), Ok(()));
        for (parallelism, rate, per_ms) in [
            (None, None, 1000),
            (Some(0), None, 1000),
            (Some(1001), None, 1000),
            (None, Some(0), 1000),
            (None, Some(10_001), 1000),
            (None, Some(1), 999),
            (None, Some(1), 86_400_001),
        ] {
            let error = check(parallelism, rate, per_ms).expect_err("out of bounds");
            assert!(error.starts_with("callback.flow_control"), "{error}");
        }
    }

    fn with_headers(headers: &[(&str, &str)]) -> Result<(), String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_settings(&CallbackSettings { headers, ..CallbackSettings::to("https://a.example/") })
    }

    #[test]
    fn a_callers_own_headers_are_accepted() {
        assert_eq!(with_headers(&[("Authorization", "Bearer x"), ("X-Token", ""), ("user-agent", "me")]), Ok(()));
    }

    #[test]
    fn headers_of_the_connection_and_the_signature_are_refused_in_any_case() {
        let names =
            ["Host", "content-length", "CONNECTION", "Transfer-Encoding", "webhook-id", "Webhook-Anything", "expect", "TE"];
        for name in names {
            assert!(with_headers(&[(name, "x")]).is_err(), "{name}");
        }
    }

    #[test]
    fn headers_that_would_break_a_request_are_refused_without_their_value() {
        for (name, value) in [("", "x"), ("a b", "x"), ("a\r\nb", "x"), ("a", "hid\r\nden: 1"), ("a", "hid\0den"), ("é", "x")] {
            let error = with_headers(&[(name, value)]).expect_err("no header");
            assert!(!error.contains("hid") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn headers_are_bounded_in_number_and_bytes() {
        let many: Vec<_> = (0..21).map(|n| (format!("x-{n}"), String::new())).collect();
        let borrowed: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(with_headers(&borrowed).is_err() && with_headers(&borrowed[..20]).is_ok());
        let long = "x".repeat(CALLBACK_HEADERS_BYTES_MAX);
        assert!(with_headers(&[("x", &long)]).is_err() && with_headers(&[("x", &long[1..])]).is_ok());
    }

    #[test]
    fn settings_out_of_bounds_are_refused() {
        let odd: [fn(&mut CallbackSettings); 9] = [
            |settings| settings.auth = Some(CallbackAuth::Jwt { secret: "hidden".repeat(200) }),
            |settings| settings.secret = Some("hidden".into()),
            |settings| settings.timeout_ms = Some(999),
            |settings| settings.timeout_ms = Some(300_001),
            |settings| settings.follow_redirects = 4,
            |settings| settings.retry_delays_ms = Some(vec![-1]),
            |settings| settings.retry_delays_ms = Some(vec![0; 51]),
            |settings| settings.order_key = Some(String::new()),
            |settings| settings.order_key = Some("k".repeat(256)),
        ];
        for change in odd {
            let mut settings = CallbackSettings::to("https://a.example/");
            assert_eq!(check_settings(&settings), Ok(()));
            change(&mut settings);
            let error = check_settings(&settings).expect_err("out of bounds");
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
