//! What follows a delivery attempt: the whole retry ladder and the table of answers, as one pure function.
//! Never asks the time or the dice; both come in as arguments.

use chrono::DateTime;

use super::callback::redacted_url;
use super::delivery::{AttemptOutcome, DeliveryState};
use super::timestamp::Timestamp;

/// Delays after each failure, in milliseconds: 12 attempts over 68 h 36 min. The first are short on purpose: an n8n Wait
/// node that has not parked yet answers 409, a workflow just published 404, and a restart takes n8n 4 to 12 s.
pub const DELAYS_MS: [i64; 11] =
    [500, 2_000, 10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 86_400_000];
/// Delays of the ladder for answers that waiting seldom mends.
pub const SHORT_STEPS: usize = 7;
/// Answers with `Retry-After` that do not use up an attempt.
pub const EXCUSED_MAX: u32 = 20;
/// The longest `Retry-After` that is obeyed, in milliseconds (24 h).
pub const RETRY_AFTER_MS_MAX: i64 = 24 * 60 * 60 * 1000;
/// The share by which a delay is spread, so that what failed together does not come back together.
const JITTER: f64 = 0.2;
/// Bytes of an answer that are searched for words.
const SEARCHED_BYTES_MAX: usize = 4096;

/// Where a delivery stands before the attempt that is being judged, and what its settings say.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Attempts that counted before this one.
    pub counted: u32,
    pub excused: u32,
    /// Some attempt before this one ended unknown.
    pub had_unknown: bool,
    pub thin: bool,
    /// The message has a thin form that differs from what was sent.
    pub can_thin: bool,
    pub one_shot: bool,
    pub accept_html: bool,
    pub delays_ms: &'a [i64],
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy)]
pub enum AttemptResult<'a> {
    Answered(Answered<'a>),
    /// The address policy said no; the text names the setting.
    Refused(&'a str),
    /// The request cannot be made at all.
    Impossible(&'a str),
    /// More redirects than were asked to be followed.
    RedirectsSpent(&'a str),
    /// It certainly did not arrive: DNS, connect, TLS.
    NotSent(&'a str),
    /// It may have arrived: a time-out or a reset after it was sent.
    Unknown(&'a str),
}

/// What of an answer decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answered<'a> {
    pub status: u16,
    pub content_type: Option<&'a str>,
    pub retry_after: Option<&'a str>,
    /// The value of the header `webhook-delivery`.
    pub webhook_delivery: Option<&'a str>,
    pub location: Option<&'a str>,
    pub body: &'a [u8],
}

/// What becomes of the delivery, and its counters after this attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub outcome: AttemptOutcome,
    pub next: Next,
    pub counted: u32,
    pub excused: u32,
    pub had_unknown: bool,
    pub thin: bool,
    /// What went wrong, in words.
    pub detail: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    Again { due_at: Timestamp },
    Closed { state: DeliveryState, reason: Option<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ladder {
    Full,
    Short,
}

/// How an attempt is judged, before the ladder is looked at.
enum Judgement {
    Delivered,
    Stop {
        state: DeliveryState,
        reason: String,
    },
    /// Send the thin form at once.
    Thin,
    Retry {
        ladder: Ladder,
        excusable: bool,
        in_the_end: DeliveryState,
    },
}

/// Decides what follows an attempt that ended at `now`; `random` in 0 … 1 spreads the delay.
pub fn next_step(standing: &Standing<'_>, result: &AttemptResult<'_>, now: Timestamp, random: f64) -> Decision {
    let judgement = match result {
        AttemptResult::Answered(answer) => judge_answer(standing, answer),
        AttemptResult::Refused(why) | AttemptResult::Impossible(why) => dead((*why).to_owned()),
        AttemptResult::RedirectsSpent(_) => retry(Ladder::Short),
        AttemptResult::NotSent(_) | AttemptResult::Unknown(_) => retry(Ladder::Full),
    };
    let outcome = match (&judgement, result) {
        (Judgement::Delivered, _) => AttemptOutcome::Success,
        (_, AttemptResult::Unknown(_)) => AttemptOutcome::Unknown,
        _ => AttemptOutcome::Failure,
    };
    let mut decision = Decision {
        outcome,
        next: Next::Closed { state: DeliveryState::Delivered, reason: None },
        counted: standing.counted + 1,
        excused: standing.excused,
        had_unknown: standing.had_unknown || outcome == AttemptOutcome::Unknown,
        thin: standing.thin,
        detail: (outcome != AttemptOutcome::Success).then(|| detail(result)),
    };
    match judgement {
        Judgement::Delivered => {}
        Judgement::Stop { state, reason } => decision.next = Next::Closed { state, reason: Some(reason) },
        Judgement::Thin => {
            decision.thin = true;
            decision.counted = standing.counted;
            decision.next = Next::Again { due_at: now };
        }
        Judgement::Retry { ladder, excusable, in_the_end } => {
            climb(&mut decision, standing, (ladder, excusable, in_the_end), retry_after_ms(result, now), (now, random));
        }
    }
    decision
}

/// Takes the next step of a ladder, or ends it.
fn climb(
    decision: &mut Decision,
    standing: &Standing<'_>,
    (ladder, excusable, in_the_end): (Ladder, bool, DeliveryState),
    retry_after_ms: Option<i64>,
    (now, random): (Timestamp, f64),
) {
    let steps = match ladder {
        Ladder::Full => standing.delays_ms.len(),
        Ladder::Short => standing.delays_ms.len().min(SHORT_STEPS),
    };
    let step = usize::try_from(standing.counted).unwrap_or(usize::MAX);
    let is_excused = excusable && retry_after_ms.is_some() && standing.excused < EXCUSED_MAX && steps > 0;
    if is_excused {
        decision.counted = standing.counted;
        decision.excused = standing.excused + 1;
    } else if step >= steps {
        let last = decision.detail.as_deref().unwrap_or("no answer");
        let reason = format!("gave up after {} counted delivery attempts, the last: {last}", decision.counted);
        decision.next = Next::Closed { state: in_the_end, reason: Some(reason) };
        return;
    }
    let delay = standing.delays_ms.get(step).or(standing.delays_ms.last()).copied().unwrap_or(0);
    let wait = jittered(delay, random).max(retry_after_ms.unwrap_or(0));
    decision.next = Next::Again { due_at: now.plus_ms(wait) };
}

fn judge_answer(standing: &Standing<'_>, answer: &Answered<'_>) -> Judgement {
    let status = answer.status;
    let unconfirmed = |reason: &str| Judgement::Stop { state: DeliveryState::DeliveredUnconfirmed, reason: reason.to_owned() };
    let heard_before = standing.one_shot && standing.had_unknown;
    if (200..300).contains(&status) {
        return match standing.accept_html || !is_web_page(answer) {
            true => Judgement::Delivered,
            false => {
                Judgement::Retry { ladder: Ladder::Short, excusable: false, in_the_end: DeliveryState::DeliveredUnconfirmed }
            }
        };
    }
    if heard_before && matches!(status, 404 | 409 | 410) {
        return unconfirmed("an earlier attempt ended unknown, and the receiver of one message does not wait any more");
    }
    if status == 410 {
        return dead("the receiver is gone for good (HTTP 410)".to_owned());
    }
    if answer.webhook_delivery.is_some_and(|word| word.trim().eq_ignore_ascii_case("abort-message")) {
        return dead(format!("the receiver asked to stop (HTTP {status}, webhook-delivery: abort-message)"));
    }
    match status {
        413 if !standing.thin && standing.can_thin => Judgement::Thin,
        409 if says_finished(answer.body) => match standing.had_unknown {
            true => unconfirmed("an earlier attempt ended unknown, and the receiver's execution has finished since"),
            false => dead("the receiver's execution has finished already (HTTP 409)".to_owned()),
        },
        429 | 503 => Judgement::Retry { ladder: Ladder::Full, excusable: true, in_the_end: DeliveryState::Dead },
        408 | 425 | 500..=599 => retry(Ladder::Full),
        _ => retry(Ladder::Short),
    }
}

fn retry(ladder: Ladder) -> Judgement {
    Judgement::Retry { ladder, excusable: false, in_the_end: DeliveryState::Dead }
}

fn dead(reason: String) -> Judgement {
    Judgement::Stop { state: DeliveryState::Dead, reason }
}

/// A receiver of JSON that answers a web page did not take the message: n8n says "n8n is starting up" with 200 while it
/// migrates, and login pages answer 200 too.
fn is_web_page(answer: &Answered<'_>) -> bool {
    let html = answer.content_type.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    if !html {
        return false;
    }
    let text = searched(answer.body);
    let begins = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    begins.starts_with("<!doctype html") || begins.starts_with("<html") || text.contains("n8n is starting up")
}

fn says_finished(body: &[u8]) -> bool {
    let text = searched(body);
    text.contains("finished already") || text.contains("already finished")
}

fn searched(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SEARCHED_BYTES_MAX)]).to_ascii_lowercase()
}

fn detail(result: &AttemptResult<'_>) -> String {
    match result {
        AttemptResult::Answered(answer) => match (answer.status, answer.location) {
            (300..=399, Some(location)) => format!("HTTP {} to {}, not followed", answer.status, redacted_url(location)),
            (200..=299, _) => format!("HTTP {} with a web page instead of an acknowledgement", answer.status),
            _ => format!("HTTP {}", answer.status),
        },
        AttemptResult::Refused(why)
        | AttemptResult::Impossible(why)
        | AttemptResult::RedirectsSpent(why)
        | AttemptResult::NotSent(why)
        | AttemptResult::Unknown(why) => (*why).to_owned(),
    }
}

/// What an answer asks to wait, in milliseconds; `None` without a readable `Retry-After`.
fn retry_after_ms(result: &AttemptResult<'_>, now: Timestamp) -> Option<i64> {
    let AttemptResult::Answered(answer) = result else { return None };
    let text = answer.retry_after?.trim();
    let asked = match text.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000),
        Err(_) => Timestamp(DateTime::parse_from_rfc2822(text).ok()?.timestamp_millis()).since_ms(now),
    };
    Some(asked.clamp(0, RETRY_AFTER_MS_MAX))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "delays are days at most, floats carry them")]
fn jittered(delay_ms: i64, random: f64) -> i64 {
    let spread = delay_ms as f64 * JITTER * (random.clamp(0.0, 1.0) * 2.0 - 1.0);
    (delay_ms as f64 + spread).max(0.0) as i64
}

#[cfg(test)]
mod tests;
