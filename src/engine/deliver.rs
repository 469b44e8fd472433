//! One delivery attempt: from an owed message to what is to be recorded about it.
//! Never decides by itself what follows: that is `domain::ladder`.

mod outlet;
mod scrub;
mod validate;

use bytes::Bytes;

use super::Engine;
use super::destinations;
use super::message::thin_form;
use super::node::surely_alive;
use super::signing::SigningKeys;
use super::traces::Traces;
use super::vault::Vault;
use crate::config::CallbacksConfig;
use crate::domain::breaker::Health;
use crate::domain::callback::{CallbackAuth, CallbackSettings, PrivateParts, is_test_url};
use crate::domain::clock::Clock;
use crate::domain::delivery::Delivery;
use crate::domain::ids::ExecutionId;
use crate::domain::ladder::{Answered, AttemptResult, Next, Standing, next_step};
use crate::domain::limits::{DELIVERY_ANSWER_KEEP_BYTES_MAX, DELIVERY_ANSWER_READ_BYTES_MAX};
use crate::domain::timestamp::Timestamp;
use crate::outbound::jwt::attempt_token;
use crate::outbound::signature::InvalidSecret;
use crate::outbound::{Answer, Name, Outbound, OutboundRequest, SendError};
use crate::store::write::{AfterAttempt, DeliveryClosed};

pub(super) use scrub::scrubbed;

pub use outlet::{EngineOutlet, Outlet};
pub use validate::validate_callback;

/// What `user-agent` says. A form with a URL in it does not pass n8n's filter against bots.
const USER_AGENT: &str = concat!("Ringback/", env!("CARGO_PKG_VERSION"), " (webhooks)");
/// Headers of an attempt beside those of its message.
const COUNTED: [&str; 2] = ["ringback-execution-id", "ringback-attempt"];
/// A retry due within this time stays in memory, in milliseconds; a later one goes back to the store.
pub const HELD_MS_MAX: i64 = 60_000;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempted {
    /// To be recorded.
    pub closed: DeliveryClosed,
    /// What it says about the destination; `None` if nothing was sent.
    pub health: Option<Health>,
}

/// What an attempt needs of the engine.
struct Sender<'a> {
    outbound: &'a Outbound,
    clock: &'a dyn Clock,
    settings: &'a CallbacksConfig,
    vault: &'a Vault,
    /// The server's own; a callback's secret replaces theirs.
    keys: &'a SigningKeys,
    traces: &'a Traces,
}

impl<'a> Sender<'a> {
    fn of(engine: &'a Engine, keys: &'a SigningKeys) -> Self {
        Self {
            outbound: &engine.outbound,
            clock: engine.clock.as_ref(),
            settings: &engine.config.callbacks,
            vault: &engine.vault,
            keys,
            traces: &engine.traces,
        }
    }
}

/// Makes one attempt, which was recorded as started: signs, sends and decides.
pub async fn attempt(engine: &Engine, delivery: &Delivery) -> Attempted {
    surely_alive(engine).await;
    if let Some(closed) = destinations::withheld(engine, delivery) {
        return Attempted { closed, health: None };
    }
    let keys = engine.signing.current(engine).await;
    let began = engine.clock.now();
    let mut attempted = attempt_with(&Sender::of(engine, &keys), delivery, began).await;
    engine.traces.delivered(delivery, &attempted.closed, began);
    destinations::judge(engine, delivery, &mut attempted.closed).await;
    attempted
}

async fn attempt_with(sender: &Sender<'_>, delivery: &Delivery, began: Timestamp) -> Attempted {
    let parts = match sender.vault.open_callback(&delivery.callback) {
        Ok(parts) => parts,
        // Another node may have the key, or this one after its next start.
        Err(error) => {
            let result = Err(SendError::NotReady(error.to_string()));
            return Attempted { closed: judged(sender, delivery, began, &result), health: None };
        }
    };
    // Read back only where it matters: parsing a message to see whether it could be thinner is not for the usual case.
    let thin = if delivery.thin { thin_form(&delivery.body) } else { None };
    let body = thin.unwrap_or_else(|| delivery.body.clone());
    let result = match request(sender, delivery, body, &parts) {
        Ok(request) => sender.outbound.send(request).await,
        Err(InvalidSecret) => Err(SendError::InvalidRequest(InvalidSecret.to_string())),
    };
    let mut closed = judged(sender, delivery, began, &result);
    closed.answer = closed.answer.map(|answer| scrubbed(answer, &parts));
    closed.detail = closed.detail.map(|detail| scrubbed(detail, &parts));
    Attempted { closed, health: health_of(&result) }
}

/// What is to be recorded about an attempt that a bug of ours ended.
pub fn panicked(engine: &Engine, delivery: &Delivery, message: &str) -> Attempted {
    let result = Err(SendError::Broken(format!("a bug in Ringback ended the attempt: {message}")));
    let keys = engine.signing.known();
    Attempted { closed: judged(&Sender::of(engine, &keys), delivery, engine.clock.now(), &result), health: None }
}

fn judged(sender: &Sender<'_>, delivery: &Delivery, began: Timestamp, result: &Result<Answer, SendError>) -> DeliveryClosed {
    let too_large = matches!(result, Ok(answer) if answer.status == 413);
    let standing = Standing {
        counted: delivery.counted,
        excused: delivery.excused,
        had_unknown: delivery.had_unknown,
        thin: delivery.thin,
        can_thin: too_large && thin_form(&delivery.body).is_some(),
        one_shot: delivery.is_one_shot(),
        accept_html: delivery.callback.accept_html,
        delays_ms: delivery.callback.retry_delays_ms.as_ref().unwrap_or(&sender.settings.delays_ms),
    };
    let now = sender.clock.now();
    let decision = match result {
        Ok(answer) => next_step(&standing, &AttemptResult::Answered(answered(answer)), now, rand::random()),
        Err(error) => next_step(&standing, &failed(error, &error.to_string()), now, rand::random()),
    };
    DeliveryClosed {
        id: delivery.id,
        number: delivery.attempts,
        started_at: began,
        at: now,
        outcome: decision.outcome,
        status: result.as_ref().ok().map(|answer| answer.status),
        detail: noted(delivery, decision.detail),
        answer: result.as_ref().ok().and_then(|answer| kept(&answer.body)),
        next: match decision.next {
            Next::Again { due_at } => AfterAttempt::Again { due_at, held: due_at.since_ms(now) <= HELD_MS_MAX },
            Next::Closed { state, reason } => AfterAttempt::Closed { state, reason },
        },
        counted: decision.counted,
        excused: decision.excused,
        had_unknown: decision.had_unknown,
        thin: decision.thin,
    }
}

/// What went wrong, with what is known of such receivers.
fn noted(delivery: &Delivery, detail: Option<String>) -> Option<String> {
    detail.map(|detail| match is_test_url(&delivery.url) {
        true => detail + "; this is a test URL of n8n, which works only while the editor listens",
        false => detail,
    })
}

/// Puts the counters of a closed attempt into the delivery that memory holds.
pub fn apply(delivery: &mut Delivery, closed: &DeliveryClosed) {
    delivery.counted = closed.counted;
    delivery.excused = closed.excused;
    delivery.had_unknown = closed.had_unknown;
    delivery.thin = closed.thin;
}

fn answered(answer: &Answer) -> Answered<'_> {
    Answered {
        status: answer.status,
        content_type: answer.header("content-type"),
        retry_after: answer.header("retry-after"),
        webhook_delivery: answer.header("webhook-delivery"),
        location: answer.header("location"),
        body: &answer.body,
    }
}

fn failed<'a>(error: &SendError, message: &'a str) -> AttemptResult<'a> {
    match error {
        SendError::Refused(_) => AttemptResult::Refused(message),
        SendError::InvalidRequest(_) => AttemptResult::Impossible(message),
        SendError::TooManyRedirects(_) => AttemptResult::RedirectsSpent(message),
        error if error.outcome_unknown() => AttemptResult::Unknown(message),
        _ => AttemptResult::NotSent(message),
    }
}

fn health_of(result: &Result<Answer, SendError>) -> Option<Health> {
    match result {
        Ok(answer) if answer.status == 429 || answer.status >= 500 => Some(Health::Bad),
        Ok(_) | Err(SendError::TooLarge { .. } | SendError::NoRoom | SendError::TooManyRedirects(_)) => Some(Health::Good),
        Err(SendError::Refused(_) | SendError::InvalidRequest(_) | SendError::NotReady(_)) => None,
        Err(SendError::Dns(_) | SendError::Connect(_) | SendError::Tls(_) | SendError::Timeout { sent: false, .. }) => {
            Some(Health::Unreachable)
        }
        Err(SendError::Timeout { .. } | SendError::Broken(_)) => Some(Health::Bad),
    }
}

/// The beginning of an answer as text; `None` if it is empty. No database stores NUL characters.
fn kept(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(DELIVERY_ANSWER_KEEP_BYTES_MAX)]).replace('\0', "\u{fffd}");
    (!text.is_empty()).then_some(text)
}

fn request(
    sender: &Sender<'_>,
    delivery: &Delivery,
    body: Bytes,
    parts: &PrivateParts,
) -> Result<OutboundRequest, InvalidSecret> {
    let headers = headers(sender, delivery, &body, parts)?;
    Ok(one_request(sender.settings, &delivery.callback, &delivery.url, headers, body))
}

/// A request within the bounds of deliveries.
pub(super) fn one_request(
    settings: &CallbacksConfig,
    callback: &CallbackSettings,
    url: &str,
    headers: Vec<(Name, String)>,
    body: Bytes,
) -> OutboundRequest {
    OutboundRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers,
        body,
        connect_timeout_ms: settings.connect_timeout_ms,
        timeout_ms: callback.timeout_ms.unwrap_or(settings.timeout_ms),
        redirects_max: callback.follow_redirects.into(),
        strict_redirects: true,
        verify_peer: true,
        read_bytes_max: DELIVERY_ANSWER_READ_BYTES_MAX,
        room: None,
        truncate: true,
    }
}

fn headers(
    sender: &Sender<'_>,
    delivery: &Delivery,
    body: &[u8],
    parts: &PrivateParts,
) -> Result<Vec<(Name, String)>, InvalidSecret> {
    let (webhook_id, event) = (delivery.id.webhook_id(), delivery.event.as_str());
    let signer = delivery.callback.signer.as_deref();
    let message = Outgoing { url: &delivery.url, webhook_id: &webhook_id, event, body, signer };
    let mut headers = signed_headers(sender.keys, parts, sender.clock.now(), &message)?;
    if delivery.execution_id != ExecutionId::NONE {
        headers.push(("ringback-execution-id".into(), delivery.execution_id.to_string()));
    }
    headers.push(("ringback-attempt".into(), delivery.attempts.to_string()));
    if let Some(trace) = sender.traces.of_delivery(delivery) {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("traceparent"));
        headers.push(("traceparent".into(), trace.to_string()));
    }
    Ok(headers)
}

/// What of a message its headers tell and prove.
pub(super) struct Outgoing<'a> {
    pub url: &'a str,
    pub webhook_id: &'a str,
    pub event: &'a str,
    pub body: &'a [u8],
    /// The access key whose secret signs, where the settings hold none.
    pub signer: Option<&'a str>,
}

/// The caller's own headers, less those that are ours, and ours.
pub(super) fn signed_headers(
    keys: &SigningKeys,
    parts: &PrivateParts,
    now: Timestamp,
    message: &Outgoing<'_>,
) -> Result<Vec<(Name, String)>, InvalidSecret> {
    let timestamp_s = now.ms().div_euclid(1000);
    let ours = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", message.webhook_id.to_owned()),
        ("webhook-timestamp", timestamp_s.to_string()),
        ("webhook-signature", keys.signatures((parts.secret.as_deref(), message.signer), now, message.webhook_id, message.body)?),
        ("ringback-event", message.event.to_owned()),
    ];
    let token = parts
        .auth
        .as_ref()
        .map(|CallbackAuth::Jwt { secret }| attempt_token(secret, message.url, message.webhook_id, timestamp_s, message.body));
    let is_ours = |name: &str| {
        ours.iter().any(|(our, _)| name.eq_ignore_ascii_case(our))
            || COUNTED.iter().any(|our| name.eq_ignore_ascii_case(our))
            || (token.is_some() && name.eq_ignore_ascii_case("authorization"))
    };
    let mut headers: Vec<(Name, String)> = Vec::with_capacity(parts.headers.len() + 10);
    let theirs = parts.headers.iter().filter(|(name, _)| !is_ours(name));
    headers.extend(theirs.map(|(name, value)| (name.clone().into(), value.clone())));
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("user-agent")) {
        headers.push(("user-agent".into(), USER_AGENT.to_owned()));
    }
    headers.extend(token.map(|token| ("authorization".into(), format!("Bearer {token}"))));
    headers.extend(ours.map(|(name, value)| (name.into(), value)));
    Ok(headers)
}

#[cfg(test)]
mod tests;
